import Platform
import Tensors

/// Rows of two sets of vectors over which a distance is taken.
public struct Parts: Sendable, Equatable {
    /// Rows of the first set, each at most once.
    public let first: [Int]
    /// Rows of the second set, each at most once.
    public let second: [Int]

    /// Some rows of two sets, counted from 0; none twice.
    public init(first: [Int], second: [Int]) {
        (self.first, self.second) = (first, second)
    }

    /// All rows of two sets.
    public static func whole(_ first: Int, _ second: Int) -> Parts {
        Parts(first: Array(0..<first), second: Array(0..<second))
    }
}

/// A number that says how far two sets of vectors `[N, d]` and `[M, d]` are apart, for sets of any two sizes.
///
///     let distance = try EnergyDistance()(drawn, real)
///
/// A distance is worked out over several parts of the sets at once, because what costs most (pairs of rows, sorting,
/// projecting) is the same for all of them. Axes after the second are taken as one with it. Distances hold no random
/// numbers: the same sets give the same bits.
public protocol SetDistance: Sendable {
    /// The distance between parts of two sets, one for each of `parts`.
    ///
    /// - Throws: `MetricError` for sets that cannot be compared or parts that are too small, and errors of tensors.
    func values(_ x: Tensor, _ y: Tensor, over parts: [Parts]) throws -> [Double]
}

extension SetDistance {
    /// The distance between two sets.
    ///
    /// - Throws: as `values(_:_:over:)`.
    public func callAsFunction(_ x: Tensor, _ y: Tensor) throws -> Double {
        try values(x, y, over: [.whole(x.shape[0], y.shape[0])])[0]
    }
}

/// Sets that cannot be compared.
public struct MetricError: KindedError, Equatable {
    /// One sentence.
    public let description: String
    /// Bad data.
    public var kind: FailureKind { .data }

    /// Makes an error.
    public init(_ description: String) { self.description = description }
}

/// Two sets ready for computing: float64 matrices of equal width without NaN.
struct SetPair {
    /// `[N, d]`.
    let x: Tensor
    /// `[M, d]`.
    let y: Tensor

    /// Checks two sets.
    ///
    /// - Throws: `MetricError` that says what is wrong with them, and errors of tensors.
    init(_ x: Tensor, _ y: Tensor) throws {
        (self.x, self.y) = (try Self.matrix(x), try Self.matrix(y))
        guard x.shape.dropFirst().elementsEqual(y.shape.dropFirst()) else {
            throw MetricError("Sets of \(x.shape) and \(y.shape) cannot be compared: their vectors differ in shape.")
        }
    }

    /// Both sets moved so that the mean of the second lies at 0, which saves digits where distances are differences.
    func centred() -> (x: Tensor, y: Tensor) {
        let mean = y.mean(axes: [0], keeping: true)
        return (x - mean, y - mean)
    }

    private static func matrix(_ set: Tensor) throws -> Tensor {
        guard try set.checked().rank >= 1, set.shape[0] > 0, set.elementCount > 0 else {
            throw MetricError("A set of vectors is [N, d] with N and d above 0, not \(set.shape).")
        }
        let matrix = set.detached().to(.cpu).to(.float64).reshaped([set.shape[0], -1]).contiguous()
        guard try matrix.isFinite() else { throw MetricError("A set of \(set.shape) holds NaN or infinite numbers.") }
        guard try matrix.abs().amax(axes: [0, 1]).item() < 1e100 else {
            throw MetricError(
                "A set of \(set.shape) holds numbers beyond 1e100, whose squares cannot be computed with.")
        }
        return matrix
    }

    /// Refuses parts with rows that are not there, or fewer than `least`.
    ///
    /// - Throws: `MetricError`.
    func check(_ parts: [Parts], least: Int = 1) throws {
        for part in parts {
            for (rows, count) in [(part.first, x.shape[0]), (part.second, y.shape[0])] {
                guard rows.count >= least else {
                    throw MetricError("At least \(least) vectors of each set are needed, \(rows.count) are there.")
                }
                guard rows.allSatisfy({ (0..<count).contains($0) }) else {
                    throw MetricError("A part of a set of \(count) vectors names rows that are not there.")
                }
            }
        }
    }
}
