import Genera

extension EvaluationReport {
    /// A panel for each measure: curves over a sweep of numbers, else bars; the floor is dashed, or stands beside.
    ///
    /// - Throws: errors of drawing.
    func picture() throws -> Image {
        let panels = try measures.indices.map { number in
            let judgements = results.map { $0.evaluation.judgements[number] }
            if let places = sweep?.numbers, places.count > 1 { return try curves(judgements, over: places) }
            return try bars(judgements)
        }
        return panels.count == 1 ? panels[0] : try ImageGrid.arrange(panels, scale: 1)
    }

    private static let size = (width: 340, height: 250)

    private func title(_ measure: Criterion) -> String {
        "\(measure.name) (\(measure.isLowerBetter ? "less" : "more") is better)"
    }

    private func curves(_ judgements: [Judgement], over places: [Double]) throws -> Image {
        func series(_ name: String, _ estimates: [Estimate], isDashed: Bool) -> LinePlot.Series {
            let bands = estimates.map { $0.interval ?? $0.value...$0.value }
            let hasBand = !isDashed && estimates.allSatisfy { $0.interval != nil }
            return LinePlot.Series(
                name, x: places, y: estimates.map(\.value),
                band: hasBand ? (bands.map(\.lowerBound), bands.map(\.upperBound)) : nil, isDashed: isDashed,
                color: isDashed ? Color(grey: 0.35) : nil)
        }
        let lines = [
            series("drawn", judgements.map(\.drawn), isDashed: false),
            series("floor", judgements.map(\.floor), isDashed: true),
        ]
        let heights = lines.flatMap { $0.y + ($0.band?.lower ?? []) }
        return try LinePlot(
            lines, title: title(judgements[0].measure), x: Axis(sweep?.name ?? "", scale: Self.scale(places, from: 20)),
            y: Axis(scale: Self.scale(heights, from: 30))
        ).render(width: Self.size.width, height: Self.size.height)
    }

    /// Logarithmic for positive numbers that spread over a factor of `ratio`.
    private static func scale(_ values: [Double], from ratio: Double) -> Axis.Scale {
        let finite = values.filter(\.isFinite)
        guard let low = finite.min(), let high = finite.max(), low > 0 else { return .linear }
        return high / low >= ratio ? .logarithmic : .linear
    }

    private func bars(_ judgements: [Judgement]) throws -> Image {
        func series(_ name: String, _ estimates: [Estimate], _ color: Color?) -> BarPlot.Series {
            let errors = estimates.map { one in one.interval.map { ($0.upperBound - $0.lowerBound) / 2 } ?? 0 }
            return BarPlot.Series(name, values: estimates.map(\.value), errors: errors, color: color)
        }
        return try BarPlot(
            categories: results.map { $0.value ?? family },
            [
                series("drawn", judgements.map(\.drawn), nil),
                series("floor", judgements.map(\.floor), Color(grey: 0.7)),
            ], title: title(judgements[0].measure), x: Axis(sweep?.name ?? "")
        ).render(width: Self.size.width, height: Self.size.height)
    }
}
