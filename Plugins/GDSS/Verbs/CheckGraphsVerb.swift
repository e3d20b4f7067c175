import ArgumentParser
import Genera

/// `genera gdss check FILE`: which graphs of a file are what they should be, and how near their law is to others'.
public struct CheckGraphsVerb: Verb {
    /// `check`.
    public static let name = "check"
    /// One line for lists.
    public static let summary = "Measure graphs of a file: valid, unique and novel ones, and MMDs beside others."
    /// What it is about.
    public static let discussion =
        "V.U.N. is the share of graphs that are valid, isomorphic to none before and to none of --training. Shapes: "
        + GraphShape.all.map { "\($0.name), \($0.summary)" }.joined(separator: "; ") + "."
    /// Planar graphs, and any others.
    public static let examples = [
        "genera gdss check drawn.json --shape planar --training train.json",
        "genera gdss check drawn.g6 --reference test.json",
    ]

    @Argument(help: "Graphs of any format.", completion: .file()) var graphs: String
    @Option(help: ArgumentHelp("What valid graphs are: planar, sbm, tree or lobster.", valueName: "name"))
    var shape: String?
    @Option(help: ArgumentHelp("Graphs that were trained on, for novelty.", valueName: "file"), completion: .file())
    var training: String?
    @Option(help: ArgumentHelp("Graphs to compare the law with.", valueName: "file"), completion: .file())
    var reference: String?
    @OptionGroup(title: "Output") var output: OutputOptions

    /// For ArgumentParser.
    public init() {}

    /// Measures, and writes the table.
    ///
    /// - Throws: errors of reading and writing; `GeneraError.usage` for a shape that is none.
    public func run(_ run: RunContext) throws -> Outcome {
        let path = try output.path(or: "check.md")
        let drawn = try read(graphs, run)
        var table = Table(
            FileSystem.name(of: graphs), columns: ["what", Table.Column("value", digits: .places(4))],
            notes: ["\(drawn.count) graphs"])
        let known = try training.map { try read($0, run) } ?? []
        try addShares(drawn, known, to: &table)
        if let reference {
            let real = try read(reference, run)
            for kernel in GraphDiscrepancies.Kernel.allCases {
                let values = try GraphDiscrepancies(real, kernel, workers: run.workers)(drawn)
                for (descriptor, value) in zip(GraphDescriptor.allCases, values) {
                    table.append([.text("\(descriptor.rawValue) MMD², \(kernel.rawValue)"), .number(value)])
                }
            }
            if real.count < Graph.tellingCount {
                run.progress.report(
                    .warning("\(real.count) graphs to compare with are too few to tell good models apart"))
            }
        }
        try run.write(.table(table), to: path)
        return Outcome(tables: [table])
    }

    private func read(_ path: String, _ run: RunContext) throws -> [Graph] {
        let all = try Graph.source(at: run.input(path), progress: run.progress).all()
        guard !all.isEmpty else { throw GeneraError.badData(file: path, reason: "it has no graphs") }
        return all
    }

    private func addShares(_ drawn: [Graph], _ known: [Graph], to table: inout Table) throws {
        let count = Double(drawn.count)
        func share(_ name: String, _ number: Int) { table.append([.text(name), .number(Double(number) / count)]) }
        let classes = try Graph.isomorphismClasses(drawn + known)
        let (own, others) = (classes.prefix(drawn.count), Set(classes.dropFirst(drawn.count)))
        share("connected", drawn.count { $0.simple.isConnected })
        share("unique", Set(own).count)
        if !known.isEmpty { share("novel", own.count { !others.contains($0) }) }
        guard let shape else { return }
        let rule = try GraphShape(named: shape)
        let valid = drawn.map(rule.holds)
        share("valid: \(rule.summary)", valid.count { $0 })
        var seen = others
        let good = zip(own, valid).count { kind, isValid in seen.insert(kind).inserted && isValid }
        if !known.isEmpty { share("V.U.N.", good) }
    }
}
