import Formats
import Imaging
import Tensors

/// Points of any dimension, `[n, d]`, with a name for each coordinate: one sample of a toy model is a cloud of one point, a
/// population or a set is one of many.
///
///     let cloud = try PointCloud([0.1, 7, 0.3, 9], columns: ["CD90", "EpCAM"])    // two points
///     let drawn = try PointCloud.rows(of: batch)                                  // [N, d] or [N, n, d]
public struct PointCloud: Equatable, Sendable {
    /// Coordinates, point after point, `[n, d]`.
    public let values: [Double]
    /// The coordinates' names, `[d]`: `x`, `y`, `z` unless stated, and `x1`, `x2`, ... in more than three dimensions.
    public let columns: [String]

    /// Makes a cloud of `values.count / columns.count` points.
    ///
    /// - Throws: `GeneraError.software` for names that are empty or used twice, or values that are no whole points.
    public init(_ values: [Double], columns: [String]) throws {
        guard !columns.isEmpty, !columns.contains(""), Set(columns).count == columns.count else {
            throw GeneraError.software("A point cloud needs a name of its own for each coordinate, got \(columns).")
        }
        guard values.count % columns.count == 0 else {
            throw GeneraError.software("\(values.count) numbers are no whole points of \(columns.count) coordinates.")
        }
        self.init(checked: values, columns)
    }

    /// Makes a cloud in `dimension` dimensions, whose coordinates have the usual names.
    ///
    /// - Throws: `GeneraError.software` for values that are no whole points.
    public init(_ values: [Double], dimension: Int) throws {
        try self.init(values, columns: Self.columns(dimension))
    }

    /// Makes a cloud of points in the plane.
    public init(_ points: [Point]) {
        self.init(checked: points.flatMap { [$0.x, $0.y] }, Self.columns(2))
    }

    init(checked values: [Double], _ columns: [String]) { (self.values, self.columns) = (values, columns) }

    /// Coordinates of a point.
    public var dimension: Int { columns.count }
    /// How many points there are.
    public var count: Int { values.count / columns.count }

    /// The first two coordinates of each point; the second is 0 in one dimension.
    public var points: [Point] {
        (0..<count).map { Point(values[$0 * dimension], dimension > 1 ? values[$0 * dimension + 1] : 0) }
    }

    /// The points as rows, `[n, d]`, float64.
    public var tensor: Tensor { Tensor(values, shape: [count, dimension]) }

    /// The usual names of coordinates: `x`, `y`, `z`, or from four dimensions on `x1`, `x2`, ...
    public static func columns(_ dimension: Int) -> [String] {
        PointTable.columnNames(dimension)
    }

    /// The samples of a batch: clouds of one point of `[N, d]`, clouds of n points of `[N, n, d]`.
    ///
    /// - Parameter columns: the coordinates' names; the usual ones unless stated.
    /// - Throws: the tensor's error, or one that says that its shape does not do.
    public static func rows(of tensor: Tensor, columns: [String]? = nil) throws -> [PointCloud] {
        let shape = try tensor.checked().shape.sizes
        guard shape.count == 2 || shape.count == 3, let width = shape.last, width > 0 else {
            throw GeneraError.software("Points need a tensor [N, d] or [N, n, d], got \(tensor.summary).")
        }
        let names = columns ?? Self.columns(width)
        _ = try PointCloud([], columns: names)
        guard names.count == width else {
            throw GeneraError.software("\(names.count) names do not do for points of \(width) coordinates.")
        }
        let values = try tensor.array(of: Double.self)
        let size = shape.count == 3 ? shape[1] * width : width
        return (0..<shape[0]).map { PointCloud(checked: Array(values[$0 * size..<($0 + 1) * size]), names) }
    }
}

extension PointCloud: Drawable {
    /// A million.
    public static var pictureLimit: Int { 1_000_000 }

    /// A plot of this cloud.
    public func drawn() throws -> Image { try Self.picture(of: [self]) }

    /// One plot of all points together: the first two coordinates as a scatter plot, or a histogram in one dimension.
    ///
    /// - Throws: `GeneraError.software` if there are no points.
    public static func picture(of samples: [PointCloud]) throws -> Image {
        guard let first = samples.first(where: { $0.count > 0 }) else {
            throw GeneraError.software("There are no points to draw.")
        }
        if first.dimension == 1 {
            return try Curve.histogram(of: samples.flatMap(\.values), title: first.columns[0]).drawn()
        }
        let hasNames = first.columns != columns(2)
        return try ScatterPlot(
            [ScatterPlot.Group(points: samples.flatMap(\.points))], x: Axis(hasNames ? first.columns[0] : ""),
            y: Axis(hasNames ? first.columns[1] : "")
        ).render()
    }
}
