import ArgumentParser
import Genera

/// `genera gdss table KIND`: the paper's tables from its authors' checkpoints, or from others.
public struct GraphTableVerb: Verb {
    /// Which table.
    enum Kind: String, CaseIterable, ExpressibleByArgument {
        case generic, molecules, solvers
    }

    /// `table`.
    public static let name = "table"
    /// One line for lists.
    public static let summary = "Make the paper's tables: generic graphs, molecules, or solvers against evaluations."
    /// What it is about.
    public static let discussion = """
        generic: MMDs of graphs of community_small, ego_small, ENZYMES and grid, under the paper's protocol (the first graphs drawn, as \
        many as there are test graphs) and over all that were drawn, with the published rows and, as the floor, training graphs in place of \
        drawn ones. molecules: validity without correction, uniqueness and novelty. solvers: quality beside the number of evaluations. \
        Checkpoints are FOLDER/NAME/*.pth, graphs FOLDER/NAME.json.
        """
    /// The first table, and solvers of a model of one's own.
    public static let examples = [
        "genera gdss table generic --data datasets --checkpoints checkpoints",
        "genera gdss table solvers --checkpoint run --reference test.json",
    ]

    @Argument(help: "generic, molecules or solvers.") var kind: Kind
    @Option(help: ArgumentHelp("Folder with the graphs of each set.", valueName: "folder"), completion: .directory)
    var data: String?
    @Option(help: ArgumentHelp("Folder with the checkpoints of each set.", valueName: "folder"), completion: .directory)
    var checkpoints: String?
    @Option(help: ArgumentHelp("The sets, with commas between them.", valueName: "list")) var sets: String?
    @Option(help: ArgumentHelp("Seeds to draw under.", valueName: "n")) var seeds = 3
    @Option(help: ArgumentHelp("The first of them.", valueName: "seed")) var firstSeed: UInt64 = 1
    @Option(help: ArgumentHelp("Graphs or molecules a seed. (default: as the paper's protocol)", valueName: "n"))
    var count: Int?
    @Option(help: ArgumentHelp("Steps, in place of the model's.", valueName: "n")) var steps: Int?
    @Option(help: "Distance in the kernels: emd, the paper's, or tv.") var kernel = GraphDiscrepancies.Kernel.emd
    @Option(help: ArgumentHelp("Model for the table of solvers.", valueName: "path")) var checkpoint: String?
    @Option(help: ArgumentHelp("Graphs or molecules to compare with.", valueName: "file"), completion: .file())
    var reference: String?
    @OptionGroup(title: "Output") var output: OutputOptions

    /// For ArgumentParser.
    public init() {}

    /// Refuses values that make no sense, naming the option.
    public func validate() throws {
        guard (1...1000).contains(seeds) else { throw ValidationError("--seeds must be from 1 to 1000, got \(seeds).") }
        guard (2...1_000_000).contains(count ?? 2) else {
            throw ValidationError("--count must be from 2 to 1,000,000, got \(count ?? 2).")
        }
        if kind == .solvers, reference == nil {
            throw ValidationError("The table of solvers needs --reference, graphs to compare with.")
        }
        if kind == .generic, data == nil || checkpoints == nil {
            throw ValidationError("The table of generic graphs needs --data and --checkpoints, the folders of both.")
        }
        if kind == .molecules, checkpoints == nil {
            throw ValidationError("The table of molecules needs --checkpoints, a folder with QM9 and ZINC250k.")
        }
    }

    /// Draws, measures, and writes the table.
    ///
    /// - Throws: errors of reading and drawing.
    public func run(_ run: RunContext) throws -> Outcome {
        let path = try output.path(or: "table.md")
        let table =
            switch kind {
            case .generic: try genericTable(run)
            case .molecules: try moleculeTable(run)
            case .solvers: try solverTable(run)
            }
        try run.write(.table(table), to: path)
        return Outcome(tables: [table])
    }

    private func names(_ standard: [String]) -> [String] {
        sets?.split(separator: ",").map(String.init) ?? standard
    }

    private func genericTable(_ run: RunContext) throws -> Table {
        guard let data, let checkpoints else { throw GeneraError.software("The folders are missing.") }
        let chosen = (0..<seeds).map { firstSeed &+ UInt64($0) }
        var result = GenericTable(kernel: kernel, seeds: chosen, run: run)
        (result.count, result.steps) = (count, steps)
        for name in names(PublishedGraphs.sets) {
            try result.add(name, graphs: "\(data)/\(name).json", checkpoint: Self.checkpoint(name, in: checkpoints))
        }
        return result.table
    }

    private func moleculeTable(_ run: RunContext) throws -> Table {
        guard let checkpoints else { throw GeneraError.software("The folder is missing.") }
        var result = MoleculeTable(run: run)
        result.seeds = (0..<seeds).map { firstSeed &+ UInt64($0) }
        (result.count, result.steps) = (count ?? 1000, steps)
        if let reference {
            result.training = try Molecule.source(at: run.input(reference), progress: run.progress).all()
        }
        for name in names(["QM9", "ZINC250k"]) {
            try result.add(name, checkpoint: Self.checkpoint(name, in: checkpoints))
        }
        return result.table
    }

    private func solverTable(_ run: RunContext) throws -> Table {
        let model = try GDSS.Model(run.model(of: GDSS.self, named: checkpoint))
        guard let reference else { throw GeneraError.software("The graphs are missing.") }
        let set = try TrainingGraphs(reference, count: nil, features: nil, run)
        var result = try SolverTable(
            model, real: set.graphs, kernel: kernel, count: count ?? 128, seed: firstSeed, run: run)
        result.steps = steps
        return try result.table()
    }

    /// The one checkpoint in a set's folder, or the file of its name.
    private static func checkpoint(_ name: String, in folder: String) throws -> String {
        let own = "\(folder)/\(name)"
        let files = FileSystem.names(in: own).filter { $0.hasSuffix(".pth") || $0.hasSuffix(".safetensors") }.sorted()
        guard let first = files.first else {
            throw GeneraError.noInput("\(own): no checkpoint (.pth or .safetensors) of \(name) is there.")
        }
        return "\(own)/\(first)"
    }
}

extension GraphDiscrepancies.Kernel: ExpressibleByArgument {}
