import Tensors

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The best guess of the clean data behind a noisy `x` at noise level `sigma`: E[y | x].
public typealias Denoise = (_ x: Tensor, _ sigma: Double) throws -> Tensor

/// What evolves while noise is removed: the sample, and the guesses that multistep methods look back on.
public struct DenoisingState: Sendable {
    /// The denoiser's answer at an earlier node.
    public struct Guess: Sendable {
        /// The node's noise level.
        public let sigma: Double
        /// The denoiser's answer there, shaped like the sample.
        public let denoised: Tensor

        /// Makes a record of one evaluation.
        public init(sigma: Double, denoised: Tensor) {
            self.sigma = sigma
            self.denoised = denoised
        }
    }

    /// The noisy samples, with any shape that the denoiser takes: usually `[N, ...]`.
    public var x: Tensor
    /// Earlier guesses, newest first, at most three.
    public var guesses: [Guess] = []

    /// Starts at `x`, with no guesses to look back on.
    public init(x: Tensor) { self.x = x }

    mutating func remember(_ sigma: Double, _ denoised: Tensor) {
        guesses.insert(Guess(sigma: sigma, denoised: denoised), at: 0)
        if guesses.count > 3 { guesses.removeLast() }
    }

    /// The guess for the node the state is at: kept from the step before, or asked for.
    mutating func current(_ sigma: Double, _ denoise: Denoise) throws -> Tensor {
        if let newest = guesses.first, newest.sigma == sigma { return newest.denoised }
        let denoised = try denoise(x, sigma)
        remember(sigma, denoised)
        return denoised
    }

    /// What every multistep method begins a step with. Nil where the step ends at 0: there the guess is the answer, and the
    /// state already holds it.
    mutating func beginMultistep(_ index: Int, _ nodes: [Double], _ denoise: Denoise) throws -> MultistepStart? {
        let (sigma, next) = (nodes[index], nodes[index + 1])
        let guess = try current(sigma, denoise)
        guard next > 0 else {
            x = guess
            return nil
        }
        return MultistepStart(sigma: sigma, next: next, guess: guess, h: log(sigma / next))
    }
}

/// The beginning of a step in the variable lambda = -ln sigma.
struct MultistepStart {
    /// The node's noise level.
    let sigma: Double
    /// The next node's, above 0.
    let next: Double
    /// The denoiser's answer at the node.
    let guess: Tensor
    /// The length of the step, ln(sigma / next).
    let h: Double
}

/// A method that solves dx/dsigma = (x - E[y|x]) / sigma, or its stochastic relatives, along decreasing noise levels.
///
/// A solver is a value without memory: what it needs from one step to the next is in `DenoisingState`.
public protocol DenoisingSolver: Sendable {
    /// Carries the state from `nodes[index]` to `nodes[index + 1]`; the last node may be 0.
    ///
    /// - Parameters:
    ///   - noise: standard normal numbers shaped like the sample; the argument tells several draws of one step apart.
    ///   - denoise: the model.
    /// - Throws: what the model or the noise source throws.
    func step(
        _ state: inout DenoisingState, index: Int, nodes: [Double], noise: (Int) throws -> Tensor, denoise: Denoise
    ) throws

    /// How often `step` asks the model at that index.
    func evaluations(index: Int, nodes: [Double]) -> Int

    /// Whether fresh noise is added on the way, so that the end is not a function of the start.
    var addsNoise: Bool { get }

    /// How much of a Brownian motion has gone by at a noise level, where the noise of each step is what the motion adds between its ends,
    /// over the root of the difference of this clock; nil where noise is something else.
    func clock(_ sigma: Double) -> Double?

    /// Whether nodes are noise levels, and not times of the solver's own.
    var nodesAreLevels: Bool { get }

    /// The noise level at a node.
    func level(of node: Double) -> Double

    /// The standard deviation of the noise in the state at a node: by what unit noise is multiplied at the start.
    func spread(at node: Double) -> Double
}

extension DenoisingSolver {
    /// One evaluation a step.
    public func evaluations(index: Int, nodes: [Double]) -> Int { 1 }

    /// No noise on the way.
    public var addsNoise: Bool { false }

    /// Noise is no Brownian motion.
    public func clock(_ sigma: Double) -> Double? { nil }

    /// Nodes are noise levels.
    public var nodesAreLevels: Bool { true }

    /// The node is the noise level.
    public func level(of node: Double) -> Double { node }

    /// The state is not scaled: its noise has the level as its standard deviation.
    public func spread(at node: Double) -> Double { node }
}
