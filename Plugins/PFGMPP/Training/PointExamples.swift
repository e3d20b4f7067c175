import Genera

/// Points to learn from.
struct PointExamples: TrainingExamples {
    /// Centres or points, row after row.
    private let values: [Float]
    private let dimension: Int
    /// Deviation of the fresh noise around each row.
    private let spread: Double
    /// How many examples stand for one row.
    private let copies: Int
    /// Where examples go.
    var device = Device.cpu

    var count: Int { values.count / dimension * copies }
    var shape: [Int] { [dimension, 1, 1] }
    var digest: String {
        let bytes = values.withUnsafeBytes { ByteView($0) }
        return "\(FileDigest.sha256(bytes)) \(dimension) \(spread) \(copies)"
    }

    /// Every point of a cloud is an example.
    init(_ cloud: PointCloud) { self.init(values: cloud.values.map { Float($0) }, dimension: cloud.dimension) }

    private init(values: [Float], dimension: Int, spread: Double = 0, copies: Int = 1) {
        (self.values, self.dimension, self.spread, self.copies) = (values, dimension, spread, copies)
    }

    static func eightGaussians() -> PointExamples {
        let centres = CircleOfEight.centres.flatMap { $0.map { Float($0) } }
        return PointExamples(values: centres, dimension: 2, spread: CircleOfEight.deviation, copies: 1000)
    }

    /// 1000 points around +1 and as many around -1 in each of ten dimensions, deviation 0.2, times a random matrix 10 x 1000,
    /// plus noise of 0.01; cut to ±100 and divided by sqrt(0.2² + 1²).
    static func twoClusters() throws -> PointExamples {
        let noise = Noise(seed: 13, samples: [0])
        let signs = Tensor((0..<2000).map { Float($0 < 1000 ? 1 : -1) }, shape: [2000, 1])
        let clusters = try noise.normal([2000, 10], at: .start).reshaped([2000, 10]) * 0.2 + signs
        let matrix = try noise.normal([10, 1000], at: .start(draw: 1)).reshaped([10, 1000])
        let blur = try noise.normal([2000, 1000], at: .start(draw: 2)).reshaped([2000, 1000]) * 0.01
        let points = (clusters.matmul(matrix) + blur).clamp(-100, 100) / 1.04.squareRoot()
        return PointExamples(values: try points.array(), dimension: 1000)
    }

    func clean(_ indices: [Int], noise: Noise) throws -> (examples: Tensor, augmentLabels: Tensor?) {
        let rows = indices.flatMap { index in
            let row = index / copies * dimension
            return values[row..<row + dimension]
        }
        let points = Tensor(rows, shape: [indices.count] + shape)
        guard spread > 0 else { return (points.to(device), nil) }
        let fresh = try noise.normal(shape, at: .start(draw: TrainingDraw.point)) * spread
        return ((points + fresh).to(device), nil)
    }

    func labels(_ indices: [Int], width: Int) throws -> Tensor {
        throw GeneraError.usage("--cond was given, but points have no labels.")
    }
}
