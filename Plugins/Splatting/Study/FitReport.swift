import Genera

/// A study's rows as a table and as plots.
public struct FitReport: Sendable {
    /// The rows.
    public let rows: [FitStudy.Row]

    /// A report.
    public init(_ rows: [FitStudy.Row]) { self.rows = rows }

    /// A row for each setting: the mean square errors of runs that did not break, and how many did.
    public var table: Table {
        var table = Table(
            columns: [
                "curve", "N", "weights", "model", .init("median", digits: .significant(3)),
                .init("mean", digits: .significant(3)), "broken", "runs",
            ])
        for row in rows {
            let isEmpty = row.losses.isEmpty
            table.append([
                .text(row.curve.rawValue), .integer(row.count), .text(row.isPositive ? "positive" : "real"),
                .text(row.model.title), isEmpty ? .empty : .number(row.median), isEmpty ? .empty : .number(row.mean),
                .integer(row.broken), .integer(row.ends.count),
            ])
        }
        return table
    }

    /// For each curve, its fits by `count` components beside the error against the number of components.
    ///
    /// - Throws: `ImagingError` as plots do.
    public func plot(count: Int) throws -> Image {
        let curves = rows.reduce(into: [FitCurve]()) { if !$0.contains($1.curve) { $0.append($1.curve) } }
        let sheets = try curves.flatMap { [try fits($0, count: count), try errors($0)] }
        return try ImageGrid.arrange(sheets, columns: 2, padding: 8, scale: 1)
    }

    private func fits(_ curve: FitCurve, count: Int) throws -> Image {
        let x = FitCurve.places.map(Double.init)
        let target = LinePlot.Series(
            curve.rawValue, x: x, y: curve.heights.map(Double.init), isDashed: true, color: .black)
        let mine = rows.filter { $0.curve == curve && $0.count == count }
        let sign = mine.first?.isPositive
        let series = mine.filter { $0.isPositive == sign }.compactMap { row -> LinePlot.Series? in
            guard let sum = row.typical else { return nil }
            let values = sum.evaluate(at: FitCurve.places, against: curve.heights).values
            return .init(row.model.title, x: x, y: values.map(Double.init), color: color(row.model))
        }
        let weights = sign.map { $0 ? ", positive weights" : ", real weights" } ?? ""
        return try LinePlot(
            [target] + series, title: "\(curve.rawValue), N = \(count)\(weights)", x: Axis("x", limits: -6...6)
        )
        .render(width: 400, height: 280)
    }

    private func errors(_ curve: FitCurve) throws -> Image {
        let mine = rows.filter { $0.curve == curve && !$0.losses.isEmpty }
        let series = [true, false].flatMap { sign in
            FitModel.allCases.compactMap { model -> LinePlot.Series? in
                let own = mine.filter { $0.isPositive == sign && $0.model == model }
                guard !own.isEmpty else { return nil }
                return .init(
                    model.title + (sign ? " +" : ""), x: own.map { Double($0.count) }, y: own.map(\.median),
                    isDashed: sign, color: color(model))
            }
        }
        return try LinePlot(
            series, title: "\(curve.rawValue): median error",
            x: Axis("components N", scale: .logarithmic), y: Axis("MSE", scale: .logarithmic)
        ).render(width: 400, height: 280)
    }

    private func color(_ model: FitModel) -> Color {
        Color.okabeIto[FitModel.allCases.firstIndex(of: model) ?? 0]
    }
}
