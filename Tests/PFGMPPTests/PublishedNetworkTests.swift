import Genera
import GeneraTesting
import PFGMPP
import Testing

/// The networks of the published models, listed without memory.
@Suite struct PublishedNetworkTests {
    struct Published: Sendable {
        let name: String
        let parameters: Int
        let tensors: Int
        let configuration: NetworkConfiguration
    }

    private static func song(_ resolution: Int, _ change: (inout NetworkConfiguration) -> Void) -> NetworkConfiguration
    {
        var c = NetworkConfiguration()
        (c.imgResolution, c.augmentDim, c.channelMult, c.dropout) = (resolution, 9, [2, 2, 2], 0.13)
        change(&c)
        return c
    }

    private static func ncsnpp(classes: Int) -> NetworkConfiguration {
        song(32) {
            ($0.embeddingType, $0.encoderType, $0.channelMultNoise) = (.fourier, .residual, 2)
            ($0.resampleFilter, $0.labelDim) = ([1, 3, 3, 1], classes)
        }
    }

    private static var adm: NetworkConfiguration {
        var c = NetworkConfiguration(modelType: .dhariwalUNet)
        (c.imgResolution, c.labelDim) = (64, 1000)
        return c
    }

    static let all = [
        Published(name: "cifar10_ddpmpp", parameters: 55_733_891, tensors: 425, configuration: song(32) { _ in }),
        Published(name: "cifar10_ncsnpp", parameters: 56_397_827, tensors: 432, configuration: ncsnpp(classes: 0)),
        Published(
            name: "cifar10_ncsnpp_cond", parameters: 56_400_643, tensors: 434, configuration: ncsnpp(classes: 10)),
        Published(
            name: "ffhq64_ddpmpp", parameters: 61_805_571, tensors: 553,
            configuration: song(64) { ($0.channelMult, $0.dropout) = ([1, 2, 2, 2], 0.05) }),
        Published(name: "imagenet64_adm_cond", parameters: 295_899_267, tensors: 553, configuration: adm),
    ]

    @Test("A published network has the paper's number of weights", arguments: all.indices)
    func counts(index: Int) throws {
        let published = Self.all[index]
        let entries = try NetworkDenoiser(published.configuration, in: .listing()).entries
        let parameters = entries.filter(\.isTrainable).reduce(0) { $0 + $1.tensor.elementCount }
        #expect(entries.count == published.tensors && parameters == published.parameters, "\(published.name)")
    }

    @Test("A published network lists exactly the reference's keys and shapes, in its order", arguments: all.indices)
    func keys(index: Int) throws {
        let published = Self.all[index]
        guard Golden.isPresent("pfgmpp") else { return }
        let file = "\(Golden.folder)/pfgmpp/state_dict_keys.json"
        let lists = try JSONText.parse(MappedFile(path: file).view, file: file)
        let expected = try #require(lists[published.name]?["tensors"]?.items).map { item in
            "\(item[0]?.text ?? "") \(item[1]?.integers ?? []) \(item[2]?.text ?? "")"
        }
        let got = try NetworkDenoiser(published.configuration, in: .listing()).entries.map {
            "\($0.name) \($0.tensor.shape) \($0.isTrainable ? "param" : "buffer")"
        }
        #expect(got == expected, "\(published.name)")
    }

    @Test(
        "Every preconditioning lists the same network; iDDPM's has twice the outputs and its levels",
        arguments: [Preconditioning.Kind.edm, .vp, .ve, .iddpm])
    func preconditionings(kind: Preconditioning.Kind) throws {
        var c = Self.all[0].configuration
        c.preconditioning = kind
        let entries = try NetworkDenoiser(c, in: .listing()).entries
        let isIDDPM = kind == .iddpm
        let last = try #require(entries.first { $0.name == "model.dec.32x32_aux_conv.weight" })
        #expect(last.tensor.shape[0] == (isIDDPM ? 6 : 3))
        #expect(entries.first { $0.name == "u" }?.tensor.shape == (isIDDPM ? [1001] : nil))
        #expect(entries.count == 425 + (isIDDPM ? 1 : 0))
    }

    @Test("Skip encoders and decoders have the reference's extra modules")
    func skips() throws {
        let c = Self.song(16) { ($0.channelMult, $0.encoderType, $0.decoderType) = ([1, 2], .skip, .skip) }
        let names = Set(try NetworkDenoiser(c, in: .listing()).entries.map(\.name))
        for name in [
            "enc.8x8_aux_down.resample_filter", "enc.8x8_aux_skip.weight", "dec.8x8_aux_norm.weight",
            "dec.8x8_aux_conv.weight", "dec.16x16_aux_up.resample_filter", "dec.16x16_aux_norm.bias",
        ] {
            #expect(names.contains("model.\(name)"), "\(name)")
        }
        #expect(!names.contains("model.dec.8x8_aux_up.resample_filter"))
    }
}
