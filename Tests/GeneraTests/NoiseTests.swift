import Foundation
import Genera
import Testing

@Suite("Noise")
struct NoiseTests {
    let noise = Noise(seed: 7, samples: Array(0..<20_000))

    @Test("Normal tensors have a normal distribution")
    func normalTensor() throws {
        let values = try Noise(seed: 3, samples: [5]).normal([40_001], at: .start).array(of: Double.self)
        try expectMoments(values, mean: 0, variance: 1)
        #expect(kolmogorovSmirnov(values) { 0.5 * erfc(-$0 / 2.0.squareRoot()) } < 1.95)
        #expect(values.map(abs).max()! > 3.5)
    }

    @Test("Normal numbers have a normal distribution")
    func normalNumbers() throws {
        let values = try noise.normals(at: .step(3))
        try expectMoments(values, mean: 0, variance: 1)
        #expect(kolmogorovSmirnov(values) { 0.5 * erfc(-$0 / 2.0.squareRoot()) } < 1.95)
    }

    @Test("Uniform tensors fill [0, 1)")
    func uniformTensor() throws {
        let values = try Noise(seed: 3, samples: [5]).uniform([40_001], at: .start).array(of: Double.self)
        try expectMoments(values, mean: 0.5, variance: 1.0 / 12)
        #expect(values.allSatisfy { (0..<1).contains($0) })
        #expect(kolmogorovSmirnov(values) { $0 } < 1.95)
    }

    @Test("Gamma numbers have mean and variance alpha", arguments: [0.05, 0.5, 1, 2.5, 64, 1024, 1e6, 1e9])
    func gammaMoments(alpha: Double) throws {
        let values = try noise.gamma(shape: alpha, at: .start)
        try expectMoments(values, mean: alpha, variance: alpha)
    }

    @Test("Gamma(1) is exponential and Gamma(1/2) half a squared normal")
    func gammaDistribution() throws {
        #expect(kolmogorovSmirnov(try noise.gamma(shape: 1, at: .start)) { 1 - exp(-$0) } < 1.95)
        #expect(kolmogorovSmirnov(try noise.gamma(shape: 0.5, at: .start)) { erf($0.squareRoot()) } < 1.95)
    }

    @Test("A tiny alpha gives numbers, not NaN, and a wrong one is refused")
    func gammaExtremes() throws {
        #expect(try noise.gamma(shape: 1e-6, at: .start).allSatisfy { $0 >= 0 && $0.isFinite })
        #expect(throws: GeneraError.self) { try noise.gamma(shape: 0, at: .start) }
        #expect(throws: GeneraError.self) { try noise.gamma(shape: .infinity, at: .start) }
    }

    @Test("Beta numbers have their mean and variance")
    func beta() throws {
        let (a, b) = (3.0, 5.0)
        try expectMoments(
            try noise.beta(a, b, at: .start), mean: a / (a + b), variance: a * b / ((a + b) * (a + b) * (a + b + 1)))
    }

    @Test("Whole numbers are equally likely")
    func integers() throws {
        let values = try noise.integers(below: 7, at: .start)
        var counts = [Int](repeating: 0, count: 7)
        for value in values { counts[value] += 1 }
        let expected = Double(values.count) / 7
        let chi = counts.reduce(0.0) { $0 + pow(Double($1) - expected, 2) / expected }
        #expect(chi < 22.5)
        #expect(throws: GeneraError.self) { try noise.integers(below: 0, at: .start) }
    }

    @Test("A sample's numbers do not depend on its companions", arguments: [[], [3], [2, 64]])
    func batchIndependence(shape: [Int]) throws {
        let alone = try Noise(seed: 9, samples: [37]).normal(shape, at: .step(4)).array(of: Float.self)
        let among = try Noise(seed: 9, samples: [1, 37, 2]).normal(shape, at: .step(4))
        #expect(try among.selected(axis: 0, 1).array(of: Float.self) == alone)
        #expect(
            try Noise(seed: 9, samples: [5, 37]).gamma(shape: 3, at: .start)[1]
                == Noise(seed: 9, samples: [37]).gamma(shape: 3, at: .start)[0])
    }

    @Test("A shorter tensor is the beginning of a longer one")
    func prefixes() throws {
        let noise = Noise(seed: 1, samples: [0])
        let long = try noise.normal([3001], at: .start).array(of: Float.self)
        for count in [1, 2, 3, 5, 1023, 1024, 1025, 2050] {
            #expect(try noise.normal([count], at: .start).array(of: Float.self) == Array(long.prefix(count)))
        }
    }

    @Test("Seeds, samples, steps, draws and kinds have numbers of their own")
    func addressesDiffer() throws {
        func draw(_ seed: UInt64, _ sample: Int, _ address: DrawAddress) throws -> [Float] {
            try Noise(seed: seed, samples: [sample]).uniform([8], at: address).array()
        }
        var seen: Set<[Float]> = []
        for seed: UInt64 in [0, 1, 1 << 32] {
            for sample in [0, 1] {
                for address in [.start, .start(draw: 1), .step(0), .step(1), .step(0, draw: 1)] as [DrawAddress] {
                    seen.insert(try draw(seed, sample, address))
                }
            }
        }
        #expect(seen.count == 30)
        let one = Noise(seed: 0, samples: [0])
        let kinds = [try one.uniforms(at: .start)[0], Double(try one.uniform([1], at: .start).item())]
        #expect(kinds[0] != kinds[1])
    }

    @Test("Numbers are the same in every precision")
    func precisions() throws {
        let noise = Noise(seed: 1, samples: [0, 1])
        let single = try noise.normal([9], at: .start)
        #expect(
            try noise.normal([9], at: .start, dtype: .float64).array(of: Double.self) == single.array(of: Double.self))
    }

    @Test("A recording replays rows by sample and names a draw it lacks")
    func recording() throws {
        let recorded = RecordedNoise()
        recorded.record(.normal, at: .step(2), Tensor([1, 2, 3, 4, 5, 6] as [Float], shape: [3, 2]))
        recorded.record(.gamma, at: .start, Tensor([0.5, 1.5, 2.5] as [Double]))
        let noise = Noise(source: recorded, samples: [2, 0])
        #expect(try noise.normal([2], at: .step(2)).array(of: Float.self) == [5, 6, 1, 2])
        #expect(try noise.gamma(shape: 3, at: .start) == [2.5, 0.5])
        let missing = #expect(throws: GeneraError.self) { try noise.uniform([2], at: .step(1, draw: 4)) }
        #expect(missing?.description.contains("uniform draw was recorded at step 1, draw 4") == true)
        let misshaped = #expect(throws: GeneraError.self) { try noise.normal([3], at: .step(2)) }
        #expect(misshaped?.description.contains("recorded as [3, 2]") == true)
    }

    @Test("The first numbers of seed 0 never change")
    func frozen() throws {
        let noise = Noise(seed: 0, samples: [0])
        let values = try noise.normal([4], at: .start).array(of: Float.self).map(\.bitPattern)
        #expect(values == frozenNormals)
    }

    private func expectMoments(_ values: [Double], mean: Double, variance: Double) throws {
        let count = Double(values.count)
        let got = values.reduce(0, +) / count
        let spread = values.reduce(0) { $0 + ($1 - got) * ($1 - got) } / (count - 1)
        #expect(abs(got - mean) < 4.5 * (variance / count).squareRoot(), "mean \(got), expected \(mean)")
        let kurtosis = values.reduce(0) { $0 + pow($1 - got, 4) } / count / (spread * spread)
        #expect(
            abs(spread / variance - 1) < 5 * ((kurtosis - 1) / count).squareRoot(),
            "variance \(spread), expected \(variance)")
    }

    /// The Kolmogorov-Smirnov statistic times the root of the count; above 1.95 with probability 0.001.
    private func kolmogorovSmirnov(_ values: [Double], _ distribution: (Double) -> Double) -> Double {
        let count = Double(values.count)
        var worst = 0.0
        for (rank, value) in values.sorted().enumerated() {
            let p = distribution(value)
            worst = max(worst, p - Double(rank) / count, Double(rank + 1) / count - p)
        }
        return worst * count.squareRoot()
    }
}

/// What the generator made of seed 0 in version 0.1.0; other bits would change every sample ever drawn.
private let frozenNormals: [UInt32] = [1_065_204_531, 3_211_572_911, 3_206_421_408, 3_203_846_578]
