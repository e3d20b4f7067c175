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
    /// Commands of its own. None unless stated.
    static var verbs: [any Verb.Type] { get }
    /// The files that its models come in beside Genera's own. None unless stated.
    static var modelFormats: [ModelFormat] { get }
    /// What a person wants to know of a model, for `genera inspect`. The numbers of tensors and weights unless stated.
    ///
    /// - Throws: an error that says what is wrong with the model; `inspect` then shows it beside what it knows itself.
    static func facts(of model: ModelCheckpoint) throws -> [Fact]
}

extension ModelFamily {
    /// None of its own.
    public static var verbs: [any Verb.Type] { [] }

    /// The numbers of tensors and weights.
    public static func facts(of model: ModelCheckpoint) throws -> [Fact] { model.sizes }

    /// None but Genera's own.
    public static var modelFormats: [ModelFormat] { [] }

    /// No paper.
    public static var citation: Citation? { nil }
}
