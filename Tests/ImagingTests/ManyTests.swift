import Testing

@testable import Imaging

/// Plots of very many things.
@Suite struct ManyTests {
    private func cloud(_ count: Int) -> [Point] {
        var state: UInt64 = 1
        func unit() -> Double {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Double(state >> 11) / Double(1 << 53)
        }
        return (0..<count).map { _ in Point(unit() + unit() + unit(), unit() + unit() * unit()) }
    }

    @Test("A hundred thousand points are drawn in half a second")
    func scatter() throws {
        let points = cloud(100_000)
        let clock = ContinuousClock()
        let one = try clock.measure { _ = try ScatterPlot([.init(points: points)]).render() }
        let two = try clock.measure {
            _ = try ScatterPlot([.init("a", points: points), .init("b", points: cloud(20_000))]).render()
        }
        #expect(one < .seconds(0.5) && two < .seconds(1), "\(one), \(two)")
    }

    @Test("Discs that are stamped look like those that Cairo draws")
    func discs() throws {
        let points = [
            Point(5.3, 5.1), Point(12.7, 5.5), Point(5, 14.25), Point(19.9, 19.9), Point(-1, 9), Point(1e9, 0),
        ]
        for radius in [0.55, 1.2, 2.6] {
            let (stamped, drawn) = (
                try Canvas(width: 20, height: 20, scale: 2), try Canvas(width: 20, height: 20, scale: 2)
            )
            let area = Rectangle(x: 0, y: 0, width: 20, height: 20)
            let inks = points.indices.map { Color.series($0).opacity($0 % 2 == 0 ? 1 : 0.5) }
            stamped.fillDiscs(at: points, radius: radius, in: area) { inks[$0] }
            for (point, ink) in zip(points.dropLast(), inks) { drawn.fillCircle(at: point, radius: radius, ink) }
            let (a, b) = (try stamped.image().values, try drawn.image().values)
            #expect(zip(a, b).allSatisfy { abs($0 - $1) < 0.35 })
            let sums: (Float, Float) = (a.reduce(0, +), b.reduce(0, +))
            let ink: Float = Float(b.count) - sums.1
            #expect(abs(sums.0 - sums.1) < 0.03 * ink + 1)
        }
    }

    @Test("Heat maps of any proportions are drawn; one scale holds for several")
    func heatMaps() throws {
        for (rows, columns) in [(1, 5000), (5000, 1), (1, 1), (1500, 1500)] {
            let values = (0..<rows * columns).map { Double($0 % 97) }
            _ = try HeatMap(values, rows: rows, columns: columns).render()
            let image = try HeatMapGrid([values, values], rows: rows, columns: columns).render()
            #expect(image.width < 3000 && image.height < 3000)
        }
        #expect(try HeatMapGrid([[1, .nan], [.infinity, 3]], rows: 1, columns: 2).render().width > 100)
        #expect(throws: ImagingError.self) { try HeatMapGrid([], rows: 1, columns: 1).render() }
        #expect(throws: ImagingError.self) { try HeatMapGrid([[1]], rows: 0, columns: 1).render() }
    }

    @Test("Pictures keep their alpha on a canvas")
    func pictures() throws {
        let canvas = try Canvas(width: 4, height: 2)
        let dot = Image(width: 2, height: 1, channels: 4, bytes: [255, 0, 0, 255, 0, 0, 255, 0])
        canvas.draw(dot, in: Rectangle(x: 0, y: 0, width: 4, height: 2))
        let image = try canvas.image()
        #expect(image[1, 1] == [255, 0, 0] && image[2, 1] == [255, 255, 255])
        canvas.draw(
            Image(width: 40_000, height: 1, channels: 1), in: Rectangle(x: 0, y: 0, width: 4, height: 2))
        #expect(try canvas.image()[3, 1] == [0, 0, 0])
    }
}
