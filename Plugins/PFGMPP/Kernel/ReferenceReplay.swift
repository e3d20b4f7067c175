import Genera
import Synchronization

/// The random numbers that the reference implementation's sampler draws on the CPU, seed by seed and bit for bit: the prior's
/// Beta number and direction, the class, and the noise of churn.
///
/// They are made by LibTorch's own CPU generator (MT19937; normal numbers by its vectorised method of Box and Muller). That
/// generator belongs to the whole process, so each replay seeds it and draws under one lock; any number of threads may ask.
public struct ReferenceReplay: Sendable {
    /// The shape of a sample, `[C, H, W]`.
    public let shape: [Int]
    /// The augmentation's dimension.
    public let D: Double
    /// The number of classes; 0 for a model without.
    public let classes: Int

    /// Describes a model's draws.
    public init(shape: [Int], D: Double, classes: Int = 0) { (self.shape, self.D, self.classes) = (shape, D, classes) }

    /// The noise level at which the reference draws its prior, whatever `--sigma_max` says.
    public static let priorLevel = 80.0

    private static let generator = Mutex(())

    /// Draws from the generator of a seed, alone.
    private static func drawing<Result: Sendable>(_ seed: UInt64, _ body: () throws -> Result) rethrows -> Result {
        try generator.withLock { _ in
            Engine.seedGlobalGenerator(seed)
            return try body()
        }
    }

    /// The latents of a seed: `[1] + shape`. For finite D float64 at the noise level `sigma`; for D = infinity float32 of scale
    /// 1, which the reference multiplies by its first noise level.
    ///
    /// - Throws: if LibTorch lacks the primitives.
    public func latents(seed: UInt64, sigma: Double) throws -> Tensor {
        if D.isInfinite {
            return try Self.drawing(seed & 0xFFFF_FFFF) { try Operator.randn([.ints([1] + shape)]).checked() }
        }
        let count = shape.reduce(1, *)
        let halves = Tensor([Float(Double(count) / 2), Float(D / 2)], shape: [1, 2])
        let (beta, gaussian) = try Self.drawing(seed) {
            // The ratio of two gamma numbers, in float32 as in the reference.
            let beta = try Operator.dirichlet([.tensor(halves)]).array(of: Double.self)
            return (beta[0], try Operator.randn([.ints([1, count])]).checked())
        }
        let radii = ReferenceRadius.prior(beta: [beta], sigma: sigma, D: D)
        return try ReferenceRadius.scaled(gaussian, by: radii).reshaped([1] + shape).checked()
    }

    /// The class of a seed; 0 for a model without classes.
    ///
    /// - Throws: if LibTorch lacks the primitives.
    public func label(seed: UInt64) throws -> Int {
        guard classes > 0 else { return 0 }
        return try Self.drawing(seed & 0xFFFF_FFFF) {
            try skipLatents()
            return Int(try Operator.randint([.int(classes), .ints([])]).item())
        }
    }

    /// The noise that the reference draws in a step of a seed's sample, whether it uses it or not: `[1] + shape`, float64.
    ///
    /// - Complexity: draws the noise of the steps before it too.
    /// - Throws: if LibTorch lacks the primitives.
    public func noise(seed: UInt64, step: Int) throws -> Tensor {
        try Self.drawing(seed & 0xFFFF_FFFF) {
            try skipLatents()
            if classes > 0 { try Operator.randint([.int(classes), .ints([])]).checked() }
            var noise = Tensor(0.0)
            for _ in 0...step { noise = try Operator.randn([.ints(shape), .dtype(.float64)]).checked() }
            return noise.unsqueezed(0)
        }
    }

    /// For D = infinity the latents come from the generator of classes and noise, before them.
    private func skipLatents() throws {
        if D.isInfinite { try Operator.randn([.ints(shape)]).checked() }
    }
}

extension Operator {
    static let randn = Operator("randn")
    static let randint = Operator("randint")
    static let dirichlet = Operator("_sample_dirichlet")
}
