/// Which of a sample's random draws is meant: the step of the sampler, and the number of the draw within the step.
///
/// With the seed and the sample's index it makes up the generator's counter (block, draw, step, sample), so that every
/// random number has an address and none depends on what was drawn before.
///
///     let start = try noise.normal([3, 32, 32], at: .start)
///     let churn = try noise.normal([3, 32, 32], at: .step(4))
public struct DrawAddress: Sendable, Hashable, CustomStringConvertible {
    let stage: UInt32
    let draw: UInt32

    private init(stage: Int, draw: Int) {
        precondition((0..<1 << 32).contains(stage), "A step lies in 0..<2^32 - 1.")
        precondition((0..<1 << 24).contains(draw), "The number of a draw lies in 0..<2^24, got \(draw).")
        self.stage = UInt32(stage)
        self.draw = UInt32(draw)
    }

    /// The first draw before the first step.
    public static let start = start(draw: 0)

    /// A draw before the first step.
    public static func start(draw: Int) -> DrawAddress { DrawAddress(stage: 0, draw: draw) }

    /// A draw within step `k`, counted from 0.
    public static func step(_ k: Int, draw: Int = 0) -> DrawAddress { DrawAddress(stage: k + 1, draw: draw) }

    /// For example `start, draw 1` or `step 4, draw 0`.
    public var description: String { "\(stage == 0 ? "start" : "step \(stage - 1)"), draw \(draw)" }
}

/// What is drawn. Kinds have streams of their own: a normal and a uniform draw at one address are independent.
public enum DrawKind: UInt32, Sendable, Hashable, CaseIterable {
    /// Tensors of standard normal numbers.
    case normal
    /// Tensors of numbers uniform in [0, 1).
    case uniform
    /// One standard normal number a sample, in double precision.
    case normalNumber
    /// One number uniform in [0, 1) a sample, in double precision.
    case uniformNumber
    /// One gamma-distributed number a sample.
    case gamma
    /// One whole number a sample.
    case integer
}
