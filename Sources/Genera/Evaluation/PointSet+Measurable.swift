import Formats
import Metrics
import Tensors

extension PointSet: Measurable {
    /// Each point a row, `[points, 2]`, float64.
    public static func features(of samples: [PointSet]) throws -> Tensor {
        let values = samples.flatMap { $0.points.flatMap { [$0.x, $0.y] } }
        return try Tensor(values, shape: [values.count / 2, 2]).checked()
    }

    /// Points from an `.npy` file `[..., 2]` or a table of two columns.
    public static func reference(from path: String, choosing: (_ count: Int) throws -> [Int]) throws -> Tensor {
        let values: [Double]
        switch ReferenceFile.kind(path) {
        case "npy":
            let array = try ReferenceFile.array(path)
            guard array.shape.count >= 2, array.shape.last == 2 else {
                throw GeneraError.badData(
                    file: path, reason: "holds \(array.shape)", advice: "points are an array [N, 2]")
            }
            values = array.doubles()
        case "csv", "tsv":
            try ReferenceFile.require(path)
            let table = try CSV(path: path)
            guard table.columnCount == 2 else {
                throw GeneraError.badData(
                    file: path, reason: "has \(table.columnCount) columns", advice: "points have two, x and y")
            }
            values = try table.numbers()
        default:
            try ReferenceFile.require(path)
            throw GeneraError.badData(
                file: path, reason: "is neither .npy nor .csv",
                advice: "points are compared with those of an array [N, 2] or a table of two columns")
        }
        try ReferenceFile.requireFinite(values, width: 2, file: path)
        let rows = try choosing(values.count / 2)
        return try Tensor(rows.flatMap { [values[2 * $0], values[2 * $0 + 1]] }, shape: [rows.count, 2]).checked()
    }

    /// Distances between laws, and neighbours.
    public static let measures: [Measure] = [
        .slicedWasserstein, .energy, .mmd, .frechet, .neighbours(.precision), .neighbours(.recall),
        .neighbours(.density), .neighbours(.coverage),
    ]
}
