import Foundation
import Genera

extension RADDSampling {
    /// Steps of one stage of a text.
    func stageSteps(_ stage: Stage, of count: Int) -> Int {
        let all = steps.map { max(($0 + count - 1) / count, 1) }
        switch method {
        case .grid, .remask, .confidence: return all ?? stage.places.count
        case .maskGIT: return all ?? min(stage.places.count, 32)
        case .ordered, .threshold: return stage.places.count
        }
    }

    /// The most rounds that a stage may take.
    func mostRounds(_ stage: Stage, of count: Int) -> Int {
        let steps = stageSteps(stage, of: count)
        switch method {
        case .grid: return precision == .exact ? min(steps, stage.places.count) : steps
        case .ordered where keepsQuirks: return stage.frame.count
        case .ordered, .threshold, .confidence, .maskGIT: return steps
        case .remask: return steps + 1
        }
    }

    /// - Throws: `GeneraError.usage` where texts and steps do not go together.
    func check(_ c: RADDConfiguration, _ stages: [[Stage]]) throws {
        func need(_ holds: Bool, _ text: @autoclosure () -> String) throws {
            if !holds { throw GeneraError.usage(text()) }
        }
        if case let .topK(k) = strategy {
            try need(k <= c.tokens, "top_k takes 1 to \(c.tokens) tokens of this model, not \(k).")
        }
        for text in stages {
            let unknown = text.reduce(0) { $0 + $1.places.count }
            if case .ordered = method, let steps {
                try need(
                    steps >= unknown,
                    "One token is drawn a step: --steps \(steps) would leave \(unknown - steps) of \(unknown) masked.")
            }
            if case let .ordered(.listed(order)) = method {
                let listed = Set(order)
                try need(
                    text.allSatisfy { $0.places.allSatisfy(listed.contains) },
                    "The order does not name every place that is to be drawn.")
            }
            if case .confidence = method, let steps, blockLength != nil {
                try need(
                    steps % max(text.count, 1) == 0,
                    "\(steps) steps are not the same number for each of \(text.count) blocks: --steps must be a multiple of it."
                )
            }
        }
    }

    /// How a stage of a text is drawn.
    func plan(
        _ stage: Stage, of count: Int, _ draft: Draft, _ c: RADDConfiguration, schedule: RevealSchedule?
    ) throws -> any StagePlan {
        let rule = TokenRule(strategy: strategy, temperature: temperature)
        let (places, steps) = (stage.places, stageSteps(stage, of: count))
        switch method {
        case let .grid(rate):
            if let schedule { return try ScheduledPlan(schedule, places: places, draft.draws, rule: rule) }
            return ReferencePlan(
                rates: try RevealSchedule.referenceRates(rate, c.noise, steps: steps, end: end), strategy: strategy,
                isHalf: precision == .reference, keepsMask: keepsQuirks, places: places)
        case let .ordered(order):
            guard precision != .exact else {
                return try ScheduledPlan(order, places: places, draft.draws, rule: rule)
            }
            return ReferenceOrderPlan(order: try listed(order, stage, draft), strategy: strategy)
        case let .confidence(score):
            return ConfidencePlan(
                places: places, keeping: .counts(ConfidencePlan.counts(places.count, steps: steps)), score: score,
                rule: rule)
        case let .threshold(share):
            return ConfidencePlan(places: places, keeping: .above(share), score: .probability, rule: rule)
        case let .maskGIT(choice): return MaskGITPlan(places: places, steps: steps, choice: choice, rule: rule)
        case let .remask(remasking):
            return RemaskPlan(
                places: places, steps: steps, end: end, remasking: remasking, rule: rule, races: keepsQuirks)
        }
    }

    /// An order as a list of places. The reference visits given places too.
    private func listed(_ order: Order, _ stage: Stage, _ draft: Draft) throws -> [Int] {
        let places = keepsQuirks ? Array(stage.frame) : stage.places
        switch order {
        case .forward: return places
        case .backward: return places.reversed()
        case .random:
            let times = try places.map { (try draft.draws.uniform(step: 0, place: $0), $0) }
            return times.sorted { $0.0 != $1.0 ? $0.0 < $1.0 : $0.1 < $1.1 }.map(\.1)
        case let .listed(order):
            let wanted = Set(places)
            return order.filter(wanted.contains)
        }
    }
}
