import Genera

extension EvaluationReport {
    /// The columns of `rows`.
    static let header = [
        "option", "value", "nfe", "seconds", "measure", "drawn", "drawn-low", "drawn-high", "floor", "floor-low",
        "floor-high", "ratio",
    ]

    /// A row of texts for each measure of each setting; what there is not is empty.
    var rows: [[String]] {
        results.flatMap { result in
            let cost = result.evaluation.sampling
            let setting = [sweep?.name ?? "", result.value ?? "", cost.meanEvaluationsText, "\(cost.seconds)"]
            return result.evaluation.judgements.map { one -> [String] in
                let ratio = one.ratio.map { "\($0)" } ?? ""
                return setting + [one.measure.name] + Self.cells(one.drawn) + Self.cells(one.floor) + [ratio]
            }
        }
    }

    private static func cells(_ estimate: Estimate) -> [String] {
        [estimate.value, estimate.interval?.lowerBound, estimate.interval?.upperBound].map { number in
            number.flatMap { $0.isFinite ? "\($0)" : nil } ?? ""
        }
    }

    /// All numbers, with all that is needed to get them again.
    var json: JSONOutput { json(withPairs: false) }

    /// All numbers.
    ///
    /// - Parameter withPairs: whether those of each sample are among them, for measures of pairs.
    func json(withPairs: Bool) -> JSONOutput {
        .object([
            ("family", .text(family)), ("genera", .text(Version.current)), ("command", .text(command)),
            ("sweep", JSONOutput(sweep?.name)), ("confidence", .number(confidence)), ("halves", .integer(halves)),
            ("notes", .list(cautions.map { .text($0) })), ("results", .list(results.map { json($0, withPairs) })),
        ])
    }

    private func json(_ result: EvaluationResult, _ withPairs: Bool) -> JSONOutput {
        let (evaluation, reference) = (result.evaluation, result.reference)
        let options = result.recipe.options.entries.map { entry -> (String, JSONOutput) in
            (entry.key, entry.values.count == 1 ? .text(entry.values[0]) : .list(entry.values.map { .text($0) }))
        }
        let pairs = withPairs ? Self.pairs(evaluation) : []
        return .object(
            [
                ("value", JSONOutput(result.value)),
                ("recipe", .object(result.recipe.members + [("options", .object(options))])),
                ("drawn", .integer(evaluation.drawnCount)), ("real", .integer(reference.judges)),
                ("floorDrawn", .integer(reference.others)), ("reference", .text(reference.origin)),
                ("nfe", evaluation.sampling.meanEvaluations), ("seconds", .number(evaluation.sampling.seconds)),
                ("measures", .list(evaluation.judgements.map(Self.json))),
            ] + (pairs.isEmpty ? [] : [("pairs", .list(pairs))]))
    }

    /// What was measured of each sample and its own real one.
    private static func pairs(_ evaluation: Evaluation) -> [JSONOutput] {
        let measures = evaluation.judgements.filter { !$0.pairs.isEmpty }
        guard !measures.isEmpty else { return [] }
        return evaluation.indices.enumerated().map { place, index in
            let name = evaluation.names.map { [("name", JSONOutput.text($0[place]))] } ?? []
            return .object(
                [("index", .integer(index))] + name + measures.map { ($0.measure.name, .number($0.pairs[place])) })
        }
    }

    private static func json(_ one: Judgement) -> JSONOutput {
        .object([
            ("name", .text(one.measure.name)), ("summary", .text(one.measure.summary)),
            ("lowerIsBetter", .truth(one.measure.isLowerBetter)), ("value", .number(one.drawn.value)),
            ("interval", json(one.drawn.interval)), ("floor", .number(one.floor.value)),
            ("floorInterval", json(one.floor.interval)), ("ratio", one.ratio.map { .number($0) } ?? .null),
            ("isWorseThanReal", one.isWorseThanReal.map { .truth($0) } ?? .null),
        ])
    }

    private static func json(_ interval: ClosedRange<Double>?) -> JSONOutput {
        interval.map { .list([.number($0.lowerBound), .number($0.upperBound)]) } ?? .null
    }

    /// The texts of a PNG file: the command, and all numbers.
    func texts(out: String) -> [PNG.Text] {
        [
            PNG.Text("Software", "Genera \(Version.current)"),
            PNG.Text("Description", "\(command) --out \(Text.shellWord(out))"), PNG.Text(Self.textKey, json.text),
        ]
    }

    /// The key of the numbers among a PNG file's texts.
    static let textKey = "genera.evaluation"
}
