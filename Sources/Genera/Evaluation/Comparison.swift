import Metrics
import Synchronization
import Tensors

/// Drawn samples beside real ones, with what several measures need of them.
public final class Comparison: Sendable {
    /// The drawn samples as `Measurable.features(of:)` gives them, `[N, ...]`.
    public let drawn: Tensor
    /// The real samples in the same form, `[M, ...]`.
    public let real: Tensor
    /// The extractor's features of the drawn samples, `[N, ...]`.
    public let drawnFeatures: Tensor
    /// The extractor's features of the real samples, `[M, ...]`.
    public let realFeatures: Tensor
    /// The class that each drawn sample was asked to be; nil where there are no classes.
    public let drawnClasses: [Int]?
    /// The seed of what is random in a measure, and the sizes of what measures take from the sets.
    public let settings: EvaluationSettings
    private let known = Mutex<Neighbourhoods?>(nil)

    /// Sets two sets side by side.
    ///
    /// - Throws: errors of the tensors and of the extractor.
    public init(
        drawn: Tensor, real: Tensor, drawnClasses: [Int]? = nil, settings: EvaluationSettings = EvaluationSettings()
    ) throws {
        self.drawnClasses = drawnClasses
        (self.drawn, self.real, self.settings) = (try drawn.checked(), try real.checked(), settings)
        drawnFeatures = try settings.extractor.features(drawn).checked()
        realFeatures = try settings.extractor.features(real).checked()
    }

    /// Who is near whom among the features; worked out once for all measures that ask.
    ///
    /// - Throws: errors of the metric.
    public func neighbourhoods() throws -> Neighbourhoods {
        try known.withLock { known in
            if let known { return known }
            let near = try Neighbourhoods(drawnFeatures, realFeatures, k: settings.neighbours)
            known = near
            return near
        }
    }

    /// Whether the extractor takes each drawn sample for the class it was asked to be; nil if it was not asked.
    ///
    /// - Throws: `GeneraError.usage` for an extractor that knows no classes; its errors.
    public func classHits() throws -> [Bool]? {
        guard let predict = settings.extractor.labels else {
            throw GeneraError.usage(
                "The measure 'label-agreement' needs a classifier: name one with --extractor, for example digits-classifier."
            )
        }
        guard let drawnClasses else { return nil }
        return try zip(drawnClasses, predict(drawnFeatures)).map { $0 == $1 }
    }

    /// All samples of both.
    public var whole: Parts { .whole(drawn.shape[0], real.shape[0]) }
}
