import Metrics
import Tensors

extension PointCloud: Measurable {
    /// Each point a row, `[points, d]`, float64.
    public static func features(of samples: [PointCloud]) throws -> Tensor {
        let dimension = samples.first?.dimension ?? 0
        guard samples.allSatisfy({ $0.dimension == dimension }) else {
            throw GeneraError.badData(
                file: "the drawn samples", reason: "are points of several dimensions",
                advice: "only points of one dimension can be measured")
        }
        let values = samples.flatMap(\.values)
        return try Tensor(values, shape: [dimension == 0 ? 0 : values.count / dimension, dimension]).checked()
    }

    /// Distances between laws, and neighbours.
    public static let measures: [Measure] = [
        .slicedWasserstein, .energy, .mmd, .frechet, .neighbours(.precision), .neighbours(.recall),
        .neighbours(.density), .neighbours(.coverage),
    ]
}
