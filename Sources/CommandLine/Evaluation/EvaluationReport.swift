import Genera

/// What was measured of one setting.
struct EvaluationResult {
    /// The swept option's value; nil without a sweep.
    let value: String?
    /// How the samples were drawn.
    let recipe: Recipe
    /// The numbers.
    let evaluation: Evaluation
    /// What is to be told of the real samples.
    let reference: ReferenceFacts
    /// The real samples themselves, which the next setting may take over: an `EvaluationReference`.
    let samples: any Sendable

    init<Sample: Measurable>(
        value: String?, recipe: Recipe, evaluation: Evaluation, reference: EvaluationReference<Sample>
    ) {
        (self.value, self.recipe, self.evaluation) = (value, recipe, evaluation)
        (self.reference, samples) = (ReferenceFacts(reference, drawn: evaluation.drawnCount), reference)
    }

    /// What was measured.
    var measureNames: [String] { evaluation.judgements.map(\.measure.name) }
}

/// What is to be told of real samples, whatever they are.
struct ReferenceFacts {
    /// How many drawn ones are compared with.
    let judges: Int
    /// How many others make the floor.
    let others: Int
    /// Where they come from.
    let origin: String
    /// What a person should know of them; nil if all is well.
    let caution: String?
    /// Whether there are only statistics of them.
    let isOfStatistics: Bool
    /// Whether each drawn sample has its own.
    let isPaired: Bool

    init<Sample: Measurable>(_ reference: EvaluationReference<Sample>, drawn: Int) {
        judges = reference.isPaired ? drawn : reference.judge.count
        (others, origin, caution) = (reference.others.count, reference.origin, reference.caution)
        (isOfStatistics, isPaired) = (reference.isOfStatistics, reference.isPaired)
    }
}

/// An evaluation in all the forms that people and programs want it in.
struct EvaluationReport {
    /// The family's name.
    let family: String
    /// The command that repeats it.
    let command: String
    /// The option that was varied.
    let sweep: Sweep?
    /// How surely intervals hold, in words.
    let percent: String
    /// How surely intervals hold.
    let confidence: Double
    /// Halves that the intervals were made from.
    let halves: Int
    /// What was measured, in order; at least one.
    let results: [EvaluationResult]

    /// What a person should know of the real samples.
    var cautions: [String] {
        results.compactMap(\.reference.caution).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    /// The measures, in order.
    var measures: [Criterion] { results[0].evaluation.judgements.map(\.measure) }

    /// Lines for people.
    var lines: [String] { sweep == nil ? single : swept }

    private var head: String {
        let (first, evaluation) = (results[0].reference, results[0].evaluation)
        guard !first.isOfStatistics else {
            return "\(evaluation.drawnCount.grouped) drawn beside the statistics of \(first.origin)"
        }
        guard !first.isPaired else {
            return "\(evaluation.drawnCount.grouped) drawn, each beside its own real one (\(first.origin)); no floor"
        }
        return
            "\(evaluation.drawnCount.grouped) drawn beside \(first.judges.grouped) real (\(first.origin)); floor: \(first.others.grouped) other real in their place"
    }

    private var single: [String] {
        let result = results[0]
        let cost = result.evaluation.sampling
        let intervals = halves > 0
        let header = ["measure", "value"] + (intervals ? [percent] : []) + ["floor"] + (intervals ? [percent] : [])
        let rows = result.evaluation.judgements.map { one -> [String] in
            let name = one.measure.name + (one.measure.isLowerBetter ? "" : " (more is better)")
            let drawn = [Self.text(one.drawn.value)] + (intervals ? [Self.text(one.drawn.interval)] : [])
            let floor = [Self.text(one.floor.value)] + (intervals ? [Self.text(one.floor.interval)] : [])
            let ratio = one.ratio.map { "\(Text.significant($0, 3))x" } ?? "-"
            return [name] + drawn + floor + [ratio, Self.verdict(one)]
        }
        return ["\(head); \(cost.meanEvaluationsText) NFE, \(cost.seconds.duration)", ""]
            + FactLines.lines([header + ["ratio", ""]] + rows).map(\.trimmingSpaces)
    }

    private var swept: [String] {
        let header = [sweep?.name ?? "", "NFE", "seconds"] + measures.map(\.name)
        let rows = results.map { result -> [String] in
            let cost = result.evaluation.sampling
            let setting = [result.value ?? "", cost.meanEvaluationsText, "\(cost.seconds.rounded(toPlaces: 1))"]
            return setting + result.evaluation.judgements.map { Self.text($0.drawn) }
        }
        let floor = ["floor", "", ""] + results[0].evaluation.judgements.map { Self.text($0.floor) }
        return [head, ""] + FactLines.lines([header] + rows + [floor]).map(\.trimmingSpaces)
    }

    private static func verdict(_ one: Judgement) -> String {
        one.isWorseThanReal.map { $0 ? "worse than real" : "within chance of real" } ?? ""
    }

    private static func text(_ value: Double) -> String { value.isNaN ? "-" : Text.significant(value, 3) }

    private static func text(_ interval: ClosedRange<Double>?) -> String {
        interval.map { "\(text($0.lowerBound)) to \(text($0.upperBound))" } ?? "-"
    }

    /// A number with half the length of its interval.
    private static func text(_ estimate: Estimate) -> String {
        guard let interval = estimate.interval else { return text(estimate.value) }
        return "\(text(estimate.value)) ± \(Text.significant((interval.upperBound - interval.lowerBound) / 2, 2))"
    }
}

extension String {
    /// Without spaces at the end.
    var trimmingSpaces: String { String(reversed().drop { $0 == " " }.reversed()) }
}
