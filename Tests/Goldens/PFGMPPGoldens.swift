import Genera
import GeneraTesting
import PFGMPP

/// Compares the PFGM++ family with the reference implementation, one handler a kind of case.
public enum PFGMPPGoldens {
    /// The runner.
    public static let runner = runner(in: Golden.folder)

    /// The runner of the cases in another folder.
    public static func runner(in folder: String) -> GoldenRunner { GoldenRunner("pfgmpp", in: folder, handlers) }

    private static var handlers: [String: GoldenRunner.Handler] {
        [
            "network_forward": networkForward, "block_forward": blockForward, "precond": precond,
            "key_list": keyList, "checkpoint_import": checkpointImport, "quantize": quantize,
            "prior": prior, "quantiles": quantiles, "stf_target": stfTarget,
            "analytic_denoiser": analyticDenoiser, "analytic_denoiser_gmm": analyticMixture,
            "sampler": sampler, "sampler_alpha": samplerAlpha, "sampler_analytic": samplerAnalytic,
            "sampler_analytic_churn": samplerAnalyticChurn, "loss": loss, "training": training,
            "sampler_ablation": samplerAblation, "augment": augment,
        ]
    }
}

extension GoldenCase {
    func need(_ key: String) throws -> JSONValue {
        guard let value = self[key] else { throw CaseFault("the case has no '\(key)'") }
        return value
    }

    /// The case of the same manifest that another one names.
    func sibling(_ name: String) throws -> GoldenCase {
        guard let found = try Golden.cases(of: PFGMPP.name).first(where: { $0.name == name }) else {
            throw CaseFault("the manifest has no case '\(name)'")
        }
        return found
    }
}

extension JSONValue {
    /// As text of a file.
    var json: String {
        switch self {
        case .null: "null"
        case let .bool(flag): "\(flag)"
        case let .integer(number): "\(number)"
        case let .number(number): "\(number)"
        case let .string(text): JSONText.quote(text)
        case let .array(items): "[\(items.map(\.json).joined(separator: ","))]"
        case let .object(members):
            "{\(members.map { "\(JSONText.quote($0.key)):\($0.value.json)" }.joined(separator: ","))}"
        }
    }
}

extension NetworkConfiguration {
    /// The configuration of a case, with the wrapper that is named beside it.
    init(_ config: JSONValue, wrapper: String? = nil) throws {
        try self.init(json: config.json, file: "the case's config")
        guard let wrapper else { return }
        guard let kind = Preconditioning.Kind(className: wrapper) else {
            throw CaseFault("no preconditioning is called '\(wrapper)'")
        }
        preconditioning = kind
    }
}

extension NetworkDenoiser {
    /// The network of a case with its weights, which may be written in half precision.
    convenience init(
        _ configuration: NetworkConfiguration, weights: [(name: String, tensor: Tensor)], trainable: Bool = false
    ) throws {
        // What is not trained runs as the sampler runs it.
        guard trainable else {
            try self.init(configuration, weights: weights, precision: .exact)
            return
        }
        let scope = ParameterScope.loading(weights, trainable: true)
        try self.init(configuration, in: scope)
        try scope.finish()
    }

    /// The network that a `network_forward` case describes.
    convenience init(_ one: GoldenCase) throws {
        let tensors = try CaseTensors(one)
        try self.init(
            try NetworkConfiguration(one.config, wrapper: one["wrapper"]?.text),
            weights: tensors.below(one["weights_prefix"]?.text ?? "w."))
    }

    /// One-hot rows of the classes 0, 1, 2 ..., or nil for a network without classes.
    func firstLabels(_ count: Int) -> Tensor? {
        let width = configuration.labelDim
        return width == 0 ? nil : .oneHot((0..<count).map { $0 % width }, classes: width)
    }
}

/// The D at the end of a name: 128 in `lsun_D128`, infinity in `Dinf` and `labels_inf`.
func dimension(in name: String) -> Double? {
    if name.hasSuffix("inf") { return .infinity }
    return number(in: name, after: "D")
}
