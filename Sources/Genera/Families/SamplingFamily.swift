import ArgumentParser

/// A family that draws: `genera sample NAME` and `genera evaluate NAME`.
public protocol SamplingFamily: ModelFamily {
    /// What can be chosen in sampling: `genera sample NAME --help`, and the keys of configuration files.
    associatedtype SamplingOptions: ParsableArguments & Sendable

    /// The name of a model that ships with Genera, used when no other is asked for. Nil unless stated.
    static var defaultCheckpoint: String? { get }

    /// Types of samples of its own, so that `genera data inspect` knows their files. None unless stated.
    static var sampleTypes: [any Drawable.Type] { get }

    /// A sampler of the options' kind. Where it needs a trained model it asks `run.model(of:)` for it, and `run.input(_:)`
    /// for the path of any other file that samples depend on, so that both stand in the recipe of what is drawn.
    ///
    /// - Throws: what is wrong with options, model or files, in a sentence.
    static func sampler(_ options: SamplingOptions, _ run: RunContext) throws -> any Sampler

    /// Measures of samples of a type beside those that the type has, taken where `genera evaluate --measures` names them. None unless
    /// stated.
    static func measures<Sample: Measurable>(of type: Sample.Type) -> [Measure<Sample>]
}

extension SamplingFamily {
    /// No model of its own.
    public static var defaultCheckpoint: String? { nil }

    /// None but the core's.
    public static var sampleTypes: [any Drawable.Type] { [] }

    /// None but those of the type.
    public static func measures<Sample: Measurable>(of type: Sample.Type) -> [Measure<Sample>] { [] }
}
