/// A family of generative models: a name, a paper, and what hangs on its type.
///
/// What a family can do is which protocols it conforms to beside this one: `SamplingFamily` draws, `TrainingFamily` learns.
public protocol ModelFamily: Sendable {
    /// The word on the command line and in checkpoints: lower-case letters, digits and hyphens, for example `pfgmpp`.
    static var name: String { get }
    /// One line for lists.
    static var summary: String { get }
    /// The paper; nil for a tool without one.
    static var citation: Citation? { get }
    /// The files that its models come in beside Genera's own. None unless stated.
    static var modelFormats: [ModelFormat] { get }
}

extension ModelFamily {
    /// None but Genera's own.
    public static var modelFormats: [ModelFormat] { [] }

    /// No paper.
    public static var citation: Citation? { nil }
}
