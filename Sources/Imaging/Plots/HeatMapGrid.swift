/// Several tables of numbers as colours, side by side, with one scale for all.
public struct HeatMapGrid: Sendable {
    /// The tables, each `rows * columns` numbers in row-major order; NaN stays white.
    public var tables: [[Double]]
    /// How many rows each table has.
    public var rows: Int
    /// How many columns each table has.
    public var columns: Int
    /// The colours from the least to the greatest number of all.
    public var colormap: Colormap

    /// Makes a sheet of tables of `[rows, columns]` numbers.
    public init(_ tables: [[Double]], rows: Int, columns: Int, colormap: Colormap = .viridis) {
        (self.tables, self.rows, self.columns, self.colormap) = (tables, rows, columns, colormap)
    }

    /// Draws the tables in a grid, a scale at the right.
    ///
    /// - Throws: `ImagingError` when there are none, or their sizes do not fit.
    public func render() throws -> Image {
        guard rows > 0, columns > 0, tables.allSatisfy({ $0.count == rows * columns }) else {
            throw ImagingError(reason: "heat maps of \(rows)x\(columns) need as many numbers each")
        }
        let range = Self.range(of: tables)
        let limit = tables.count > 16 ? 256 : 512
        let tiles = tables.map {
            HeatMap.picture(of: $0, rows: rows, columns: columns, colormap, range, limit: limit)
        }
        let grid = try ImageGrid.arrange(tiles, padding: 6)
        return try Self.beside(grid, scale(range, height: max(grid.height, 200)))
    }

    /// The least and greatest finite number; a unit around a single one.
    static func range(of tables: [[Double]]) -> ClosedRange<Double> {
        var (low, high) = (Double.infinity, -Double.infinity)
        for table in tables {
            for value in table where value.isFinite { (low, high) = (min(low, value), max(high, value)) }
        }
        guard low <= high else { return 0...1 }
        guard low < high else { return low - 0.5...high + 0.5 }
        return (high - low).isFinite ? low...high : low / 2...high / 2
    }

    private func scale(_ range: ClosedRange<Double>, height: Int) throws -> Image {
        let canvas = try Canvas(width: 62, height: Double(height) / 2, scale: PlotStyle.scale)
        let bar = Rectangle(x: 4, y: 8, width: 11, height: min(canvas.height - 16, 320))
        HeatMap.drawScale(colormap, range, in: bar, on: canvas)
        return try canvas.image()
    }

    private static func beside(_ left: Image, _ right: Image) throws -> Image {
        let height = max(left.height, right.height)
        var sheet = Image(
            width: left.width + right.width, height: height, channels: 3, fill: [255, 255, 255])
        try sheet.paste(left, x: 0, y: (height - left.height) / 2)
        try sheet.paste(right, x: left.width, y: (height - right.height) / 2)
        return sheet
    }
}
