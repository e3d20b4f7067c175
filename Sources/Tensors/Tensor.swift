import CEngine
import Platform

/// A multi-dimensional array in LibTorch's memory.
///
/// A tensor is a reference to memory that several tensors may share (a view and its base). Operators do not throw: one
/// that fails returns a *poisoned* tensor which remembers the first error, and whatever is computed from it is poisoned
/// with the same error without being computed. The error is thrown where values leave the world of tensors: `item()`,
/// `array(of:)`, `checked()`, `backward()`, an optimiser's step. `GENERA_TRAP=1` stops at the culprit instead.
///
/// Concurrent reads are safe; concurrent in-place writes are not.
public struct Tensor: @unchecked Sendable {
    let box: Box

    final class Box {
        let handle: ge_tensor?
        let error: TensorError?

        init(_ handle: ge_tensor) {
            self.handle = handle
            error = nil
        }

        init(_ error: TensorError) {
            handle = nil
            self.error = error
        }

        deinit {
            if let handle { api.release(handle) }
        }
    }

    init(_ handle: ge_tensor) { box = Box(handle) }

    /// A tensor that stands for a failure.
    public init(poison error: TensorError) {
        if trapsAtFailure { fatalError(error.description) }
        box = Box(error)
    }

    /// The first thing that went wrong on the way to this tensor; nil if nothing did.
    public var error: TensorError? { box.error }

    /// This tensor, if nothing went wrong on the way to it.
    ///
    /// - Throws: the first `TensorError` among the operations that led here.
    @discardableResult
    public func checked() throws -> Tensor {
        if let error { throw error }
        return self
    }

    /// The sizes of the axes; empty for a poisoned tensor.
    public var shape: Shape {
        guard let handle = box.handle else { return [] }
        let rank = Int(api.rank(handle))
        return Shape(
            [Int](unsafeUninitializedCapacity: rank) { buffer, count in
                buffer.withMemoryRebound(to: Int64.self) { api.sizes(handle, $0.baseAddress) }
                count = rank
            })
    }

    /// The number of axes.
    public var rank: Int { box.handle.map { Int(api.rank($0)) } ?? 0 }

    /// The number of elements.
    public var elementCount: Int { box.handle.map { Int(api.element_count($0)) } ?? 0 }

    /// The type of the elements; `float32` for a poisoned tensor.
    public var dtype: DType { box.handle.flatMap { DType(rawValue: api.dtype($0)) } ?? .float32 }

    /// Where the memory is.
    public var device: Device { box.handle.map { Device(code: api.device($0)) } ?? .cpu }

    /// Whether gradients flow to this tensor.
    public var requiresGradient: Bool { box.handle.map { api.requires_grad($0) != 0 } ?? false }

    /// Whether all elements are finite numbers.
    ///
    /// - Throws: the tensor's own error if it is poisoned.
    public func isFinite() throws -> Bool {
        try checked()
        var result: Int32 = 0
        guard api.all_finite(box.handle, &result) == 0 else { throw failure("isfinite", [self]) }
        return result != 0
    }

    /// For example `float32 [2, 3]`.
    public var summary: String { error.map { "poisoned: \($0)" } ?? "\(dtype) \(shape)" }
}

extension Tensor: CustomStringConvertible {
    /// Type and shape; for values ask `array(of:)`.
    public var description: String { "Tensor(\(summary))" }
}

/// The engine's functions, after what the calling thread has asked of the engine before it was there. Every path to a live handle
/// goes through `Tensor.init`s that required the engine first, so a missing engine shows up as a poisoned tensor, never here.
@inline(__always)
var api: ge_api {
    if genera_waiting() != 0 { ThreadSettings.settle() }
    return Table.api
}

enum Table {
    static let api: ge_api = Engine.loaded?.api ?? ge_api()
}

private let trapsAtFailure = Environment.value("GENERA_TRAP") == "1"

/// The error of the engine's last failing call on this thread; the original one if it arose in a function of our own.
func failure(
    _ op: String, _ operands: [Tensor], file: StaticString = #fileID, line: UInt = #line
) -> TensorError {
    if let origin = api.last_origin() { return Unmanaged<FailureOrigin>.fromOpaque(origin).takeUnretainedValue().error }
    return TensorError(
        op: op, message: String(cString: api.last_error()), operands: operands.map(\.summary), file: file, line: line)
}

/// The tensor that `body` makes of the operands' handles: the first poison among the operands if there is one, else
/// `body`'s result, else the poison of its failure.
@inline(__always)
func make(
    _ op: @autoclosure () -> String, _ a: Tensor, _ file: StaticString, _ line: UInt,
    _ body: (ge_tensor, UnsafeMutablePointer<ge_tensor?>) -> Int32
) -> Tensor {
    guard let x = a.box.handle else { return a }
    var out: ge_tensor?
    guard body(x, &out) == 0, let out else { return Tensor(poison: failure(op(), [a], file: file, line: line)) }
    return Tensor(out)
}

/// As above, for two operands.
@inline(__always)
func make(
    _ op: @autoclosure () -> String, _ a: Tensor, _ b: Tensor, _ file: StaticString, _ line: UInt,
    _ body: (ge_tensor, ge_tensor, UnsafeMutablePointer<ge_tensor?>) -> Int32
) -> Tensor {
    guard let x = a.box.handle else { return a }
    guard let y = b.box.handle else { return b }
    var out: ge_tensor?
    guard body(x, y, &out) == 0, let out else { return Tensor(poison: failure(op(), [a, b], file: file, line: line)) }
    return Tensor(out)
}
