import Formats
import Imaging
import Tensors

/// Points in the plane: one sample of a toy model, or several of them.
public struct PointSet: Drawable, Equatable {
    /// The points' coordinates.
    public let points: [Point]

    /// Makes a set of points.
    public init(_ points: [Point]) { self.points = points }

    /// The rows of a batch `[N, 2]` or `[N, points, 2]`, one set a row.
    ///
    /// - Throws: the tensor's error, or one that says that its last axis is not 2.
    public static func rows(of tensor: Tensor) throws -> [PointSet] {
        let values = try tensor.array(of: Double.self)
        guard tensor.rank >= 2, tensor.shape[-1] == 2, tensor.shape[0] > 0 else {
            throw GeneraError.software("Points need a tensor [N, ..., 2], got \(tensor.shape).")
        }
        let size = values.count / tensor.shape[0]
        return stride(from: 0, to: values.count, by: max(size, 2)).map { row in
            PointSet(stride(from: row, to: row + size, by: 2).map { Point(values[$0], values[$0 + 1]) })
        }
    }

    /// A million.
    public static var pictureLimit: Int { 1_000_000 }

    /// A scatter plot of this set.
    public func drawn() throws -> Image { try Self.picture(of: [self]) }

    /// One scatter plot of all sets together.
    public static func picture(of samples: [PointSet]) throws -> Image {
        guard samples.contains(where: { !$0.points.isEmpty }) else {
            throw GeneraError.software("There are no points to draw.")
        }
        return try ScatterPlot([ScatterPlot.Group(points: samples.flatMap(\.points))]).render()
    }

    /// A NumPy array `[points, 2]` of float64.
    public static func data(of samples: [PointSet]) throws -> SampleData? {
        let points = samples.flatMap(\.points)
        let raw = RawTensor(points.flatMap { [$0.x, $0.y] }, shape: [points.count, 2])
        return SampleData(fileExtension: "npy") { try NPY.write(raw, to: $0) }
    }
}
