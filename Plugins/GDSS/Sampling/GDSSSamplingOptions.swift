import ArgumentParser
import Genera

/// Options of `genera sample gdss`, beside those that all families share. What is not given is as the model says.
public struct GDSSSamplingOptions: ParsableArguments, Sendable {
    @Option(
        help: ArgumentHelp("What carries noise to graphs: Euler, Reverse, S4, Heun or Exponential.", valueName: "name"))
    var predictor: GDSSSampling.Predictor?

    @Option(help: ArgumentHelp("What corrects between steps: Langevin or None.", valueName: "name"))
    var corrector: GDSSSampling.Corrector?

    @Option(help: ArgumentHelp("Steps from noise to graph, in place of the model's (mostly 1000).", valueName: "n"))
    var steps: Int?

    @Option(help: ArgumentHelp("Signal to noise of a Langevin step.", valueName: "ratio"))
    var snr: Float?

    @Option(
        name: [.long, .customLong("scale_eps")],
        help: ArgumentHelp("Scale of the noise that a Langevin step adds.", valueName: "scale"))
    var scaleEps: Float?

    @Option(
        name: [.long, .customLong("n_steps")],
        help: ArgumentHelp("Langevin steps in a row.", valueName: "n"))
    var nSteps: Int?

    @Option(help: ArgumentHelp("The time at which sampling ends.", valueName: "t"))
    var eps: Float?

    @Flag(inversion: .prefixedNo, help: "Follow the probability flow: half the score, no noise.")
    var probabilityFlow: Bool?

    @Flag(inversion: .prefixedNo, help: "Leave out the noise of the last step.")
    var noiseRemoval: Bool?

    @Flag(inversion: .prefixedNo, help: "Draw with the averaged weights.")
    var ema: Bool?

    @Option(
        help: ArgumentHelp(
            "Nodes of each graph, a number or a range such as 12-20 (default: as the training graphs have).",
            valueName: "n"))
    var nodes: String?

    @Option(
        help: ArgumentHelp(
            "Graphs, of which each drawn one has as many nodes as one at random, in place of the training graphs.",
            valueName: "file"), completion: .file())
    var sizesOf: String?

    @Flag(help: "Keep what was drawn in each node beside the edges; --out FILE.json has it.")
    var nodeFeatures = false

    @Flag(help: "Keep all parts of a molecule, not the largest alone.")
    var fragments = false

    @Option(
        help: ArgumentHelp(
            "Graphs that are drawn together; a Langevin step's length is a mean over them (default: the model's batch, at most 128).",
            valueName: "n"))
    var together: Int?

    @Option(
        help: ArgumentHelp(
            "Replay another program's normal numbers: safetensors with flags, raw_prior_x, raw_prior_adj, raw_noise_x and raw_noise_adj.",
            valueName: "file"), completion: .file(extensions: ["safetensors"]))
    var noiseFile: String?

    @Option(
        help: ArgumentHelp(
            "Draw the normal numbers by a hash of this seed, draw and element, which other programs can repeat.",
            valueName: "seed"))
    var counterNoise: UInt64?

    /// For ArgumentParser.
    public init() {}

    /// Refuses options that contradict each other.
    public func validate() throws {
        guard [nodes, sizesOf, noiseFile].compactMap(\.self).count <= 1 else {
            throw ValidationError("--nodes, --sizes-of and --noise-file all say how many nodes there are: give one.")
        }
        guard noiseFile == nil || counterNoise == nil else {
            throw ValidationError("--noise-file and --counter-noise exclude each other.")
        }
    }
}

extension GDSSSampling.Predictor: ExpressibleByArgument {
    /// Reads a name in any case.
    public init?(argument: String) {
        guard let one = Self.allCases.first(where: { $0.rawValue.lowercased() == argument.lowercased() }) else {
            return nil
        }
        self = one
    }
}

extension GDSSSampling.Corrector: ExpressibleByArgument {
    /// Reads a name in any case.
    public init?(argument: String) {
        guard let one = Self.allCases.first(where: { $0.rawValue.lowercased() == argument.lowercased() }) else {
            return nil
        }
        self = one
    }
}

extension GDSSSamplingOptions {
    /// The model's way of drawing with what the options change.
    func sampling(_ own: GDSSSampling) throws -> GDSSSampling {
        var s = own
        if let predictor { s.predictor = predictor }
        if let corrector { s.corrector = corrector }
        if let snr { s.snr = snr }
        if let scaleEps { s.scale = scaleEps }
        if let nSteps { s.corrections = nSteps }
        if let eps { s.end = eps }
        if let probabilityFlow { s.isFlow = probabilityFlow }
        if let noiseRemoval { s.removesNoise = noiseRemoval }
        if let ema { s.usesAverage = ema }
        if let together { s.together = together }
        try s.check()
        return s
    }

    /// The sampler of the run's model: of graphs, or of molecules.
    ///
    /// - Throws: what is wrong with options or model, in a sentence.
    func sampler(_ run: RunContext) throws -> any Sampler {
        let model = try GDSS.Model(run.model(of: GDSS.self))
        let c = model.configuration
        var sde = c.sde
        if let steps { (sde.x.steps, sde.adj.steps) = (steps, steps) }
        try sde.adj.check()
        func make<Sample: Drawable>(
            shown: (@Sendable (NoisyGraph) throws -> Sample)? = nil,
            _ finished: @escaping @Sendable (NoisyGraph) throws -> Sample
        ) throws -> any Sampler {
            var sampler = try model.sampler(
                sampling(c.sampling), sde: sde, counts: counts(model, run), workers: run.workers, finished: finished)
            sampler.shown = shown
            if let seed = counterNoise { sampler.replay = CounterGraphNoise(seed: seed, padded: c.data.nodes) }
            if let path = noiseFile { try replay(run.input(path), c.data, &sampler, run.progress) }
            return sampler
        }
        guard let atoms = c.data.atoms else {
            let width = nodeFeatures ? c.data.features : 0
            return try make(shown: { try $0.wholeGraph() }) { try $0.graph(features: width) }
        }
        let decoder = MoleculeDecoder(try AtomSet(atoms.joined(separator: ",")))
        let isWhole = fragments
        return try make { try decoder.molecule(nodes: $0.x, edges: $0.adjacency, keeping: isWhole ? nil : .text) }
    }

    private func counts(_ model: GDSS.Model, _ run: RunContext) throws -> NodeCounts {
        let data = model.configuration.data
        // A recording says which nodes there are.
        guard noiseFile == nil else { return .between(1...data.nodes) }
        if let nodes { return try NodeCounts(nodes, limit: data.nodes) }
        if let path = sizesOf {
            let set = try TrainingGraphs(path, count: nil, features: nil, run)
            let places = try EncodedGraphs(set.graphs, .ones, features: 1).places
            guard let largest = places.compactMap(\.last).max(), largest < data.nodes else {
                throw GeneraError.usage(
                    "\(path) has graphs of more than the \(data.nodes) nodes that the model knows (--sizes-of).")
            }
            return .like(places)
        }
        if let sizes = data.sizes { return NodeCounts(sizes: sizes) }
        throw GeneraError.usage(
            "The model does not say how many nodes its graphs had. Name them by --nodes, for example --nodes \(max(data.nodes / 2, 1))-\(data.nodes)."
        )
    }

    /// Takes nodes and normal numbers from a recording.
    private func replay<Sample>(
        _ path: String, _ data: GDSSConfiguration.Graphs, _ sampler: inout GDSSSampler<Sample>,
        _ progress: any ProgressSink
    ) throws {
        let file = try Safetensors(path: path)
        func floats(_ name: String, _ rank: Int, _ last: Int) throws -> (values: [Float], shape: [Int]) {
            let tensor = try file.tensor(name)
            guard tensor.shape.count == rank, tensor.shape[rank - 1] == last,
                tensor.shape[rank - 2] == data.nodes || rank == 2
            else {
                throw FormatError(
                    file: path, place: name,
                    reason:
                        "its shape is \(tensor.shape), but the model has \(data.nodes) nodes of \(data.features) features"
                )
            }
            return (tensor.floats(), tensor.shape)
        }
        let (n, features) = (data.nodes, data.features)
        let flags = try floats("flags", 2, n)
        let rows = flags.shape[0]
        let prior = try (floats("raw_prior_x", 3, features), floats("raw_prior_adj", 3, n))
        let noise = try (floats("raw_noise_x", 4, features), floats("raw_noise_adj", 4, n))
        guard prior.0.shape[0] == rows, prior.1.shape[0] == rows, noise.0.shape[1] == rows, noise.1.shape[1] == rows
        else {
            throw FormatError(file: path, place: "flags", reason: "there are \(rows) rows, but the noise has others")
        }
        guard rows > 0 else { throw FormatError(file: path, place: "flags", reason: "it has no rows, so no graphs") }
        let given = (0..<rows).map { row in (0..<n).filter { flags.values[row * n + $0] > 0 } }
        if let empty = given.firstIndex(where: \.isEmpty) {
            progress.report(
                .warning(
                    "\(path): row \(empty + 1) has no node; it counts in the length of a Langevin step all the same"))
        }
        sampler.given = given
        sampler.sampling.together = rows
        sampler.replay = RecordedGraphNoise(
            padded: n, prior: (prior.0.values, prior.1.values), noise: (noise.0.values, noise.1.values))
    }
}

extension GDSS.Model {
    /// A sampler of plain graphs.
    package func sampler(
        _ sampling: GDSSSampling, sde: GDSSConfiguration.Pair<GraphSDE>, counts: NodeCounts, workers: Int = 1
    ) throws -> GDSSSampler<Graph> {
        try sampler(sampling, sde: sde, counts: counts, workers: workers) { try $0.graph() }
    }

    /// A sampler of whatever a graph without noise is made into.
    package func sampler<Sample: Drawable>(
        _ sampling: GDSSSampling, sde: GDSSConfiguration.Pair<GraphSDE>, counts: NodeCounts, workers: Int = 1,
        finished: @escaping @Sendable (NoisyGraph) throws -> Sample
    ) throws -> GDSSSampler<Sample> {
        let data = configuration.data
        try sde.x.check(sampling)
        try sde.adj.check(sampling)
        return GDSSSampler(
            scores: try scores(average: sampling.usesAverage), features: data.features, padded: data.nodes, sde: sde,
            sampling: sampling, places: { try counts.places($0) }, finished: finished, workers: workers,
            isOfMolecules: data.atoms != nil)
    }
}

extension NoisyGraph {
    /// Pairs of nodes with an edge: where the number is at least a half.
    private var edges: [(Int, Int)] {
        (0..<nodes).flatMap { i in
            (i + 1..<max(nodes, i + 1)).lazy.filter { adjacency[i * nodes + $0] >= 0.5 }.map { (i, $0) }
        }
    }

    /// The graph without noise, and without nodes that no edge touches; one node if none is left.
    ///
    /// - Parameter width: how many numbers of a node are kept with it: all, or none.
    package func graph(features width: Int = 0) throws -> Graph {
        let edges = edges
        let joined = Set(edges.flatMap { [$0.0, $0.1] }).sorted()
        guard !joined.isEmpty else { return try Graph(nodeCount: 1, edges: []) }
        let number = Dictionary(uniqueKeysWithValues: zip(joined, joined.indices))
        return try Graph(
            nodes: joined.map { Graph.Node(features: Array(x[$0 * width..<($0 + 1) * width])) },
            edges: edges.map { Graph.Edge(number[$0.0]!, number[$0.1]!) })
    }

    /// The same with all its nodes, so that each keeps its number on the way.
    package func wholeGraph() throws -> Graph { try Graph(nodeCount: nodes, edges: edges) }
}
