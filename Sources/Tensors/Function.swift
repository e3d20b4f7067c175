import CEngine

/// What a function's backward is given: the derivatives of a loss by the function's outputs, and for which of its inputs a
/// derivative is asked in turn.
public struct OutputGradients: Sendable {
    fileprivate let given: [Tensor?]
    fileprivate let wanted: [Bool]
    fileprivate let outputs: [TensorForm]

    /// The derivative by an output, with the output's shape, type and device; zeros if the loss does not depend on it. Its elements
    /// may be views of fewer (`withElements` and `contiguous()` give them in a row).
    public subscript(output: Int) -> Tensor {
        guard outputs.indices.contains(output) else {
            let message = "there is no output \(output) of \(outputs.count)"
            return Tensor(poison: TensorError(op: "backward", message: message, file: #fileID, line: #line))
        }
        return given[output] ?? outputs[output].zeros
    }

    /// Whether the loss depends on an output: where it does not, the derivative is zero and need not be looked at.
    public func reaches(_ output: Int) -> Bool { given.indices.contains(output) && given[output] != nil }

    /// Whether the derivative by an input will be used: where it will not, nil may be given in its place.
    public func isWanted(_ input: Int) -> Bool { wanted.indices.contains(input) && wanted[input] }
}

extension Tensor {
    /// Outputs that were worked out by any means (C, a kernel, operators of LibTorch) as a differentiable function of `inputs`, whose
    /// derivatives `backward` works out. What it needs for that it keeps by capturing it:
    ///
    ///     func square(_ x: Tensor) -> Tensor {
    ///         let y = withoutGradients { x * x }
    ///         return Tensor.function(of: [x], output: y) { gradients in [2 * x * gradients[0]] }
    ///     }
    ///
    /// `backward` gives one derivative of the loss an input, of the input's shape; nil stands for zero. Floating-point types are
    /// converted to the input's. It runs on the thread that asks for derivatives (on another for tensors on a GPU), on several threads
    /// at once if several ask, with autocast as it was here and without recording. It may count what it likes on the way, and may itself
    /// ask for derivatives, inside `withGradients`. What it captures is let go with the graph, or at once if nothing is recorded: inside
    /// `withoutGradients` and `inferenceMode`, and if no input requires a gradient.
    ///
    /// The results share the memory of `outputs` and are differentiable where their numbers are real. Inputs must not be changed in
    /// place between here and `backward`.
    ///
    /// - Parameters:
    ///   - inputs: all that the outputs depend on, in the order of the derivatives.
    ///   - name: what errors call the function; the name of the Swift function around the call.
    ///   - backward: what it throws, the error of a poisoned derivative, and the wrong number, shape or type of a derivative are thrown
    ///     by the `gradients(of:)` or `backward()` that led to it. There are no second derivatives: differentiating what it gave is
    ///     an error.
    /// - Returns: the outputs; poisoned if an input or an output is.
    public static func function(
        of inputs: [Tensor], outputs: [Tensor], name: String = #function, file: StaticString = #fileID,
        line: UInt = #line,
        backward: @escaping @Sendable (OutputGradients) throws -> [Tensor?]
    ) -> [Tensor] {
        if let poisoned = (inputs + outputs).first(where: { $0.error != nil }) { return outputs.map { _ in poisoned } }
        if outputs.isEmpty { return [] }
        let title = String(name.prefix { $0 != "(" })
        let record = FunctionRecord(
            name: title, inputs: inputs.map(TensorForm.init), outputs: outputs.map(TensorForm.init), file: file,
            line: line,
            backward: backward)
        let (sources, results) = (inputs.map(\.box.handle), outputs.map(\.box.handle))
        var out = [ge_tensor?](repeating: nil, count: outputs.count)
        let status = api.function(
            title, sources, Int32(sources.count), results, Int32(results.count), derive,
            { Unmanaged<AnyObject>.fromOpaque($0!).release() }, Unmanaged.passRetained(record).toOpaque(), &out)
        guard status == 0 else {
            let poison = Tensor(poison: failure(title, inputs, file: file, line: line))
            return outputs.map { _ in poison }
        }
        return out.map { Tensor($0!) }
    }

    /// As above, for a function with one output.
    public static func function(
        of inputs: [Tensor], output: Tensor, name: String = #function, file: StaticString = #fileID, line: UInt = #line,
        backward: @escaping @Sendable (OutputGradients) throws -> [Tensor?]
    ) -> Tensor {
        function(of: inputs, outputs: [output], name: name, file: file, line: line, backward: backward)[0]
    }
}

/// What a tensor is like, without its elements.
private struct TensorForm: Sendable {
    let shape: Shape
    let dtype: DType
    let device: Device

    init(_ tensor: Tensor) { (shape, dtype, device) = (tensor.shape, tensor.dtype, tensor.device) }

    var zeros: Tensor { .zeros(shape.sizes, dtype: dtype, device: device) }
    var summary: String { "\(dtype) \(shape)" + (device.isCPU ? "" : " on \(device)") }

    /// Whether a tensor of this form can be the derivative by one of the form given.
    func fits(_ other: TensorForm) -> Bool {
        shape == other.shape && device == other.device
            && (dtype == other.dtype || dtype.isFloatingPoint && other.dtype.isFloatingPoint)
    }
}

/// What the graph keeps of a function.
private final class FunctionRecord: Sendable {
    let name: String
    let inputs: [TensorForm]
    let outputs: [TensorForm]
    let file: StaticString
    let line: UInt
    let backward: @Sendable (OutputGradients) throws -> [Tensor?]

    init(
        name: String, inputs: [TensorForm], outputs: [TensorForm], file: StaticString, line: UInt,
        backward: @escaping @Sendable (OutputGradients) throws -> [Tensor?]
    ) {
        (self.name, self.inputs, self.outputs, self.file, self.line) = (name, inputs, outputs, file, line)
        self.backward = backward
    }

    /// The derivatives by the inputs, those that are not wanted as nil.
    func derivatives(_ given: [Tensor?], wanted: [Bool]) throws -> [Tensor?] {
        let derivatives = try backward(OutputGradients(given: given, wanted: wanted, outputs: outputs))
        guard derivatives.count == inputs.count else {
            throw error("its backward gave \(derivatives.count) derivatives for \(inputs.count) inputs")
        }
        for (number, derivative) in derivatives.enumerated() {
            guard let form = try derivative.map({ TensorForm(try $0.checked()) }), wanted[number] else { continue }
            guard form.fits(inputs[number]) else {
                throw error(
                    "its backward gave \(form.summary) as the derivative by input \(number), which is \(inputs[number].summary)"
                )
            }
        }
        return zip(derivatives, wanted).map { $1 ? $0 : nil }
    }

    func error(_ message: String) -> TensorError {
        TensorError(op: name, message: message, operands: inputs.map(\.summary), file: file, line: line)
    }
}

/// An error on its way through the engine.
final class FailureOrigin: Sendable {
    let error: TensorError

    init(_ error: TensorError) { self.error = error }
}

/// What the engine calls for derivatives, with the record as the context.
private let derive: ge_backward = { context, given, outputs, wanted, results, inputs, error in
    guard let context, let given, let wanted, let results, let error else { return 1 }
    let record = Unmanaged<FunctionRecord>.fromOpaque(context).takeUnretainedValue()
    func tensor(_ handle: ge_tensor) -> Tensor {
        api.retain(handle)
        return Tensor(handle)
    }
    do {
        let found = try record.derivatives(
            (0..<Int(outputs)).map { given[$0].map(tensor) }, wanted: (0..<Int(inputs)).map { wanted[$0] != 0 })
        for (number, derivative) in found.enumerated() {
            guard let handle = derivative?.box.handle else { continue }
            api.retain(handle)
            results[number] = handle
        }
        return 0
    } catch let failure {
        let origin = FailureOrigin(failure as? TensorError ?? record.error("its backward failed: \(failure)"))
        error.pointee = Unmanaged.passRetained(origin as AnyObject).toOpaque()
        return 1
    }
}
