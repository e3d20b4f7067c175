/// A number with what chance may make of it.
public struct Estimate: Sendable, Equatable {
    /// The number; NaN where a measure gives none.
    public let value: Double
    /// The interval around it; nil if none was asked for or it cannot be had.
    public let interval: ClosedRange<Double>?

    /// Makes an estimate.
    public init(_ value: Double, interval: ClosedRange<Double>? = nil) {
        (self.value, self.interval) = (value, interval)
    }
}

/// What one measure says of drawn samples.
public struct Judgement: Sendable {
    /// What was measured.
    public let measure: Criterion
    /// Its value for the drawn samples.
    public let drawn: Estimate
    /// Its value for other real samples in their place: the best that can be expected. NaN where there is no such thing.
    public let floor: Estimate
    /// Its value for each drawn sample and its own real one, in the order they were drawn in; none for measures of sets.
    public let pairs: [Double]

    /// Makes a judgement.
    public init(_ measure: Criterion, drawn: Estimate, floor: Estimate, pairs: [Double] = []) {
        (self.measure, self.drawn, self.floor, self.pairs) = (measure, drawn, floor, pairs)
    }

    /// The value over that of real samples: 1 is as good as real. Nil for measures whose floor is 0 but for chance.
    public var ratio: Double? {
        guard measure.range.lowerBound >= 0, floor.value > 0 else { return nil }
        let ratio = drawn.value / floor.value
        return ratio.isFinite ? ratio : nil
    }

    /// Whether the intervals of drawn and real samples do not meet and the drawn ones are worse; nil without intervals.
    public var isWorseThanReal: Bool? {
        guard let own = drawn.interval, let real = floor.interval else { return nil }
        return measure.isLowerBetter ? own.lowerBound > real.upperBound : own.upperBound < real.lowerBound
    }
}

/// What came of measuring one set of drawn samples.
public struct Evaluation: Sendable {
    /// Each measure's judgement, in the order asked for.
    public let judgements: [Judgement]
    /// What drawing cost.
    public let sampling: SamplingReport
    /// How many samples were drawn.
    public var drawnCount: Int { indices.count }
    /// Their indices, in the order they were drawn in.
    public let indices: [Int]
    /// What they are called, in the same order; nil where the sampler has no names.
    public let names: [String]?

    /// The judgement of a measure by its name.
    public subscript(name: String) -> Judgement? { judgements.first { $0.measure.name == name } }
}
