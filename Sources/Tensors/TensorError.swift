import Platform

/// Why an operation on tensors could not be done.
public struct TensorError: KindedError, Sendable {
    /// The operator's name, for example `conv2d`.
    public let op: String
    /// LibTorch's own words, or ours where the call never got there.
    public let message: String
    /// What the operands were, for example `float32 [8, 3]`.
    public let operands: [String]
    /// Where in the Swift source the operator was called.
    public let file: StaticString
    /// The line of `file`.
    public let line: UInt

    /// A broken promise: model code that does not fit its tensors.
    public var kind: FailureKind { .software }

    /// Makes an error. `file` and `line` are the call site.
    public init(op: String, message: String, operands: [String] = [], file: StaticString, line: UInt) {
        self.op = op
        self.message = message
        self.operands = operands
        self.file = file
        self.line = line
    }

    /// One sentence: the operator with its operands, the reason, the call site.
    public var description: String {
        "\(op)(\(operands.joined(separator: ", "))): \(message) (at \(file):\(line))"
    }
}
