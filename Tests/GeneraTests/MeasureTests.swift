import Foundation
import Genera
import GeneraTesting
import Testing

/// A sample that is no tensor and has no vectors: a bag of letters.
private struct Bag: Measurable, Equatable {
    let letters: [Character: Int]

    init(_ text: String) { letters = text.reduce(into: [:]) { $0[$1, default: 0] += 1 } }

    func drawn() throws -> Image { try TextPage(line).drawn() }

    var line: String { letters.sorted { $0.key < $1.key }.map { String(repeating: $0.key, count: $0.value) }.joined() }
    var size: Int { letters.values.reduce(0, +) }

    static let formats = [
        SampleFormat<Bag>(
            "bags", "bags, one a line",
            read: { path in
                let text = String(decoding: try MappedFile(path: path).view.array(), as: UTF8.self)
                return SampleList(text.split(separator: "\n").map { Bag(String($0)) }, name: path)
            },
            write: { bags, path in try AtomicFile.write(bags.map { "\($0.line)\n" }.joined(), to: path) })
    ]

    static let measures: [Measure<Bag>] = [
        Measure(ofSets: "size-gap", "Gap of the mean sizes.") { drawn, real, _ in
            abs(mean(drawn.map(\.size)) - mean(real.map(\.size)))
        },
        Measure("overlap", "Squared MMD of shared letters.", range: -Double.infinity...Double.infinity) { both, parts in
            let sums = KernelSums<Bag> { a, b in Double(Set(a.letters.keys).intersection(b.letters.keys).count) }
            return try sums.values(both.drawn, both.real, over: parts)
        },
        Measure(ofPairs: "missing", "Letters of the real bag that the drawn one lacks.") { drawn, real in
            real.letters.reduce(0) { $0 + Double(max($1.value - (drawn.letters[$1.key] ?? 0), 0)) }
        },
    ]

    private static func mean(_ numbers: [Int]) -> Double {
        Double(numbers.reduce(0, +)) / Double(max(numbers.count, 1))
    }
}

/// Draws bags of as many letters as the index says, and forgets some of every third.
private struct BagSampler: Sampler {
    struct State: BatchState {
        var bags: [Int]
        var tensors: [Tensor] { [] }
    }

    var hasCounterparts = true
    var stepCount: Int { 0 }
    func start(noise: Noise) throws -> State { State(bags: noise.samples) }
    func advance(_ state: inout State, step: Int, noise: Noise) throws {}
    func finish(_ state: State) throws -> [Bag] {
        state.bags.map { Bag(String(repeating: "a", count: $0 % 3 == 0 ? $0 / 2 : $0) + "b") }
    }
    func reference(noise: Noise) throws -> [Bag]? {
        noise.samples.map { Bag(String(repeating: "a", count: $0) + "b") }
    }
}

@Suite("Measures")
struct MeasureTests {
    let folder = TemporaryFolder()

    private func driver<Sample>(_ measures: [Measure<Sample>], halves: Int = 50, indices: [Int]? = nil)
        -> EvaluationDriver<Sample>
    {
        var settings = EvaluationSettings(halves: halves, workers: 2)
        settings.realIndices = indices
        return EvaluationDriver(measures: measures, settings: settings)
    }

    private func sets<Sample: Measurable>(_ type: Sample.Type) -> [Measure<Sample>] {
        Sample.measures.filter { !$0.criterion.isPaired }
    }

    private func pairs<Sample: Measurable>(_ type: Sample.Type) -> [Measure<Sample>] {
        Sample.measures.filter(\.criterion.isPaired)
    }

    private func request(_ count: Int) -> SamplingRequest { SamplingRequest(indices: Array(0..<count), seed: 4) }

    @Test("Samples of any type are measured as sets, with floor and intervals")
    func ownType() throws {
        let driver = driver(sets(Bag.self))
        let sampler = BagSampler(hasCounterparts: false)
        let real = try driver.reference(for: 60, of: sampler, in: nil)
        #expect(real.judge.count == 60 && real.others.count == 60 && !real.isPaired)
        let found = try driver.evaluate(sampler, request(60), against: real)
        #expect(found.judgements.map(\.measure.name) == ["size-gap", "overlap"])
        // Every third bag keeps i / 2 of its i letters.
        let lost = stride(from: 0, to: 60, by: 3).reduce(0) { $0 + ($1 - $1 / 2) }
        #expect(abs((found["size-gap"]?.drawn.value ?? 0) - Double(lost) / 60) < 1e-9)
        #expect(found["size-gap"]?.drawn.interval != nil && found["size-gap"]?.floor.value == 60)
        #expect(found["overlap"]?.drawn.interval?.contains(found["overlap"]?.drawn.value ?? .nan) == true)
    }

    @Test("Each sample is compared with its own real one; there is no floor")
    func pairsOfSampler() throws {
        let driver = driver(pairs(Bag.self))
        let real = try driver.reference(for: 6, of: BagSampler(), in: nil)
        #expect(real.isPaired && !real.isOfStatistics && real.origin == "the model's own counterparts")
        let found = try driver.evaluate(BagSampler(), request(6), against: real)
        // Of the bags 0 to 5 those of 0 and 3 are halved: 0 and 2 letters are missing.
        let missing = try #require(found["missing"])
        #expect(missing.drawn.value == 2.0 / 6 && missing.floor.value.isNaN && missing.ratio == nil)
        #expect(missing.isWorseThanReal == nil && missing.drawn.interval?.contains(2.0 / 6) == true)
        #expect(found.drawnCount == 6)
        let one = try driver.evaluate(BagSampler(), request(1), against: real)
        #expect(one["missing"]?.drawn.value == 0 && one["missing"]?.drawn.interval == nil)
    }

    @Test("Measures of sets can be taken beside those of pairs, of the same real samples")
    func both() throws {
        let driver = driver(Bag.measures)
        let real = try driver.reference(for: 30, of: BagSampler(), in: nil)
        let found = try driver.evaluate(BagSampler(), request(30), against: real)
        let lost = Double(stride(from: 0, to: 30, by: 3).reduce(0) { $0 + ($1 - $1 / 2) }) / 30
        #expect(abs((found["size-gap"]?.drawn.value ?? 0) - lost) < 1e-9)
        #expect(abs((found["missing"]?.drawn.value ?? 0) - lost) < 1e-9)
        #expect(found["size-gap"]?.floor.value.isNaN == true)
    }

    @Test("Files give counterparts by index, or in the order that is named")
    func pairsOfFile() throws {
        let real = try #require(try BagSampler().reference(noise: Noise(seed: 0, samples: Array(0..<8))))
        try Bag.write(real, to: folder.file("real.bags"))
        func missing(_ indices: [Int]?) throws -> Double? {
            let driver = driver(pairs(Bag.self), indices: indices)
            let real = try driver.reference(for: 4, of: BagSampler(), in: folder.file("real.bags"), isPaired: true)
            return try driver.evaluate(BagSampler(), request(4), against: real)["missing"]?.drawn.value
        }
        #expect(try missing(nil) == 2.0 / 4)
        // Drawn are bags of 0, 1, 2 and 1 letters a; the last four real ones have 4, 5, 6 and 7.
        #expect(try missing([4, 5, 6, 7]) == Double(4 + 4 + 4 + 6) / 4)
        let few = #expect(throws: GeneraError.self) { try missing([1, 2]) }
        #expect(few?.description.contains("holds 2 samples where 4 are drawn") == true)
        #expect(throws: GeneraError.self) { try missing([1, 2, 3, 99]) }
    }

    @Test("A measure of pairs is refused where real samples belong to none")
    func noPairs() throws {
        let driver = driver(Bag.measures)
        let sampler = BagSampler(hasCounterparts: false)
        let real = try driver.reference(for: 20, of: sampler, in: nil)
        let error = #expect(throws: GeneraError.self) { try driver.evaluate(sampler, request(20), against: real) }
        #expect(error?.description.contains("'missing'") == true && error?.description.contains("--paired") == true)
    }

    @Test("PSNR and SSIM of views and their photographs")
    func images() throws {
        func views(_ levels: [Int]) -> [Image] {
            levels.map { Image(width: 12, height: 12, channels: 3, fill: [$0, $0, $0]) }
        }
        let (drawn, real) = (views([100, 110]), views([100, 100]))
        let both = Comparison(drawn: drawn, real: real)
        #expect(try Measure<Image>.psnr.values(both, [Parts(first: [0], second: [0])]) == [.infinity])
        let psnr = try Measure<Image>.psnr.values(both, [Parts(first: [1], second: [1])])[0]
        #expect(abs(psnr - 20 * 1.4065401804339552) < 1e-4, "20 log10(25.5), \(psnr)")
        #expect(try Measure<Image>.ssim.values(both, [Parts(first: [0], second: [1])])[0] == 1)
        let grey = Image(width: 12, height: 12, channels: 1, fill: [100])
        let mixed = Comparison(drawn: [grey], real: [real[0]])
        #expect(try Measure<Image>.psnr.values(mixed, [mixed.whole]) == [.infinity])
        let small = Image(width: 4, height: 4, channels: 1)
        let tiny = Comparison(drawn: [small], real: [small])
        #expect(try Measure<Image>.ssim.values(tiny, [tiny.whole])[0].isNaN)
        #expect(try Measure<Image>.ssimZeros.values(tiny, [tiny.whole])[0] == 1, "its window reaches beyond the image")
        // Zeros around both images make them alike at the edges.
        let apart = Comparison(drawn: [views([200])[0]], real: [real[0]])
        let (inside, zeros) = (
            try Measure<Image>.ssim.values(apart, [apart.whole])[0],
            try Measure<Image>.ssimZeros.values(apart, [apart.whole])[0]
        )
        #expect(inside < 1 && zeros < 1 && abs(inside - zeros) > 1e-3, "\(inside), \(zeros)")
        let wrong = Comparison(drawn: [small], real: [grey])
        let error = #expect(throws: GeneraError.self) { try Measure<Image>.psnr.values(wrong, [wrong.whole]) }
        #expect(error?.description.contains("12x12 belongs to a drawn one of 4x4") == true)
    }

    @Test("Graphs: sets of one graph each are 2 - 2 k apart")
    func graphs() throws {
        let path = try Graph(nodeCount: 4, edges: [(0, 1), (1, 2), (2, 3)])
        let star = try Graph(nodeCount: 4, edges: [(0, 1), (0, 2), (0, 3)])
        let triangle = try Graph(nodeCount: 3, edges: [(0, 1), (1, 2), (2, 0), (0, 1), (1, 1)])
        func value(_ name: String, _ a: Graph, _ b: Graph) throws -> Double {
            let both = Comparison(drawn: Array(repeating: a, count: 3), real: Array(repeating: b, count: 4))
            let measure = try #require(Graph.measures.first { $0.name == name })
            return try measure.values(both, [both.whole])[0]
        }
        #expect(path.degreeHistogram == [0, 0.5, 0.5] && star.degreeHistogram == [0, 0.75, 0, 0.25])
        #expect(abs(try value("degree", path, star) - (2 - 2 * 0.8824969025845955)) < 1e-12)
        #expect(abs(try value("degree", path, path)) < 1e-12)
        #expect(triangle.clusteringHistogram[99] == 1 && path.clusteringHistogram[0] == 1)
        #expect(abs(try value("clustering", triangle, star) - 2) < 1e-12)
        #expect(try Graph(nodeCount: 0, edges: []).degreeHistogram == [1])
        #expect(abs(try value("degree-tv", path, star) - (2 - 2 * 0.8824969025845955)) < 1e-12)
        #expect(try value("spectral", path, triangle) > 0.1)
        #expect(abs(try value("spectral-tv", path, path)) < 1e-12)
        // Means of orbits: (1.5, 1, 0.5, 0, 0.5, 0.5) of the path; (1.5, 1.5, 0.75, 0, 0, 0, 0.75, 0.25) of the star.
        #expect(abs(try value("orbit", path, star) - (2 - 2 * exp(-1.4375 / 1800))) < 1e-12)
    }

    @Test("Graphs: the biased squared MMD counts a graph with itself")
    func biasedGraphs() throws {
        let path = try Graph(nodeCount: 4, edges: [(0, 1), (1, 2), (2, 3)])
        let star = try Graph(nodeCount: 4, edges: [(0, 1), (0, 2), (0, 3)])
        let both = Comparison(drawn: [path, star], real: [path, path])
        let measure = try #require(Graph.measures.first { $0.name == "degree" })
        let value = try measure.values(both, [both.whole, Parts(first: [1, 0], second: [0, 1])])
        #expect(value.allSatisfy { abs($0 - (1 - 0.8824969025845955) / 2) < 1e-12 })
        #expect(measure.criterion.range.lowerBound == 0 && measure.criterion.summary.contains("V-statistic"))
    }

    @Test("Graphs: shares of different, new and connected ones; labels and types count, order does not")
    func graphShares() throws {
        let water = { (center: Int, order: Int) in
            let ends = (0..<3).filter { $0 != center }
            let nodes = (0..<3).map { Graph.Node(label: $0 == center ? "O" : "H") }
            return try Graph(nodes: nodes, edges: ends.map { .init($0, center, type: order) })
        }
        let apart = try Graph(nodeCount: 3, edges: [(0, 1)])
        let drawn = [try water(0, 1), try water(1, 1), try water(2, 2), apart]
        let both = Comparison(drawn: drawn, real: [try water(2, 1), try Graph(nodeCount: 3, edges: [(0, 1), (1, 2)])])
        let parts = [both.whole, Parts(first: [0, 1], second: [1]), Parts(first: [3], second: [0])]
        func values(_ name: String) throws -> [Double] {
            try #require(Graph.measures.first { $0.name == name }).values(both, parts)
        }
        #expect(try values("unique") == [0.75, 0.5, 1])
        #expect(try values("novel") == [0.5, 1, 1])
        #expect(try values("connected") == [0.75, 1, 0])
    }

    @Test("Graphs: a classifier tells rings from stars, not rings from rings")
    func classifier() throws {
        func rings(_ count: Int, _ from: Int) throws -> [Graph] {
            try (0..<count).map { number in
                let size = 6 + (from + number * 7) % 11
                return try Graph(nodeCount: size, edges: (0..<size).map { ($0, ($0 + 1) % size) })
            }
        }
        let stars = try (0..<40).map { try Graph(nodeCount: 6 + $0 % 9, edges: (1..<6 + $0 % 9).map { (0, $0) }) }
        let measure = try #require(Graph.measures.first { $0.name == "classifier" })
        let far = Comparison(drawn: try rings(60, 0), real: stars)
        let values = try measure.values(far, [far.whole, Parts(first: [0, 1, 2], second: [5, 4])])
        #expect(values.allSatisfy { $0 > 0.9 && $0 <= 1 })
        let near = Comparison(drawn: try rings(55, 0), real: try rings(55, 3))
        #expect(try measure.values(near, [near.whole])[0] < 0.35)
        #expect(try measure.values(far, [far.whole]) == [values[0]])
    }

    @Test("Few real graphs are said to be few, with how far real ones are apart")
    func fewGraphs() throws {
        let graphs = try (0..<40).map { _ in try Graph(nodeCount: 8, edges: (1..<8).map { (0, $0) }) }
        let driver = EvaluationDriver(measures: Graph.measures.filter { ["degree", "unique"].contains($0.name) })
        let few = try driver.divided(graphs, for: 20, origin: "here")
        #expect(few.caution?.hasPrefix("20 real samples are few: below 100,") == true)
        let many = try driver.divided(Array(repeating: graphs, count: 6).flatMap(\.self), for: 120, origin: "here")
        #expect(many.caution == nil)
        let mixed = try graphs.enumerated().map { number, graph in
            number % 3 == 0 ? try Graph(nodeCount: 8, edges: []) : graph
        }
        let told = try driver.divided(mixed, for: 20, origin: "here").caution ?? ""
        #expect(told.contains("Real samples themselves are as far apart as degree 0 (0 to 0.11)."), "\(told)")
    }

    @Test("Clouds count as samples, whatever their points; what is compared are all points")
    func clouds() throws {
        let points = try Noise(seed: 1, samples: Array(0..<90)).normal([2], at: .start).to(.float64)
        let others = try Noise(seed: 2, samples: Array(0..<60)).normal([2], at: .start).to(.float64) + 0.5
        let single = Comparison(drawn: try PointCloud.rows(of: points), real: try PointCloud.rows(of: others))
        let clouds = Comparison(
            drawn: try PointCloud.rows(of: points.reshaped([30, 3, 2])),
            real: try PointCloud.rows(of: others.reshaped([20, 3, 2])))
        for measure in sets(PointCloud.self) {
            let (one, two) = (try measure.values(single, [single.whole]), try measure.values(clouds, [clouds.whole]))
            #expect(one == two, "\(measure.name)")
        }
        let half = Parts(first: Array(0..<15), second: [1, 19])
        #expect(try clouds.rows(of: [half]) == [Parts(first: Array(0..<45), second: [3, 4, 5, 57, 58, 59])])
        let driver = driver(sets(PointCloud.self), halves: 20)
        let error = #expect(throws: GeneraError.self) {
            try driver.estimates(Array(clouds.drawn.prefix(10)), clouds.real, seed: 0)
        }
        #expect(error?.description == "At least 16 samples are needed to measure anything, got 10.")
        #expect(try driver.estimates(clouds.drawn, clouds.real, seed: 0).allSatisfy { $0.interval != nil })
    }

    @Test("Each population is compared with its own: all points in one heap would not show it")
    func populations() throws {
        let first = try Noise(seed: 1, samples: Array(0..<200)).normal([2], at: .start).to(.float64).reshaped([
            2, 100, 2,
        ])
        let shift = Tensor([0, 0, 9, 0] as [Double], shape: [2, 1, 2])
        let (drawn, swapped) = (
            try PointCloud.rows(of: first + shift), try PointCloud.rows(of: first + shift.flipped(axes: [0]))
        )
        func values(_ real: [PointCloud]) throws -> [String: Double] {
            let both = Comparison(drawn: drawn, real: real)
            return try Dictionary(
                uniqueKeysWithValues: pairs(PointCloud.self).map { ($0.name, try $0.values(both, [both.whole])[0]) })
        }
        let (same, other) = (try values(drawn), try values(swapped))
        #expect(same["paired-distance"] == 0 && abs(same["paired-frechet"] ?? 1) < 1e-9)
        #expect(abs((other["paired-distance"] ?? 0) - 9) < 1e-9 && abs((other["paired-frechet"] ?? 0) - 81) < 1e-6)
        #expect((other["paired-energy"] ?? 0) > 10 && (other["paired-mmd"] ?? 0) > 0.5)
        let energy = try #require(sets(PointCloud.self).first { $0.name == "energy" })
        let heap = Comparison(drawn: drawn, real: swapped)
        #expect(try abs(energy.values(heap, [heap.whole])[0]) < 0.2)
        let dots = Comparison(drawn: [PointCloud([Point(0, 0)])], real: [PointCloud([Point(3, 4)])])
        #expect(
            try pairs(PointCloud.self).map { try $0.values(dots, [dots.whole])[0] }.map { $0.isNaN ? -1 : $0 } == [
                5, -1, -1, -1,
            ])
    }

    @Test("Tensors and curves are vectors too")
    func vectors() throws {
        let noise = try Noise(seed: 1, samples: Array(0..<40)).normal([3, 2], at: .start)
        let (a, b) = (rows(of: noise), rows(of: noise + 1))
        let both = Comparison(drawn: b, real: a)
        let curves = Comparison(
            drawn: try b.flatMap { try Curve.rows(of: $0.reshaped([1, 6])) },
            real: try a.flatMap { try Curve.rows(of: $0.reshaped([1, 6])) })
        for name in ["frechet", "energy", "coverage"] {
            let one = try #require(Tensor.measures.first { $0.name == name }).values(both, [both.whole])[0]
            let two = try #require(Curve.measures.first { $0.name == name }).values(curves, [curves.whole])[0]
            #expect(one == two && one.isFinite, "\(name)")
        }
        #expect(throws: GeneraError.self) { try Curve.features(of: [Curve(y: [1]), Curve(y: [1, 2])]) }
    }
}
