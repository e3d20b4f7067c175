import Imaging
import Tensors

/// One or several series over an axis: a trajectory, a density, a signal.
///
///     let sample = try Curve(y: heights)
///     let walk = try Curve([.init("x", x: times, y: xs), .init("y", x: times, y: ys)], xTitle: "time (s)")
public struct Curve: Drawable, Equatable {
    /// Heights over places.
    public struct Series: Equatable, Sendable {
        /// Its name in the legend and the file; may be empty.
        public let name: String
        /// The places along the axis.
        public let x: [Double]
        /// The heights, one for each place. Those that are not finite break the line.
        public let y: [Double]

        /// Makes a series; without `x` the places are 0, 1, 2, and so on.
        public init(_ name: String = "", x: [Double]? = nil, y: [Double]) {
            (self.name, self.x, self.y) = (name, x ?? y.indices.map(Double.init), y)
        }
    }

    /// The series.
    public let series: [Series]
    /// What the axis is, with its unit; empty for none.
    public let xTitle: String
    /// What the heights are, with their unit; empty for none.
    public let yTitle: String

    /// Makes a sample of several series.
    ///
    /// - Throws: `GeneraError.software` if a series has not as many heights as places.
    public init(_ series: [Series], xTitle: String = "", yTitle: String = "") throws {
        for one in series where one.x.count != one.y.count {
            throw GeneraError.software(
                "A curve needs as many heights as places; '\(one.name)' has \(one.y.count) and \(one.x.count).")
        }
        (self.series, self.xTitle, self.yTitle) = (series, xTitle, yTitle)
    }

    /// Makes a sample of one series; without `x` the places are 0, 1, 2, and so on.
    ///
    /// - Throws: `GeneraError.software` if there are not as many heights as places.
    public init(x: [Double]? = nil, y: [Double], xTitle: String = "", yTitle: String = "") throws {
        try self.init([Series(x: x, y: y)], xTitle: xTitle, yTitle: yTitle)
    }

    /// The rows of a batch `[N, n]`, heights over 0, 1, 2 and so on.
    ///
    /// - Throws: the tensor's error, or one that says its shape does not do.
    public static func rows(of tensor: Tensor) throws -> [Curve] {
        guard try tensor.checked().rank == 2 else {
            throw GeneraError.software("Curves need a tensor [N, n], got \(tensor.summary).")
        }
        let values = try tensor.array(of: Double.self)
        let size = tensor.shape[1]
        return try (0..<tensor.shape[0]).map { try Curve(y: Array(values[$0 * size..<($0 + 1) * size])) }
    }

    /// How often numbers fall into even bins, as an outline.
    static func histogram(of values: [Double], title: String = "value") throws -> Curve {
        let (low, high) = (values.min() ?? 0, values.max() ?? 0)
        let count = low < high ? min(max(Int(Double(values.count).squareRoot()), 5), 100) : 1
        let width = low < high ? (high / Double(count) - low / Double(count)) : 1
        let start = low < high ? low : low - 0.5
        var bins = [Double](repeating: 0, count: count)
        for value in values { bins[min(max(Int((value - start) / width), 0), count - 1)] += 1 }
        let x = (0...count).flatMap { [start + Double($0) * width, start + Double($0) * width] }
        return try Curve(x: x, y: [0] + bins.flatMap { [$0, $0] } + [0], xTitle: title, yTitle: "samples")
    }

    /// A hundred thousand, though no more than 400 lines are drawn.
    public static var pictureLimit: Int { 100_000 }

    /// A plot of this sample.
    public func drawn() throws -> Image { try Self.picture(of: [self]) }

    /// One plot of all samples. Series of a name share a colour, and up to six names get a legend; a few samples of one
    /// series each get a colour each. Of more than 400 lines, evenly chosen ones are drawn and the title says so.
    ///
    /// - Throws: `GeneraError.software` if no sample has a finite height.
    public static func picture(of samples: [Curve]) throws -> Image {
        let all = samples.flatMap(\.series).filter { $0.y.contains(where: \.isFinite) }
        guard let first = samples.first, !all.isEmpty else {
            throw GeneraError.software("There is no curve to draw: no sample has a finite height.")
        }
        var shown = all
        if all.count > lineLimit { shown = (0..<lineLimit).map { all[$0 * all.count / lineLimit] } }
        var names: [String] = []
        for one in all where !names.contains(one.name) && names.count < 64 { names.append(one.name) }
        let hasOwnColors = names.count == 1 && shown.count <= 6
        let opacity = shown.count <= 8 ? 1 : min(0.7, 3 / Double(shown.count).squareRoot())
        var named: Set<String> = []
        let lines = shown.enumerated().map { index, one in
            let place = hasOwnColors ? index : names.firstIndex(of: one.name) ?? 0
            let name = names.count <= 6 && named.insert(one.name).inserted ? one.name : ""
            let ink = Color.okabeIto[place % Color.okabeIto.count].opacity(opacity)
            return LinePlot.Series(name, x: one.x, y: one.y, color: ink, width: shown.count <= 8 ? 1.6 : 1)
        }
        let title = shown.count < all.count ? "\(shown.count) of \(all.count) curves" : ""
        return try LinePlot(lines, title: title, x: Axis(first.xTitle), y: Axis(first.yTitle)).render()
    }

    private static let lineLimit = 400
}
