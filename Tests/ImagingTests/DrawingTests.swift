import Testing

@testable import Imaging

@Suite struct CanvasTests {
    @Test("Fills cover their pixels and nothing else")
    func fills() throws {
        let canvas = try Canvas(width: 6, height: 4, scale: 2)
        canvas.fill(Rectangle(x: 1, y: 1, width: 2, height: 2), Color(hex: 0xFF8000))
        let image = try canvas.image()
        #expect(image.width == 12 && image.height == 8 && image.channels == 3)
        #expect(image[2, 2] == [255, 128, 0] && image[5, 5] == [255, 128, 0])
        #expect(image[1, 2] == [255, 255, 255] && image[6, 5] == [255, 255, 255])
    }

    @Test("A sheet without background keeps alpha, not premultiplied")
    func alpha() throws {
        let canvas = try Canvas(width: 2, height: 1, background: nil)
        canvas.fill(Rectangle(x: 0, y: 0, width: 1, height: 1), Color(hex: 0xFF0000).opacity(0.5))
        #expect(try canvas.image().samples == .bytes([255, 0, 0, 128, 0, 0, 0, 0]))
    }

    @Test("A clip hides what lies outside while it holds")
    func clip() throws {
        let canvas = try Canvas(width: 4, height: 1)
        canvas.clipped(to: Rectangle(x: 0, y: 0, width: 2, height: 1)) {
            canvas.fill(Rectangle(x: 0, y: 0, width: 4, height: 1), .black)
        }
        #expect(try canvas.image().converted(toChannels: 1).samples == .bytes([0, 0, 255, 255]))
    }

    @Test("A canvas of no size or too large is refused", arguments: [(0, 5), (40_000, 10), (-1, 1)])
    func size(width: Int, height: Int) {
        #expect(throws: ImagingError.self) { try Canvas(width: Double(width), height: Double(height)) }
    }

    @Test("Exponents are raised and end where the number ends")
    func exponents() {
        let runs = Canvas.runs("10^-3 m")
        #expect(runs.map(\.text) == ["10", "\u{2212}3", " m"] && runs.map(\.raised) == [false, true, false])
    }
}

@Suite struct TicksTests {
    @Test("Marks are nice numbers with labels of equal precision")
    func linear() {
        #expect(Ticks.make(0...1, scale: .linear, count: 5).map(\.label) == ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"])
        #expect(Ticks.make(-3...7, scale: .linear, count: 5).map(\.label) == ["\u{2212}2", "0", "2", "4", "6"])
        #expect(Ticks.make(0...200_000, scale: .linear, count: 4).map(\.label) == ["0", "50k", "100k", "150k", "200k"])
        #expect(Ticks.make(0...3e-5, scale: .linear, count: 3).map(\.label) == ["0", "1×10^-5", "2×10^-5", "3×10^-5"])
        #expect(Ticks.make(0...1, scale: .linear, count: 4).map(\.label) == ["0.00", "0.25", "0.50", "0.75", "1.00"])
    }

    @Test("Logarithmic marks are powers of ten, or their multiples on a short span")
    func logarithmic() {
        #expect(
            Ticks.make(-3...2, scale: .logarithmic, count: 8).map(\.label) == [
                "10^-3", "10^-2", "10^-1", "10^0", "10^1", "10^2",
            ])
        #expect(Ticks.make(0...1.1, scale: .logarithmic, count: 5).map(\.label) == ["1", "3", "10"])
        #expect(Ticks.make(0.31...0.69, scale: .logarithmic, count: 4).count >= 2)
    }

    @Test("No span makes it run away", arguments: [0.0...0.0, -1e300...1e300, 1e15...1e15 + 1, -1e-300...1e-300])
    func extremes(span: ClosedRange<Double>) {
        for scale in [Axis.Scale.linear, .logarithmic]
        where scale == .linear || span.upperBound < 1e6 && span.lowerBound > -1e6 {
            #expect(Ticks.make(span, scale: scale, count: 6).count < 50)
        }
    }
}

@Suite struct PlotTests {
    private func ink(_ image: Image) -> Int {
        image.converted(toChannels: 1).values.count { $0 < 0.98 }
    }

    private var curves: LinePlot {
        let y = (0..<300).map { 2.0 / Double($0 + 1) + ($0 == 50 ? .nan : 0) }
        let band = (lower: y.map { $0 * 0.8 }, upper: y.map { $0 * 1.2 })
        return LinePlot(
            [
                LinePlot.Series("loss", y: y, band: band, smoothing: 0.9),
                LinePlot.Series("bound", y: y, isDashed: true),
            ],
            title: "Training", x: Axis("step"), y: Axis("loss", scale: .logarithmic))
    }

    @Test("Every plot has ink, its size, and the same bytes each time")
    func renders() throws {
        var dice = Dice(seed: 4)
        let points = (0..<6000).map { _ in Point(dice.normal(), dice.normal()) }
        let plots: [() throws -> Image] = [
            { try curves.render(width: 300, height: 200) },
            { try ScatterPlot([.init(points: points)]).render(width: 300, height: 200) },
            {
                try ScatterPlot([.init("a", points: Array(points[..<50])), .init("b", points: [])]).render(
                    width: 300, height: 200)
            },
            {
                try BarPlot(categories: ["a", "b"], [.init("x", values: [1, -2], errors: [0.1, 0.2])]).render(
                    width: 300, height: 200)
            },
            { try HeatMap([1, 2, .nan, 4], rows: 2, columns: 2).render(width: 300, height: 200) },
            { try LinePlot([]).render(width: 300, height: 200) },
        ]
        for plot in plots {
            let image = try plot()
            #expect(image.width == 600 && image.height == 400 && ink(image) > 500)
            #expect(try PNG.encode(image) == PNG.encode(plot()))
        }
    }

    @Test("Nothing is drawn at the very edge: no label is clipped")
    func edges() throws {
        let image = try curves.render(width: 240, height: 160).converted(toChannels: 1)
        for x in 0..<image.width { #expect(image[x, 0] == [255] && image[x, image.height - 1] == [255]) }
        for y in 0..<image.height { #expect(image[0, y] == [255] && image[image.width - 1, y] == [255]) }
    }

    @Test(
        "Infinite, huge and equal numbers do not trap",
        arguments: [[.infinity, 1], [1e300, -1e300], [5, 5], [.nan, .nan], [0, -1]] as [[Double]])
    func oddNumbers(values: [Double]) throws {
        for scale in [Axis.Scale.linear, .logarithmic] {
            _ = try LinePlot([.init(y: values)], x: Axis(scale: scale), y: Axis(scale: scale)).render(
                width: 200, height: 150)
            let points = values.map { Point($0, $0) }
            _ = try ScatterPlot([.init(points: points)], y: Axis(scale: scale)).render(width: 200, height: 150)
        }
        _ = try BarPlot(categories: ["a", "b"], [.init(values: values)]).render(width: 200, height: 150)
        _ = try HeatMap(values, rows: 1, columns: 2).render(width: 200, height: 150)
    }

    @Test("Arrays that do not fit together are refused by name")
    func mismatched() {
        #expect {
            try LinePlot([.init("loss", x: [1], y: [1, 2])]).render()
        } throws: {
            "\($0)" == "series 'loss': its arrays differ in length: [1, 2]."
        }
        #expect(throws: ImagingError.self) { try BarPlot(categories: ["a"], [.init(values: [])]).render() }
        #expect(throws: ImagingError.self) { try HeatMap([1], rows: 2, columns: 2).render() }
        #expect(throws: ImagingError.self) { try LinePlot([]).render(width: 10, height: 10) }
    }

    @Test("A ninth curve does not look like the first")
    func manyCurves() throws {
        func plot(_ last: LinePlot.Series) throws -> [Float] {
            let others = (0..<8).map { LinePlot.Series(y: [Double($0), Double($0) + 1]) }
            return try LinePlot(others + [last]).render(width: 300, height: 200).values
        }
        let first = Color.okabeIto[0]
        #expect(try plot(.init(y: [9, 10])) != plot(.init(y: [9, 10], color: first)))
        #expect(try plot(.init(y: [9, 10])) == plot(.init(y: [9, 10], isDashed: true, color: first)))
    }

    @Test("A running mean of a constant is the constant from the start")
    func runningMean() {
        #expect(LinePlot.runningMean([3, 3, 3, .nan, 3], keeping: 0.9).filter { abs($0 - 3) < 1e-12 }.count == 4)
    }

    @Test("Thinning keeps the extremes of a long curve")
    func thinning() {
        var points = (0..<50_000).map { Point(Double($0) / 100, 1) }
        points[33_333].y = 9
        let thinned = LinePlot.thinned(points)
        #expect(thinned.count < 9000 && thinned.contains(points[33_333]) && thinned.last == points.last)
    }
}
