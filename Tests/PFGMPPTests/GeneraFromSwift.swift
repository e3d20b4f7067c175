import Foundation
import Genera
import GeneraTesting
import PFGMPP
import Testing

/// The code of docs/Genera-from-Swift.md, each block between `// page:` and `// end`, compiled and run. A test compares the two.
/// The end of the page, about graphs and texts, is run by the tests of the families GDSS and RADD.
@Suite struct GeneraFromSwift {
    private let folder = TemporaryFolder()

    @Test func pictures() throws {
        guard (try? CheckpointStore.standard.path(of: "digits28")) != nil else { return }
        let file = folder.file("digits.png")
        // page: pictures
        let model = try PFGMPP.load("digits28")
        let digits = try model.sample(4, seed: 7, .init(solver: .unipc(order: 2), levels: .rho(steps: 6)))
        try PNG.write(ImageGrid.arrange(digits, columns: 2), to: file)
        // end
        #expect(try PNG.read(file).width >= 56 && digits.count == 4)

        // page: choices
        let threes = PFGMPP.Sampling(
            solver: .heun(churn: Churn(amount: 10, maximum: 50)),
            levels: .logLinear(steps: 4, bounds: .init(low: 0.01, high: 40)),
            labels: .fixed(3))
        let three = try model.sample(1, threes)[0]
        // end
        #expect(three.width == 28)

        // page: refused
        #expect(throws: SamplingError.classOutside(10, count: 10)) {
            try model.sample(1, .init(labels: .fixed(10)))
        }
        // end
    }

    @Test func closedForms() throws {
        let file = folder.file("points.png")
        // page: points
        let corners = Tensor([1, 1, -1, 1, -1, -1, 1, -1], shape: [4, 2])
        let denoiser = PointsDenoiser(points: corners, kernel: StudentT(D: 128))
        let cloud = try PFGMPP.points(500, by: denoiser, seed: 1, .init(levels: .rho(steps: 20), D: 128))
        try PNG.write(PointCloud.picture(of: cloud), to: file)
        // end
        #expect(cloud.flatMap(\.values).count { abs(abs($0) - 1) < 0.02 } > 950)
    }

    @Test func training() throws {
        let folder = folder.file("run")
        // page: training
        var training = try PFGMPP.Training(.eightGaussians, D: 64)
        (training.loss.pMean, training.schedule.batch, training.schedule.ramp) = (-0.6, 256, 10_000)
        let report = try training.run(in: folder, .with { $0.steps = 300 })
        let learned = try PFGMPP.load(report.modelFile).points(100, seed: 1)
        // end
        #expect(learned.count == 100 && report.step == 300)
        #expect(learned.flatMap(\.values).allSatisfy { abs($0) < 20 })
    }

    @Test func solvers() throws {
        // page: solvers
        let noise = Noise(seed: 7, samples: Array(0..<1000))
        let nodes = NoiseLevels.rho(20, low: 0.002, high: 80) + [0]
        let prior = try noise.normal([2], at: .start, dtype: .float64) * nodes[0]
        let gaussian = try UniPC(order: 3, variant: .bh2).solve(prior, along: nodes) { x, sigma in
            x / (1 + sigma * sigma)  // E[y | x] of data N(0, 1)
        }
        // end
        #expect(abs(try gaussian.squared().mean().item() - 1) < 0.1)

        // page: flow
        let rotated = try EmbeddedRK.dopri5.solve([gaussian], at: [0, .pi / 2]) { x, t in
            let parts = x[0].chunked(2, axis: 1)
            return [.concatenated([-parts[1], parts[0]], axis: 1)]
        }
        // end
        let (x, y) = (gaussian.selected(axis: 1, 0), try #require(rotated.states.last)[0].selected(axis: 1, 1))
        #expect(try x.distance(to: y) < 1e-2)
    }

    // page: network
    /// A set of points `[N, points, 2]` to a vector `[N, width]` that does not know their order.
    struct SetEncoder {
        let lift: MLP
        let attention: MultiHeadAttention
        let norm: LayerNorm

        init(width: Int, in scope: ParameterScope) throws {
            lift = try MLP([2, width, width], .selu, in: scope["lift"])
            attention = try MultiHeadAttention(width, heads: 4, in: scope["attention"])
            norm = try LayerNorm(width, in: scope["norm"])
        }

        func callAsFunction(_ x: Tensor) -> Tensor {
            let h = lift(x)
            return norm(h + attention(h)).mean(axes: [1])
        }
    }
    // end

    @Test func networks() throws {
        let points = try Noise(seed: 1, samples: Array(0..<8)).normal([5, 2], at: .start)
        let file = folder.file("encoder.safetensors")
        // page: parameters
        let scope = ParameterScope.drawing(seed: 1)
        let encoder = try SetEncoder(width: 16, in: scope)
        let weights = scope.entries.map { (name: $0.name, tensor: $0.tensor) }  // lift.0.weight, lift.0.bias, ...
        try ModelCheckpoint(family: "sets", configuration: "{}", tensors: weights).save(to: file)

        let loading = ParameterScope.loading(try ModelCheckpoint.load(file).tensors())
        let loaded = try SetEncoder(width: 16, in: loading)
        try loading.finish()  // names every key that is missing, unexpected or of another shape
        // end
        #expect(try loaded(points).distance(to: encoder(points)) == 0)
        let order = [3, 0, 4, 1, 2]
        #expect(try encoder(points.gathered(axis: 1, order)).distance(to: encoder(points)) < 1e-5)
    }

    @Test func distances() throws {
        // page: distances
        let real = try Noise(seed: 1, samples: Array(0..<500)).normal([2], at: .start)
        let drawn = try Noise(seed: 2, samples: Array(0..<500)).normal([2], at: .start)
        let (near, far) = (try EnergyDistance()(drawn, real), try EnergyDistance()(drawn + 1, real))
        // end
        #expect(near < 0.02 && far > 0.3)
    }

    @Test("The page shows the code above, word for word")
    func page() throws {
        let page = try String(contentsOfFile: "\(Golden.repository)/docs/Genera-from-Swift.md", encoding: .utf8)
        let shown = page.split(separator: "```swift\n", omittingEmptySubsequences: false).dropFirst().map {
            $0.components(separatedBy: "```")[0]
        }
        let others = ["GDSSTests/GraphsFromSwift", "RADDTests/TextsFromSwift"].map {
            "\(Golden.repository)/Tests/\($0).swift"
        }
        let sources = try ([#filePath] + others).map { try String(contentsOfFile: $0, encoding: .utf8) }
        #expect(shown == sources.flatMap(Self.blocks))
    }

    /// The text between `// page:` and `// end` lines, without the indentation of its first line.
    private static func blocks(of source: String) -> [String] {
        var (blocks, block): ([String], [Substring]?) = ([], nil)
        for line in source.split(separator: "\n", omittingEmptySubsequences: false) {
            let words = line.drop { $0 == " " }
            if words.hasPrefix("// page: ") {
                block = []
            } else if words == "// end", let lines = block {
                let indent = lines.first.map { $0.count - $0.drop { $0 == " " }.count } ?? 0
                blocks.append(lines.map { String($0.dropFirst(min(indent, $0.count))) + "\n" }.joined())
                block = nil
            } else {
                block?.append(line)
            }
        }
        return blocks
    }
}
