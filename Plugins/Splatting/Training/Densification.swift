import Foundation
import Genera

/// Adaptive control of how many splats there are (Kerbl et al., 2023, section 5.2): clone small ones and split large ones where the
/// picture pulls at them, remove those that have faded.
public struct Densification: Sendable, Equatable {
    /// The mean screen gradient from which a splat is cloned or split, in units of half a picture.
    public var gradientThreshold: Float = 0.0002
    /// The share of the scene's extent below which a splat counts as small.
    public var percentDense: Float = 0.01
    /// Splats of less opacity are removed.
    public var leastOpacity: Float = 0.005
    /// Copies that a split makes.
    public static let copies = 2

    /// The published values.
    public init() {}

    /// What came of it.
    public struct Changes: Sendable, Equatable {
        /// Splats of which a copy was made.
        public var cloned: Int
        /// Splats that became two.
        public var split: Int
        /// Splats that were taken away, those that were split not counted.
        public var removed: Int

        /// Numbers of splats.
        public init(cloned: Int = 0, split: Int = 0, removed: Int = 0) {
            (self.cloned, self.split, self.removed) = (cloned, split, removed)
        }
    }

    /// Clones, splits and removes.
    ///
    /// - Parameters:
    ///   - extent: the radius of the scene.
    ///   - removesLarge: whether splats larger than a tenth of the extent are removed too.
    ///   - limit: the most splats there may be; those that are pulled at most come first.
    ///   - noise: standard normal numbers for so many copies of splits, `[copies, 3]`.
    public func apply(
        to trained: inout TrainedSplats, extent: Float, removesLarge: Bool, limit: Int = .max,
        noise: (_ copies: Int) throws -> [Float]
    ) rethrows -> Changes {
        let splats = trained.splats, count = splats.count
        let largest = (0..<count).map { k in (0..<3).map { splats[Splats.Plane.logScale + $0, k] }.max()! }
            .map { exp($0) }
        var pulls = (0..<count).map { k -> Float in
            let pull = trained.gradientSums[k] / trained.timesSeen[k]
            return pull.isNaN ? 0 : pull
        }
        Self.limit(&pulls, threshold: gradientThreshold, to: limit - count)
        let small = percentDense * extent
        let clones = (0..<count).filter { pulls[$0] >= gradientThreshold && largest[$0] <= small }.map(Int32.init)
        let splits = (0..<count).filter { pulls[$0] >= gradientThreshold && largest[$0] > small }.map(Int32.init)
        let isSplit = splits.reduce(into: [Bool](repeating: false, count: count)) { $0[Int($1)] = true }
        let kept = (0..<Int32(count)).filter { !isSplit[Int($0)] }
        let copies = (0..<Self.copies).flatMap { _ in splits }
        trained.rebuild(kept + clones + copies, fresh: kept.count)
        try Self.scatter(&trained.splats, from: kept.count + clones.count, noise: noise)
        let removed = remove(from: &trained, largerThan: removesLarge ? 0.1 * extent : .infinity)
        return Changes(cloned: clones.count, split: splits.count, removed: removed)
    }

    /// Removes faded splats, and those larger than a size.
    func remove(from trained: inout TrainedSplats, largerThan size: Float) -> Int {
        let splats = trained.splats
        let kept = (0..<splats.count).filter { k in
            let opacity = 1 / (1 + exp(-splats[Splats.Plane.opacity, k]))
            guard size.isFinite else { return opacity >= leastOpacity }
            let largest = (0..<3).map { splats[Splats.Plane.logScale + $0, k] }.max()!
            return opacity >= leastOpacity && exp(largest) <= size
        }
        guard kept.count < splats.count else { return 0 }
        trained.rebuild(kept.map(Int32.init), fresh: kept.count)
        return splats.count - kept.count
    }

    /// Moves the copies of splits to where the splat itself would put them, and makes them smaller.
    private static func scatter(
        _ splats: inout Splats, from first: Int, noise: (_ copies: Int) throws -> [Float]
    ) rethrows {
        let copies = splats.count - first
        guard copies > 0 else { return }
        let numbers = try noise(copies)
        for j in 0..<copies {
            let k = first + j
            let scales = (0..<3).map { exp(splats[Splats.Plane.logScale + $0, k]) }
            let rotation = Covariance.rotation((0..<4).map { Double(splats[Splats.Plane.rotation + $0, k]) })
            for axis in 0..<3 {
                var shift: Float = 0
                for i in 0..<3 { shift += Float(rotation[3 * axis + i]) * numbers[3 * j + i] * scales[i] }
                splats[Splats.Plane.position + axis, k] += shift
                splats[Splats.Plane.logScale + axis, k] = log(scales[axis] / (0.8 * Float(Self.copies)))
            }
        }
    }

    /// Leaves the strongest pulls above a threshold alone, so many, and quietens the others.
    private static func limit(_ pulls: inout [Float], threshold: Float, to most: Int) {
        let wanted = pulls.indices.filter { pulls[$0] >= threshold }
        guard wanted.count > most else { return }
        let order = wanted.sorted { (pulls[$1], $0) < (pulls[$0], $1) }
        for k in order.dropFirst(max(most, 0)) { pulls[k] = 0 }
    }
}
