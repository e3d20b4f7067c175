import Foundation
import Genera
import GeneraTesting
import Testing

@Suite("Samples as pictures and files")
struct DrawableTests {
    private func write<Sample: Drawable>(_ samples: [Sample], as name: String) throws -> String {
        let folder = TemporaryFolder()
        try Sample.write(samples, to: folder.file(name))
        return try String(contentsOfFile: folder.file(name), encoding: .utf8)
    }

    private func sentence(_ body: () throws -> Void) -> String {
        do {
            try body()
            return "nothing"
        } catch {
            return "\(error)"
        }
    }

    // MARK: Tensors

    @Test(
        "A tensor is drawn by its shape",
        arguments: [
            [2], [7, 2], [1, 6, 8], [3, 6, 8], [4, 6, 8], [6, 8], [1], [50], [1, 2], [3, 1, 900], [1, 700], [700, 1],
        ])
    func shapes(shape: [Int]) throws {
        let count = shape.reduce(1, *)
        func sample(_ n: Int) -> Tensor {
            let values: [Float] = (0..<count).map { Float(($0 * 7 + n * 13) % 31) / 31 }
            return Tensor(values, shape: shape)
        }
        let samples = [sample(0), sample(1), sample(2), sample(3), sample(4)]
        #expect(try samples[0].drawn().width > 0)
        #expect(try Tensor.picture(of: samples).height > 0)
        #expect(try Tensor.picture(of: samples.map { $0.to(DType.int32) }).height > 0)
        #expect(try Tensor.picture(of: samples.map { $0.to(DType.bfloat16) }).height > 0)
    }

    @Test("Pictures: numbers in [-1, 1] as they are, bytes as they are, others from least to greatest")
    func levels() throws {
        func levels(_ values: [Float]) throws -> Image.Samples {
            try Tensor(values, shape: [1, 1, values.count]).drawn().samples
        }
        #expect(try levels([-1, 0, 1, 1.4]) == .bytes([0, 128, 255, 255]))
        #expect(try levels([0, 5, 10]) == .bytes([0, 128, 255]))
        #expect(try levels([7, 7]) == .bytes([128, 128]))
        #expect(try Tensor([3, 250] as [UInt8], shape: [1, 1, 2]).drawn().samples == .bytes([3, 250]))
        #expect(try Tensor([false, true], shape: [1, 1, 2]).drawn().samples == .bytes([0, 255]))
        let pair = [Tensor([-2] as [Float], shape: [1, 1, 1]), Tensor([2] as [Float], shape: [1, 1, 1])]
        let grid = try Tensor.picture(of: pair)
        #expect(grid[5, 5] == [0] && grid[grid.width - 5, 5] == [255])
    }

    @Test("What cannot be drawn is a sentence that says what can")
    func refusals() throws {
        let odd = Tensor([Float](repeating: 0, count: 10), shape: [5, 1, 2])
        #expect(sentence { _ = try odd.drawn() }.contains("[1|3|4, H, W]"))
        #expect(sentence { _ = try odd.drawn() }.contains("conforms to Drawable"))
        #expect(sentence { _ = try Tensor(1 as Float).drawn() }.contains("A sample of shape []"))
        #expect(sentence { _ = try Tensor.zeros([3, 0, 4]).drawn() }.contains("empty"))
        #expect(sentence { _ = try Tensor.picture(of: []) } == "There are no samples to draw.")
        let gap = Tensor([1, .nan] as [Float], shape: [2])
        #expect(
            sentence { _ = try Tensor.picture(of: [Tensor.zeros([2]), gap]) }.hasPrefix("Sample 1 of 2 is not finite"))
        #expect(
            sentence { _ = try Tensor.picture(of: [Tensor.zeros([2]), Tensor.zeros([3])]) }.contains("[2] and [3]"))
        #expect(throws: TensorError.self) { try (Tensor.zeros([2]) + Tensor.zeros([3])).drawn() }
        for empty in [
            sentence { _ = try PointCloud.picture(of: []) }, sentence { _ = try PointCloud([]).drawn() },
            sentence { _ = try Graph.picture(of: []) }, sentence { _ = try TextPage.picture(of: []) },
            sentence { _ = try Curve.picture(of: []) }, sentence { _ = try Curve(y: [.nan]).drawn() },
        ] { #expect(empty.hasPrefix("There ") && empty.hasSuffix(".")) }
    }

    @Test("Tensors are kept as an array of their own type")
    func arrays() throws {
        let folder = TemporaryFolder()
        let samples = (0..<3).map { Tensor([Float](repeating: Float($0), count: 6), shape: [2, 3]) }
        try Tensor.write(samples, to: folder.file("a.npy"))
        let raw = try NPY.read(path: folder.file("a.npy"))
        #expect(raw.shape == [3, 2, 3] && raw.dtype == .float32 && raw.doubles()[12] == 2)
        try Tensor.write(samples.map { $0.to(DType.bfloat16) }, to: folder.file("b.npy"))
        #expect(try NPY.read(path: folder.file("b.npy")).dtype == .float32)
    }

    @Test("A hundred thousand tensors become one plot in a few seconds")
    func many() throws {
        #expect(Tensor.pictureLimit >= 100_000 && PointCloud.pictureLimit >= 100_000 && Image.pictureLimit == 10_000)
        let values: [Float] = (0..<200_000).map { Float($0 * 7919 % 10_007) / 10_007 }
        let batch = Tensor(values, shape: [100_000, 2])
        let time = try ContinuousClock().measure {
            _ = try Tensor.picture(of: (0..<100_000).map { batch.selected(axis: 0, $0) })
        }
        #expect(time < .seconds(4), "\(time)")
        let pictures = Array(repeating: Tensor.zeros([1, 1, 1]), count: 10_001)
        #expect(sentence { _ = try Tensor.picture(of: pictures) }.contains("at most 10000"))
    }

    // MARK: Samplers that need no finish

    @Test("A sampler over a tensor gives points, pictures, curves or rows without a word")
    func finishes() throws {
        let request = SamplingRequest(indices: [0, 1, 2], seed: 3)
        #expect(
            try SamplingDriver().run(Rows(shape: [2, 3]), request).samples.map(\.shape.sizes) == [
                [2, 3], [2, 3], [2, 3],
            ])
        #expect(try SamplingDriver().run(Points(shape: [5, 2]), request).samples.map(\.points.count) == [5, 5, 5])
        #expect(try SamplingDriver().run(Pictures(shape: [3, 4, 6]), request).samples.map(\.width) == [6, 6, 6])
        #expect(try SamplingDriver().run(Curves(shape: [9]), request).samples.map(\.series[0].y.count) == [9, 9, 9])
    }

    // MARK: Graphs

    @Test("Graphs are kept as JSON")
    func graphs() throws {
        let graph = try Graph(
            nodes: [.init(label: "C\""), .init(category: 2), .init()],
            edges: [.init(0, 1, weight: .nan, type: 2), .init(1, 1), .init(0, 1)])
        let text = try write([graph, try Graph(nodeCount: 0, edges: [])], as: "g.json")
        let json = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: [[String: [[String: Any]]]]]
        #expect(json?["graphs"]?.count == 2)
        #expect(json?["graphs"]?[0]["nodes"]?[0]["label"] as? String == "C\"")
        #expect(json?["graphs"]?[0]["edges"]?[0]["weight"] is NSNull)
        #expect(try Graph.picture(of: [graph, graph]).width > 100)
        #expect(sentence { _ = try Graph(nodeCount: 2, edges: [(0, 2)]) }.contains("has 2 nodes"))
    }

    @Test("Graphs come from batches of matrices, without padding")
    func adjacency() throws {
        let matrix = Tensor([0, 1, 0, 1, 0, 2, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0] as [Float], shape: [2, 3, 3])
        let kinds = Tensor([0, 1, 5, 0, 0, -1], shape: [2, 3])
        let graphs = try Graph.rows(adjacency: matrix, categories: kinds, labels: ["C", "N"])
        #expect(graphs[0].edges == [.init(0, 1), .init(1, 2, type: 2)])
        #expect(graphs[0].nodes.map(\.label) == ["C", "N", ""] && graphs[0].nodes[2].category == 5)
        #expect(graphs[1].nodes.count == 2 && graphs[1].edges.isEmpty)
        #expect(throws: GeneraError.self) { try Graph.rows(adjacency: Tensor.zeros([2, 3])) }
    }

    // MARK: Texts and curves

    @Test("Texts are kept with a form feed between them, which no text holds")
    func texts() throws {
        let pages = [TextPage("one\n"), TextPage(bytes: [0x61, 0xFF, 0x62]), TextPage("x\u{C}y")]
        #expect(try write(pages, as: "t.txt") == "one\n\n\u{C}\na\u{FFFD}b\n\u{C}\nx\u{240C}y")
        for count in [1, 3, 9, 30, 100] {
            #expect(try TextPage.picture(of: Array(repeating: pages[1], count: count)).width > 100)
        }
    }

    @Test("Curves are kept as a long table")
    func curves() throws {
        let curve = try Curve([.init("a,b", x: [0, 0.5], y: [1, .nan])])
        #expect(try write([curve], as: "c.csv") == "sample,series,x,y\n0,\"a,b\",0.0,1.0\n0,\"a,b\",0.5,nan\n")
        #expect(throws: GeneraError.self) { try Curve(x: [1], y: []) }
        let many = try (0..<2000).map { n -> Curve in
            let heights: [Double] = (0..<50).map { Double($0 * n % 17) }
            return try Curve(y: heights)
        }
        #expect(try Curve.picture(of: many).width > 100)
        #expect(try Curve(y: [1e308, -1e308, .infinity]).drawn().width > 100)
    }
}

private struct Rows: Sampler {
    typealias Sample = Tensor
    let shape: [Int]
    let stepCount = 0
    func start(noise: Noise) throws -> Tensor { try noise.normal(shape, at: .start) }
    func advance(_ state: inout Tensor, step: Int, noise: Noise) throws {}
}

private struct Points: Sampler {
    typealias Sample = PointCloud
    let shape: [Int]
    let stepCount = 0
    func start(noise: Noise) throws -> Tensor { try noise.normal(shape, at: .start) }
    func advance(_ state: inout Tensor, step: Int, noise: Noise) throws {}
}

private struct Pictures: Sampler {
    typealias Sample = Image
    let shape: [Int]
    let stepCount = 0
    func start(noise: Noise) throws -> Tensor { try noise.normal(shape, at: .start) }
    func advance(_ state: inout Tensor, step: Int, noise: Noise) throws {}
}

private struct Curves: Sampler {
    typealias Sample = Curve
    let shape: [Int]
    let stepCount = 0
    func start(noise: Noise) throws -> Tensor { try noise.normal(shape, at: .start) }
    func advance(_ state: inout Tensor, step: Int, noise: Noise) throws {}
}
