import Genera

/// Draws places in groups that were settled before the first look: the exact samplers.
///
/// Groups are those of a grid (`RevealSchedule`), or of one place each. Tokens of a group are independent given what was there: that
/// is the grid's only bias, and there is none where groups have one place (the first-hitting sampler, section 5.1).
struct ScheduledPlan: StagePlan {
    /// Groups of places, in their order; each ascending.
    private let events: [[Int]]
    /// The time at which each group's interval begins; none where there is no grid.
    private var times: [Double] = []
    private var next = 0
    private let rule: TokenRule

    /// Groups that are known.
    init(events: [[Int]], rule: TokenRule) { (self.events, self.rule) = (events, rule) }

    /// Places by the intervals of a grid.
    init(_ schedule: RevealSchedule, places: [Int], _ draws: any TextDraws, rule: TokenRule) throws {
        var groups: [Int: [Int]] = [:]
        for place in places { groups[schedule.interval(try draws.time(of: place)), default: []].append(place) }
        let order = groups.sorted { $0.key < $1.key }
        self.init(events: order.map(\.value), rule: rule)
        times = order.map { schedule.time($0.key) }
    }

    /// One place at a time.
    init(_ order: RADDSampling.Order, places: [Int], _ draws: any TextDraws, rule: TokenRule) throws {
        let sequence: [Int]
        switch order {
        case .forward: sequence = places
        case .backward: sequence = places.reversed()
        case .random:
            let times = try places.map { (try draws.time(of: $0), $0) }
            sequence = times.sorted { $0.0 != $1.0 ? $0.0 < $1.0 : $0.1 < $1.1 }.map(\.1)
        case let .listed(order):
            let wanted = Set(places)
            sequence = order.filter(wanted.contains)
        }
        self.init(events: sequence.map { [$0] }, rule: rule)
    }

    /// How many looks the stage takes.
    var evaluations: Int { events.count }

    var time: Double? { times.indices.contains(next) ? times[next] : nil }

    func rows(_ draft: Draft) -> [Int]? { next < events.count ? events[next] : nil }

    func candidate(_ logits: UnsafeBufferPointer<Float>, place: Int, _ draft: Draft) throws -> Candidate {
        // Each place is drawn once: its number does not depend on when, so that finer grids refine the same text.
        Candidate(token: try rule.token(logits, step: 0, place: place, draft.draws))
    }

    mutating func commit(_ candidates: [Candidate], _ draft: inout Draft, row: Int) -> Int {
        for (place, candidate) in zip(events[next], candidates) { draft.write(candidate.token, at: place) }
        next += 1
        return candidates.count
    }
}

extension TextDraws {
    /// When a place is revealed: a number in [0, 1) that orders places.
    fileprivate func time(of place: Int) throws -> Double { try uniform(step: 0, place: place) }
}
