#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Which average of its weights an optimiser keeps. Models are made of it.
public enum Average: Sendable {
    /// None: the model is made of the weights themselves.
    case none
    /// After each step `average = decay · average + (1 - decay) · weight`; the closure gives the decay of the step after so many steps,
    /// 0 for the first of all. A decay of 0 copies.
    case decay(@Sendable (_ steps: Int) -> Double)

    /// The decay `min(limit, (1 + n) / (10 + n))` in step n, counted from 1: short at first, so that the start is forgotten.
    public static func counted(_ limit: Double) -> Average {
        .decay { steps in min(limit, Double(steps + 2) / Double(steps + 11)) }
    }

    /// What lies `halfLife` samples back counts half; while training is young, what lies `ramp` times the samples seen back. The first
    /// step copies where there is a ramp (Karras et al., 2022).
    ///
    /// - Parameters:
    ///   - samples: the half-life in training samples.
    ///   - batch: samples a step.
    ///   - ramp: the largest half-life as a part of the samples seen; 0 for no such limit.
    public static func halfLife(_ samples: Double, batch: Int, ramp: Double = 0) -> Average {
        .decay { halfLifeDecay(samples, batch: batch, ramp: ramp, after: Double($0) * Double(batch)) }
    }

    /// The decay of `halfLife` in the step after so many samples.
    public static func halfLifeDecay(_ samples: Double, batch: Int, ramp: Double, after seen: Double) -> Double {
        let halfLife = ramp > 0 ? min(samples, ramp * seen) : samples
        return pow(0.5, Double(batch) / max(halfLife, 1e-8))
    }
}
