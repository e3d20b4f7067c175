import Formats
import Genera
import GeneraTesting
import Metrics
import Testing

/// Draws pictures of two classes: dark ones, and bright ones.
struct TwoTones: Sampler {
    /// How many samples of ten are not what they were asked to be.
    var wrong = 0
    var stepCount: Int { 0 }
    func start(noise: Noise) throws -> Tensor {
        let tones = noise.samples.map { sample -> Float in
            let bright = (sample % 2 == 1) != (sample % 10 < wrong)
            return bright ? 0.8 : -0.8
        }
        return Tensor(tones, shape: [tones.count, 1, 1, 1])
            + (try noise.normal([1, 8, 8], at: .start)) * 0.1
    }
    func advance(_ state: inout Tensor, step: Int, noise: Noise) throws {}
    func finish(_ state: Tensor) throws -> [Image] { try Image.rows(of: state) }
    func reference(noise: Noise) throws -> [Image]? { try finish(TwoTones().start(noise: noise)) }
    func classes(noise: Noise) throws -> [Int]? { noise.samples.map { $0 % 2 } }
}

@Suite("Features") struct FeatureTests {
    let folder = TemporaryFolder()

    private let tone = FeatureExtractor(
        "tone", labels: { try $0.array(of: Float.self).map { $0 > 0 ? 1 : 0 } },
        features: { $0.mean(axes: [1, 2, 3]).reshaped([-1, 1]) })

    @Test("Samples that are not what they were asked to be are counted")
    func agreement() throws {
        let driver = EvaluationDriver<Image>(
            measures: [.labelAgreement], settings: EvaluationSettings(halves: 50, extractor: tone))
        func share(_ sampler: TwoTones) throws -> Judgement? {
            let real = try driver.reference(for: 100, of: sampler, in: nil)
            return try driver.evaluate(sampler, SamplingRequest(indices: Array(0..<100)), against: real)[
                "label-agreement"]
        }
        let right = try share(TwoTones())
        #expect(right?.drawn.value == 1 && right?.floor.value.isNaN == true)
        #expect(try share(TwoTones(wrong: 3))?.drawn.value == 0.7)
        let blind = EvaluationDriver<Tensor>(measures: [.labelAgreement])
        let both = rows(of: Tensor.zeros([20, 1, 8, 8]))
        let error = #expect(throws: GeneraError.self) { try blind.estimates(both, both, seed: 0, classes: [0]) }
        #expect(error?.description.contains("--extractor") == true)
    }

    @Test("Statistics go to a file and back, and stand in for real samples")
    func statistics() throws {
        let noise = try Noise(seed: 1, samples: Array(0..<200)).normal([3], at: .start)
        let path = folder.file("real.npz")
        try FeatureStatistics(GaussianFit(noise), name: "noise").save(to: path)
        #expect(try NPZ(path: path).names == ["mu", "sigma"])
        let known = try FeatureStatistics(path: path)
        var settings = EvaluationSettings(halves: 0)
        let (samples, shifted) = (rows(of: noise), rows(of: noise + 1))
        let plain = try Measure<Tensor>.frechet.values(
            Comparison(drawn: shifted, real: samples, settings: settings), [.whole(200, 200)])
        settings.statistics = known
        let both = Comparison(drawn: shifted, real: rows(of: noise + 7), settings: settings)
        #expect(
            abs(try Measure<Tensor>.frechet.values(both, [.whole(200, 200)])[0] - plain[0]) < 1e-9
                && abs(plain[0] - 3) < 1e-4)
        let narrow = Comparison(drawn: rows(of: noise.narrowed(axis: 1, 0..<2)), real: samples, settings: settings)
        #expect(throws: GeneraError.self) { try Measure<Tensor>.frechet.values(narrow, [.whole(200, 200)]) }
    }

    @Test(
        "Files that hold no statistics are refused with what is wrong",
        arguments: [
            ([2], [1.0, 2], [2, 3], [1.0, 0, 0, 0, 1, 0], "[2, 3]"),
            ([2], [1, .nan], [2, 2], [1, 0, 0, 1], "finite"),
            ([2], [1, 2], [2, 2], [1, 0, 0, -1], "negative"), ([2], [1, 2], [2, 2], [1, 0.5, 0, 1], "symmetric"),
            ([1, 2], [1, 2], [2, 2], [1, 0, 0, 1], "[1, 2]"),
        ] as [([Int], [Double], [Int], [Double], String)])
    func badStatistics(_ shape: [Int], _ mu: [Double], _ square: [Int], _ sigma: [Double], _ word: String) throws {
        let path = folder.file("bad.npz")
        try NPZ.write([("mu", RawTensor(mu, shape: shape)), ("sigma", RawTensor(sigma, shape: square))], to: path)
        let error = #expect(throws: GeneraError.self) { try FeatureStatistics(path: path) }
        #expect(error?.description.contains(word) == true)
    }

    @Test("A classifier learns tones, says how often it is right, and is an extractor")
    func classifier() throws {
        let data = folder.file("tones.zip")
        try writeTones(60, to: data)
        let options = try ClassifierTrainingOptions.parse([
            "--data", data, "--test-images", "20", "--cbase", "8", "--shift", "1", "--batch-size", "16", "--lr", "5e-3",
            "--lr-rampup-kimg", "0.1", "--ema-halflife-kimg", "0.05",
        ])
        let trainer = try ImageClassifier.trainer(options, RunContext(seed: 1))
        #expect(trainer.order == .endless(samples: 40, batch: 16) && trainer.stepCount == 2000)
        let settings = try TrainingSettings.with {
            ($0.steps, $0.previewEvery, $0.checkpointEvery) = (60, 0, 100_000)
        }
        let report = try TrainingDriver(
            trainer, settings: settings, family: ImageClassifier.name, directory: folder.file("run")
        ).start()
        let checkpoint = try ModelCheckpoint.load(report.modelFile)
        let found = report.assessment
        #expect(found.map(\.name) == ["held-out images", "held-out accuracy"] && found[1].value > 0.9)
        let extractor = try ImageClassifier(checkpoint).extractor(name: "tones")
        let images = try Image.features(
            of: TwoTones().finish(TwoTones().start(noise: Noise(seed: 3, samples: [0, 1]))))
        let features = try extractor.features(images)
        #expect(features.shape == [2, 16])
        #expect(try extractor.labels?(features) == [0, 1])
        #expect(throws: GeneraError.self) { try extractor.features(Tensor.zeros([2, 3, 8, 8])) }
    }

    private func writeTones(_ count: Int, to path: String) throws {
        let noise = Noise(seed: 2, samples: Array(0..<count))
        let images = try TwoTones().finish(TwoTones().start(noise: noise))
        let labels = (0..<count).map { "[\"\($0 + 1000).png\", \($0 % 2)]" }.joined(separator: ", ")
        try ZipWriter.write(to: path) { archive in
            for (number, image) in images.enumerated() {
                try archive.add("\(number + 1000).png", ByteView(PNG.encode(image)))
            }
            try archive.add("dataset.json", ByteView(Array("{\"labels\": [\(labels)]}".utf8)))
        }
    }

    @Test("A TorchScript module's features are taken; another file is bad data")
    func script() throws {
        let path = folder.file("mean.pt")
        let code = """
            class M(Module):
              __parameters__ = []
              __buffers__ = []
              training : bool
              def forward(self: __torch__.M, x: Tensor) -> Tensor:
                return torch.flatten(torch.avg_pool2d(x, [4, 4], [4, 4], [0, 0], False, True, None), 1, -1)

            """
        let object: [UInt8] =
            [0x80, 2] + Array("c__torch__\nM\n".utf8) + [0x29, 0x81, 0x7D] + Array("X".utf8) + [8, 0, 0, 0]
            + Array("training".utf8) + [0x89, 0x73, 0x62, 0x2E]
        try ZipWriter.write(to: path) { archive in
            try archive.add("m/data.pkl", ByteView(object))
            try archive.add("m/code/__torch__.py", ByteView(Array(code.utf8)))
            try archive.add("m/constants.pkl", ByteView([0x80, 2, 0x29, 0x2E]))
            try archive.add("m/version", ByteView(Array("3\n".utf8)))
        }
        let extractor = try FeatureExtractor.script(runningCodeOf: path)
        let images = Tensor.ones([3, 1, 8, 8]) * 0.5
        #expect(try extractor.features(images).array(of: Float.self) == [Float](repeating: 0.5, count: 12))
        let bytes = try FeatureExtractor.script(runningCodeOf: path, input: .bytes)
        #expect(throws: (any Error).self) { try bytes.features(Tensor.ones([3, 5])) }
        let bad = folder.file("bad.pt")
        try AtomicFile.write("junk", to: bad)
        let error = #expect(throws: GeneraError.self) { try FeatureExtractor.script(runningCodeOf: bad) }
        #expect(error?.exitCode == 65)
    }
}
