import Foundation
import Genera

/// Texts on their way together, each at its own pace.
package struct RADDState: BatchState {
    /// The texts.
    package var drafts: [Draft]
    /// Which of them each row of the batch is: rows of one sample are drawn once.
    let rows: [Int]

    package var tensors: [Tensor] { [] }
    package var isFinished: Bool { drafts.allSatisfy(\.isFinished) }
    package var decidesItsEnd: Bool { true }
    package var evaluationsOfEach: [Int]? { rows.map { drafts[$0].evaluations } }
}

/// Draws texts: in each round every text that is not finished asks the network about the places whose turn it is, all in one batch.
package struct RADDSampler: Sampler {
    let conditional: any TokenConditional
    let configuration: RADDConfiguration
    let sampling: RADDSampling
    /// What is known of each text; text i begins with prompt i modulo their number.
    let prompts: [Prompt]
    let tokenizer: (any Tokenizer)?
    private let stages: [[Stage]]
    private let schedules: [[RevealSchedule?]]
    /// Random numbers of others, by row of the batch, in place of our own.
    package var replay: (@Sendable (_ row: Int) -> any TextDraws)?

    /// - Throws: `GeneraError.usage` for ways that do not go with the model.
    package init(
        _ conditional: any TokenConditional, _ configuration: RADDConfiguration, _ sampling: RADDSampling,
        prompts: [Prompt], tokenizer: (any Tokenizer)? = nil
    ) throws {
        try sampling.check()
        try sampling.checkCaching(conditional)
        (self.conditional, self.configuration, self.sampling) = (conditional, configuration, sampling)
        (self.prompts, self.tokenizer) = (prompts, tokenizer)
        stages = prompts.map {
            Stage.stages(
                of: $0, window: configuration.model.length, stride: sampling.stride, block: sampling.blockLength)
        }
        schedules = try stages.map { stages in
            try stages.map { stage in
                guard case let .grid(rate) = sampling.method, sampling.precision == .exact else { return nil }
                return try RevealSchedule(
                    rate, configuration.noise, steps: sampling.stageSteps(stage, of: stages.count), end: sampling.end)
            }
        }
        try sampling.check(configuration, stages)
    }

    /// The most rounds that a text may take.
    package var stepCount: Int {
        stages.map { stages in
            stages.reduce(0) { $0 + sampling.mostRounds($1, of: stages.count) }
        }.max() ?? 0
    }

    package var lanes: Lanes {
        .alike(sampling.caching == .none ? 32 : KeyValueCache.textsAtOnce(configuration, stages))
    }
    /// Networks are made for a precision.
    package var appliesPrecision: Bool { true }

    package func start(noise: Noise) throws -> RADDState {
        var (order, places): ([Int], [Int: Int]) = ([], [:])
        let rows = noise.samples.map { sample in
            if let place = places[sample] { return place }
            places[sample] = order.count
            order.append(sample)
            return order.count - 1
        }
        let drafts = order.enumerated().map { row, sample in
            let own = sample % prompts.count
            return Draft(
                prompts[own], mask: configuration.mask, stages: stages[own], schedules: schedules[own],
                draws: replay?(row) ?? AddressedTextDraws(noise.of(samples: [sample])))
        }
        return RADDState(drafts: drafts, rows: rows)
    }

    /// One round of each text that is not finished.
    package func advance(_ state: inout RADDState, step: Int, noise: Noise) throws {
        var asked: [(draft: Int, rows: [Int])] = []
        for number in state.drafts.indices {
            if let rows = try nextRows(&state.drafts[number]) {
                if !rows.isEmpty { state.drafts[number].beginLook(sampling.caching) }
                asked.append((number, rows))
            }
        }
        let found = try candidates(asked, state.drafts)
        var row = 0
        for (one, candidates) in zip(asked, found) {
            try commit(candidates, &state.drafts[one.draft], row: &row, looked: !one.rows.isEmpty)
        }
        for number in state.drafts.indices { try skipFinishedStages(&state.drafts[number]) }
    }

    /// The places a text asks about; nil where it is finished.
    private func nextRows(_ draft: inout Draft) throws -> [Int]? {
        while !draft.isFinished {
            var plan = try draft.plan ?? begin(draft)
            let rows = try plan.rows(draft)
            draft.plan = plan
            if let rows { return rows }
            draft.endStage()
        }
        return nil
    }

    private func skipFinishedStages(_ draft: inout Draft) throws {
        while !draft.isFinished, var plan = draft.plan {
            guard try plan.rows(draft) == nil else { return }
            draft.endStage()
        }
    }

    private func commit(_ candidates: [Candidate], _ draft: inout Draft, row: inout Int, looked: Bool) throws {
        guard var plan = draft.plan else { return }
        row += try plan.commit(candidates, &draft, row: row)
        draft.plan = plan
        draft.rounds += 1
        if looked { draft.evaluations += sampling.guidance == nil ? 1 : 2 }
    }

    /// The plan of a text's next stage.
    private func begin(_ draft: Draft) throws -> any StagePlan {
        let stage = draft.stages[draft.stage]
        return try sampling.plan(
            stage, of: draft.stages.count, draft, configuration, schedule: draft.schedules[draft.stage])
    }

    /// Asks the network about the places of all texts at once.
    private func candidates(_ asked: [(draft: Int, rows: [Int])], _ drafts: [Draft]) throws -> [[Candidate]] {
        let plans = asked.map { drafts[$0.draft].plan }
        let queries = asked.map { one in
            var query = drafts[one.draft].query(one.rows, sampling.caching)
            query.sigma = sigma(drafts[one.draft])
            return query
        }
        guard let guidance = sampling.guidance else {
            return try conditional.map(queries) { query, row, logits in
                guard let plan = plans[query] else { return Candidate() }
                let (draft, rows) = (drafts[asked[query].draft], asked[query].rows)
                return try plan.candidate(logits, place: rows[row], draft)
            }
        }
        let blind = zip(asked, queries).map { one, query in
            var blind = drafts[one.draft].withoutGiven.query(one.rows, .none)
            blind.sigma = query.sigma
            return blind
        }
        let laws = try conditional.map(queries + blind) { _, _, logits in Array(logits) }
        return try asked.indices.map { number in
            guard let plan = plans[number] else { return [] }
            let draft = drafts[asked[number].draft]
            return try zip(laws[number], laws[number + asked.count]).enumerated().map { row, pair in
                let mixed = zip(pair.0, pair.1).map { $1 + Float(guidance + 1) * ($0 - $1) }
                return try mixed.withUnsafeBufferPointer {
                    try plan.candidate($0, place: asked[number].rows[row], draft)
                }
            }
        }
    }

    /// The total noise at which a text is.
    private func sigma(_ draft: Draft) -> Double {
        if let time = draft.plan?.time { return configuration.noise.total(time) }
        let frame = draft.stages[draft.stage].frame
        let masked = frame.reduce(0) { $0 + (draft.tokens[$1] == draft.mask ? 1 : 0) }
        let share = min(Double(masked) / Double(max(frame.count, 1)), 1 - exp(-configuration.noise.total(1.0)))
        return configuration.noise.total(configuration.noise.time(masked: share))
    }

    package func finish(_ state: RADDState) throws -> [Passage] {
        let passages = try state.drafts.map { try Passage($0, tokenizer: tokenizer) }
        return state.rows.map { passages[$0] }
    }

    package func preview(_ state: RADDState, step: Int) throws -> [Passage] { try finish(state) }
}

extension Draft {
    mutating func endStage() {
        stage += 1
        plan = nil
        cache = nil
    }

    /// The text with what was given masked, for guidance.
    var withoutGiven: Draft {
        var draft = self
        for place in tokens.indices where isGiven[place] { draft.tokens[place] = mask }
        return draft
    }
}
