import Tensors

/// How the error of a step, in units of what is tolerated, becomes one number. A step is good if it is at most 1.
public enum ErrorNorm: Sendable {
    /// The root mean square over all numbers of all tensors.
    case all
    /// The largest of the samples' root mean squares; a sample is a row along the first axis, of all tensors together. So no
    /// sample's error hides behind those of others.
    case worstSample

    /// The norm of some tensors.
    ///
    /// - Throws: errors of the tensors; tensors without a first axis cannot be taken by samples.
    func callAsFunction(_ tensors: [Tensor]) throws -> Double {
        switch self {
        case .all:
            let count = tensors.reduce(0) { $0 + $1.elementCount }
            let sum = try tensors.reduce(0) { try $0 + $1.squared().sum().item() }
            return (sum / Double(max(count, 1))).squareRoot()
        case .worstSample:
            let rows = tensors.map { $0.reshaped([$0.shape[0], -1]).squared() }
            guard let first = rows.first else { return 0 }
            let sums = rows.dropFirst().reduce(first.sum(axes: [1])) { $0 + $1.sum(axes: [1]) }
            let width = rows.reduce(0) { $0 + $1.shape[1] }
            return (try sums.amax(axes: [0]).item() / Double(max(width, 1))).squareRoot()
        }
    }
}

/// How large errors may be: `absolute + relative·|x|` for each number.
struct Tolerance {
    let absolute: Double
    let relative: Double
    let norm: ErrorNorm

    private static let larger = Operator("maximum")

    /// Vectors of errors in units of what is tolerated near `x`, and near `other` if that is larger.
    func ratio(_ errors: [Tensor], at x: [Tensor], and other: [Tensor]? = nil) throws -> Double {
        let scaled = errors.indices.map { place in
            let own = x[place].abs()
            let size = other.map { Self.larger([.tensor(own), .tensor($0[place].abs())]) } ?? own
            return errors[place] / (size * relative + absolute)
        }
        return try norm(scaled)
    }
}
