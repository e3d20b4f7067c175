import GDSS
import Genera
import GeneraTesting

extension GDSSGoldens {
    /// Statistics of graphs, discrepancies of lists of them and single kernels; or the discrepancy of labelled graphs.
    static let metrics: GoldenRunner.Handler = { one, check in
        let file = try one.document("file")
        if file["set1"] != nil { return try subgraphs(file, &check) }
        guard case let .object(cases)? = file["cases"] else { throw CaseFault("the file has no 'cases'") }
        for entry in cases {
            let lists = try ["ref", "pred"].map { key in try (entry.value[key]?.items ?? []).map(GraphFacts.init) }
            for (key, list) in zip(["ref", "pred"], lists) {
                for (number, graph) in list.enumerated() {
                    try graph.compare("\(entry.key).\(key)[\(number)]", &check)
                }
            }
            let graphs = lists.map { $0.map(\.graph) }
            for descriptor in GraphDescriptor.allCases {
                // Eigenvalues on the edge of two bins, or lifted above 2, are where rounding puts them: the reference's histograms stand in
                // for ours, which were compared above, so that the discrepancy itself is compared sharply.
                let rows =
                    descriptor == .spectral
                    ? try lists.map { try $0.map { try $0.spectrum() } }
                    : try graphs.map { try $0.map { try descriptor.values(of: $0) } }
                let name = descriptor == .clustering ? "cluster" : descriptor.rawValue
                for (suffix, kernel) in [("", descriptor.kernel), ("_tv", descriptor.totalVariationKernel)] {
                    guard let expected = entry.value["mmd"]?["\(name)\(suffix)"]?.number else { continue }
                    let got = try KernelSums<[Double]>(.biased) { kernel($0, $1) }.values(
                        rows[0], rows[1], over: [Parts(first: Array(rows[0].indices), second: Array(rows[1].indices))])
                    try check.close("\(entry.key).\(name)\(suffix)", Tensor(got), Tensor([expected]))
                }
            }
        }
        for (number, item) in (file["kernels"]?.items ?? []).enumerated() { try kernels(item, number, &check) }
    }

    private static func kernels(_ item: JSONValue, _ number: Int, _ check: inout GoldenCheck) throws {
        let (x, y) = try (item.numbers("x"), item.numbers("y"))
        let known: [(String, Double)] = [
            ("emd", HistogramDistance.earthMover(x, y, width: 1)),
            ("gaussian_emd", HistogramKernel.earthMover(width: 1, bandwidth: 1)(x, y)),
            ("gaussian_emd_s01_d100", HistogramKernel.earthMover(width: 0.01, bandwidth: 0.1)(x, y)),
            ("gaussian", HistogramKernel.euclidean(bandwidth: 1)(x, y)),
            ("gaussian_tv", HistogramKernel.totalVariation(bandwidth: 1)(x, y)),
        ]
        for (name, got) in known {
            guard let expected = item[name]?.number else { continue }
            try check.close("kernels[\(number)].\(name)", Tensor([got]), Tensor([expected]))
        }
    }

    /// The kernel of labelled subgraphs, whose values depend a little on the hash of the reference's texts: any of its own will do.
    private static func subgraphs(_ file: JSONValue, _ check: inout GoldenCheck) throws {
        let kernel = NSPDK()
        let sets = try ["set1", "set2"].map { key in
            try (file[key]?.items ?? []).map { item in
                let edges = try (item["edges"]?.items ?? []).map { edge in
                    let numbers = try edge.wholes()
                    return NSPDK.LabelledGraph.Edge(numbers[0], numbers[1], label: numbers[2])
                }
                let labels = (item["labels"]?.items ?? []).compactMap(\.text)
                return kernel.features(of: .init(labels: labels, edges: edges))
            }
        }
        let got = NSPDK.discrepancy(sets[0], sets[1])
        let values = try file.numbers("values")
        guard let nearest = values.min(by: { abs($0 - got) < abs($1 - got) }) else {
            throw CaseFault("the case has no values")
        }
        try check.close("discrepancy", Tensor([got]), Tensor([nearest]))
    }

    /// Molecules of what the networks made, before and after correction.
    static let molecules: GoldenRunner.Handler = { one, check in
        let file = try one.document("file")
        guard let name = one["tensors_file"]?.text else { throw CaseFault("the case names no tensors") }
        let tensors = try Safetensors(path: "\(one.folder)/\(name)")
        func floats(_ name: String) throws -> [Float] { try tensors.tensor(name).floats() }
        let (x, adjacency) = try (floats("x_raw"), floats("adj_raw"))
        let shape = try tensors.tensor("x_raw").shape
        let elements = try file.numbers("atomic_numbers").compactMap { ChemicalElement(number: Int($0))?.symbol }
        let decoder = MoleculeDecoder(try AtomSet(elements.joined(separator: ",")))
        let (row, square) = (shape[1] * shape[2], shape[1] * shape[1])
        var valid = 0
        for (number, item) in (file["molecules"]?.items ?? []).enumerated() {
            let raw = try decoder.raw(
                nodes: Array(x[number * row..<(number + 1) * row]),
                edges: Array(adjacency[number * square..<(number + 1) * square]))
            let corrected = raw.corrected
            try check.equal("molecule \(number) before", raw.facts, item["before"].facts)
            try check.equal("molecule \(number) after", corrected.facts, item["after"].facts)
            check.equal(
                "molecule \(number) is valid", !corrected.isCorrected,
                item["valid_without_correction"] == .bool(true))
            valid += corrected.isCorrected ? 0 : 1
        }
        let share = Double(valid) / Double(shape[0])
        try check.close("valid_without_correction", Tensor([share]), Tensor(file.numbers("valid_without_correction")))
    }
}

/// A graph of a case with what the reference says of it.
private struct GraphFacts {
    let json: JSONValue
    let graph: SimpleGraph

    init(_ json: JSONValue) throws {
        self.json = json
        let edges = try (json["edges"]?.items ?? []).map { try $0.wholes() }
        graph = SimpleGraph(nodeCount: json["n"]?.integer ?? 0, edges: edges.map { ($0[0], $0[1]) })
    }

    func compare(_ name: String, _ check: inout GoldenCheck) throws {
        let size = Double(graph.nodeCount)
        let degrees = try json.numbers("degree_hist").map { $0 / size }
        try check.close("\(name) degrees", Tensor(graph.degreeHistogram), Tensor(degrees))
        let clusters = try sparse("cluster_hist_nonzero", 100).map { $0 / size }
        try check.close("\(name) clustering", Tensor(graph.clusteringHistogram), Tensor(clusters))
        try compareSpectrum(name, &check)
        try check.close("\(name) orbits", Tensor(graph.orbitMeans), Tensor(try json.numbers("orbit_mean")))
        if let rows = json["orbit_counts"]?.items {
            check.equal("\(name) orbit counts", graph.orbitCounts, try rows.map { try $0.wholes() })
        }
    }

    /// An eigenvalue at the edge of two bins may fall into either: what has to agree is how much lies in any two neighbours.
    private func compareSpectrum(_ name: String, _ check: inout GoldenCheck) throws {
        let (got, expected) = try (graph.spectralHistogram(), spectrum())
        let off = zip(got, expected).map { $0 - $1 }
        var sum = 0.0
        let share = 1 / Double(max(graph.nodeCount, 1)) + 1e-9
        for difference in off {
            sum += difference
            if abs(sum) > share { return check.fail("\(name): the spectrum differs by more than one eigenvalue's bin") }
        }
        if abs(sum) > 1e-9 { check.fail("\(name): the spectrum's sum differs") }
    }

    func spectrum() throws -> [Double] { try sparse("spectral_nonzero", 200) }

    private func sparse(_ key: String, _ count: Int) throws -> [Double] {
        guard case let .object(members)? = json[key] else { throw CaseFault("a graph has no '\(key)'") }
        var values = [Double](repeating: 0, count: count)
        for member in members {
            if let place = Int(member.key), let value = member.value.number { values[place] = value }
        }
        return values
    }
}

/// A molecule's lists as the reference writes them.
private struct MoleculeFacts: Equatable {
    let atoms: [Int]
    let charges: [Int]
    let bonds: [[Int]]
}

extension Molecule {
    fileprivate var facts: MoleculeFacts {
        MoleculeFacts(
            atoms: atoms.map(\.element.number), charges: atoms.map(\.charge),
            bonds: bonds.map { [max($0.first, $0.second), min($0.first, $0.second), $0.order] }.sorted {
                $0.lexicographicallyPrecedes($1)
            })
    }
}

extension JSONValue? {
    fileprivate var facts: MoleculeFacts {
        get throws {
            MoleculeFacts(
                atoms: try self?["atoms"]?.wholes() ?? [], charges: try self?["charges"]?.wholes() ?? [],
                bonds: try (self?["bonds"]?.items ?? []).map { try $0.wholes() }.map {
                    [max($0[0], $0[1]), min($0[0], $0[1]), $0[2]]
                }.sorted { $0.lexicographicallyPrecedes($1) })
        }
    }
}

extension JSONValue {
    /// The numbers of a list, or a number alone.
    fileprivate func numbers(_ key: String) throws -> [Double] {
        if let number = self[key]?.number { return [number] }
        guard let items = self[key]?.items else { throw CaseFault("there is no list '\(key)'") }
        return items.compactMap(\.number)
    }

    fileprivate func wholes() throws -> [Int] {
        guard let items else { throw CaseFault("a list was expected, not \(json.prefix(40))") }
        return items.compactMap { $0.number.map { Int($0) } }
    }
}

extension GoldenCase {
    /// A JSON file of the case.
    fileprivate func document(_ key: String) throws -> JSONValue {
        guard let name = self[key]?.text else { throw CaseFault("the case names no file") }
        let path = "\(folder)/\(name)"
        return try JSONText.parse(MappedFile(path: path).view, file: path)
    }
}
