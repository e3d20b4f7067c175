import CEngine

/// A network in a TorchScript file, from tensors to tensors.
///
/// Such a file is a program: loading it and calling it runs what its author wrote. Load only files of people you trust.
public final class ScriptModule: @unchecked Sendable {
    private let handle: ge_module

    /// Loads a file, ready for inference.
    ///
    /// - Throws: `TensorError` with LibTorch's reason for a file that is none, or `Engine.LoadError`.
    public init(runningCodeOf path: String, device: Device = .cpu) throws {
        try Engine.require()
        var out: ge_module?
        guard api.module_load(path, device.code, &out) == 0, let out else {
            let reason = String(cString: api.last_error()).split(separator: "\n").first ?? "unknown"
            throw TensorError(op: "jit::load", message: "\(path): \(reason)", file: #fileID, line: #line)
        }
        handle = out
    }

    deinit { api.module_release(handle) }

    /// The module of a tensor; the first result of several.
    public func callAsFunction(_ x: Tensor, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
        make("forward", x, file, line) { api.module_forward(self.handle, $0, $1) }
    }
}
