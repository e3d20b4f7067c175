import Genera

/// A way of sampling that does not go with a model.
public enum SamplingError: KindedError, Sendable, Equatable {
    /// A class is asked for, and the model has none.
    case noClasses
    /// The class asked for is not one of the model's.
    case classOutside(Int, count: Int)
    /// Guidance is asked for, and the model has no classes, or was never trained without one.
    case unguidable(hasClasses: Bool)
    /// The levels lie outside what the model takes; they were listed, or given by bounds.
    case levelsOutside(ClosedRange<Double>, listed: Bool)
    /// Levels were listed that do not fall to a last one above 0.
    case levelsDoNotFall([Double])
    /// The generalised sampler has no such levels or times.
    case impossible(EDMDiscretization.Impossible)
    /// The reference's random numbers are known for images alone.
    case noReferenceNumbers
    /// The solver's noise is not one that a Brownian motion could make.
    case noMotion
    /// Pictures are asked of a model of points, or points of a model of pictures.
    case otherKind(isOfPoints: Bool)

    /// A wrong use.
    public var kind: FailureKind { .usage }

    /// One sentence.
    public var description: String {
        switch self {
        case .noClasses: "A class was asked for, but the model has no classes."
        case let .classOutside(label, count): "The class must be from 0 to \(count - 1), got \(label)."
        case .unguidable(hasClasses: false): "Guidance needs classes, and the model has none."
        case .unguidable(hasClasses: true): "Guidance needs a model that was trained with label dropout."
        case let .levelsOutside(range, _):
            "The model works from sigma \(range.lowerBound) to \(range.upperBound); the noise levels lie outside."
        case let .levelsDoNotFall(levels): "Noise levels must fall, to a last one above 0: \(levels) do not."
        case let .impossible(reason): reason.description
        case .noReferenceNumbers: "The reference's random numbers are known for models of images alone."
        case .noMotion:
            "The solver adds no noise that is one Brownian motion: DPM-Solver++ SDE does, and ancestral Euler with eta 1."
        case .otherKind(isOfPoints: true): "The model is one of points: ask it for points."
        case .otherKind(isOfPoints: false): "The model is one of images: ask it for samples."
        }
    }
}
