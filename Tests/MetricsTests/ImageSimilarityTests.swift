import Tensors
import Testing

@testable import Metrics

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

@Suite struct ImageSimilarityTests {
    private func flat(_ level: Float, height: Int = 13, width: Int = 17, channels: Int = 1) -> PixelPlanes {
        PixelPlanes(
            Array(repeating: level, count: channels * height * width), channels: channels, height: height, width: width)
    }

    /// Numbers in 0...1 that look random.
    private func pattern(_ seed: Int, height: Int, width: Int, channels: Int = 1) -> PixelPlanes {
        let values = (0..<channels * height * width).map { place -> Float in
            Float(UInt32(truncatingIfNeeded: (place &+ seed &* 7919) &* 2_654_435_761) >> 8) / Float(1 << 24)
        }
        return PixelPlanes(values, channels: channels, height: height, width: width)
    }

    @Test("An error of the same size everywhere: 20 log10 of peak over it; none is infinite")
    func psnr() throws {
        #expect(abs(try ImageSimilarity.psnr(flat(0.25), flat(0.35)) - 20) < 1e-5)
        #expect(abs(try ImageSimilarity.psnr(flat(10), flat(11), peak: 255) - 20 * log10(255)) < 1e-9)
        #expect(try ImageSimilarity.psnr(flat(0.3), flat(0.3)) == .infinity)
        #expect(try ImageSimilarity.meanSquaredError(flat(0.5, channels: 3), flat(0.25, channels: 3)) == 0.0625)
    }

    @Test("Flat images: only the term of brightness is left; equal images have 1")
    func flatImages() throws {
        for (a, b) in [(0.2, 0.8), (0, 1), (0.5, 0.5)] as [(Float, Float)] {
            let (x, y) = (Double(a), Double(b))
            let expected = (2 * x * y + 1e-4) / (x * x + y * y + 1e-4)
            #expect(abs(try StructuralSimilarity()(flat(a), flat(b)) - expected) < 1e-9)
        }
        let image = pattern(1, height: 20, width: 12, channels: 3)
        for edges in StructuralSimilarity.Edges.allCases {
            #expect(try StructuralSimilarity(edges: edges)(image, image) == 1)
        }
    }

    @Test("A negative of an image around its middle has the similarity of its structure's opposite")
    func negative() throws {
        let image = pattern(2, height: 24, width: 24)
        let negative = PixelPlanes(image.values.map { 1 - $0 }, channels: 1, height: 24, width: 24)
        #expect(try StructuralSimilarity()(image, negative) < -0.8)
    }

    @Test("The sums over the window, place by place, give the same", arguments: StructuralSimilarity.Edges.allCases)
    func direct(edges: StructuralSimilarity.Edges) throws {
        let (height, width) = (14, 12)
        let (a, b) = (
            pattern(3, height: height, width: width, channels: 2), pattern(4, height: height, width: width, channels: 2)
        )
        var weights = (-5...5).flatMap { y in (-5...5).map { x in exp(-Double(x * x + y * y) / 4.5) } }
        let total = weights.reduce(0, +)
        weights = weights.map { $0 / total }
        var (sum, count) = (0.0, 0)
        for channel in 0..<2 {
            func value(_ image: PixelPlanes, _ y: Int, _ x: Int) -> Double {
                (0..<height).contains(y) && (0..<width).contains(x)
                    ? Double(image.values[(channel * height + y) * width + x]) : 0
            }
            for y in 0..<height {
                for x in 0..<width
                where edges == .zeros || ((5..<height - 5).contains(y) && (5..<width - 5).contains(x)) {
                    var (mx, my, xx, yy, xy) = (0.0, 0.0, 0.0, 0.0, 0.0)
                    for dy in -5...5 {
                        for dx in -5...5 {
                            let weight = weights[(dy + 5) * 11 + dx + 5]
                            let (p, q) = (value(a, y + dy, x + dx), value(b, y + dy, x + dx))
                            mx += weight * p
                            my += weight * q
                            xx += weight * p * p
                            yy += weight * q * q
                            xy += weight * p * q
                        }
                    }
                    let brightness = (2 * mx * my + 1e-4) / (mx * mx + my * my + 1e-4)
                    let structure = (2 * (xy - mx * my) + 9e-4) / (xx - mx * mx + yy - my * my + 9e-4)
                    sum += brightness * structure
                    count += 1
                }
            }
        }
        #expect(abs(try StructuralSimilarity(edges: edges)(a, b) - sum / Double(count)) < 1e-12)
    }

    @Test("Images of several shapes, and those smaller than the window, are refused")
    func refusals() {
        #expect(throws: MetricError.self) { try ImageSimilarity.psnr(flat(0), flat(0, width: 3)) }
        #expect(throws: MetricError.self) { try StructuralSimilarity()(flat(0, width: 10), flat(0, width: 10)) }
        #expect(throws: Never.self) { try StructuralSimilarity(edges: .zeros)(flat(0, width: 3), flat(0, width: 3)) }
    }
}

@Suite struct KernelSumsTests {
    @Test("Sums over samples of any type are those of vectors", arguments: PairEstimator.allCases)
    func vectors(estimator: PairEstimator) throws {
        let (x, y) = ((0..<9).map { sin(Double($0)) }, (0..<7).map { cos(Double($0)) * 0.7 })
        let parts = [
            Parts.whole(9, 7), Parts(first: [0, 3, 8], second: [6, 1]), Parts(first: [2, 1], second: [0, 1, 2, 3]),
        ]
        let sums = KernelSums<Double>(estimator) { exp(-($0 - $1) * ($0 - $1) / 2) }
        let expected = try KernelMMD(.gaussian(bandwidths: [1]), estimator).values(
            Tensor(x, shape: [9, 1]), Tensor(y, shape: [7, 1]), over: parts)
        for (own, other) in zip(try sums.values(x, y, over: parts), expected) { #expect(abs(own - other) < 1e-12) }
        #expect(throws: MetricError.self) { try sums.values(x, y, over: [Parts(first: [0], second: [0, 1])]) }
        #expect(throws: MetricError.self) { try sums.values(x, y, over: [Parts(first: [0, 9], second: [0, 1])]) }
    }

    @Test("Histograms: what has to be moved, how far")
    func histograms() {
        #expect(HistogramDistance.earthMover([1], [0, 0, 0, 1]) == 3)
        #expect(HistogramDistance.earthMover([0.5, 0.5], [0, 0, 1], width: 0.1) == 0.15000000000000002)
        #expect(HistogramDistance.earthMover([0.5, 0.5], [0.5, 0.5]) == 0)
        #expect(HistogramDistance.totalVariation([1], [0, 0, 0, 1]) == 1)
        #expect(HistogramDistance.totalVariation([0.5, 0.5], [0.25, 0.5, 0.25]) == 0.25)
    }
}
