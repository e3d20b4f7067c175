import Metrics
import Tensors

extension PointCloud: Featured {
    /// Each point a row, `[points, d]`, float64.
    ///
    /// - Throws: `GeneraError.badData` for points of several dimensions.
    public static func features(of samples: [PointCloud]) throws -> Tensor {
        let dimension = samples.first?.dimension ?? 0
        guard samples.allSatisfy({ $0.dimension == dimension }) else {
            throw GeneraError.badData(
                file: "the samples", reason: "are points of several dimensions",
                advice: "only points of one dimension can be measured")
        }
        let values = samples.flatMap(\.values)
        return try Tensor(values, shape: [dimension == 0 ? 0 : values.count / dimension, dimension]).checked()
    }

    /// The number of points.
    public var vectorCount: Int { count }

    /// Between the laws of all points together: distances and neighbours. Between each cloud and its own real one: how far points
    /// of one number are apart, and, for clouds of several points, energy distance, MMD and the distance of fitted Gaussians.
    public static let measures: [Measure<PointCloud>] =
        Measure.ofVectors + [
            Measure(
                ofPairs: "paired-distance",
                "Root-mean-square distance of the points of each cloud from those of its real one, in order."
            ) { drawn, real in
                guard drawn.count == real.count, drawn.count > 0 else { return .nan }
                let squares = zip(drawn.values, real.values).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
                return (squares / Double(drawn.count)).squareRoot()
            },
            Measure(
                ofPairs: "paired-energy", "Energy distance of each cloud and its real one, unbiased.",
                range: -Double.infinity...Double.infinity, distance: EnergyDistance()),
            Measure(
                ofPairs: "paired-mmd",
                "Squared MMD of each cloud and its real one, Gaussians around the median distance.",
                range: -Double.infinity...Double.infinity, distance: KernelMMD()),
            Measure(
                ofPairs: "paired-frechet", "Fréchet distance of Gaussians fitted to each cloud and its real one.",
                distance: FrechetDistance()),
        ]
}
