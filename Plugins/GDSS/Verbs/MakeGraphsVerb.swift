import ArgumentParser
import Genera

/// `genera gdss make NAME`: graphs by a rule, as a file to train and to measure with.
public struct MakeGraphsVerb: Verb {
    /// `make`.
    public static let name = "make"
    /// One line for lists.
    public static let summary = "Make graphs by a rule: communities, grids, planar graphs, blocks, trees and others."
    /// What it is about.
    public static let discussion =
        "Graph i of a seed is the same however many are made. ego-small cuts neighbourhoods out of a graph of citations. Known: "
        + (GraphGenerator.all.map { "\($0.name): \($0.summary)" } + ["ego-small: Neighbourhoods in the graph --from."])
        .joined(separator: " ")
    /// Two sets.
    public static let examples = [
        "genera gdss make planar --count 200 --out planar.json",
        "genera gdss make ego-small --from citeseer.json --out ego.g6",
    ]

    @Argument(help: "The rule.") var rule: String
    @Option(help: ArgumentHelp("How many graphs.", valueName: "n")) var count: Int?
    @Option(name: .shortAndLong, help: "The seed.") var seed: UInt64 = 0
    @Option(help: ArgumentHelp("The graph of ego-small.", valueName: "file"), completion: .file()) var from: String?
    @OptionGroup(title: "Output") var output: OutputOptions

    /// For ArgumentParser.
    public init() {}

    /// Refuses values that make no sense, naming the option.
    public func validate() throws {
        guard (1...1_000_000).contains(count ?? 1) else {
            throw ValidationError("--count must be from 1 to 1,000,000, got \(count ?? 1).")
        }
        if rule != "ego-small", from != nil { throw ValidationError("--from goes with ego-small alone.") }
        if rule == "ego-small", from == nil { throw ValidationError("ego-small needs --from, a graph of citations.") }
    }

    /// Makes the graphs, and writes them.
    ///
    /// - Throws: errors of reading and writing; `GeneraError.usage` for a rule that is none.
    public func run(_ run: RunContext) throws -> Outcome {
        let path = try output.path(or: "graphs.json")
        let graphs: [Graph]
        if rule == "ego-small", let from {
            let whole = try Graph.source(at: run.input(from), progress: run.progress).all()
            guard let first = whole.first else { throw GeneraError.badData(file: from, reason: "it has no graph") }
            graphs = try EgoGraphs.small(of: first, limit: count ?? 200)
        } else {
            graphs = try GraphGenerator(named: rule).graphs(count ?? 100, seed: seed)
        }
        try run.write(.file { try Graph.write(graphs, to: $0) }, to: path)
        let nodes = graphs.map(\.nodes.count)
        return Outcome(facts: [
            Fact("graphs", graphs.count), Fact("nodes", "\(nodes.min() ?? 0) to \(nodes.max() ?? 0)"),
            Fact("edges", graphs.reduce(0) { $0 + $1.edges.count }),
        ])
    }
}
