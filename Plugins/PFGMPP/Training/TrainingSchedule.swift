import Genera

/// How the reference trains: the learning rate rises from 0, and models are averages of the weights whose half-life grows with the
/// samples seen (Karras et al., 2022, table 7 and the code published with it).
public struct TrainingSchedule: Sendable, Equatable {
    /// Samples a step.
    public var batch = 512
    /// The learning rate once it has risen.
    public var rate = 1e-3
    /// Samples over which it rises.
    public var ramp = 10_000_000.0
    /// Half-life of the average of weights, in samples.
    public var halfLife = 500_000.0
    /// The largest half-life as a part of the samples seen; 0 for no such limit.
    public var halfLifeRamp = 0.05

    /// The reference's on CIFAR-10.
    public init() {}

    /// The learning rate of the step after so many samples; 0 for the first, as in the reference.
    public func learningRate(after samples: Int) -> Double { rate * min(Double(samples) / max(ramp, 1e-8), 1) }

    /// The decay of the average of weights at the step after so many samples; 0 for the first, which copies.
    public func averageDecay(after samples: Int) -> Double {
        Average.halfLifeDecay(halfLife, batch: batch, ramp: halfLifeRamp, after: Double(samples))
    }

    /// The plan of a training by Adam. NaN in gradients becomes 0 and infinite elements ±1e5, as in the reference.
    ///
    /// - Parameters:
    ///   - samples: the length in samples; a last step that is begun is done.
    ///   - cut: samples an evaluation of the loss.
    ///   - clip: the largest norm of the gradient; nil for no clipping.
    public func plan(samples: Double, cut: Int, clip: Double? = nil) -> OptimiserPlan {
        let schedule = self
        let steps = (samples / Double(batch)).rounded(.up)
        return OptimiserPlan(
            steps: Int(min(max(steps, 1), Double(BatchOrder.mostSteps))), batch: batch, cut: cut, clip: clip,
            average: .halfLife(halfLife, batch: batch, ramp: halfLifeRamp), cleaning: 1e5
        ) { steps in schedule.learningRate(after: steps * schedule.batch) }
    }
}
