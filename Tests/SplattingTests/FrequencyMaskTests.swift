import Genera
import Testing

@testable import Splatting

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The mask of the frequency-modulated loss.
struct FrequencyMaskTests {
    @Test func schedule() {
        #expect(abs(FrequencyMask.deviation(progress: 0) - 0.1) < 1e-12)
        #expect(abs(FrequencyMask.deviation(progress: 0.25) - 2.6) < 1e-12)
        #expect(abs(FrequencyMask.deviation(progress: 0.5) - 5.1) < 1e-12)
        #expect(abs(FrequencyMask.deviation(progress: 1) - 0.1) < 1e-12)
    }

    /// Of a picture of one grey the difference of blurs has no range; zeros around the picture give it one at its edge,
    /// unless both blurs are one pixel wide.
    @Test func oneGrey() {
        var mask = FrequencyMask()
        let black = mask([Float](repeating: 0, count: 3 * 40 * 30), width: 40, height: 30, progress: 0.5)
        #expect(black.allSatisfy { $0 == 0 })
        let early = mask([Float](repeating: 0, count: 3 * 40 * 30), width: 40, height: 30, progress: 0.1)
        #expect(early.allSatisfy { $0 == 0 })
        let tiny = mask([0.3, 0.4, 0.5], width: 1, height: 1, progress: 0.5)
        #expect(tiny == [0])
    }

    @Test func broken() {
        var mask = FrequencyMask()
        let values = mask([Float](repeating: .nan, count: 3 * 20 * 20), width: 20, height: 20, progress: 0.7)
        #expect(values.allSatisfy { $0 == 0 })
    }

    /// In the second half a bright spot is what passes, in the first all else does.
    @Test func spot() {
        let (width, height) = (100, 100)
        let picture = (0..<3 * width * height).map { index -> Float in
            let (x, y) = (index % width, index / width % height)
            return (45..<55).contains(x) && (45..<55).contains(y) ? 1 : 0
        }
        var mask = FrequencyMask()
        let late = mask(picture, width: width, height: height, progress: 0.9)
        #expect(late[50 * width + 50] == 1 && late[10 * width + 10] == 0)
        let early = mask(picture, width: width, height: height, progress: 0.1)
        #expect(early[50 * width + 50] == 0 && early[10 * width + 10] == 1)
    }

    @Test func threads() {
        let (width, height) = (700, 600)
        let picture = (0..<3 * width * height).map { sin(Float($0 % 977) * 0.37) }
        var mask = FrequencyMask()
        let one = mask(picture, width: width, height: height, progress: 0.45)
        var many = [Float](repeating: 0, count: width * height)
        for threads in [2, 5] {
            many.withUnsafeMutableBufferPointer { many in
                mask.fill(
                    many.baseAddress!, of: picture, width: width, height: height, progress: 0.45, threads: threads)
            }
            #expect(many == one)
        }
        #expect(one.contains(0) && one.contains(1))
    }

    @Test func learningRate() {
        let rate = LogLinearRate(from: 1e-2, to: 1e-4, steps: 100)
        #expect(abs(rate(0) - 1e-2) < 1e-12 && abs(rate(50) - 1e-3) < 1e-9 && abs(rate(1000) - 1e-4) < 1e-12)
        #expect(rate(-1) == 0 && LogLinearRate(from: 0, to: 0, steps: 10)(5) == 0)
        let late = LogLinearRate(from: 1e-2, to: 1e-4, steps: 100, delay: 10)
        #expect(abs(late(0) - 1e-4) < 1e-12 && late(5) < rate(5) && late(10) == rate(10))
    }

    @Test func shapeFactor() {
        #expect(ShapeActivation.phi(0) == 1)
        #expect(abs(ShapeActivation.slope(0) - 0.05) < 1e-7)
        for shape in [Float(-40), -3, 0.7, 12] {
            let step: Float = 0.05
            let slope = (ShapeActivation.phi(shape + step) - ShapeActivation.phi(shape - step)) / (2 * step)
            #expect(abs(ShapeActivation.slope(shape) - slope) < 1e-4)
        }
        // Beta = 2 is a Gaussian of half the variance unit: Gamma(1/2) / Gamma(3/2) = 2.
        #expect(abs(ShapeActivation.generalisedVariance(beta: 2) - 1) < 1e-12)
    }
}
