/// The noise levels that a model knows, where it does not know all: those of iDDPM networks are numbered (Nichol and Dhariwal, 2021).
/// Samplers go along them, as EDM's do (`round_sigma`).
public struct KnownLevels: Sendable, Equatable {
    /// The levels, in any order.
    public let levels: [Double]

    /// Some levels; nil if there are none.
    public init?(_ levels: [Double]) {
        guard !levels.isEmpty else { return nil }
        self.levels = levels
    }

    /// The nearest level, of two equally near ones the first. Distances are those of float32, in which the reference takes them.
    public func nearest(to sigma: Double) -> Double { levels[number(nearest: sigma)] }

    /// The place of the nearest level in the list.
    public func number(nearest sigma: Double) -> Int {
        let sigma = Float(sigma)
        return levels.indices.min { abs(Float(levels[$0]) - sigma) < abs(Float(levels[$1]) - sigma) } ?? 0
    }
}
