import Genera
import GeneraTesting
import PFGMPP

extension PFGMPPGoldens {
    /// Raw networks and denoisers. `out.F` and `out.D_sigma_0.5` may carry `noaug` and `nolabel`.
    static let networkForward: GoldenRunner.Handler = { one, check in
        let tensors = try CaseTensors(one)
        let network = try NetworkDenoiser(one)
        if let count = one["param_count"]?.integer {
            let trainable = network.entries.filter(\.isTrainable)
            check.equal("parameters", trainable.reduce(0) { $0 + $1.tensor.elementCount }, count)
        }
        for name in tensors.names where name.hasPrefix("out.") {
            let words = name.dropFirst(4).split(separator: "_")
            let labels = words.contains("nolabel") ? nil : tensors["in.labels"]
            switch words.first {
            case "F":
                let augment = words.contains("noaug") ? nil : tensors["in.augment"]
                let output = network.raw(
                    try tensors.need("in.x"), noise: try tensors.need("in.c_noise"), labels: labels, augment: augment)
                try check.close(name, output, tensors[name])
            case "D":
                guard let sigma = number(in: name, after: "sigma_"), let word = words.last else {
                    throw CaseFault("no noise level in '\(name)'")
                }
                let x = try tensors.need("in.x_sigma_\(word)")
                try check.close(name, network(x, sigma: sigma, labels: labels), tensors[name])
            default: throw CaseFault("'\(name)' is neither F nor D")
            }
        }
    }

    /// Blocks, convolutions and embeddings one by one.
    static let blockForward: GoldenRunner.Handler = { one, check in
        let tensors = try CaseTensors(one)
        for member in try one.need("configs").members ?? [] {
            let part = try NetworkPart(json: member.value.json, weights: tensors.below("\(member.key).w."))
            guard let x = tensors["\(member.key).in.x"] ?? tensors["\(member.key).in.c"] else {
                throw CaseFault("'\(member.key)' has no input")
            }
            let output = part(x, embedding: tensors["\(member.key).in.emb"])
            try check.close(member.key, output, tensors["\(member.key).out"])
        }
    }

    /// The wrappers `edm`, `vp`, `ve` and `iddpm` around one small network each.
    static let precond: GoldenRunner.Handler = { one, check in
        let tensors = try CaseTensors(one)
        for prefix in Set(tensors.names.compactMap { GoldenCase.words(of: $0).first }).sorted() {
            let kind = try Preconditioning.Kind(word: prefix)
            let network = try NetworkDenoiser(
                try NetworkConfiguration(one.config, wrapper: kind.className), weights: tensors.below("\(prefix).w."))
            for name in tensors.names where name.hasPrefix("\(prefix).out_") {
                let level = String(name.dropFirst("\(prefix).out_".count))
                guard let sigma = Double(level) else { throw CaseFault("no noise level in '\(name)'") }
                let x = try tensors.need("\(prefix).in.x_\(level)")
                let labels = tensors["\(prefix).in.labels"]
                try check.close(name, network(x, sigma: sigma, labels: labels), tensors[name])
            }
            guard let range = tensors["\(prefix).sigma_min_max"] else { continue }
            let bounds = [network.sigmaRange.lowerBound, network.sigmaRange.upperBound]
            try check.close("\(prefix).sigma_min_max", Tensor(bounds), range)
        }
    }

    /// Names, shapes and kinds of all tensors of networks that need not be built.
    static let keyList: GoldenRunner.Handler = { one, check in
        let file = "\(one.folder)/\(try one.need("file").text ?? "")"
        let lists = try JSONText.parse(MappedFile(path: file).view, file: file)
        for member in lists.members ?? [] {
            guard let config = member.value["config"], let expected = member.value["tensors"]?.items else {
                throw CaseFault("\(member.key) has no config or no tensors")
            }
            let configuration = try NetworkConfiguration(config, wrapper: config["wrapper"]?.text)
            let entries = try NetworkDenoiser(configuration, in: .listing()).entries
            check.equal("\(member.key): number of tensors", entries.count, expected.count)
            for (entry, item) in zip(entries, expected) {
                let got = "\(entry.name) \(entry.tensor.shape) \(entry.isTrainable ? "param" : "buffer")"
                check.equal(
                    member.key, got, "\(item[0]?.text ?? "") \(item[1]?.integers ?? []) \(item[2]?.text ?? "")")
            }
            let count = entries.filter(\.isTrainable).reduce(0) { $0 + $1.tensor.elementCount }
            if let params = member.value["params"]?.integer { check.equal("\(member.key): parameters", count, params) }
        }
    }

    /// The reference's own files: weights bit by bit, and what the network then says.
    static let checkpointImport: GoldenRunner.Handler = { one, check in
        let tensors = try CaseTensors(one)
        let expected = tensors.below("w.")
        for file in try one.need("checkpoints").texts ?? [] {
            let path = "\(one.folder)/\(file)"
            let snapshot = try ReferenceSnapshot(path: path)
            check.equal("\(file): names", Set(snapshot.weights.map(\.name)), Set(expected.map(\.name)))
            let weights = snapshot.weights.map { (name: $0.name, tensor: Tensor($0.tensor)) }
            let table = Dictionary(weights.map { ($0.name, $0.tensor) }, uniquingKeysWith: { a, _ in a })
            for (name, tensor) in expected {
                guard let got = table[name] else { continue }
                check.equal("\(file): \(name)", try RawTensor(got).bytes.array(), try RawTensor(tensor).bytes.array())
            }
            if let arguments = one["init_kwargs"] {
                var wanted = try NetworkConfiguration(
                    arguments, wrapper: snapshot.configuration.preconditioning.className)
                if arguments["pfgmpp"]?.bool != true { wanted.D = nil }
                check.equal("\(file): configuration", snapshot.configuration, wanted)
            }
            let network = try NetworkDenoiser(snapshot.configuration, weights: weights)
            for name in tensors.names where name.hasPrefix("out.D_sigma_") {
                guard let sigma = number(in: name, after: "sigma_") else { continue }
                let output = network(try tensors.need("in.x"), sigma: sigma, labels: tensors["in.labels"])
                try check.close("\(file): \(name)", output, tensors[name])
            }
            try trainingState(path, one, tensors, &check)
        }
    }

    /// What a training state holds beside the network: the step and the optimiser's moments.
    private static func trainingState(
        _ path: String, _ one: GoldenCase, _ tensors: CaseTensors, _ check: inout GoldenCheck
    ) throws {
        let archive = try TorchArchive(path: path)
        guard archive.root["optimizer_state"] != nil else { return }
        if let step = one["step"]?.integer { check.equal("\(path): step", archive.root["step"]?.int, step) }
        let moments = try archive.stateDictionary(at: ["optimizer_state", "state"])
        for (name, tensor) in tensors.below("opt.") {
            let got = moments.first { $0.name == name }?.tensor
            check.equal("\(path): \(name)", got?.bytes.array(), try RawTensor(tensor).bytes.array())
        }
    }

    /// The network whose weights are rounded: the one that is named, else the first that has all the parameters listed and
    /// takes images of the size given.
    private static func quantizedNetwork(
        _ one: GoldenCase, resolution: Int
    ) throws -> (GoldenCase, [(name: String, tensor: Tensor)]) {
        func weights(_ model: GoldenCase) throws -> [(name: String, tensor: Tensor)] {
            try CaseTensors(model).below(model["weights_prefix"]?.text ?? "w.")
        }
        if let name = one["model"]?.text {
            let model = try one.sibling(name)
            return (model, try weights(model))
        }
        let listed = Set(one["quantized_parameters"]?.texts ?? [])
        for model in try Golden.cases(of: PFGMPP.name) where model.kind == "network_forward" {
            let found = try weights(model)
            let isOfSize = model.config["img_resolution"]?.integer == resolution
            if isOfSize, listed.isSubset(of: found.map(\.name)) { return (model, found) }
        }
        throw CaseFault("no network of the manifest has the parameters that are to be rounded")
    }

    /// Rounded weights, and a network with them. `out.D_bits5_sigma1` names bits and noise level.
    static let quantize: GoldenRunner.Handler = { one, check in
        let tensors = try CaseTensors(one)
        for name in tensors.names where name.hasPrefix("bits") {
            guard let bits = Int(name.dropFirst(4)) else { throw CaseFault("no number of bits in '\(name)'") }
            try check.close(name, try WeightQuantization(bits: bits)(try tensors.need("w")), tensors[name])
        }
        for name in tensors.names where name.hasPrefix("out.D_bits") {
            let words = name.dropFirst(4).split(separator: "_")
            guard let sigma = number(in: name, after: "sigma"),
                let bits = words.first(where: { $0.hasPrefix("bits") }).flatMap({ Int($0.dropFirst(4)) })
            else { throw CaseFault("no bits and noise level in '\(name)'") }
            let x = try tensors.need("x")
            let (model, weights) = try quantizedNetwork(one, resolution: x.shape[-1])
            if let list = one["quantized_parameters"]?.texts {
                let rounded = weights.map(\.name).filter { WeightQuantization.applies(to: $0) }
                check.equal("rounded parameters", Set(rounded), Set(list))
            }
            let configuration = try NetworkConfiguration(model.config, wrapper: model["wrapper"]?.text)
            let network = try NetworkDenoiser(configuration, weights: try WeightQuantization(bits: bits)(weights))
            try check.close(name, network(x, sigma: sigma, labels: network.firstLabels(x.shape[0])), tensors[name])
        }
    }
}
