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

    /// Why there is no engine, if it was the first operation to need one.
    public let missingEngine: Engine.LoadError?

    /// Something that the machine lacks, if there is no engine; else a broken promise: model code that does not fit its tensors.
    public var kind: FailureKind { missingEngine == nil ? .software : .unavailable }

    /// Makes an error. `file` and `line` are the call site.
    public init(op: String, message: String, operands: [String] = [], file: StaticString, line: UInt) {
        self.op = op
        self.message = message
        self.operands = operands
        self.file = file
        self.line = line
        missingEngine = nil
    }

    init(op: String, missing: Engine.LoadError, file: StaticString, line: UInt) {
        (self.op, message, operands, missingEngine) = (op, missing.description, [], missing)
        (self.file, self.line) = (file, line)
    }

    /// One sentence: the operator with its operands, the reason, the call site; of a missing engine, where it was looked for and how
    /// to get one.
    public var description: String {
        missingEngine?.description ?? "\(op)(\(operands.joined(separator: ", "))): \(message) (at \(file):\(line))"
    }
}
