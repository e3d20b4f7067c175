import Genera

/// A point of more or fewer than two dimensions, shown by its first two coordinates.
public struct VectorSample: RowSample, Equatable {
    /// The coordinates.
    public let values: [Double]

    static func rows(of tensor: Tensor) throws -> [VectorSample] {
        let (values, width) = (try tensor.array(of: Double.self), tensor.shape[-1])
        return stride(from: 0, to: values.count, by: max(width, 1)).map {
            VectorSample(values: Array(values[$0..<$0 + width]))
        }
    }

    /// A scatter plot of this point.
    public func drawn() throws -> Image { try Self.picture(of: [self]) }

    /// A scatter plot of the first two coordinates; of one coordinate and 0 in one dimension.
    public static func picture(of samples: [VectorSample]) throws -> Image {
        let points = samples.map { Point($0.values.first ?? 0, $0.values.count > 1 ? $0.values[1] : 0) }
        return try ScatterPlot([ScatterPlot.Group(points: points)]).render()
    }

    /// A NumPy array `[points, dimension]` of float64.
    public static func data(of samples: [VectorSample]) throws -> SampleData? {
        let raw = RawTensor(samples.flatMap(\.values), shape: [samples.count, samples.first?.values.count ?? 0])
        return SampleData(fileExtension: "npy") { try NPY.write(raw, to: $0) }
    }
}
