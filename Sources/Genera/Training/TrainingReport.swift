/// What a training run came to.
public struct TrainingReport: Sendable {
    /// Steps done.
    public let step: Int
    /// Training samples seen.
    public let samples: Int
    /// What the trainer said: of losses the mean of the last ten lines of metrics, of others the last. Empty if none was written yet.
    public let metrics: [Metric]
    /// What the model's assessment came to; empty if the run was stopped before its end.
    public let assessment: [Metric]
    /// Seconds of work in all sittings.
    public let seconds: Double
    /// Whether someone, or the clock, stopped it before its end.
    public let wasStopped: Bool
    /// The model, ready for sampling.
    public let modelFile: String
}
