import Genera

/// How graphs are drawn: the method, its numbers, and what of it is kept.
public struct GDSSSampling: Codable, Equatable, Sendable {
    /// What carries a graph from noise to a sample.
    public enum Predictor: String, Codable, CaseIterable, Sendable {
        /// Euler and Maruyama's steps of the reverse equation.
        case euler = "Euler"
        /// Ancestral steps of the discrete chain.
        case reverse = "Reverse"
        /// Symmetric splitting, which corrects and predicts with one evaluation of each network (the paper's section 3.3).
        case s4 = "S4"
        /// Heun's steps of the probability flow, second order; for few steps.
        case heun = "Heun"
        /// Exponential integrator of the probability flow, second order multistep (DPM-Solver++ 2M's form); for few steps.
        case exponential = "Exponential"
    }

    /// What brings a noisy graph nearer to the law of its noise level.
    public enum Corrector: String, Codable, CaseIterable, Sendable {
        /// Nothing.
        case none = "None"
        /// Langevin steps.
        case langevin = "Langevin"
    }

    /// The predictor.
    public var predictor = Predictor.euler
    /// The corrector.
    public var corrector = Corrector.langevin
    /// Signal to noise of a Langevin step.
    public var snr: Float = 0.05
    /// Scale of the noise that a Langevin step adds.
    public var scale: Float = 0.7
    /// Langevin steps in a row.
    public var corrections = 1
    /// The time at which sampling ends.
    public var end: Float = 1e-4
    /// Whether the last step adds no noise.
    public var removesNoise = true
    /// Whether the predictor follows the probability flow: half the score and no noise.
    public var isFlow = false
    /// Whether the averaged weights draw.
    public var usesAverage = false
    /// Graphs that are corrected together, for the length of a Langevin step is a mean over them.
    public var together = 128

    enum CodingKeys: String, CodingKey {
        case predictor
        case corrector
        case snr
        case scale = "scale_eps"
        case corrections = "n_steps"
        case end = "eps"
        case removesNoise = "noise_removal"
        case isFlow = "probability_flow"
        case usesAverage = "use_ema"
        case together
    }

    /// Euler's steps with Langevin corrections.
    public init() {}

    /// - Throws: `GeneraError.usage` for numbers that make no sampler.
    package func check() throws {
        guard (1...100).contains(corrections) else {
            throw GeneraError.usage("A Langevin corrector makes 1 to 100 steps in a row (n_steps), not \(corrections).")
        }
        guard end > 0, end < 1 else {
            throw GeneraError.usage("Sampling ends at a time (eps) between 0 and 1, not \(end).")
        }
        guard (0...1000).contains(snr), (0...1000).contains(scale) else {
            throw GeneraError.usage("snr and scale_eps are 0 to 1000, not \(snr) and \(scale).")
        }
        guard (1...100_000).contains(together) else {
            throw GeneraError.usage("1 to 100,000 graphs are drawn together, not \(together).")
        }
    }

    /// Whether the graphs of a batch touch each other.
    package var isCoupled: Bool { predictor == .s4 || corrector == .langevin }
}
