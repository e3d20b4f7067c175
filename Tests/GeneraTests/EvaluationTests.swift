import Genera
import GeneraTesting
import Synchronization
import Testing

/// Draws standard normal points, shifted; knows its own law unless told not to.
struct NormalSampler: Sampler {
    var shift = 0.0
    var knowsItsLaw = true
    var stepCount: Int { 1 }
    var lanes: Lanes { .alike(64) }
    func start(noise: Noise) throws -> Tensor { try noise.normal([2], at: .start) + shift }
    func advance(_ state: inout Tensor, step: Int, noise: Noise) throws {}
    func finish(_ state: Tensor) throws -> [PointCloud] { try PointCloud.rows(of: state) }
    func reference(noise: Noise) throws -> [PointCloud]? {
        knowsItsLaw ? try PointCloud.rows(of: noise.normal([2], at: .start)) : nil
    }
}

/// The rows of a batch as samples.
func rows(of batch: Tensor) -> [Tensor] { (0..<batch.shape[0]).map { batch.selected(axis: 0, $0) } }

@Suite("Evaluation")
struct EvaluationTests {
    let folder = TemporaryFolder()

    private func driver(_ names: [String], workers: Int = 1, halves: Int = 100, realCount: Int? = nil)
        -> EvaluationDriver<PointCloud>
    {
        EvaluationDriver(
            measures: PointCloud.measures.filter { names.contains($0.name) },
            settings: EvaluationSettings(realCount: realCount, halves: halves, workers: workers))
    }

    private func evaluation(_ sampler: NormalSampler, _ driver: EvaluationDriver<PointCloud>, count: Int = 400) throws
        -> Evaluation
    {
        let real = try driver.reference(for: count, of: sampler, in: nil)
        return try driver.evaluate(sampler, SamplingRequest(indices: Array(0..<count)), against: real)
    }

    @Test("Samples of the right law are within chance of real, shifted ones are worse")
    func verdicts() throws {
        let driver = driver(["energy", "sliced-wasserstein", "frechet", "precision"])
        let good = try evaluation(NormalSampler(), driver)
        #expect(good.judgements.allSatisfy { $0.isWorseThanReal == false })
        let bad = try evaluation(NormalSampler(shift: 1), driver)
        // Most shifted points still lie among real ones, so that precision says little.
        #expect(bad.judgements.allSatisfy { $0.isWorseThanReal == true || $0.measure.name == "precision" })
        #expect((bad["frechet"]?.ratio ?? 0) > 10 && bad["energy"]?.ratio == nil)
        #expect(abs((bad["frechet"]?.drawn.value ?? 0) - 2) < 0.5)
        #expect(bad.drawnCount == 400 && bad.sampling.nfe == 1)
    }

    @Test("Numbers do not depend on threads or batches")
    func deterministic() throws {
        let names = PointCloud.measures.filter { !$0.criterion.isPaired }.map(\.name)
        let one = try evaluation(NormalSampler(shift: 0.3), driver(names, workers: 1, halves: 20), count: 100)
        let two = try evaluation(NormalSampler(shift: 0.3), driver(names, workers: 3, halves: 20), count: 100)
        #expect(one.judgements.map(\.drawn) == two.judgements.map(\.drawn))
        #expect(one.judgements.map(\.floor) == two.judgements.map(\.floor))
        #expect(one.judgements.allSatisfy { $0.drawn.value.isFinite && $0.drawn.interval != nil })
    }

    @Test("Intervals hold the truth about as often as they say")
    func coverage() throws {
        let gap = Measure<PointCloud>(
            ofVectors: "gap", "Difference of means.", range: -Double.infinity...Double.infinity
        ) { drawn, real, _ in try (drawn.mean() - real.mean()).item() }
        var held = 0
        for seed in 0..<60 {
            let driver = EvaluationDriver(
                measures: [gap], settings: EvaluationSettings(seed: UInt64(seed), halves: 200, confidence: 0.9))
            let noise = { (n: UInt64) in Noise(seed: n, samples: Array(0..<200)) }
            let (drawn, real) = (
                try noise(UInt64(2 * seed + 1000)).normal([1], at: .start),
                try noise(UInt64(2 * seed + 1001)).normal([1], at: .start)
            )
            let estimate = try driver.estimates(
                PointCloud.rows(of: drawn), PointCloud.rows(of: real), seed: UInt64(seed))[0]
            if try #require(estimate.interval).contains(0) { held += 1 }
        }
        #expect((48...60).contains(held), "\(held) of 60")
    }

    @Test("Halves are halves, without repeats, and differ")
    func halves() {
        let parts = HalfSampling.parts(10, first: 21, second: 8, seed: 3)
        #expect(parts.allSatisfy { Set($0.first).count == 10 && Set($0.second).count == 4 })
        #expect(Set(parts.map(\.first)).count > 8)
        #expect(parts == HalfSampling.parts(10, first: 21, second: 8, seed: 3))
    }

    @Test("Intervals hold their value and stay in range")
    func intervals() {
        let unit = HalfSampling.interval(0.99, halves: [0.9, 1, 0.8, 1], confidence: 0.9, range: 0...1)
        #expect(unit?.upperBound == 1 && unit?.contains(0.99) == true)
        #expect(HalfSampling.interval(.nan, halves: [1, 2], confidence: 0.9, range: 0...1) == nil)
        #expect(HalfSampling.interval(1, halves: [], confidence: 0.9, range: 0...1) == nil)
    }

    @Test("Points are read from arrays and tables; half are measured by, half make the floor")
    func pointFiles() throws {
        let points = (0..<200).map { Double($0) / 100 }
        try NPY.write(RawTensor(points, shape: [100, 2]), to: folder.file("points.npy"))
        try CSV.write(points, header: ["x", "y"], to: folder.file("points.csv"))
        let driver = driver(["energy"], halves: 0)
        for name in ["points.npy", "points.csv"] {
            let real = try driver.reference(for: 400, of: NormalSampler(), in: folder.file(name))
            #expect(real.judge.count == 50 && real.others.count == 50)
            #expect(real.caution?.hasPrefix("There are 100 real samples where 800 are wanted") == true)
        }
        let few = try driver.reference(for: 20, of: NormalSampler(), in: folder.file("points.npy"))
        #expect(few.judge.count == 20 && few.others.count == 20 && few.caution == nil)
        let wide = try self.driver(["energy"], halves: 0, realCount: 70).reference(
            for: 20, of: NormalSampler(), in: folder.file("points.npy"))
        #expect(wide.judge.count == 70 && wide.others.count == 20)
    }

    @Test("Wrong references are told")
    func wrongFiles() throws {
        func expectError(_ name: String, _ code: Int32, _ words: String, _ location: SourceLocation = #_sourceLocation)
        {
            let error = #expect(throws: (any Error).self, sourceLocation: location) {
                let driver = driver(["energy"])
                let real = try driver.reference(for: 50, of: NormalSampler(), in: folder.file(name))
                _ = try driver.evaluate(NormalSampler(), SamplingRequest(indices: Array(0..<50)), against: real)
            }
            let failure = Failure(error ?? GeneraError.software(""))
            #expect(failure.exitCode == code && failure.message.contains(words), "\(failure)", sourceLocation: location)
        }
        try NPY.write(RawTensor([Double](repeating: 1, count: 180), shape: [60, 3]), to: folder.file("wide.npy"))
        try NPY.write(RawTensor([1, 2, 3, 4] as [Double], shape: [2, 2]), to: folder.file("few.npy"))
        var values = [Double](repeating: 1, count: 200)
        values[35] = .nan
        try NPY.write(RawTensor(values, shape: [100, 2]), to: folder.file("nan.npy"))
        try AtomicFile.write("hello", to: folder.file("broken.npy"))
        try AtomicFile.write("a,b,c\n1,2,3\n", to: folder.file("three.csv"))
        try AtomicFile.write("hello", to: folder.file("words.txt"))
        expectError("none.npy", 66, "there is no such file")
        expectError("wide.npy", 65, "holds samples of shape [3], drawn ones are [2]")
        expectError("few.npy", 65, "holds 2 samples")
        expectError("nan.npy", 65, "sample 17 (counted from 0) holds nan")
        expectError("broken.npy", 65, "not an NPY file")
        expectError("three.csv", 65, "holds 1 samples")
        expectError("words.txt", 65, "what is read: .npy (")
        let error = #expect(throws: GeneraError.self) {
            try driver(["energy"]).reference(for: 50, of: NormalSampler(knowsItsLaw: false), in: nil)
        }
        #expect(error?.exitCode == 64 && error?.description.contains("--reference PATH") == true)
    }

    @Test("Images are compared by their pixels, whatever file they come from")
    func images() throws {
        let pictures = (0..<40).map { n in
            Image(width: 4, height: 4, channels: 1, bytes: (0..<16).map { UInt8(truncatingIfNeeded: $0 * n * 7) })
        }
        try makeDirectory(folder.file("real"))
        for (n, one) in pictures.enumerated() { try PNG.write(one, to: folder.file("real/\(1000 + n).png")) }
        let bytes = pictures.flatMap { one -> [UInt8] in (0..<16).map { UInt8(one[$0 % 4, $0 / 4, 0]) } }
        try NPY.write(RawTensor(bytes, shape: [40, 4, 4]), to: folder.file("real.npy"))
        let numbers = bytes.map { Float($0) / 127.5 - 1 }
        try NPY.write(RawTensor(numbers, shape: [40, 4, 4, 1]), to: folder.file("floats.npy"))
        let drawn = try Image.features(of: pictures)
        #expect(drawn.shape == [40, 1, 4, 4])
        for name in ["real", "real.npy", "floats.npy"] {
            let real = try Image.features(of: Image.source(at: folder.file(name)).all())
            try expectClose(got: real, expected: drawn, name)
        }
        #expect(try Image.source(at: folder.file("real")).samples([3, 1]) == [pictures[3], pictures[1]])
        let both = Comparison(drawn: pictures, real: pictures)
        for measure in Image.measures where !measure.criterion.isPaired {
            let value = try measure.values(both, [both.whole])[0]
            #expect(measure.criterion.isLowerBetter ? abs(value) < 0.3 : value > 0.9, "\(measure.name) \(value)")
        }
        #expect(throws: GeneraError.self) {
            try Image.features(of: [pictures[0], Image(width: 2, height: 2, channels: 1)])
        }
    }

    @Test("A spectrum's gap is that of the power: 20 log10 of a factor")
    func spectrum() throws {
        let noise = try Noise(seed: 1, samples: Array(0..<20)).normal([1, 8, 8], at: .start)
        let both = Comparison(drawn: rows(of: noise * 2), real: rows(of: noise))
        #expect(abs(try Measure<Tensor>.spectrum.values(both, [both.whole])[0] - 6.0206) < 1e-3)
    }

    @Test("A network's features can stand in for pixels")
    func extractor() throws {
        let settings = EvaluationSettings(
            halves: 0, extractor: FeatureExtractor("first") { $0.reshaped([$0.shape[0], -1]).narrowed(axis: 1, 0..<1) })
        let driver = EvaluationDriver<Tensor>(measures: [.energy], settings: settings)
        let noise = try Noise(seed: 1, samples: Array(0..<50)).normal([2], at: .start)
        let shift = Tensor([0, 9] as [Float])
        #expect(abs(try driver.estimates(rows(of: noise), rows(of: noise + shift), seed: 0)[0].value) < 0.1)
    }

    @Test("An option is replaced by any of its names; an unknown one is told with the nearest")
    func replacing() throws {
        let schema = try OptionSchema(ToyOptions.self)
        let record = try OptionRecord(ToyOptions.parse([]))
        let changed = try record.replacing("--steps", with: "7", in: schema)
        #expect(changed["steps"] == ["7"] && changed.entries.count == record.entries.count)
        let error = #expect(throws: GeneraError.self) { try record.replacing("stpes", with: "7", in: schema) }
        #expect(error?.description.contains("Did you mean 'steps'?") == true && error?.exitCode == 64)
    }
}
