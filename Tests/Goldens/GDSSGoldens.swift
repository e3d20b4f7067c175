import GDSS
import Genera
import GeneraTesting

/// Compares the family of graphs with the reference implementation, one handler a kind of case.
public enum GDSSGoldens {
    /// The runner.
    public static let runner = GoldenRunner("gdss", handlers)

    private static var handlers: [String: GoldenRunner.Handler] {
        [
            "sde": sde, "forward": forward, "loss": loss, "train": train, "sampler": sampler,
            "sampler_long": samplerLong, "metrics": metrics, "molecules": molecules,
        ]
    }

    /// Where checkpoints lie that cases name.
    static func checkpoint(_ name: String) throws -> GDSSCheckpoint {
        try GDSSCheckpoint(path: "\(Golden.shared)/data/gdss/\(name)")
    }
}

// MARK: - Reading cases

extension GoldenCase {
    func text(_ key: String) throws -> String {
        guard let text = config[key]?.text else { throw CaseFault("the case has no text '\(key)'") }
        return text
    }

    func real(_ key: String) throws -> Double {
        guard let number = config[key]?.number else { throw CaseFault("the case has no number '\(key)'") }
        return number
    }
}

extension GraphSDE {
    /// An equation under the reference's words.
    init(_ json: JSONValue?) throws {
        guard let json, let kind = json["type"]?.text.flatMap(GraphSDE.Kind.init), let low = json["beta_min"]?.number,
            let high = json["beta_max"]?.number, let steps = json["num_scales"]?.integer
        else { throw CaseFault("no SDE in \(json?.json ?? "nothing")") }
        try self.init(kind, low: Float(low), high: Float(high), steps: steps)
    }
}

extension ScoreNetworkConfiguration {
    /// A network under the reference's words.
    init(_ json: JSONValue?) throws {
        guard let json, let kind = json["model_type"]?.text.flatMap(ScoreNetworkConfiguration.Kind.init) else {
            throw CaseFault("no network in \(json?.json ?? "nothing")")
        }
        func number(_ key: String) throws -> Int {
            guard let number = json[key]?.integer else { throw CaseFault("the network has no '\(key)'") }
            return number
        }
        try self.init(
            kind, features: number("max_feat_num"), layers: number(kind == .edges ? "num_layers" : "depth"),
            hidden: number("nhid"))
        guard kind != .nodes else { return }
        (linears, initialChannels) = try (number("num_linears"), number("c_init"))
        (hiddenChannels, finalChannels) = try (number("c_hid"), number("c_final"))
        (attention, heads) = try (number("adim"), number("num_heads"))
        convolution = json["conv"]?.text.flatMap(Convolution.init) ?? .gcn
    }

    /// The network over weights, in plain tensors.
    func network(_ weights: [(name: String, tensor: Tensor)], trainable: Bool = false) throws
        -> (network: any ScoreNetwork, parameters: [(name: String, tensor: Tensor)])
    {
        let scope = ParameterScope.loading(weights, trainable: trainable)
        let network = try network(in: scope)
        try scope.finish()
        return (network, scope.entries.map { ($0.name, $0.tensor) })
    }
}

extension GDSSCheckpoint {
    /// The weights of a part, such as `x` or `ema.adj`.
    func weights(_ part: String) -> [(name: String, tensor: Tensor)] {
        weights.filter { $0.name.hasPrefix("\(part).") }.map {
            (String($0.name.dropFirst(part.count + 1)), Tensor($0.tensor))
        }
    }
}
