import Genera
import Testing

@testable import Splatting

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// L1, SSIM and the frequency-modulated loss against their definitions.
struct ImageLossTests {
    static let sizes = [(1, 1), (7, 5), (16, 16), (17, 23), (40, 12), (33, 70)]

    @Test(arguments: sizes)
    func equalsDefinition(width: Int, height: Int) {
        let pair = Pair(width: width, height: height)
        let twin = LossTwin(pair)
        var loss = ImageLoss(.gaussians)
        let (terms, gradient) = loss.evaluate(render: pair.render, target: pair.target, width: width, height: height)
        #expect(abs(terms.l1 - twin.l1) < 1e-6)
        #expect(abs(terms.ssim - twin.ssim) < 2e-5)
        #expect(abs(terms.loss - (0.8 * twin.l1 + 0.2 * (1 - twin.ssim))) < 5e-6)
        #expect(abs(terms.psnr + 10 * log10(twin.meanSquare)) < 1e-4)
        // The definition is differentiated by central differences in double precision.
        for index in pair.render.indices where index % max(pair.render.count / 60, 1) == 0 {
            let slope = twin.slope(at: index, step: 1e-4)
            #expect(abs(Double(gradient[index]) - slope) < 1e-6 + 2e-3 * abs(slope), "number \(index)")
        }
    }

    @Test func equalPictures() {
        let pair = Pair(width: 50, height: 31)
        var loss = ImageLoss(.ges)
        let (terms, gradient) = loss.evaluate(
            render: pair.render, target: pair.render, width: 50, height: 31, progress: 0.3)
        #expect(terms.l1 == 0 && terms.masked == 0 && abs(terms.ssim - 1) < 1e-6 && abs(terms.loss) < 1e-6)
        #expect(terms.psnr == .infinity)
        #expect(gradient.allSatisfy { abs($0) < 1e-8 })
    }

    /// Threads change nothing; other instruction sets change the rounding alone.
    @Test func threadsAndInstructionSets() {
        let pair = Pair(width: 61, height: 97)
        func result(_ threads: Int, spared: Int) -> (ImageLoss.Terms, [Float]) {
            var loss = ImageLoss(.ges, threads: threads)
            loss.sparedLevels = spared
            return loss.evaluate(render: pair.render, target: pair.target, width: 61, height: 97, progress: 0.4)
        }
        for spared in 0...2 {
            let one = result(1, spared: spared)
            for threads in [2, 3, 7] {
                let many = result(threads, spared: spared)
                #expect(many.0 == one.0 && many.1 == one.1, "\(threads) threads")
            }
            let best = result(1, spared: 0)
            #expect(abs(best.0.loss - one.0.loss) < 1e-6)
            #expect(zip(best.1, one.1).allSatisfy { abs($0 - $1) < 1e-7 })
        }
    }

    /// What is not covered is as good as met, for its own pixel and in its neighbours' windows.
    @Test func coverage() {
        let (width, height) = (30, 20)
        let pair = Pair(width: width, height: height)
        let coverage = (0..<width * height).map { $0 % width < 12 ? Float(0) : $0 % width < 15 ? 0.5 : 1 }
        let blend = pair.render.indices.map { index in
            pair.target[index] + coverage[index % (width * height)] * (pair.render[index] - pair.target[index])
        }
        var loss = ImageLoss(.gaussians)
        let covered = loss.evaluate(
            render: pair.render, target: pair.target, coverage: coverage, width: width, height: height)
        let plain = loss.evaluate(render: blend, target: pair.target, width: width, height: height)
        #expect(abs(covered.terms.loss - plain.terms.loss) < 1e-6)
        for index in blend.indices {
            #expect(abs(covered.gradient[index] - coverage[index % (width * height)] * plain.gradient[index]) < 1e-7)
        }
        let nothing = loss.evaluate(
            render: pair.render, target: pair.target, coverage: coverage.map { _ in 0 }, width: width, height: height)
        #expect(nothing.terms.l1 == 0 && nothing.gradient.allSatisfy { $0 == 0 })
    }

    /// The plain L1 alone takes a shorter way.
    @Test func plainL1() {
        let pair = Pair(width: 19, height: 8)
        var loss = ImageLoss(.init(dissimilarity: 0))
        var gradient = [Float](repeating: 9, count: pair.render.count)
        let terms = gradient.withUnsafeMutableBufferPointer {
            loss(render: pair.render, target: pair.target, width: 19, height: 8, gradient: $0.baseAddress)
        }
        #expect(abs(terms.loss - LossTwin(pair).l1) < 1e-6 && terms.ssim == 0)
        let each = 1 / Float(pair.render.count)
        for index in gradient.indices {
            let difference = pair.render[index] - pair.target[index]
            #expect(gradient[index] == (difference > 0 ? each : difference < 0 ? -each : 0))
        }
    }
}

/// Two pictures that are alike, smooth here and rough there.
struct Pair {
    let width: Int
    let height: Int
    var render: [Float]
    let target: [Float]

    init(width: Int, height: Int) {
        (self.width, self.height) = (width, height)
        let philox = Philox(seed: 5)
        let count = 3 * width * height
        func noise(_ index: Int, _ stream: UInt32) -> Float {
            Float(philox.words(at: (UInt32(index), stream, 0, 0)).0 >> 8) * 0x1p-24
        }
        let smooth = (0..<count).map { index in
            let (x, y) = (index % width, index / width % height)
            return 0.5 + 0.3 * sin(Float(x) * 0.21 + Float(index / (width * height))) * cos(Float(y) * 0.13)
        }
        target = (0..<count).map { smooth[$0] + 0.15 * (noise($0, 0) - 0.5) }
        render = (0..<count).map { smooth[$0] + 0.2 * (noise($0, 1) - 0.5) }
    }
}

/// The loss by its definition, window by window, in double precision.
struct LossTwin {
    let pair: Pair
    var render: [Double]
    let target: [Double]

    init(_ pair: Pair) {
        self.pair = pair
        (render, target) = (pair.render.map(Double.init), pair.target.map(Double.init))
    }

    var l1: Double { zip(render, target).reduce(0) { $0 + abs($1.0 - $1.1) } / Double(render.count) }
    var meanSquare: Double {
        zip(render, target).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / Double(render.count)
    }
    var ssim: Double { render.indices.reduce(0) { $0 + similarity(at: $1) } / Double(render.count) }

    /// d (0.8 L1 + 0.2 (1 - SSIM)) / d render of a number; only windows that hold it change.
    func slope(at index: Int, step: Double) -> Double {
        var twin = self
        func value(_ number: Double) -> Double {
            twin.render[index] = number
            let near = twin.near(index).reduce(0) { $0 + twin.similarity(at: $1) }
            return (0.8 * abs(number - target[index]) - 0.2 * near) / Double(render.count)
        }
        return (value(render[index] + step) - value(render[index] - step)) / (2 * step)
    }

    private func near(_ index: Int) -> [Int] {
        let (x, y) = (index % pair.width, index / pair.width % pair.height)
        let plane = index / (pair.width * pair.height) * pair.width * pair.height
        return (max(y - 5, 0)...min(y + 5, pair.height - 1)).flatMap { row in
            (max(x - 5, 0)...min(x + 5, pair.width - 1)).map { plane + row * pair.width + $0 }
        }
    }

    private static let window: [Double] = {
        let bells = (-5...5).map { exp(-Double($0 * $0) / 4.5) }
        return bells.map { $0 / bells.reduce(0, +) }
    }()

    private func similarity(at index: Int) -> Double {
        let (x, y) = (index % pair.width, index / pair.width % pair.height)
        var (mx, my, xx, yy, xy) = (0.0, 0.0, 0.0, 0.0, 0.0)
        for other in near(index) {
            let (column, row) = (other % pair.width, other / pair.width % pair.height)
            let share = Self.window[column - x + 5] * Self.window[row - y + 5]
            let (a, b) = (render[other], target[other])
            (mx, my) = (mx + share * a, my + share * b)
            (xx, yy, xy) = (xx + share * a * a, yy + share * b * b, xy + share * a * b)
        }
        let top = (2 * mx * my + 1e-4) * (2 * (xy - mx * my) + 9e-4)
        return top / ((mx * mx + my * my + 1e-4) * (xx - mx * mx + yy - my * my + 9e-4))
    }
}
