import Genera

/// GDSS (Jo, Lee and Hwang, ICML 2022): graphs and molecules by a system of two stochastic differential equations, one for node
/// features and one for edges.
public enum GDSS: SamplingFamily {
    /// `gdss`.
    public static let name = "gdss"
    /// One line for lists.
    public static let summary = "Graphs and molecules by GDSS, coupled SDEs of nodes and edges."
    /// The paper.
    public static let citation: Citation? = Citation(
        title: "Score-based Generative Modeling of Graphs via the System of Stochastic Differential Equations",
        authors: ["Jaehyeong Jo", "Seul Lee", "Sung Ju Hwang"], year: 2022,
        venue: "International Conference on Machine Learning", url: "https://arxiv.org/abs/2202.02514")
    /// Its own commands.
    public static let verbs: [any Verb.Type] = [
        GraphTableVerb.self, TuneVerb.self, MakeGraphsVerb.self, CheckGraphsVerb.self, GraphSpeedVerb.self,
    ]
    /// Two communities of up to twenty nodes.
    public static let defaultCheckpoint: String? = "community20"
    /// Graphs, and molecules of models that know elements.
    public static let sampleTypes: [any Drawable.Type] = [Graph.self, Molecule.self]
    /// What the authors' code saves.
    public static let modelFormats: [ModelFormat] = [GDSSCheckpoint.format]

    /// The graphs, equations and networks of a model.
    public static func facts(of model: ModelCheckpoint) throws -> [Fact] {
        let c = try GDSSConfiguration(json: model.configuration, file: model.path)
        return c.facts
            + model.metadata.sorted { $0.key < $1.key }.compactMap { key, value in
                key.hasPrefix("gdss.") ? Fact(String(key.dropFirst(5)), value) : nil
            }
    }

    /// A sampler of graphs, or of molecules.
    public static func sampler(_ options: GDSSSamplingOptions, _ run: RunContext) throws -> any Sampler {
        try options.sampler(run)
    }

    /// What the graphs of synthetic data sets are: planar, of blocks, trees, lobsters.
    public static func measures<Sample: Measurable>(of type: Sample.Type) -> [Measure<Sample>] {
        GraphShape.all.flatMap { [$0.validShare, $0.novelShare] } as? [Measure<Sample>] ?? []
    }
}

extension GDSSCheckpoint {
    /// The authors' checkpoints as models of the family. Nothing in them is executed.
    public static let format = ModelFormat(
        "pth", summary: "a checkpoint of the authors' code",
        recognises: { _, content in
            guard let content, FileKind(content) == .zip || FileKind(content) == .pickle else { return false }
            return content.contains(Array("params_adj".utf8), within: 1 << 20)
        },
        read: { path in
            let checkpoint = try GDSSCheckpoint(path: path)
            var metadata = ["genera.source": path]
            for note in checkpoint.notes { metadata["gdss.\(note.name)"] = note.value }
            return ModelCheckpoint(
                family: GDSS.name, configuration: try checkpoint.configuration.json(), weights: checkpoint.weights,
                metadata: metadata, path: path)
        })
}

extension GDSSConfiguration {
    /// What people want to know of a model.
    var facts: [Fact] {
        func text(_ sde: GraphSDE) -> String { "\(sde.kind.rawValue), \(sde.low) to \(sde.high)" }
        func text(_ c: ScoreNetworkConfiguration) -> String {
            let own = "\(c.kind.rawValue), \(c.layers) layers of \(c.hidden)"
            guard c.kind == .edges || c.kind == .attentiveNodes else { return own }
            return own
                + ", channels \(c.initialChannels), \(c.hiddenChannels), \(c.finalChannels), \(c.heads) heads, \(c.convolution.rawValue)"
        }
        return [
            Fact(
                "graphs",
                "\(data.name), up to \(data.nodes) nodes with \(data.features) features (\(data.featureKind.rawValue))"),
            Fact("SDE of nodes", text(sde.x)), Fact("SDE of edges", text(sde.adj)), Fact("steps", sde.adj.steps),
            Fact("network of nodes", text(networks.x)), Fact("network of edges", text(networks.adj)),
            Fact("sampler", sampling.sentence),
        ] + (data.atoms.map { [Fact("elements", $0.joined(separator: " "))] } ?? [])
    }
}

extension GDSSSampling {
    /// The method in words.
    var sentence: String {
        let numbers = isCoupled ? ", snr \(snr), scale \(scale)" : ""
        let corrector = predictor == .s4 || corrector == .none ? "" : " + \(corrector.rawValue)"
        return predictor.rawValue + corrector + numbers + (usesAverage ? ", averaged weights" : "")
    }
}

extension GDSS: TrainingFamily {
    /// A first look, the paper's training of small graphs, and its others.
    public static let presets = [
        TrainingPreset(
            "draft", for: "a first look at graphs of up to about 20 nodes; some minutes on two cores",
            "--epochs 1000 --lr-decay 0.997 --ema-decay 0.99 --use-ema --log-every 50"),
        TrainingPreset(
            "molecules", for: "a first look at molecules of up to about 30 atoms; some minutes on two cores",
            "--batch-size 64 --depth 2 --adim 16 --nhid 16 --num-layers 4 --num-linears 3 --sde-adj VE:0.2:1 --epochs 300 "
                + "--lr 0.005 --lr-decay 0.99 --ema-decay 0.99 --use-ema --predictor Reverse --snr 0.2 --scale-eps 0.9 "
                + "--log-every 50"),
        TrainingPreset("small", for: "as the paper's community_small; about half an hour on two cores"),
        TrainingPreset(
            "ego", for: "as the paper's ego_small", "--depth 2 --predictor Euler --corrector None"),
        TrainingPreset(
            "transformer", for: "graph transformers instead, as GDSS-Transformer in small; hours on two cores",
            "--network-x GraphTransformerX --network-adj GraphTransformerA --depth 4 --num-layers 4 --nhid 64 --c-hid 16 "
                + "--adim 32 --num-heads 8 --lr 4e-4 --lr-decay 1 --decoupled --weight-decay 1e-12 --edge-weight 5 "
                + "--snr 0.2 --use-ema"),
        TrainingPreset(
            "enzymes", for: "as the paper's ENZYMES; a day on two cores",
            "--batch-size 64 --depth 5 --num-layers 7 --sde-adj VE:0.2:1 --predictor S4 --snr 0.15 --use-ema"),
        TrainingPreset(
            "grid", for: "as the paper's grids; days on two cores",
            "--batch-size 8 --depth 5 --num-layers 7 --sde-adj VP:0.2:0.8 --predictor Reverse --snr 0.1 --use-ema"),
        TrainingPreset(
            "qm9", for: "as the paper's small molecules",
            "--batch-size 1024 --depth 2 --adim 16 --nhid 16 --num-layers 3 --num-linears 3 --sde-x VE:0.1:1 "
                + "--sde-adj VE:0.1:1 --epochs 300 --lr 0.005 --predictor Reverse --snr 0.2"),
        TrainingPreset(
            "zinc250k", for: "as the paper's drug-like molecules",
            "--batch-size 1024 --depth 2 --adim 16 --nhid 16 --num-layers 6 --num-linears 3 --sde-adj VE:0.2:1 "
                + "--epochs 500 --lr 0.005 --predictor Reverse --snr 0.2 --scale-eps 0.9"),
    ]

    /// A first look at graphs, or at molecules.
    public static func preset(for options: GDSSTrainingOptions, _ run: RunContext) throws -> PresetChoice? {
        options.features == .atom || TrainingGraphs.holdsMolecules(options.data)
            ? PresetChoice("molecules", because: "\(options.data) holds molecules")
            : PresetChoice("draft", because: "\(options.data) holds graphs")
    }

    /// A trainer of both networks.
    ///
    /// - Throws: what is wrong with options or data, in a sentence.
    public static func trainer(_ options: GDSSTrainingOptions, _ run: RunContext) throws -> any Trainer {
        try options.trainer(run)
    }
}
