import Foundation
import Genera
import PFGMPP
import Testing

@Suite struct NetworkTests {
    static let configurations: [(name: String, configuration: NetworkConfiguration)] = [
        ("ddpmpp", Tiny.configuration()),
        (
            "ncsnpp",
            Tiny.configuration {
                ($0.embeddingType, $0.encoderType, $0.channelMultNoise, $0.resampleFilter) = (
                    .fourier, .residual, 2, [1, 3, 3, 1]
                )
            }
        ),
        ("skip", Tiny.configuration { ($0.encoderType, $0.decoderType, $0.labelDim) = (.skip, .skip, 3) }),
        (
            "adm",
            Tiny.configuration {
                ($0.modelType, $0.modelChannels, $0.channelMult, $0.imgChannels, $0.labelDim) = (
                    .dhariwalUNet, 32, [1, 2], 3, 4
                )
            }
        ),
    ]

    private func input(_ c: NetworkConfiguration, count: Int) throws -> Tensor {
        try random([count, c.imgChannels, c.imgResolution, c.imgResolution])
    }

    @Test("Images in another order come out in that order", arguments: configurations.indices)
    func equivariance(index: Int) throws {
        let c = Self.configurations[index].configuration
        let network = try Tiny.network(c)
        let x = try input(c, count: 4)
        let labels = c.labelDim > 0 ? Tensor.oneHot([0, 1, 2, 1], classes: c.labelDim) : nil
        let order = [2, 0, 3, 1]
        let plain = network(x, sigma: 0.7, labels: labels)
        let moved = network(x.gathered(rows: order), sigma: 0.7, labels: labels?.gathered(rows: order))
        #expect(try moved.distance(to: plain.gathered(rows: order)) < 1e-5)
        #expect(plain.shape == x.shape && plain.dtype == .float32)
    }

    @Test("An image does not change with its neighbours", arguments: configurations.indices)
    func independence(index: Int) throws {
        let c = Self.configurations[index].configuration
        let network = try Tiny.network(c)
        let x = try input(c, count: 3)
        let alone = network(x.narrowed(axis: 0, 1..<2), sigma: 3)
        #expect(try network(x, sigma: 3).narrowed(axis: 0, 1..<2).distance(to: alone) < 1e-4)
    }

    @Test("Labels change the picture, and no label is the zero label", arguments: [2, 3])
    func labels(index: Int) throws {
        let c = Self.configurations[index].configuration
        let network = try Tiny.network(c)
        let x = try input(c, count: 2)
        let zero = network(x, sigma: 1, labels: .zeros([2, c.labelDim]))
        #expect(try network(x, sigma: 1).distance(to: zero) < 1e-6)
        let one = network(x, sigma: 1, labels: .oneHot([1, 1], classes: c.labelDim))
        #expect(try one.distance(to: zero) > 1e-3)
    }

    @Test(
        "At small sigma the denoiser gives the image back, whatever the network",
        arguments: [Preconditioning.Kind.edm, .ve])
    func smallSigma(kind: Preconditioning.Kind) throws {
        let c = Tiny.configuration { $0.preconditioning = kind }
        let x = try input(c, count: 1)
        #expect(try Tiny.network(c)(x, sigma: 1e-5).distance(to: x) < 1e-3)
    }

    @Test("Weights are a function of the seed")
    func seeds() throws {
        func first(_ seed: UInt64) throws -> [UInt32] {
            try NetworkDenoiser(Tiny.configuration(), in: .drawing(seed: seed)).entries[0].tensor.bits
        }
        #expect(try first(1) == first(1) && first(1) != first(2))
    }

    @Test("A new network's output layers begin near zero, so that the denoiser begins at c_skip·x")
    func initialOutput() throws {
        let network = try NetworkDenoiser(Tiny.configuration(), in: .drawing(seed: 1))
        let x = try input(Tiny.configuration(), count: 1)
        #expect(try network(x, sigma: 1).distance(to: x * (0.25 / 1.25)) < 1e-3)
    }

    @Test("The configuration survives JSON, with D a number or a word for infinity")
    func json() throws {
        for (_, c) in Self.configurations {
            let text = String(decoding: try JSONEncoder().encode(c), as: UTF8.self)
            #expect(try NetworkConfiguration(json: text, file: "x.json") == c)
        }
        let words = "{\"img_resolution\": 16, \"D\": \"inf\", \"model_type\": \"DhariwalUNet\", \"unknown\": [1]}"
        let c = try NetworkConfiguration(json: words, file: "x.json")
        #expect(c.imgResolution == 16 && c.D == nil && c.modelChannels == 192 && c.channelMult == [1, 2, 3, 4])
        #expect(throws: GeneraError.self) {
            try NetworkConfiguration(json: "{\"img_resolution\": \"big\"}", file: "x.json")
        }
    }

    @Test("The data dimension is the number of an image's values")
    func dimension() { #expect(Self.configurations[3].configuration.dataDimension == 192) }

    static let faults: [(field: String, change: @Sendable (inout NetworkConfiguration) -> Void)] = [
        ("wrapper", { $0.preconditioning = .toy }), ("channel_mult", { $0.channelMult = [] }),
        ("channel_mult", { $0.channelMult = [1, 0] }), ("img_resolution", { $0.imgResolution = 9 }),
        ("img_resolution", { $0.imgResolution = 0 }), ("img_channels", { $0.imgChannels = 0 }),
        ("model_channels", { $0.modelChannels = 3 }), ("model_channels", { $0.modelChannels = 2 }),
        ("channel_mult_emb", { $0.channelMultEmb = 0 }), ("channel_mult_noise", { $0.channelMultNoise = 0 }),
        ("num_blocks", { $0.numBlocks = 0 }), ("label_dim", { $0.labelDim = -1 }),
        ("augment_dim", { $0.augmentDim = -1 }),
        ("dropout", { $0.dropout = 1 }), ("dropout", { $0.dropout = .nan }),
        ("label_dropout", { $0.labelDropout = 1.5 }),
        ("resample_filter", { $0.resampleFilter = [] }), ("resample_filter", { $0.resampleFilter = [1, -1] }),
        ("sigma_data", { $0.sigmaData = 0 }), ("D", { $0.D = 0 }), ("D", { $0.D = .nan }),
    ]

    @Test("A configuration that cannot be built names the field", arguments: faults.indices)
    func wrongConfiguration(index: Int) throws {
        let error = try #require(throws: ConfigurationError.self) {
            try Tiny.configuration(Self.faults[index].change).validate()
        }
        #expect(error.field == Self.faults[index].field && error.description.contains(error.field))
    }

    @Test(
        "A word that is not known names its field and the words that are",
        arguments: [
            ("model_type", "Transformer", "SongUNet, DhariwalUNet, ToyMLP"),
            ("wrapper", "XPrecond", "EDMPrecond, VPPrecond, VEPrecond, iDDPMPrecond"),
            ("embedding_type", "rotary", "positional, fourier"), ("encoder_type", "dense", "standard, skip, residual"),
            ("decoder_type", "residual", "standard, skip"),
        ])
    func wrongWord(field: String, word: String, known: String) throws {
        let error = try #require(throws: GeneraError.self) {
            try NetworkConfiguration(json: "{\"\(field)\": \"\(word)\"}", file: "x.json")
        }
        #expect(error.description.contains("\(field) is '\(word)'; known are \(known)"), "\(error)")
    }

    @Test("Preconditionings have one word each on the command line, and one class each in files")
    func preconditionings() throws {
        for kind in Preconditioning.Kind.allCases {
            #expect(Preconditioning.Kind(className: kind.className) == kind)
            #expect(try Preconditioning.Kind(word: kind.rawValue) == kind)
            var c = NetworkConfiguration(modelType: kind == .toy ? .toyMLP : .songUNet)
            c.preconditioning = kind
            let text = String(decoding: try JSONEncoder().encode(c), as: UTF8.self)
            #expect(text.contains("\"wrapper\":\"\(kind.className)\""))
            #expect(try NetworkConfiguration(json: text, file: "x.json") == c)
        }
        #expect(Set(Preconditioning.Kind.allCases.map(\.className)).contains("iDDPMPrecond"))
        let error = try #require(throws: ConfigurationError.self) { try Preconditioning.Kind(word: "edn") }
        #expect(error.description.contains("'edn'; known are edm, vp, ve, iddpm, toy"))
    }

    @Test("Rounding to few bits keeps few values and the range; many bits change little", arguments: [2, 5, 9])
    func quantization(bits: Int) throws {
        let weight = try random([64, 64])
        let rounded = try WeightQuantization(bits: bits)(weight)
        #expect(try Set(rounded.bits).count <= 1 << bits)
        let values = try weight.array(of: Double.self)
        let step = ((values.max() ?? 0) - (values.min() ?? 0)) / Double(1 << bits - 1)
        #expect(try rounded.distance(to: weight) < step * 1.01)
        let constant = Tensor.full([3], 0.25)
        #expect(try WeightQuantization(bits: bits)(constant).bits == constant.bits)
    }

    @Test("Only weights of convolutions outside resolution 32 are rounded")
    func quantizedNames() {
        #expect(WeightQuantization.applies(to: "model.enc.16x16_block0.conv0.weight"))
        for name in [
            "enc.16x16_block0.conv0.bias", "enc.16x16_block0.norm0.weight", "enc.32x32_conv.weight",
            "map_layer0.weight",
            "enc.16x16_block0.affine.weight",
        ] {
            #expect(!WeightQuantization.applies(to: name))
        }
    }
}
