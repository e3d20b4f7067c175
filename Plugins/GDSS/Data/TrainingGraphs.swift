import Genera

/// The graphs of a training, wherever they come from.
package struct TrainingGraphs: Sendable {
    /// The data's name.
    package let name: String
    /// The graphs; of molecules with symbols as labels and orders as types.
    package let graphs: [Graph]
    /// What stands in a node.
    package let features: NodeFeatures
    /// Elements in the order of the features, of molecules.
    package let atoms: [String]?

    /// Reads a file of graphs or molecules, or makes graphs by a generator's name.
    ///
    /// - Parameters:
    ///   - count: how many a generator makes.
    ///   - atoms: the elements of molecules, by a set's name or symbols; nil for those that occur.
    /// - Throws: errors of reading, and what is missing, in a sentence.
    package init(_ data: String, count: Int?, features: NodeFeatures?, atoms: String? = nil, _ run: RunContext) throws {
        name = FileSystem.name(of: data)
        if !FileSystem.exists(data), !data.contains("/"), !data.contains(".") {
            guard let generator = try? GraphGenerator(named: data) else {
                let known = GraphGenerator.all.map(\.name)
                let nearest = nearestName(to: data, in: known).map { "Did you mean '\($0)'? " } ?? ""
                throw GeneraError.noInput(
                    "There is no file '\(data)', and no generator of graphs is called so.",
                    advice: nearest + "Generators: \(known.joined(separator: ", ")).")
            }
            graphs = generator.graphs(count ?? 100, seed: 0)
            (self.features, self.atoms) = (features ?? .degree, nil)
            return
        }
        guard count == nil else {
            throw GeneraError.usage("--graphs says how many a generator makes, but \(data) is a file.")
        }
        if features == .atom || Self.holdsMolecules(data) {
            let molecules = try Self.read(Molecule.self, data, run)
            let set = try atoms.map(AtomSet.init)
            graphs = try molecules.map { try $0.graph() }
            self.features = features ?? .atom
            self.atoms = set?.elements.map(\.symbol) ?? Self.elements(of: molecules)
        } else {
            guard atoms == nil else {
                throw GeneraError.usage("\(data) has graphs, no molecules: --atoms is of no use with them.")
            }
            graphs = try Self.read(Graph.self, data, run)
            self.features = features ?? .degree
            self.atoms = nil
        }
        guard !graphs.isEmpty else {
            throw GeneraError.badData(file: data, reason: "it has no graphs", advice: "give a file with at least two")
        }
    }

    /// Whether a file is one of molecules. JSON and tables hold one or the other: their content tells.
    static func holdsMolecules(_ data: String) -> Bool {
        Molecule.format(reading: data, byName: false) != nil
            || Graph.format(reading: data) == nil && Molecule.format(reading: data) != nil
    }

    private static func read<Sample: Drawable>(_ type: Sample.Type, _ data: String, _ run: RunContext) throws
        -> [Sample]
    {
        let source = try Sample.source(at: run.input(data), progress: run.progress)
        for remark in source.remarks { run.progress.report(.warning("\(remark)")) }
        return try source.all()
    }

    /// The elements that occur, the most frequent first.
    private static func elements(of molecules: [Molecule]) -> [String] {
        var counts: [ChemicalElement: Int] = [:]
        for molecule in molecules { for atom in molecule.atoms { counts[atom.element, default: 0] += 1 } }
        return counts.sorted { ($1.value, $0.key.number) < ($0.value, $1.key.number) }.map(\.key.symbol)
    }
}
