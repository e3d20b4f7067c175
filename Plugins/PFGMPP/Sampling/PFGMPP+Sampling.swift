import Genera

extension PFGMPP {
    /// How samples are drawn.
    ///
    ///     PFGMPP.Sampling(solver: .unipc(order: 2), levels: .rho(steps: 10), labels: .fixed(3))
    public struct Sampling: Sendable, Equatable {
        /// The way from noise to data.
        public var way: Way
        /// Which class each sample is of, where the model has classes.
        public var labels: Labels
        /// Strength of classifier-free guidance; 1 is none.
        public var guidance: Double
        /// The dimension of the augmentation, if it is to be another than the model was trained with.
        public var D: Double?
        /// Where the random numbers come from.
        public var numbers: Numbers

        /// A solver along noise levels.
        public init(
            solver: Solver = .heun(), levels: Levels = .rho(), labels: Labels = .random, guidance: Double = 1,
            D: Double? = nil, numbers: Numbers = .own
        ) {
            self.init(.solver(solver, levels), labels: labels, guidance: guidance, D: D, numbers: numbers)
        }

        /// Any way.
        public init(
            _ way: Way, labels: Labels = .random, guidance: Double = 1, D: Double? = nil, numbers: Numbers = .own
        ) {
            (self.way, self.labels, self.guidance, self.D, self.numbers) = (way, labels, guidance, D, numbers)
        }
    }

    /// The way from noise to data.
    public enum Way: Sendable, Equatable {
        /// A solver along noise levels.
        case solver(Solver, Levels)
        /// The generalised sampler of Karras et al. (2022) along times of its own.
        case generalized(Generalized)
    }

    /// What solves the differential equation along noise levels.
    public enum Solver: Sendable, Equatable {
        /// First order; one evaluation a step.
        case euler
        /// Second order, two evaluations a step and one for the last, with noise added on the way if asked for.
        case heun(churn: Churn = Churn())
        /// DPM-Solver++ of two guesses.
        case dpmpp2m
        /// DPM-Solver++ of three guesses as published.
        case dpmpp3m
        /// DPM-Solver++ of three guesses, third order.
        case dpmpp3mFull
        /// DPM-Solver++ of two guesses with fresh noise: `eta` 0 to 1, with a standard deviation of `inflation`.
        case dpmpp2mSDE(eta: Double = 1, inflation: Double = 1)
        /// UniPC of 1 to 3 guesses.
        case unipc(order: Int, variant: UniPC.Variant = .bh2)
        /// First order with fresh noise: `eta` 0 to 1.
        case eulerAncestral(eta: Double = 1)
        /// Another solver with noise of `alpha` noise levels added before every step, a robustness experiment.
        indirect case disturbed(Solver, alpha: Double)
    }

    /// The noise levels between noise and data, without the final 0.
    public enum Levels: Sendable, Equatable {
        /// Equal steps of sigma^(1/rho) (Karras et al., 2022, eq. 5).
        case rho(steps: Int = 18, rho: Double = 7, bounds: Bounds = Bounds())
        /// Equal steps of ln sigma.
        case logLinear(steps: Int = 18, bounds: Bounds = Bounds())
        /// Equal steps of atan(sigma).
        case cosine(steps: Int = 18, bounds: Bounds = Bounds())
        /// Equal steps of the variance-preserving diffusion's time.
        case variancePreserving(steps: Int = 18, bounds: Bounds = Bounds())
        /// The optimum for Gaussian data.
        case alignYourSteps(steps: Int = 18, bounds: Bounds = Bounds())
        /// Just these, falling; with `steps`, so many between them.
        case listed([Double], steps: Int? = nil)
    }

    /// The lowest and the highest noise level. What a model does not take is cut off.
    public struct Bounds: Sendable, Equatable {
        /// The lowest level above 0.
        public var low: Double
        /// The highest level.
        public var high: Double

        /// Those of Karras et al. (2022) unless stated.
        public init(low: Double = 0.002, high: Double = 80) { (self.low, self.high) = (low, high) }
    }

    /// The choices of the generalised sampler.
    public struct Generalized: Sendable, Equatable {
        /// sigma(t).
        public enum Schedule: Sendable, Equatable {
            /// The variance-preserving diffusion's through the bounds, the lower at the time `epsilon`.
            case vp(epsilon: Double = 1e-3)
            /// sqrt(t).
            case ve
            /// t.
            case linear
        }

        /// How a step is made.
        public var method = GeneralizedEDM.Method.secondOrder(alpha: 1)
        /// How the levels are spaced.
        public var discretization = EDMDiscretization.edm()
        /// sigma(t).
        public var schedule = Schedule.linear
        /// s(t).
        public var scaling = GeneralizedEDM.Scaling.none
        /// Noise added before each step.
        public var churn = Churn()
        /// Levels above 0.
        public var steps = 18
        /// The lowest level; that of the discretisation if nil.
        public var low: Double?
        /// The highest level; that of the discretisation if nil.
        public var high: Double?

        /// EDM's own choices, to be changed.
        public init() {}
    }

    /// Which class each sample is of. Models without classes do not care.
    public enum Labels: Sendable, Equatable {
        /// No class.
        case none
        /// The same class for all.
        case fixed(Int)
        /// Sample i is of class i modulo the number of classes.
        case cycling
        /// Drawn from the seed.
        case random
    }

    /// Where random numbers come from.
    public enum Numbers: Sendable, Equatable {
        /// Addressed noise: a sample's numbers are a function of seed and index.
        case own
        /// The same, but what a stochastic solver adds along the way is one Brownian motion a sample, so that more steps refine the same
        /// sample.
        case motion
        /// For sample i those that the reference implementation draws on the CPU under its seed `seed + i`.
        case reference
    }
}
