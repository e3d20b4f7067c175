import Foundation
import Genera
import GeneraTesting
import Testing

@testable import RADD

/// Models of other programs.
@Suite struct CheckpointTests {
    private let folder = TemporaryFolder()
    private static let configuration = RADDConfiguration(
        tokens: 10, model: .init(width: 16, heads: 2, blocks: 2, length: 12),
        noise: MaskingNoise(.geometric, low: 0.5, high: 3))

    /// Weights by chance, for a network without time or one with.
    private static func weights(_ condition: Int? = nil, seed: UInt64 = 1) -> [(name: String, tensor: RawTensor)] {
        var chance = Chance(seed)
        return NetworkKeys.all(configuration, condition: condition).map { key in
            key.name == NetworkKeys.frequencies
                ? (key.name, NetworkKeys.rotaryFrequencies(configuration)) : (key.name, chance.tensor(key.shape))
        }
    }

    private static let config = """
        {"ngpus": 8, "tokens": 10, "training": {"batch_size": 512}, "noise": {"type": "geometric", "sigma_min": 0.5, "sigma_max": 3},
        "model": {"name": "s", "type": "ddit_wot", "hidden_size": 16, "cond_dim": 128, "length": 12, "n_blocks": 2, "n_heads": 2,
        "dropout": 0.02, "use_checkpoint": false, "dtype": "float16"}}
        """

    private func hub(
        _ weights: [(name: String, tensor: RawTensor)], _ config: String = config, _ name: String = "hub"
    ) throws -> String {
        try FileSystem.makeFolders(folder.file(name))
        try Safetensors.write(weights, to: "\(folder.file(name))/model.safetensors")
        try AtomicFile.write(config, to: "\(folder.file(name))/config.json")
        return folder.file(name)
    }

    private func same(_ a: [(name: String, tensor: RawTensor)], _ b: [(name: String, tensor: RawTensor)]) -> Bool {
        a.map(\.name) == b.map(\.name)
            && zip(a, b).allSatisfy { $0.tensor.floats() == $1.tensor.floats() && $0.tensor.shape == $1.tensor.shape }
    }

    private func format(of path: String) throws -> ModelFormat? {
        try RADDCheckpoint.formats.first { try $0.holds(path) }
    }

    /// Reads a model by the format that recognises it.
    private func read(_ path: String) throws -> ModelCheckpoint {
        let format = try format(of: path)
        return try #require(format).read(path)
    }

    @Test("A hub's folder, its config.json and its weights are one model, and are written again")
    func hubFolder() throws {
        let weights = Self.weights()
        let path = try hub(weights.reversed())
        for name in [path, "\(path)/config.json", "\(path)/model.safetensors"] {
            let model = try read(name)
            #expect(model.family == "radd" && same(model.weights, weights))
            #expect(try RADDConfiguration(json: model.configuration, file: "f") == Self.configuration)
        }
        let model = try RADDCheckpoint.hubFolder.read(path)
        let copy = folder.file("copy.hub")
        try HubFolder.write(model, to: copy)
        let again = try RADDCheckpoint(path: copy)
        #expect(again.configuration == Self.configuration && same(again.weights, weights))
        // Genera's own file is no folder of a hub's.
        try model.save(to: folder.file("own.safetensors"))
        #expect(try format(of: folder.file("own.safetensors")) == nil && format(of: folder.path) == nil)
        // Folders of other models are left to others.
        try AtomicFile.write("{\"model_type\": \"gpt2\"}", to: "\(path)/config.json")
        #expect(try format(of: path) == nil)
    }

    @Test("Names may be wrapped, and frequencies missing or rounded")
    func wrapped() throws {
        let weights = Self.weights()
        let bare = weights.filter { $0.name != NetworkKeys.frequencies }.map {
            (name: "module.\($0.name)", tensor: $0.tensor)
        }
        #expect(
            same(
                try RADDCheckpoint(path: hub(bare + [(name: "noise.empty", tensor: RawTensor([Float(0)], shape: [1]))]))
                    .weights, weights))
        let half = weights.map { $0.name == NetworkKeys.frequencies ? ($0.name, $0.tensor.halved()) : $0 }
        #expect(same(try RADDCheckpoint(path: hub(half)).weights, weights))
        let other = weights.map {
            $0.name == NetworkKeys.frequencies
                ? ($0.name, RawTensor([Float](repeating: 0.5, count: 4), shape: [4])) : $0
        }
        #expect(sentence { try RADDCheckpoint(path: hub(other)) }.contains("10000^(-2j/h)"))
    }

    @Test("What does not fit is named with both shapes")
    func misfits() throws {
        var weights = Self.weights()
        weights[3] = (weights[3].name, RawTensor([Float](repeating: 0, count: 32), shape: [32]))
        weights.append(("blocks.9.norm1.weight", weights[0].tensor))
        weights.remove(at: 1)
        weights.removeAll { $0.name == "output_layer.linear.bias" }
        let message = sentence { try RADDCheckpoint(path: hub(weights)) }
        #expect(message.contains("output_layer.linear.bias") && message.contains("blocks.9.norm1.weight"), "\(message)")
        #expect(
            message.contains("blocks.0.norm1.bias") && message.contains("[16]") && message.contains("[32]"),
            "\(message)")
        let tokens = sentence {
            try RADDCheckpoint(
                path: hub(Self.weights(), Self.config.replacing("\"tokens\": 10", with: "\"tokens\": 12")))
        }
        #expect(tokens.contains("[11, 16]") && tokens.contains("[13, 16]"), "\(tokens)")
        for (old, new, expected) in [
            ("\"n_heads\": 2", "\"n_heads\": 3", "3 heads"),
            ("\"n_heads\": 2", "\"n_heads\": \"two\"", "'model.n_heads'"),
            ("\"geometric\"", "\"pink\"", "'pink'"), ("\"n_blocks\": 2", "\"n_blocks\": 3", "blocks.2"),
            ("\"tokens\": 10", "\"tokens\": -1", "-1"), ("\"hidden_size\": 16", "\"hidden_size\": 32", "32"),
            ("{\"ngpus\"", "[\"ngpus\"", "JSON"),
            ("\"ngpus\": 8", "\"graph\": {\"type\": \"uniform\"}", "'uniform'"),
        ] {
            let message = sentence {
                try RADDCheckpoint(path: hub(Self.weights(), Self.config.replacing(old, with: new)))
            }
            #expect(message.contains(expected) && !message.contains("no error of ours"), "\(new): \(message)")
        }
        #expect(
            sentence { try RADDCheckpoint(path: hub([("w", weights[0].tensor)])) }.contains("no model of this family"))
        try FileSystem.remove("\(folder.file("hub"))/model.safetensors")
        #expect(sentence { try RADDCheckpoint(path: folder.file("hub")) }.contains("no weights"))
    }

    @Test("A training's averages stand in for its weights, and its run says what the model is")
    func training() throws {
        let (own, average) = (Self.weights(), Self.weights(seed: 2))
        var file = TorchFile()
        let model = own.map { ($0.name, file.tensor($0.tensor)) }
        let shadow = average.filter { $0.name != NetworkKeys.frequencies }.map { file.tensor($0.tensor) }
        func root(_ shadow: [[UInt8]]) -> [UInt8] {
            TorchFile.dictionary([
                ("optimizer", TorchFile.dictionary([("state", TorchFile.dictionary([]))])),
                ("model", TorchFile.dictionary(model)),
                (
                    "ema",
                    TorchFile.dictionary([
                        ("num_updates", TorchFile.whole(7)), ("shadow_params", TorchFile.list(shadow)),
                    ])
                ),
                ("step", TorchFile.whole(9)),
            ])
        }
        let path = folder.file("run/checkpoints-meta/checkpoint.pth")
        try FileSystem.makeFolders(folder.file("run/checkpoints-meta"))
        try file.write(root(shadow), to: path)
        let read = try read(path)
        #expect(same(read.weights, average))
        #expect(read.metadata["radd.step"] == "9" && read.metadata["radd.average.updates"] == "7")
        // Without settings, shapes tell; heads by the frequencies.
        let told = try RADDConfiguration(json: read.configuration, file: "f")
        #expect(told.model.heads == 2 && told.model.blocks == 2 && told.tokens == 10 && told.model.length == 1024)
        #expect(read.metadata["radd.assumed"]?.contains("1024 tokens") == true)
        // The run's settings lie two folders above.
        try FileSystem.makeFolders(folder.file("run/.hydra"))
        let yaml = """
            ngpus: 8
            tokens: 10
            model: {name: s, hidden_size: 16, n_heads: 4, n_blocks: 2, length: 12, dropout: 0.02}
            noise:
              type: geometric
              sigma_min: 0.5
              sigma_max: 3
            """
        try AtomicFile.write(yaml, to: folder.file("run/.hydra/config.yaml"))
        let message = sentence { try RADDCheckpoint(path: path) }
        #expect(
            message.contains(NetworkKeys.frequencies) && message.contains("[4]") && message.contains("[2]"),
            "\(message)")
        try AtomicFile.write(
            yaml.replacing("n_heads: 4", with: "n_heads: 2"), to: folder.file("run/.hydra/config.yaml"))
        #expect(try RADDCheckpoint(path: path).configuration == Self.configuration)
        try AtomicFile.write(yaml + "\ncallbacks: {a: {b: 1}}", to: folder.file("run/.hydra/config.yaml"))
        #expect(try RADDCheckpoint(path: path).metadata["radd.assumed"]?.contains("was not read") == true)
        // A list that does not go with the weights.
        try file.write(root(Array(shadow.dropLast())), to: path)
        #expect(sentence { try RADDCheckpoint(path: path) }.contains("'shadow_params' of \(shadow.count) tensors"))
        try file.write(root(shadow.reversed()), to: path)
        #expect(sentence { try RADDCheckpoint(path: path) }.contains("ema.shadow_params[0] is"))
        // Objects of a program are not made.
        let object = Array("comegaconf.dictconfig\nDictConfig\n)R".utf8)
        try file.write(TorchFile.dictionary([("hyper_parameters", object)] + model), to: path)
        let refusal = sentence { try RADDCheckpoint(path: path) }
        #expect(refusal.contains("omegaconf.dictconfig.DictConfig") && refusal.contains("torch.save"), "\(refusal)")
        // An older hub's file is the weights alone.
        try file.write(TorchFile.dictionary(model), to: folder.file("pytorch_model.bin"))
        #expect(same(try RADDCheckpoint(path: folder.file("pytorch_model.bin")).weights, own))
    }

    /// The modulated network as it is written in the papers' code: tokens [B, L] -> logits [B, L, C].
    private static func modulated(
        _ weights: [(name: String, tensor: RawTensor)], _ tokens: Tensor, sigma: Double
    ) -> Tensor {
        let table = Dictionary(uniqueKeysWithValues: weights.map { ($0.name, Tensor($0.tensor)) })
        func w(_ name: String) -> Tensor { table[name] ?? .zeros([1]) }
        func map(_ x: Tensor, _ name: String) -> Tensor { x.linear(w("\(name).weight"), bias: w("\(name).bias")) }
        let (sizes, width, heads) = (tokens.shape.sizes, configuration.model.width, configuration.model.heads)
        let frequencies = (0..<128).map { Float(sigma) * exp(-log(Float(10_000)) * Float($0) / 128) }
        let waves = Tensor(frequencies.map { cos($0) } + frequencies.map { sin($0) }, shape: [1, 256])
        let c = map(map(waves, "sigma_map.mlp.0").silu(), "sigma_map.mlp.2").silu()
        func norm(_ x: Tensor, _ name: String, _ shift: Tensor, _ scale: Tensor) -> Tensor {
            x.layerNorm(weight: nil, bias: nil) * w("\(name).weight") * (1 + scale) + shift
        }
        let rotary = RotaryEmbedding(width / heads)
        var x = Embedding.rows(w("vocab_embed.embedding"), tokens)
        for number in 0..<configuration.model.blocks {
            let block = "blocks.\(number)"
            let m = map(c, "\(block).adaLN_modulation").chunked(6, axis: -1)
            let qkv = norm(x, "\(block).norm1", m[0], m[1]).linear(w("\(block).attn_qkv.weight"))
                .reshaped([sizes[0], sizes[1], 3, heads, width / heads]).permuted([2, 0, 3, 1, 4])
            let (q, k, v) = (qkv.selected(axis: 0, 0), qkv.selected(axis: 0, 1), qkv.selected(axis: 0, 2))
            let o = Tensor.attention(rotary(q), rotary(k), v).transposed(1, 2).reshaped([sizes[0], sizes[1], width])
            x = x + m[2] * o.linear(w("\(block).attn_out.weight"))
            let z = Activation.geluTanh(map(norm(x, "\(block).norm2", m[3], m[4]), "\(block).mlp.0"))
            x = x + m[5] * map(z, "\(block).mlp.2")
        }
        let m = map(c, "output_layer.adaLN_modulation").chunked(2, axis: -1)
        return map(norm(x, "output_layer.norm_final", m[0], m[1]), "output_layer.linear")
    }

    private func plain(_ weights: [(name: String, tensor: RawTensor)], _ tokens: Tensor) throws -> Tensor {
        let scope = ParameterScope.loading(weights.map { ($0.name, Tensor($0.tensor)) })
        let network = try AbsorbingTransformer(Self.configuration, in: scope)
        try scope.finish()
        return network.logits(tokens)
    }

    private var tokens: Tensor { Tensor([1, 10, 3, 10, 10, 0, 9, 10, 2, 4, 10, 5] as [Int64], shape: [2, 6]) }

    @Test("MDLM's time is folded into the other weights", arguments: ["backbone.", ""])
    func mdlm(prefix: String) throws {
        let weights = Self.weights(12)
        let config = """
            {"model_type": "mdlm", "vocab_size": 11, "model_length": 12, "hidden_dim": 16, "cond_dim": 12, "n_blocks": 2, "n_heads": 2,
            "dropout": 0.1, "time_conditioning": false, "torch_dtype": "float32"}
            """
        let path = try hub(weights.map { (name: prefix + $0.name, tensor: $0.tensor) }, config)
        let model = try read(path)
        #expect(model.metadata["radd.network"] == nil && model.metadata["radd.origin"]?.contains("MDLM") == true)
        let c = try RADDConfiguration(json: model.configuration, file: "f")
        #expect(c.tokens == 10 && c.noise.kind == .loglinear && c.model.dropout == 0.1 && c.model.length == 12)
        try expectClose(
            got: plain(model.weights, tokens), expected: Self.modulated(weights, tokens, sigma: 0), rtol: 1e-5,
            atol: 1e-5)
        #expect(model.weights.map(\.name) == Self.weights().map(\.name))
        // The same weights with time.
        let timed = try RADDCheckpoint(
            path: hub(weights, config.replacing("\"time_conditioning\": false", with: "\"time_conditioning\": true")))
        #expect(timed.metadata["radd.network"] == "modulated" && timed.weights.count == weights.count)
    }

    @Test("SEDD's network is one without time at each noise level")
    func sedd() throws {
        let weights = Self.weights(12)
        let config = Self.config.replacing("\"ngpus\": 8", with: "\"graph\": {\"type\": \"absorb\"}")
            .replacing("\"cond_dim\": 128", with: "\"cond_dim\": 12, \"scale_by_sigma\": false")
        let model = try RADDCheckpoint.hubFolder.read(hub(weights, config))
        #expect(model.metadata["radd.network"] == "modulated" && model.metadata["radd.origin"] == "SEDD")
        // The kind of the model stays with it in a file of our own.
        try model.save(to: folder.file("own.safetensors"))
        let own = try #require(try ModulatedWeights(ModelCheckpoint.load(folder.file("own.safetensors"))))
        #expect(!own.isScaledBySigma && same(own.tensors, weights))
        for sigma in [0, 0.3, 1, 6.9] {
            try expectClose(
                got: plain(own.folded(sigma: sigma), tokens), expected: Self.modulated(weights, tokens, sigma: sigma),
                rtol: 2e-5, atol: 2e-5)
        }
        // Texts at different levels are each asked about at their own.
        let asked = ModulatedConditional(own, precision: .float32, workers: 1)
        let queries = [0.3, 6.9, 0.3].map { sigma in
            var query = TokenQuery([1, 10, 3, 10, 10, 0], rows: [1, 4])
            query.sigma = sigma
            return query
        }
        let found = try asked.map(queries) { _, _, logits in Array(logits) }
        for (query, rows) in zip(queries, found) {
            let all = Self.modulated(
                weights, Tensor([1, 10, 3, 10, 10, 0] as [Int64], shape: [1, 6]), sigma: query.sigma)
            try expectClose(
                got: Tensor(rows.flatMap { $0 }, shape: [2, 11]),
                expected: all.selected(axis: 0, 0).gathered(rows: [1, 4]), rtol: 5e-5, atol: 5e-5)
        }
        #expect(
            try ModulatedWeights(ModelCheckpoint(family: "radd", configuration: "{}", weights: Self.weights())) == nil)
        // It is written for the authors' code as it was.
        try HubFolder.write(model, to: folder.file("copy.hub"))
        let again = try RADDCheckpoint(path: folder.file("copy.hub"))
        #expect(again.metadata["radd.scale_by_sigma"] == "false" && same(again.weights, weights))
        let lacking = weights.filter { $0.name != "blocks.1.adaLN_modulation.bias" }
        #expect(sentence { try RADDCheckpoint(path: hub(lacking, config)) }.contains("blocks.1.adaLN_modulation.bias"))
    }
}

extension Embedding {
    /// Rows of a table: [V, d] and whole numbers [...] -> [..., d].
    fileprivate static func rows(_ table: Tensor, _ indices: Tensor) -> Tensor {
        let places = (try? indices.array(of: Int64.self).map(Int.init)) ?? []
        return table.gathered(rows: places).reshaped(indices.shape.sizes + [table.shape[1]])
    }
}
