import Formats
import Metrics
import Tensors

/// Mean and covariance of the features of a whole data set, as they are kept for the Fréchet distance.
public struct FeatureStatistics: Sendable {
    /// Mean and covariance.
    public let fit: GaussianFit
    /// Where they are from, for messages.
    public let name: String

    /// Takes a fit.
    public init(_ fit: GaussianFit, name: String) { (self.fit, self.name) = (fit, name) }

    /// Reads an `.npz` file with the arrays `mu` `[d]` and `sigma` `[d, d]`, as the reference implementations of FID write it.
    ///
    /// - Throws: `FormatError` for a file that cannot be read, `GeneraError.badData` for arrays that do not fit together, hold
    ///   numbers that are not finite, or are no covariance.
    public init(path: String) throws {
        guard FileSystem.exists(path) else {
            throw GeneraError.noInput("\(path): there is no such file of statistics.")
        }
        let file = try NPZ(path: path)
        let (mean, covariance) = (try file.tensor("mu"), try file.tensor("sigma"))
        let width = mean.elementCount
        func need(_ holds: Bool, _ reason: String) throws {
            guard holds else {
                throw GeneraError.badData(
                    file: path, reason: reason, advice: "statistics are arrays mu [d] and sigma [d, d] of real numbers")
            }
        }
        for array in [mean, covariance] {
            try need(array.dtype == .float64 || array.dtype == .float32, "holds numbers of type \(array.dtype)")
        }
        try need(
            mean.shape == [width] && covariance.shape == [width, width] && (1...65_536).contains(width),
            "holds mu \(mean.shape) and sigma \(covariance.shape)")
        let values = covariance.doubles()
        try need(
            mean.doubles().allSatisfy(\.isFinite) && values.allSatisfy(\.isFinite), "holds numbers that are not finite")
        try need((0..<width).allSatisfy { values[$0 * width + $0] >= 0 }, "holds a negative variance")
        let largest = (0..<width).reduce(0.0) { max($0, values[$1 * width + $1]) }
        let isSymmetric = (0..<width).allSatisfy { row in
            (0..<row).allSatisfy { abs(values[row * width + $0] - values[$0 * width + row]) <= 1e-6 * largest + 1e-12 }
        }
        try need(isSymmetric, "holds a sigma that is not symmetric")
        self.init(
            GaussianFit(
                mean: try Tensor(mean).to(.float64).cloned().checked(),
                covariance: try Tensor(covariance).to(.float64).cloned().checked()), name: path)
    }

    /// Writes the arrays `mu` and `sigma`, float64.
    ///
    /// - Throws: `FormatError` with the system's reason.
    public func save(to path: String) throws {
        try NPZ.write([("mu", try RawTensor(fit.mean)), ("sigma", try RawTensor(fit.covariance))], to: path)
    }

    /// Refuses features of another width.
    ///
    /// - Throws: `GeneraError.badData` that names both.
    func check(width: Int) throws {
        guard fit.mean.shape[0] != width else { return }
        throw GeneraError.badData(
            file: name, reason: "is about features of \(fit.mean.shape[0]) numbers, these have \(width)",
            advice: "use the --extractor that the statistics were made with")
    }
}
