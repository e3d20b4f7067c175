import Imaging
import Tensors

/// Samples as a batch, and what its shape is drawn as.
struct TensorDrawing {
    private enum Kind { case points, pictures, tables, curves, numbers }

    private let batch: Tensor
    private let shape: [Int]
    private let kind: Kind

    init(_ samples: [Tensor]) throws {
        batch = try Self.batch(of: samples)
        shape = Array(batch.shape.dropFirst())
        kind = try Self.kind(shape)
        guard batch.elementCount > 0 else {
            throw GeneraError.software("Samples of shape \(shape) are empty: there is nothing to draw.")
        }
        if batch.dtype.isFloatingPoint, try !batch.isFinite() {
            let bad = try (0..<samples.count).first { try !batch.selected(axis: 0, $0).isFinite() } ?? 0
            throw GeneraError.software("Sample \(bad) of \(samples.count) is not finite: it cannot be drawn.")
        }
    }

    /// Samples of one shape, stacked in main memory: `[N, ...]`.
    static func batch(of samples: [Tensor]) throws -> Tensor {
        guard let first = samples.first else { throw GeneraError.software("There are no samples to draw.") }
        let shape = try first.checked().shape
        for sample in samples {
            guard try sample.checked().shape == shape else {
                throw GeneraError.software(
                    "Samples of one picture or file need one shape; there are \(shape) and \(sample.shape).")
            }
        }
        return try Tensor.stacked(samples.map { $0.device == .cpu ? $0.detached() : $0.detached().to(.cpu) })
            .contiguous().checked()
    }

    private static func kind(_ shape: [Int]) throws -> Kind {
        switch shape.count {
        case 1 where shape[0] == 2: return .points
        case 1 where shape[0] == 1: return .numbers
        case 1: return .curves
        case 2: return shape[1] == 2 ? .points : .tables
        case 3 where [1, 3, 4].contains(shape[0]): return .pictures
        default:
            throw GeneraError.software(
                "A sample of shape \(shape) cannot be drawn. Points [2] or [points, 2], pictures [1|3|4, H, W], tables [H, W] and curves [n] can; for others give the sampler a Sample type of your own that conforms to Drawable."
            )
        }
    }

    func picture() throws -> Image {
        let count = batch.shape[0]
        if kind == .pictures || kind == .tables, count > Image.pictureLimit {
            throw GeneraError.usage(
                "A grid holds at most \(Image.pictureLimit) samples, \(count) were to be drawn. Use --out FOLDER/ or FILE.npy."
            )
        }
        switch kind {
        case .points: return try scatter()
        case .pictures:
            let images = try Image.rows(of: signed())
            return count == 1 ? images[0] : try ImageGrid.arrange(images)
        case .tables: return try heatMaps()
        case .curves: return try Curve.picture(of: Curve.rows(of: batch))
        case .numbers: return try Curve.histogram(of: batch.array(of: Double.self)).drawn()
        }
    }

    private func scatter() throws -> Image {
        let values = try batch.array(of: Double.self)
        let points = (0..<values.count / 2).map { Point(values[2 * $0], values[2 * $0 + 1]) }
        return try ScatterPlot([ScatterPlot.Group(points: points)]).render()
    }

    /// The batch as bytes, or as numbers in [-1, 1].
    private func signed() throws -> Tensor {
        if batch.dtype == .uint8 { return batch }
        if batch.dtype == .bool { return batch.to(.float32) * 2 - 1 }
        let values = try batch.array(of: Double.self)
        let (low, high) = values.reduce((Double.infinity, -Double.infinity)) { (min($0.0, $1), max($0.1, $1)) }
        if batch.dtype.isFloatingPoint, max(abs(low), abs(high)) <= 1.5 { return batch }
        guard low < high else { return batch.to(.float64) * 0 }
        let (middle, half) = (low / 2 + high / 2, high / 2 - low / 2)
        return (batch.to(.float64) - middle) / half
    }

    private func heatMaps() throws -> Image {
        let values = try batch.array(of: Double.self)
        let (rows, columns) = (shape[0], shape[1])
        let size = rows * columns
        guard batch.shape[0] == 1 else {
            let tables = (0..<batch.shape[0]).map { Array(values[$0 * size..<($0 + 1) * size]) }
            return try HeatMapGrid(tables, rows: rows, columns: columns).render()
        }
        let aspect = Double(rows) / Double(columns)
        let (width, height) = aspect < 1 ? (340, max(340 * aspect, 40)) : (max(340 / aspect, 40), 340)
        return try HeatMap(values, rows: rows, columns: columns)
            .render(width: max(Int(width) + 104, 180), height: max(Int(height) + 32, 110))
    }
}
