import Genera

/// A checkpoint of the authors' training code: `model_config`, `params_x`, `params_adj`, `x_state_dict`, `adj_state_dict`, and
/// `ema_x`, `ema_adj` where averages were kept. Nothing in it is executed.
public struct GDSSCheckpoint: Sendable {
    /// What the model is.
    public let configuration: GDSSConfiguration
    /// Weights as `x.KEY` and `adj.KEY`; averages as `ema.x.KEY` and `ema.adj.KEY`.
    public let weights: [(name: String, tensor: RawTensor)]
    /// What the training noted: `ema_x.num_updates` and the like.
    public let notes: [(name: String, value: String)]

    /// Reads a file.
    ///
    /// - Throws: `FormatError` for a file that is not one, `GeneraError.badData` for one of another kind.
    public init(path: String) throws {
        let archive = try TorchArchive(path: path)
        let fields = Fields(archive.root, file: path)
        let parts = try (x: fields.field("params_x"), adj: fields.field("params_adj"))
        var weights: [(name: String, tensor: RawTensor)] = []
        var notes: [(name: String, value: String)] = []
        // One network's average is of no use.
        let hasAverage = archive.root["ema_x"] != nil && archive.root["ema_adj"] != nil
        for part in ["x", "adj"] {
            let own = try archive.stateDictionary(at: ["\(part)_state_dict"]).map { name, tensor in
                (name: name.hasPrefix("module.") ? String(name.dropFirst(7)) : name, tensor: tensor)
            }
            weights += own.map { ("\(part).\($0.name)", $0.tensor) }
            guard let average = archive.root["ema_\(part)"], hasAverage else { continue }
            weights += try Self.average(average, of: own, part, file: path)
            if let updates = average["num_updates"]?.int { notes.append(("ema_\(part).num_updates", "\(updates)")) }
        }
        self.weights = weights
        self.notes = notes
        configuration = try Self.configuration(fields, parts.x, parts.adj, hasAverage: hasAverage)
    }

    /// The average is a list in the order of the parameters, without names.
    private static func average(
        _ value: PickleValue, of own: [(name: String, tensor: RawTensor)], _ part: String, file: String
    ) throws -> [(name: String, tensor: RawTensor)] {
        guard let items = value["shadow_params"]?.items, items.count == own.count else {
            throw GeneraError.badData(
                file: file, reason: "ema_\(part) needs a list 'shadow_params' of \(own.count) tensors",
                advice: "it has \(value["shadow_params"]?.items?.count ?? 0).")
        }
        var copies = TensorCopies()
        return try zip(own, items).enumerated().map { number, pair in
            let place = "ema_\(part).shadow_params[\(number)]"
            guard let record = pair.1.tensor else {
                throw GeneraError.badData(file: file, reason: "\(place) is \(pair.1.kind), not a tensor")
            }
            let tensor = try copies.tensor(record, file: file, place: place)
            guard tensor.shape == pair.0.tensor.shape else {
                throw GeneraError.badData(
                    file: file,
                    reason: "\(place) is \(tensor.shape), but the weight \(pair.0.name) is \(pair.0.tensor.shape)")
            }
            return ("ema.\(part).\(pair.0.name)", tensor)
        }
    }

    private static func configuration(_ fields: Fields, _ x: Fields, _ adj: Fields, hasAverage: Bool) throws
        -> GDSSConfiguration
    {
        let config = try fields.field("model_config")
        let (data, sde) = try (config.field("data"), config.field("sde"))
        let name = try data.text("data")
        let features = try data.number("max_feat_num")
        let kind = try data.text("init")
        guard let featureKind = NodeFeatures(rawValue: kind) else {
            throw data.fault("init", "is '\(kind)'", NodeFeatures.allCases.map(\.rawValue))
        }
        let nodes = try data.number("max_node_num")
        // A model that is smaller than the data set of its name is of other graphs.
        let known = KnownGraphs(name).flatMap { ($0.sizes.last?[0] ?? 0) <= nodes ? $0 : nil }
        let (nodeNetwork, edgeNetwork) = try (network(x), network(adj))
        var sampling = KnownGraphs.sampling(name, isAttentive: nodeNetwork.kind == .attentiveNodes)
        if let sampler = config.optional("sampler") { try sampling.take(sampler) }
        if let sample = config.optional("sample") { try sampling.take(sample) }
        sampling.usesAverage = sampling.usesAverage && hasAverage
        if let batch = data.optionalNumber("batch_size") { sampling.together = min(max(batch, 1), 128) }
        let result = GDSSConfiguration(
            data: .init(
                name: name, nodes: nodes, features: features, featureKind: featureKind,
                atoms: featureKind == .atom ? known?.atoms : nil, sizes: known?.sizes),
            sde: .init(x: try equation(sde.field("x")), adj: try equation(sde.field("adj"))),
            networks: .init(x: nodeNetwork, adj: edgeNetwork), sampling: sampling)
        do { try result.check() } catch { throw GeneraError.badData(file: fields.file, reason: "\(error)") }
        return result
    }

    private static func equation(_ f: Fields) throws -> GraphSDE {
        let word = try f.text("type")
        guard let kind = GraphSDE.Kind(rawValue: word) else {
            throw f.fault("type", "is '\(word)'", GraphSDE.Kind.allCases.map(\.rawValue))
        }
        let (low, high) = try (Float(f.real("beta_min")), Float(f.real("beta_max")))
        let steps = try f.number("num_scales")
        do {
            return try GraphSDE(kind, low: low, high: high, steps: steps)
        } catch let error as GeneraError {
            throw GeneraError.badData(file: f.file, reason: "\(f.place): \(error)")
        }
    }

    package static func network(_ f: Fields) throws -> ScoreNetworkConfiguration {
        let word = try f.text("model_type")
        guard let kind = ScoreNetworkConfiguration.Kind(rawValue: word) else {
            throw f.fault("model_type", "is '\(word)'", ScoreNetworkConfiguration.Kind.allCases.map(\.rawValue))
        }
        var c = ScoreNetworkConfiguration(
            kind, features: try f.number("max_feat_num"),
            layers: try f.number(kind == .edges ? "num_layers" : "depth"), hidden: try f.number("nhid"))
        guard kind != .nodes else { return c }
        c.linears = try f.number("num_linears")
        c.initialChannels = try f.number("c_init")
        c.hiddenChannels = try f.number("c_hid")
        c.finalChannels = try f.number("c_final")
        c.attention = try f.number("adim")
        c.heads = f.optionalNumber("num_heads") ?? 4
        let convolution = f.optionalText("conv") ?? "GCN"
        guard let known = ScoreNetworkConfiguration.Convolution(rawValue: convolution) else {
            throw f.fault("conv", "is '\(convolution)'", ScoreNetworkConfiguration.Convolution.allCases.map(\.rawValue))
        }
        c.convolution = known
        return c
    }
}

/// The fields of a dictionary in a checkpoint, with errors that say where.
package struct Fields {
    let value: PickleValue
    let file: String
    let place: String

    package init(_ value: PickleValue, file: String, place: String = "") {
        (self.value, self.file, self.place) = (value, file, place)
    }

    private func at(_ key: String) -> String { place.isEmpty ? key : "\(place).\(key)" }

    /// A dictionary's entry, or that of an object's state.
    func optional(_ key: String) -> Fields? {
        (value[key] ?? value.object?.state[key]).map { Fields($0, file: file, place: at(key)) }
    }

    func field(_ key: String) throws -> Fields {
        guard let field = optional(key) else {
            throw GeneraError.badData(
                file: file, reason: "'\(at(key))' is missing",
                advice: "a checkpoint of GDSS has model_config, params_x, params_adj, x_state_dict and adj_state_dict.")
        }
        return field
    }

    private func typed<Value>(_ key: String, _ what: String, _ read: (PickleValue) -> Value?) throws -> Value {
        let field = try field(key)
        guard let value = read(field.value) else {
            throw GeneraError.badData(
                file: file, reason: "'\(at(key))' must be \(what), but the file has \(field.value.kind)")
        }
        return value
    }

    func text(_ key: String) throws -> String { try typed(key, "a text", \.string) }
    func number(_ key: String) throws -> Int { try typed(key, "a whole number", \.int) }
    func real(_ key: String) throws -> Double { try typed(key, "a number") { $0.double ?? $0.int.map(Double.init) } }
    func truth(_ key: String) throws -> Bool { try typed(key, "true or false", \.bool) }
    func optionalText(_ key: String) -> String? { optional(key)?.value.string }
    func optionalNumber(_ key: String) -> Int? { optional(key)?.value.int }

    func fault(_ key: String, _ found: String, _ known: [String]) -> GeneraError {
        .badData(file: file, reason: "'\(at(key))' \(found)", advice: "known are \(known.joined(separator: ", ")).")
    }
}

extension GDSSSampling {
    /// Takes what a section `sampler` or `sample` says.
    mutating func take(_ f: Fields) throws {
        if let word = f.optionalText("predictor") { predictor = Predictor(rawValue: word) ?? .euler }
        if let word = f.optionalText("corrector") { corrector = word == "Langevin" ? .langevin : .none }
        if f.optional("snr") != nil { snr = Float(try f.real("snr")) }
        if f.optional("scale_eps") != nil { scale = Float(try f.real("scale_eps")) }
        if f.optional("n_steps") != nil { corrections = try f.number("n_steps") }
        if f.optional("eps") != nil { end = Float(try f.real("eps")) }
        if f.optional("noise_removal") != nil { removesNoise = try f.truth("noise_removal") }
        if f.optional("probability_flow") != nil { isFlow = try f.truth("probability_flow") }
        if f.optional("use_ema") != nil { usesAverage = try f.truth("use_ema") }
    }
}
