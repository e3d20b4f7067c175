import Genera
import GeneraTesting
import RADD

/// Compares the family of texts with the reference implementations, one handler a kind of case.
public enum RADDGoldens {
    /// The runner.
    public static let runner = GoldenRunner("radd", handlers)

    private static var handlers: [String: GoldenRunner.Handler] {
        [
            "forward": forward, "forward_synthetic": synthetic, "noise": noise, "loss": loss, "train": train,
            "categorical": categorical, "sampler": sampler, "sampler_confidence": confidence,
            "sampler_remask": remask, "sampler_fhs": firstHitting, "sampler_maskgit": maskGIT,
            "gpt2": RADDTextGoldens.gpt2,
            "json": json,
        ]
    }

    /// Tables and texts by their names.
    private static let json: GoldenRunner.Handler = { one, check in
        switch one.name {
        case "enfe": try evaluations(one, &check)
        case "toy_exact": try toy(one, &check)
        default:
            guard let text = RADDTextGoldens.json(one.name) else {
                throw CaseFault("no handler knows the table '\(one.name)'")
            }
            try text(one, &check)
        }
    }
}

extension GoldenCase {
    /// The model of a case.
    func raddConfiguration() throws -> RADDConfiguration {
        guard let tokens = config["tokens"]?.integer, let model = config["model"] else {
            throw CaseFault("the case has no model")
        }
        func number(_ key: String) throws -> Int {
            guard let number = model[key]?.integer else { throw CaseFault("the model has no '\(key)'") }
            return number
        }
        return try RADDConfiguration(
            tokens: tokens,
            model: .init(
                width: number("hidden_size"), heads: number("n_heads"), blocks: number("n_blocks"),
                length: number("length"), dropout: model["dropout"]?.number ?? 0),
            noise: MaskingNoise(named: config["noise"]))
    }
}

extension MaskingNoise {
    /// A noise under the reference's words: an object, or a text such as `geometric(1e-4,20)`.
    init(named value: JSONValue?) throws {
        guard let value, !value.isNull else {
            self.init()
            return
        }
        if let text = value.text {
            let parts = text.split(whereSeparator: { "(),".contains($0) }).map(String.init)
            guard let kind = parts.first.flatMap(Kind.init) else { throw CaseFault("there is no noise '\(text)'") }
            self.init(
                kind, low: parts.count > 1 ? Double(parts[1]) ?? 1e-4 : 1e-4,
                high: parts.count > 2 ? Double(parts[2]) ?? 20 : 20)
            return
        }
        guard let kind = value["type"]?.text.flatMap(Kind.init) else { throw CaseFault("the noise has no type") }
        self.init(kind, low: value["sigma_min"]?.number ?? 1e-4, high: value["sigma_max"]?.number ?? 20)
    }
}

extension AbsorbingTransformer {
    /// The network over weights of a case, with what of it is trained.
    static func of(
        _ c: RADDConfiguration, _ weights: [(name: String, tensor: Tensor)], trainable: Bool = false
    ) throws -> (network: AbsorbingTransformer, parameters: [(name: String, tensor: Tensor)]) {
        let scope = ParameterScope.loading(weights, trainable: trainable)
        let network = try AbsorbingTransformer(c, in: scope)
        try scope.finish()
        return (network, scope.entries.filter(\.isTrainable).map { ($0.name, $0.tensor) })
    }
}
