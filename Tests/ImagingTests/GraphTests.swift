import Testing

@testable import Imaging

@Suite struct GraphLayoutTests {
    private func distance(_ a: Point, _ b: Point) -> Double {
        ((a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y)).squareRoot()
    }

    private func ring(_ count: Int) -> [(Int, Int)] { (0..<count).map { ($0, ($0 + 1) % count) } }

    @Test("A ring of six is a regular hexagon")
    func hexagon() {
        let places = GraphLayout(nodeCount: 6, edges: ring(6)).places
        let sides = ring(6).map { distance(places[$0.0], places[$0.1]) }
        #expect((sides.max() ?? 9) / (sides.min() ?? 1) < 1.05)
        #expect(abs(distance(places[0], places[3]) / sides[0] - 2) < 0.1)
    }

    @Test("A path is straight")
    func path() {
        let places = GraphLayout(nodeCount: 20, edges: (0..<19).map { ($0, $0 + 1) }).places
        #expect(distance(places[0], places[19]) > 18 && abs(places[0].y - places[19].y) < 1)
    }

    @Test("The drawing does not depend on how nodes are numbered", arguments: [3, 4, 5, 6, 7])
    func congruence(seed: UInt64) {
        var dice = Dice(seed: seed)
        let count = 30
        var edges = (1..<count).map { (Int.random(in: max(0, $0 - 5)..<$0, using: &dice), $0) }
        edges += [(2, 9), (4, 17), (11, 23)]
        let order = Array(0..<count).shuffled(using: &dice)
        let first = GraphLayout(nodeCount: count + 3, edges: edges).places
        let renamed = edges.map { (order[$0.1], order[$0.0]) }.shuffled(using: &dice)
        let second = GraphLayout(nodeCount: count + 3, edges: renamed).places
        let (a, b) = (first.sorted { ($0.x, $0.y) < ($1.x, $1.y) }, second.sorted { ($0.x, $0.y) < ($1.x, $1.y) })
        for (a, b) in zip(a, b) { #expect(distance(a, b) < 1e-9) }
    }

    @Test("Equal parts look equal, parts do not overlap, and lonely nodes stand apart")
    func parts() {
        let edges = (0..<4).flatMap { part in ring(5).map { ($0.0 + 5 * part, $0.1 + 5 * part) } }
        let places = GraphLayout(nodeCount: 23, edges: edges).places
        for part in 1..<4 {
            let (dx, dy) = (places[5 * part].x - places[0].x, places[5 * part].y - places[0].y)
            #expect(dx * dx + dy * dy > 1)
        }
        for a in 0..<23 { for b in 0..<a { #expect(distance(places[a], places[b]) > 0.5) } }
    }

    @Test("Shapes that are not as they should be are drawn or left out, never a trap")
    func oddities() {
        #expect(GraphLayout(nodeCount: 0, edges: [(0, 1)]).places.isEmpty)
        #expect(GraphLayout(nodeCount: -3, edges: []).places.isEmpty)
        #expect(GraphLayout(nodeCount: 1, edges: [(0, 0)]).places.count == 1)
        #expect(GraphLayout(nodeCount: 2, edges: [(0, 1), (1, 0), (0, 1), (0, 7), (-1, 0)]).places.count == 2)
        let complete = (0..<40).flatMap { a in (0..<a).map { (a, $0) } }
        #expect(GraphLayout(nodeCount: 40, edges: complete).places.allSatisfy { $0.x.isFinite && $0.y.isFinite })
        let star = (1..<3000).map { (0, $0) }
        #expect(GraphLayout(nodeCount: 3000, edges: star).places.allSatisfy { $0.x.isFinite })
    }
}

@Suite struct GraphPlotTests {
    @Test("Graphs of any size are drawn, with loops, repeated edges and weights that are no numbers")
    func odd() throws {
        let plots = [
            GraphPlot(nodes: [], edges: []), GraphPlot(nodes: [.init("C")], edges: [.init(0, 0)]),
            GraphPlot(
                nodes: [.init("a long label"), .init("\u{1F600}"), .init("")],
                edges: [.init(0, 1, weight: .nan), .init(1, 0, lines: 3), .init(0, 2, weight: .infinity), .init(0, 9)]),
            GraphPlot(nodes: Array(repeating: .init(), count: 700), edges: (1..<700).map { .init($0, $0 / 2) }),
        ]
        for plot in plots {
            for (width, height) in [(45, 45), (400, 30), (30, 400)] {
                let image = try plot.render(width: width, height: height)
                #expect(image.width == 2 * width && image.height == 2 * height)
                #expect(image.converted(toChannels: 1).values.contains { $0 < 0.9 })
                #expect(try plot.render(width: width, height: height) == image)
            }
        }
        #expect(throws: ImagingError.self) {
            try GraphPlot(nodes: [.init()], edges: [], places: [Point(.nan, 0)]).render()
        }
        #expect(throws: ImagingError.self) { try GraphPlot(nodes: [.init()], edges: []).render(width: 0) }
    }

    @Test("Nothing touches the edge of the sheet")
    func margins() throws {
        let plot = GraphPlot(nodes: Array(repeating: .init(), count: 60), edges: (1..<60).map { .init($0, $0 / 3) })
        let image = try plot.render(width: 150, height: 150).converted(toChannels: 1)
        for place in 0..<300 {
            #expect(image[place, 0] == [255] && image[place, 299] == [255])
            #expect(image[0, place] == [255] && image[299, place] == [255])
        }
    }
}
