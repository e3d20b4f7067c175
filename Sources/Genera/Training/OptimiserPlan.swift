import Tensors

/// How an `ObjectiveTrainer` trains: plain values and closures, no options.
///
///     let plan = OptimiserPlan(steps: 3000, batch: 256, average: .counted(0.999)) { 1e-3 * min(Double($0) / 500, 1) }
public struct OptimiserPlan: Sendable {
    /// Steps of a whole run.
    public var steps: Int
    /// Samples a step.
    public var batch: Int
    /// Samples an evaluation of the loss, a matter of memory and speed. Nil keeps the batch whole, for losses whose terms depend on the
    /// other samples of the batch; threads have then nothing to share.
    public var cut: Int?
    /// What happens where an epoch ends.
    public var ends: BatchOrder.Ends
    /// How weights move.
    public var rule: any UpdateRule
    /// The largest norm of the gradient; nil for no clipping.
    public var clip: Double?
    /// Which average of the weights models are made of.
    public var average: Average
    /// What NaN and infinite elements of gradients become, as in `Optimiser.cleaning`. Nil, which is what you want, makes them errors.
    public var cleaning: Double?
    /// The learning rate of the step after so many steps, 0 for the first.
    public var rate: @Sendable (_ steps: Int) -> Double

    /// Makes a plan; the last argument is the learning rate.
    public init(
        steps: Int, batch: Int, cut: Int? = nil, ends: BatchOrder.Ends = .endless, rule: any UpdateRule = Adam(),
        clip: Double? = nil, average: Average = .none, cleaning: Double? = nil,
        rate: @escaping @Sendable (_ steps: Int) -> Double
    ) {
        (self.steps, self.batch, self.cut, self.ends, self.rule) = (steps, batch, cut, ends, rule)
        (self.clip, self.average, self.cleaning, self.rate) = (clip, average, cleaning, rate)
    }
}
