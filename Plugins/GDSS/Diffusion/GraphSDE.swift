import Genera

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A stochastic differential equation that turns node features or edges into noise, t from 0 to 1 (Song et al., 2021).
///
/// All three kinds are linear: drift, means and discretised steps are multiples of x, and that is how they are given. Arithmetic is
/// float32 throughout, as the reference's: index and noise level of a step depend on it.
public struct GraphSDE: Codable, Equatable, Sendable {
    /// How noise grows.
    public enum Kind: String, Codable, CaseIterable, Sendable {
        /// Variance preserving.
        case vp = "VP"
        /// Variance exploding; its two numbers are the least and the greatest noise level.
        case ve = "VE"
        /// Between: less noise than VP at every time.
        case subVP = "subVP"
    }

    /// The kind.
    public var kind: Kind
    /// β or σ at t = 0.
    public var low: Float
    /// β or σ at t = 1.
    public var high: Float
    /// Steps that time is cut into, K.
    public var steps: Int

    enum CodingKeys: String, CodingKey {
        case kind = "type"
        case low = "beta_min"
        case high = "beta_max"
        case steps = "num_scales"
    }

    /// Makes an equation.
    ///
    /// - Throws: `GeneraError.usage` for numbers that make no equation.
    public init(_ kind: Kind, low: Float, high: Float, steps: Int = 1000) throws {
        (self.kind, self.low, self.high, self.steps) = (kind, low, high, steps)
        try check()
    }

    /// - Throws: `GeneraError.usage` that says which number is wrong.
    package func check() throws {
        guard low >= 1e-9, high >= low, high <= 1e6 else {
            throw GeneraError.usage(
                "An SDE needs 0 < beta_min <= beta_max, from 1e-9 to 1e6, not \(low) and \(high) "
                    + "(for VE they are the noise levels).")
        }
        guard (2...1_000_000).contains(steps) else {
            throw GeneraError.usage("An SDE is cut into 2 to 1,000,000 steps, not \(steps).")
        }
    }

    /// - Throws: `GeneraError.usage` for a way of drawing that this equation does not go with.
    package func check(_ sampling: GDSSSampling) throws {
        if sampling.predictor == .s4 { _ = try transition(1, -0.5) }
        guard marginal(sampling.end).deviation > 0 else {
            throw GeneraError.usage(
                "At time \(sampling.end) \(kind.rawValue) has less noise than float32 numbers tell from none: "
                    + "end at a later time (--eps), such as 1e-4.")
        }
        let isDiscrete = sampling.isCoupled || sampling.predictor == .reverse
        guard kind == .ve || !isDiscrete || high <= Float(steps) else {
            throw GeneraError.usage(
                "\(sampling.sentence) needs more steps than beta_max, which is \(high), not \(steps) (--steps).")
        }
    }

    /// The law of x_t given x_0: its mean as a multiple of x_0, and its deviation.
    ///
    /// VE has σ(t), not the root of σ(t)² - σ(0)², as the reference does.
    public func marginal(_ t: Float) -> (mean: Float, deviation: Float) {
        switch kind {
        case .ve: return (1, sigma(t))
        case .vp:
            let c = logMean(t)
            return (exp(c), (1 - exp(2 * c)).squareRoot())
        case .subVP:
            let c = logMean(t)
            return (exp(c), 1 - exp(2 * c))
        }
    }

    /// Drift as a multiple of x, and diffusion g(t).
    public func coefficients(_ t: Float) -> (drift: Float, diffusion: Float) {
        switch kind {
        case .ve: return (0, sigma(t) * (2 * (log(high) - log(low))).squareRoot())
        case .vp: return (-0.5 * beta(t), beta(t).squareRoot())
        case .subVP:
            let discount = 1 - exp(-2 * low * t - (high - low) * t * t)
            return (-0.5 * beta(t), (beta(t) * discount).squareRoot())
        }
    }

    /// One discrete step of the forward chain at t: f as a multiple of x, and G. DDPM's for VP, SMLD's for VE, Euler's for subVP.
    public func discretised(_ t: Float) -> (f: Float, G: Float) {
        switch kind {
        case .vp:
            let beta = discreteBeta(index(t))
            return ((1 - beta).squareRoot() - 1, beta.squareRoot())
        case .ve:
            let k = index(t)
            let (sigma, before) = (discreteSigma(k), k > 0 ? discreteSigma(k - 1) : 0)
            return (0, (sigma * sigma - before * before).squareRoot())
        case .subVP:
            let (drift, diffusion) = coefficients(t)
            let dt = 1 / Float(steps)
            return (drift * dt, diffusion * dt.squareRoot())
        }
    }

    /// The way from t to t + dt for dt below 0, without scores: the mean as a multiple of x, which grows for VP, and the deviation.
    ///
    /// - Throws: `GeneraError.usage` for subVP, whose transition has no such form.
    public func transition(_ t: Float, _ dt: Float) throws -> (mean: Float, deviation: Float) {
        switch kind {
        case .vp:
            let exponent = 0.25 * dt * (2 * low + (2 * t + dt) * (high - low))
            return (exp(-exponent), max(1 - exp(2 * exponent), 0).squareRoot())
        case .ve:
            let (from, to) = (sigma(t), sigma(t + dt))
            return (1, max(from * from - to * to, 0).squareRoot())
        case .subVP:
            throw GeneraError.usage("The S4 sampler knows VP and VE, not subVP. Use another predictor.")
        }
    }

    /// 1 - β_k of the discrete chain at t, by which Langevin steps are scaled; 1 for VE.
    public func alpha(_ t: Float) -> Float { kind == .ve ? 1 : 1 - discreteBeta(index(t)) }

    /// The log density of the prior at z (a standard normal for VP and subVP, of deviation σ(1) for VE), summed over all numbers.
    public func priorLogDensity(_ z: some Collection<Float>) -> Float {
        let count = Float(z.count)
        let square = z.reduce(Float(0)) { $0 + $1 * $1 }
        guard kind == .ve else { return -count / 2 * log(2 * .pi) - square / 2 }
        return -count / 2 * log(2 * .pi * high * high) - square / (2 * high * high)
    }

    /// β(t).
    func beta(_ t: Float) -> Float { low + t * (high - low) }

    /// σ(t) of VE.
    func sigma(_ t: Float) -> Float { low * pow(high / low, t) }

    private func logMean(_ t: Float) -> Float { -0.25 * t * t * (high - low) - 0.5 * t * low }

    /// The step that t falls into. The product is float32: in double precision it can be one more.
    package func index(_ t: Float) -> Int { min(max(Int(t * Float(steps - 1)), 0), steps - 1) }

    /// β_k of the discrete chain.
    package func discreteBeta(_ k: Int) -> Float {
        Self.point(k, of: steps, from: low / Float(steps), to: high / Float(steps))
    }

    private func discreteSigma(_ k: Int) -> Float { exp(Self.point(k, of: steps, from: log(low), to: log(high))) }

    /// Entry k of `linspace` in float32: counted from the nearer end.
    package static func point(_ k: Int, of count: Int, from start: Float, to end: Float) -> Float {
        let step = (end - start) / Float(count - 1)
        return k < count / 2 ? start + step * Float(k) : end - step * Float(count - 1 - k)
    }
}
