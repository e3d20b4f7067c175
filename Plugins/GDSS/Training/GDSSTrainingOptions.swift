import ArgumentParser
import Genera

/// Options of `genera train gdss`, beside those that all families share. Defaults are those of the paper's community_small.
public struct GDSSTrainingOptions: ParsableArguments, Sendable {
    @Option(
        help: ArgumentHelp(
            "Graphs: a file (.json, .g6, .s6, .edges, .graphml, .smi, .sdf, .csv, .npz), a TU folder, or a generator such as community_small.",
            valueName: "path"))
    var data: String

    @Option(help: ArgumentHelp("Graphs that a generator makes.", valueName: "n"))
    var graphs: Int?

    @Option(help: ArgumentHelp("Share of the graphs, the first ones, that is held back for tests.", valueName: "share"))
    var testSplit = 0.2

    @Option(help: "What stands in a node: deg, ones, zeros or atom (default: atom for molecules, else deg).")
    var features: NodeFeatures?

    @Option(
        help: ArgumentHelp(
            "Elements of molecules: QM9, ZINC250k or symbols as C,N,O (default: those that occur).", valueName: "set"))
    var atoms: String?

    @Option(
        help: ArgumentHelp("Features of a node (default: as many as the graphs need).", valueName: "n"))
    var maxFeatNum: Int?

    @Option(help: ArgumentHelp("The most nodes (default: as many as the graphs have).", valueName: "n"))
    var maxNodeNum: Int?

    @Option(help: ArgumentHelp("SDE of nodes: kind, low and high, as VP:0.1:1.", valueName: "sde"))
    var sdeX = "VP:0.1:1"

    @Option(help: ArgumentHelp("SDE of edges: kind, low and high, as VE:0.2:1.", valueName: "sde"))
    var sdeAdj = "VP:0.1:1"

    @Option(help: ArgumentHelp("Steps that both equations are cut into.", valueName: "n"))
    var numScales = 1000

    @Option(help: "Network of nodes: ScoreNetworkX, ScoreNetworkX_GMH or GraphTransformerX.")
    var networkX = ScoreNetworkConfiguration.Kind.nodes

    @Option(help: "Network of edges: ScoreNetworkA or GraphTransformerA.")
    var networkAdj = ScoreNetworkConfiguration.Kind.edges

    @Option(help: "Layers of the network of nodes.")
    var depth = 3

    @Option(help: "Layers of the network of edges.")
    var numLayers = 5

    @Option(help: "Width of a node; of a transformer's nodes.")
    var nhid = 32

    @Option(help: "Width of queries and keys; of a transformer's row for the whole graph.")
    var adim = 32

    @Option(help: "Layers of the network of each edge.")
    var numLinears = 2

    @Option(help: "Powers of the adjacency that go in.")
    var cInit = 2

    @Option(help: "Edge channels; the width of a transformer's edges.")
    var cHid = 8

    @Option(help: "Edge channels of the last layer.")
    var cFinal = 4

    @Option(help: "Heads of attention.")
    var numHeads = 4

    @Option(help: "How queries and keys are made: GCN or MLP.")
    var conv = ScoreNetworkConfiguration.Convolution.gcn

    @Option(help: "Passes over the graphs.")
    var epochs = 5000

    @Option(help: "Graphs a step.")
    var batchSize = 128

    @Option(help: "Learning rate.")
    var lr = 0.01

    @Option(help: "What the learning rate is multiplied by after each epoch.")
    var lrDecay = 0.999

    @Option(help: "Pull of the weights towards 0.")
    var weightDecay = 1e-4

    @Flag(help: "Keep the pull apart from the gradient (AdamW), which does not let attention die.")
    var decoupled = false

    @Option(help: "Largest norm of each network's gradient; 0 for no bound.")
    var gradNorm = 1.0

    @Option(name: .customLong("ema-decay"), help: "Decay of the averaged weights.")
    var emaDecay = 0.999

    @Option(help: "What a graph's loss is: sum, mean or likelihood.")
    var loss = ScoreMatching.Reduction.sum

    @Flag(name: [.long, .customLong("reduce_mean")], help: "The reference's word for --loss mean.")
    var reduceMean = false

    @Option(help: "Weight of the edges' loss.")
    var edgeWeight = 1.0

    @Option(help: "The earliest time that is trained.")
    var trainEps = 1e-5

    @Option(help: "Which weights the model's file holds: both, last or average.")
    var save = KeptWeights.both

    @Option(help: ArgumentHelp("Graphs of a part of a batch, a matter of memory and speed.", valueName: "n"))
    var part = 16

    @OptionGroup(title: "How the model draws") var drawing: DrawingDefaults

    /// For ArgumentParser.
    public init() {}

    /// Refuses values that make no sense, naming the option.
    public func validate() throws {
        func need(_ holds: Bool, _ text: String) throws { if !holds { throw ValidationError(text) } }
        try need((0..<1).contains(testSplit), "--test-split must be at least 0 and below 1, got \(testSplit).")
        try need((1...1_000_000_000).contains(epochs), "--epochs must be 1 to 1,000,000,000, got \(epochs).")
        try need(
            (1...BatchOrder.largestBatch).contains(batchSize),
            "--batch-size must be 1 to \(BatchOrder.largestBatch), got \(batchSize).")
        try need(lr > 0 && lr.isFinite, "--lr must be above 0, got \(lr).")
        try need(lrDecay > 0 && lrDecay <= 1, "--lr-decay must be above 0 and at most 1, got \(lrDecay).")
        try need(weightDecay >= 0 && weightDecay.isFinite, "--weight-decay must be 0 or more, got \(weightDecay).")
        try need(gradNorm >= 0, "--grad-norm must be 0 or more, got \(gradNorm).")
        try need((0..<1).contains(emaDecay), "--ema-decay must be at least 0 and below 1, got \(emaDecay).")
        try need(
            edgeWeight > 0 && edgeWeight <= 1e6, "--edge-weight must be above 0 and at most 1e6, got \(edgeWeight).")
        try need(trainEps > 0 && trainEps < 1, "--train-eps must be between 0 and 1, got \(trainEps).")
        try need((0...1000).contains(drawing.snr), "--snr must be 0 to 1000, got \(drawing.snr).")
        try need((0...1000).contains(drawing.scaleEps), "--scale-eps must be 0 to 1000, got \(drawing.scaleEps).")
        try need(
            !drawing.useEma || save != .last, "--use-ema draws with averaged weights: --save both or average.")
        try need((1...100_000).contains(part), "--part must be 1 to 100,000, got \(part).")
        for (size, name) in [(maxFeatNum, "--max-feat-num"), (maxNodeNum, "--max-node-num")] {
            try need((1...10_000).contains(size ?? 1), "\(name) must be 1 to 10,000, got \(size ?? 1).")
        }
        try need((1...1_000_000).contains(graphs ?? 1), "--graphs must be 1 to 1,000,000, got \(graphs ?? 1).")
    }

    /// How models draw that this training makes.
    public struct DrawingDefaults: ParsableArguments, Sendable {
        @Option(help: "What carries noise to graphs: Euler, Reverse, S4, Heun or Exponential.")
        var predictor = GDSSSampling.Predictor.euler

        @Option(help: "What corrects between steps: Langevin or None.")
        var corrector = GDSSSampling.Corrector.langevin

        @Option(help: "Signal to noise of a Langevin step.")
        var snr: Float = 0.05

        @Option(name: [.long, .customLong("scale_eps")], help: "Scale of a Langevin step's noise.")
        var scaleEps: Float = 0.7

        @Flag(help: "Draw with the averaged weights.")
        var useEma = false

        /// For ArgumentParser.
        public init() {}
    }
}

extension NodeFeatures: ExpressibleByArgument {}
extension ScoreNetworkConfiguration.Kind: ExpressibleByArgument {}
extension ScoreNetworkConfiguration.Convolution: ExpressibleByArgument {}
extension ScoreMatching.Reduction: ExpressibleByArgument {}
extension KeptWeights: ExpressibleByArgument {}
