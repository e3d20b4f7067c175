import Genera

/// How text is drawn: in which order places are revealed, how many at a time, and how a token is chosen from its law.
public struct RADDSampling: Equatable, Sendable {
    /// What decides which places are revealed together.
    public enum Method: Equatable, Sendable {
        /// A grid of times (section 4 of the paper); places whose times fall into one interval are revealed together.
        case grid(Rate)
        /// One place at a time in an order: any-order autoregression.
        case ordered(Order)
        /// A fixed number a step, the surest first (LLaDA). Biased towards likely texts.
        case confidence(Score)
        /// All whose likeliest token has a probability above the threshold, and at least one (Fast-dLLM). Biased too.
        case threshold(Double)
        /// Fewer and fewer masks along a cosine, the surest first with noise of this temperature (MaskGIT). Biased too.
        case maskGIT(choice: Double)
        /// A grid on which tokens may be masked again (ReMDM).
        case remask(Remasking)
    }

    /// The rate at which a grid reveals.
    public enum Rate: String, CaseIterable, Sendable {
        /// The exact share between two times; SEDD's `analytic` is the same here.
        case tweedie
        /// The rate at the interval's start times its length.
        case euler
    }

    /// An order of places.
    public enum Order: Equatable, Sendable {
        /// Another random one for each text: the exact law of the first-hitting sampler.
        case random
        /// From the first to the last.
        case forward
        /// From the last to the first.
        case backward
        /// As listed; all places once.
        case listed([Int])
    }

    /// How sure a token is.
    public enum Score: String, CaseIterable, Sendable {
        /// Its probability.
        case probability
        /// What the likeliest token's probability is above the next one's.
        case margin
        /// Minus the entropy of the place's law.
        case entropy
        /// A random number.
        case random
    }

    /// How tokens are chosen from a law.
    public enum Strategy: Equatable, Sendable {
        /// By their probabilities.
        case direct
        /// Among the likeliest that have so much probability together.
        case topP(Double)
        /// Among so many of the likeliest.
        case topK(Int)
    }

    /// Which float behaviour is followed.
    public enum Precision: String, CaseIterable, Sendable {
        /// Places by their times, then tokens by the inverse of their distribution: the law itself.
        case exact
        /// The reference's race of 24-bit numbers over probabilities in float16, with its biases.
        case reference
        /// The same over probabilities in float32.
        case reference32 = "reference-fp32"
    }

    /// Which keys and values are kept while a block is decoded. An approximation.
    public enum Caching: String, CaseIterable, Sendable {
        /// None: exact.
        case none
        /// Those of what stands before the block.
        case prefix
        /// Those of all but the block.
        case dual
    }

    /// What decides which places come together.
    public var method = Method.grid(.tweedie)
    /// Intervals of the grid, or steps; nil for as many as there are places to draw, 32 at most of MaskGIT.
    public var steps: Int?
    /// How tokens are chosen.
    public var strategy = Strategy.direct
    /// What logits are divided by; 0 for the likeliest token.
    public var temperature = 1.0
    /// Which float behaviour is followed.
    public var precision = Precision.exact
    /// Places that are decoded before the next ones begin, from left to right; nil for all at once.
    public var blockLength: Int?
    /// Tokens by which the window moves where a text is longer than it; nil for half of it.
    public var stride: Int?
    /// How far the law is moved away from that without the given tokens; nil for no guidance (LLaDA's `cfg_scale`).
    public var guidance: Double?
    /// Which keys and values are kept.
    public var caching = Caching.none
    /// The grid's last time.
    public var end: Float = 1e-5
    /// Whether the ordered sampler draws given places anew too, and filtered laws keep the mask, as the reference does.
    package var keepsQuirks = false

    /// The exact sampler on a grid.
    public init() {}

    /// - Throws: `GeneraError.usage` for numbers that make no sense.
    public func check() throws {
        func need(_ holds: Bool, _ text: String) throws { if !holds { throw GeneraError.usage(text) } }
        if let steps { try need((1...1_000_000).contains(steps), "--steps must be 1 to 1,000,000, got \(steps).") }
        try need(
            temperature >= 0 && temperature <= 1e3, "--temperature must be 0 to 1000, got \(temperature).")
        switch strategy {
        case .direct: break
        case let .topP(p): try need(p > 0 && p <= 1, "top_p takes a share above 0 and at most 1, got \(p).")
        case let .topK(k): try need(k >= 1, "top_k takes a number of tokens from 1 on, got \(k).")
        }
        if let blockLength { try need(blockLength > 0, "--block-length must be 1 or more, got \(blockLength).") }
        if let stride { try need(stride > 0, "--stride must be 1 or more, got \(stride).") }
        if let guidance {
            try need(abs(guidance) <= 1000, "--guidance must be -1000 to 1000, got \(guidance).")
        }
        try need(end > 0 && end < 1, "--eps must be between 0 and 1, got \(end).")
        switch method {
        case let .threshold(share):
            try need(share > 0 && share <= 1, "--threshold must be above 0 and at most 1, got \(share).")
        case let .maskGIT(choice):
            try need(choice >= 0 && choice.isFinite, "--choice-temperature must be 0 or more, got \(choice).")
        case let .remask(remasking): try remasking.check()
        case .grid, .ordered, .confidence: break
        }
        if precision != .exact {
            let isReferences =
                switch method {
                case .grid, .ordered: true
                default: false
                }
            try need(
                isReferences && temperature == 1 && guidance == nil,
                "--sampling-precision reference is for tweedie, euler, analytic and ordered without --temperature and --guidance."
            )
        }
    }
}

/// How ReMDM masks tokens again (Wang et al., 2025), with alpha = 1 - t.
public struct Remasking: Equatable, Sendable {
    /// What the share of tokens that are masked again follows.
    public enum Kind: String, CaseIterable, Sendable {
        /// None is.
        case mdlm
        /// As many as a step back in time would mask.
        case forwardBackward = "forward-backward"
        /// At most `eta`.
        case cap
        /// `eta` times the most that there may be.
        case rescale
        /// By how sure each token was when it was drawn.
        case conf
        /// None at first and in the end, `eta` in between at a standstill.
        case loop
    }

    /// What the share follows.
    public var kind: Kind
    /// The share or factor.
    public var eta: Double
    /// Where `loop` begins to mask again, in time.
    public var on: Double
    /// Where it ends.
    public var off: Double
    /// The share of tokens that are there meanwhile.
    public var alphaOn: Double
    /// What tokens together have so much probability at most may be drawn; 1 for all.
    public var nucleus: Double

    /// Puts a way together.
    public init(
        _ kind: Kind, eta: Double = 0.02, on: Double = 0.55, off: Double = 0.05, alphaOn: Double = 0.9,
        nucleus: Double = 1
    ) {
        (self.kind, self.eta, self.on, self.off) = (kind, eta, on, off)
        (self.alphaOn, self.nucleus) = (alphaOn, nucleus)
    }

    /// - Throws: `GeneraError.usage` for numbers that are no way.
    func check() throws {
        func need(_ holds: Bool, _ text: String) throws { if !holds { throw GeneraError.usage(text) } }
        try need((0...1).contains(eta), "--eta must be 0 to 1, got \(eta).")
        try need(nucleus > 0 && nucleus <= 1, "--nucleus must be above 0 and at most 1, got \(nucleus).")
        guard kind == .loop else { return }
        try need(
            off > 0 && off < on && on < 1, "A loop needs 0 < --t-off < --t-on < 1, got \(off) and \(on).")
        try need(alphaOn > 0 && alphaOn < 1, "--alpha-on must be between 0 and 1, got \(alphaOn).")
    }
}
