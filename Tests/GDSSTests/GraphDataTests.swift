import Foundation
import GDSS
import Genera
import GeneraTesting
import Testing

/// From graphs to what networks see, and how many nodes drawn graphs have.
@Suite struct GraphDataTests {
    private let folder = TemporaryFolder()

    private static func graph(_ n: Int, _ edges: [(Int, Int)]) throws -> Graph { try Graph(nodeCount: n, edges: edges) }

    @Test("Degrees stand one-hot in the nodes; nodes without edges count as not there")
    func degrees() throws {
        // A path of three, and a node apart; a triangle.
        let graphs = [try Self.graph(4, [(2, 1), (0, 1)]), try Self.graph(3, [(0, 1), (1, 2), (2, 0)])]
        let encoded = try EncodedGraphs(graphs, .degree)
        #expect(encoded.features == 3 && encoded.largest == 4)
        #expect(encoded.places == [[0, 1, 2], [0, 1, 2]] && encoded.sizes == [[3, 2]])
        let (x, adjacency, mask) = encoded.tensors([0, 1])
        #expect(x.shape.sizes == [2, 4, 3] && adjacency.shape.sizes == [2, 4, 4])
        #expect(
            try x.array(of: Float.self) == [
                0, 1, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 0,
            ])
        #expect(
            try adjacency.array(of: Float.self) == [
                0, 1, 0, 0, 1, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 1, 0, 1, 0, 1, 1, 0, 0, 0, 0, 0, 0,
            ])
        #expect(try mask.flags.array(of: Float.self) == [1, 1, 1, 0, 1, 1, 1, 0])
        // Twice an edge, the other way, and a loop make one edge.
        let doubled = try EncodedGraphs([Self.graph(2, [(0, 1), (1, 0), (1, 1)])], .degree)
        #expect(doubled.graphs[0].edges.count == 1 && doubled.graphs[0].kinds == [1, 1])
        #expect(try EncodedGraphs([Self.graph(3, [])], .ones, features: 2).places == [[0]])
    }

    @Test("Other features, and the order of bonds")
    func features() throws {
        let pair = try Self.graph(2, [(0, 1)])
        #expect(try EncodedGraphs([pair], .ones, features: 2).tensors([0]).x.array(of: Float.self) == [1, 1, 1, 1])
        #expect(try EncodedGraphs([pair], .zeros, features: 2).tensors([0]).x.array(of: Float.self) == [0, 0, 0, 0])
        let molecule = try Molecule(smiles: "C=O").graph()
        let encoded = try EncodedGraphs([molecule], .atom, atoms: ["O", "C"])
        #expect(try encoded.tensors([0]).x.array(of: Float.self) == [0, 1, 1, 0])
        #expect(try encoded.tensors([0]).adjacency.array(of: Float.self) == [0, 2, 2, 0])
        #expect(throws: GeneraError.self) { try EncodedGraphs([molecule], .atom, atoms: ["C", "N"]) }
    }

    @Test("A degree without a feature is named with what it needs")
    func tooLarge() throws {
        let star = try Self.graph(5, [(0, 1), (0, 2), (0, 3), (0, 4)])
        let error = #expect(throws: GeneraError.self) {
            try EncodedGraphs([Self.graph(2, [(0, 1)]), star], .degree, features: 4)
        }
        let sentence = error.map { "\($0)" } ?? ""
        #expect(sentence.contains("Graph 2") && sentence.contains("degree 4") && sentence.contains("--max-feat-num 5"))
    }

    @Test("Files of graphs and of molecules, and generators, can be learnt from")
    func sources() throws {
        let graphs = [try Self.graph(3, [(0, 1), (1, 2)]), try Self.graph(4, [(0, 1), (1, 2), (2, 3), (3, 0)])]
        for ending in ["json", "g6", "s6", "edges", "graphml"] {
            let path = folder.file("graphs.\(ending)")
            try Graph.write(graphs, to: path)
            let set = try TrainingGraphs(path, count: nil, features: nil, RunContext())
            #expect(set.features == .degree && set.atoms == nil)
            #expect(set.graphs.map(\.edges.count) == [2, 4], "\(ending)")
        }
        let molecules = try ["CCO", "C=O", "CCN"].map { try Molecule(smiles: $0) }
        for ending in ["smi", "sdf", "csv", "json"] {
            let path = folder.file("molecules.\(ending)")
            try Molecule.write(molecules, to: path)
            let set = try TrainingGraphs(path, count: nil, features: nil, RunContext())
            #expect(set.features == .atom && set.atoms == ["C", "O", "N"], "\(ending)")
            #expect(set.graphs.map(\.nodes.count) == [3, 2, 3])
            let qm9 = try TrainingGraphs(path, count: nil, features: nil, atoms: "qm9", RunContext())
            #expect(qm9.atoms == ["C", "N", "O", "F"])
        }
        let made = try TrainingGraphs("community_small", count: 7, features: nil, RunContext())
        #expect(made.graphs.count == 7 && made.features == .degree)
        #expect(throws: GeneraError.self) { try TrainingGraphs("comunity", count: nil, features: nil, RunContext()) }
        #expect(throws: GeneraError.self) {
            try TrainingGraphs(folder.file("graphs.json"), count: nil, features: nil, atoms: "C", RunContext())
        }
    }

    @Test("Node counts are those of the options or of a list, and follow its law")
    func counts() throws {
        let noise = Noise(seed: 1, samples: Array(0..<4000))
        let sizes = try NodeCounts("12-14", limit: 20).places(noise).map(\.count)
        #expect(Set(sizes) == [12, 13, 14])
        #expect(
            try NodeCounts("5", limit: 5).places(noise.of(samples: [0, 7])) == [[0, 1, 2, 3, 4], [0, 1, 2, 3, 4]])
        let drawn = try NodeCounts(sizes: [[3, 1], [5, 3]]).places(noise).map(\.count)
        #expect(abs(Double(drawn.count { $0 == 5 }) / 4000 - 0.75) < 0.03)
        let like = try NodeCounts.like([[0, 2], [1, 3, 4]]).places(noise)
        #expect(Set(like) == [[0, 2], [1, 3, 4]])
        // A sample's count is its own.
        #expect(try NodeCounts("12-14", limit: 20).places(noise.of(samples: [17])).map(\.count) == [sizes[17]])
        for text in ["", "0", "-1", "3-", "-3", "5-3", "2-3-4", "x", "1.5", "21", "3-21", "99999999999999999999"] {
            #expect(throws: GeneraError.self, "\(text)") { try NodeCounts(text, limit: 20) }
        }
    }

    @Test("Known data sets have as many graphs as the training parts of the published ones")
    func known() throws {
        let totals = ["community_small": 80, "ego_small": 160, "ENZYMES": 470, "grid": 80, "QM9": 10_000]
        for (name, total) in totals {
            #expect(try #require(KnownGraphs(name)).sizes.reduce(0) { $0 + $1[1] } == total, "\(name)")
        }
        let zinc = try #require(KnownGraphs("ZINC250k"))
        #expect(zinc.atoms?.count == 9 && zinc.sizes.first?[0] == 6 && zinc.sizes.last?[0] == 37)
        #expect(KnownGraphs("QM9")?.atoms == ["C", "N", "O", "F"])
        #expect(KnownGraphs("mine") == nil)
    }

    @Test(
        "Known node counts are those of the data", .enabled(if: Golden.isPresent("gdss")),
        arguments: ["community_small", "ego_small", "ENZYMES", "grid"])
    func counted(name: String) throws {
        let path = "\(Golden.shared)/data/gdss/datasets/\(name).json"
        let graphs = try TrainingGraphs(path, count: nil, features: nil, RunContext()).graphs
        let train = Array(graphs.dropFirst(graphs.count / 5))
        #expect(try EncodedGraphs(train, .ones, features: 1).sizes == KnownGraphs(name)?.sizes)
    }
}

/// The authors' seven checkpoints.
@Suite(.enabled(if: Golden.isPresent("gdss"))) struct GDSSCheckpointTests {
    struct Expected: Sendable {
        let file: String
        let sizes: (nodes: Int, features: Int)
        /// Tensors of the network of nodes and of that of edges.
        let tensors: (x: Int, adj: Int)
        let parameters: (x: Int, adj: Int)
        let hasAverage: Bool
        let predictor: GDSSSampling.Predictor
        let corrector: GDSSSampling.Corrector
        let snr: Float
        let scale: Float
    }

    static let all: [Expected] = [
        Expected(
            file: "community_small/gdss_community_small", sizes: (20, 10), tensors: (12, 250),
            parameters: (72_434, 134_369), hasAverage: true, predictor: .euler, corrector: .langevin, snr: 0.05,
            scale: 0.7),
        Expected(
            file: "ego_small/gdss_ego_small", sizes: (18, 17), tensors: (10, 250), parameters: (44_093, 135_713),
            hasAverage: true, predictor: .euler, corrector: .none, snr: 0, scale: 0),
        Expected(
            file: "ENZYMES/gdss_enzymes", sizes: (125, 10), tensors: (16, 362), parameters: (182_066, 204_113),
            hasAverage: true, predictor: .s4, corrector: .none, snr: 0.15, scale: 0.7),
        Expected(
            file: "grid/gdss_grid", sizes: (361, 5), tensors: (16, 362), parameters: (170_081, 203_153),
            hasAverage: true, predictor: .reverse, corrector: .langevin, snr: 0.1, scale: 0.7),
        Expected(
            file: "QM9/gdss_qm9", sizes: (9, 4), tensors: (10, 144), parameters: (8564, 23_825), hasAverage: false,
            predictor: .reverse, corrector: .langevin, snr: 0.2, scale: 0.7),
        Expected(
            file: "ZINC250k/gdss_zinc250k", sizes: (38, 9), tensors: (10, 318), parameters: (11_429, 62_873),
            hasAverage: false, predictor: .reverse, corrector: .langevin, snr: 0.2, scale: 0.9),
        Expected(
            file: "ZINC250k/gdss_zinc250k_v2", sizes: (38, 9), tensors: (86, 318), parameters: (22_721, 62_873),
            hasAverage: false, predictor: .reverse, corrector: .langevin, snr: 0.2, scale: 0.8),
    ]

    @Test("Sizes, averages and the way of drawing", arguments: all)
    func published(expected: Expected) throws {
        let checkpoint = try GDSSCheckpoint(path: "\(Golden.shared)/data/gdss/checkpoints/\(expected.file).pth")
        func part(_ prefix: String) -> [(name: String, tensor: RawTensor)] {
            checkpoint.weights.filter { $0.name.hasPrefix(prefix) }.map {
                (String($0.name.dropFirst(prefix.count)), $0.tensor)
            }
        }
        let (x, adj) = (part("x."), part("adj."))
        func count(_ list: [(name: String, tensor: RawTensor)]) -> Int {
            list.reduce(0) { $0 + $1.tensor.shape.reduce(1, *) }
        }
        #expect((x.count, adj.count) == expected.tensors)
        #expect((count(x), count(adj)) == expected.parameters)
        let c = checkpoint.configuration
        #expect((c.data.nodes, c.data.features) == expected.sizes)
        #expect(c.sampling.predictor == expected.predictor)
        if expected.predictor != .s4 { #expect(c.sampling.corrector == expected.corrector) }
        if c.sampling.isCoupled { #expect((c.sampling.snr, c.sampling.scale) == (expected.snr, expected.scale)) }
        // Averages have the names and shapes of the weights, by their order.
        for (name, own) in [("ema.x.", x), ("ema.adj.", adj)] {
            let average = part(name)
            #expect(average.map(\.name) == (expected.hasAverage ? own.map(\.name) : []))
            #expect(average.map(\.tensor.shape) == (expected.hasAverage ? own.map(\.tensor.shape) : []))
        }
        #expect((c.data.atoms != nil) == (c.data.featureKind == .atom))
        #expect(try GDSSConfiguration(json: c.json(), file: "x") == c)
    }
}
