/// Something that a person should know of how samples were read: what was left out, or how numbers were understood.
public struct ReadingRemark: Sendable, Equatable, CustomStringConvertible {
    /// A sentence without a full stop and without the file's name.
    public let text: String
    /// Whether something may be amiss.
    public let isWarning: Bool

    /// Makes a remark.
    public init(_ text: String, isWarning: Bool = false) { (self.text, self.isWarning) = (text, isWarning) }

    /// The sentence.
    public var description: String { text }
}

extension ProgressSink {
    /// Says what there is to say of how a file was read, in lines that people see.
    public func report(_ remarks: [ReadingRemark], of name: String) {
        for remark in remarks {
            let line = "\(name): \(remark)"
            report(remark.isWarning ? .warning(line) : .finished(line))
        }
    }
}
