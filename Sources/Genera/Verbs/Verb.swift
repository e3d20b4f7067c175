import ArgumentParser

/// A command of a family's own: `genera FAMILY NAME`. The conforming struct is its options.
///
///     struct Embed: Verb {
///         static let name = "embed", summary = "The vector of each set."
///         @Argument(help: "Sets of points.") var sets: String
///         @OptionGroup var output: OutputOptions
///         func run(_ run: RunContext) throws -> Outcome {
///             let table = try embeddings(run.input(sets), run)
///             try run.write(.table(table), to: output.path(or: "embeddings.csv"))
///             return Outcome(facts: [Fact("sets", table.rows.count)])
///         }
///     }
///
/// Help, completion, configuration files, `--json`, `--quiet`, progress, Ctrl-C and recipes come with it. Where its options
/// include `SourceOptions` or `MachineOptions`, the context has their seed, model, device, precision and threads.
public protocol Verb: ParsableArguments, Sendable {
    /// The word: lower-case letters, digits and hyphens.
    static var name: String { get }
    /// One line for lists.
    static var summary: String { get }
    /// What stands under the summary in the help. Empty unless stated.
    static var discussion: String { get }
    /// Command lines, which begin with `genera`, for the end of the help.
    static var examples: [String] { get }
    /// Whether `genera NAME` means it too, as long as no other family claims the word. False unless stated.
    static var hasShortForm: Bool { get }

    /// Does it.
    ///
    /// - Throws: what went wrong, in a sentence; `GeneraError.interrupted` when `run.stop` asked to end.
    func run(_ run: RunContext) throws -> Outcome
}

extension Verb {
    /// Nothing.
    public static var discussion: String { "" }
    /// None.
    public static var examples: [String] { [] }
    /// False.
    public static var hasShortForm: Bool { false }
}

/// What a verb says in the end: printed as text, or with `--json` as JSON. Files go through `RunContext.write`.
public struct Outcome: Sendable, Equatable {
    /// Facts, in order.
    public var facts: [Fact]
    /// Tables, below the facts.
    public var tables: [Table]

    /// Says these.
    public init(facts: [Fact] = [], tables: [Table] = []) { (self.facts, self.tables) = (facts, tables) }
}
