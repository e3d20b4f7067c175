import Foundation
import Genera

/// Draws all masked places of the stage in each round and keeps the surest: a fixed number (LLaDA), or all above a threshold.
struct ConfidencePlan: StagePlan {
    /// How many are kept.
    enum Keeping: Sendable {
        /// So many in each round.
        case counts([Int])
        /// All whose probability is above, and at least one.
        case above(Double)
    }

    private let places: [Int]
    private let keeping: Keeping
    private let score: RADDSampling.Score
    private let rule: TokenRule
    private var round = 0

    init(places: [Int], keeping: Keeping, score: RADDSampling.Score, rule: TokenRule) {
        (self.places, self.keeping, self.score, self.rule) = (places, keeping, score, rule)
    }

    /// How many of `count` places each of `steps` rounds reveals: the same, and one more in the first rounds.
    static func counts(_ count: Int, steps: Int) -> [Int] {
        (0..<steps).map { count / steps + ($0 < count % steps ? 1 : 0) }
    }

    private func masked(_ draft: Draft) -> [Int] { places.filter { draft.tokens[$0] == draft.mask } }

    func rows(_ draft: Draft) -> [Int]? {
        if case let .counts(counts) = keeping, round >= counts.count { return nil }
        let rows = masked(draft)
        return rows.isEmpty ? nil : rows
    }

    func candidate(_ logits: UnsafeBufferPointer<Float>, place: Int, _ draft: Draft) throws -> Candidate {
        let token = try rule.token(logits, step: draft.rounds, place: place, draft.draws)
        let real = UnsafeBufferPointer(rebasing: logits[..<(logits.count - 1)])
        return Candidate(token: token, score: try certainty(of: Int(token), real, place: place, draft))
    }

    /// How sure a token is, by the law without temperature.
    private func certainty(of token: Int, _ logits: UnsafeBufferPointer<Float>, place: Int, _ draft: Draft) throws
        -> Double
    {
        if score == .random { return try draft.draws.uniform(step: draft.rounds, place: place) }
        let p = TokenLaw(logits, temperature: 1).probabilities
        switch score {
        case .probability, .random: return p[token]
        case .entropy: return p.reduce(0) { $1 > 0 ? $0 + $1 * log($1) : $0 }
        case .margin:
            var (first, second) = (0.0, 0.0)
            for value in p {
                if value > first { (first, second) = (value, first) } else { second = max(second, value) }
            }
            return first - second
        }
    }

    mutating func commit(_ candidates: [Candidate], _ draft: inout Draft, row: Int) -> Int {
        let order = candidates.indices.sorted {
            candidates[$0].score != candidates[$1].score ? candidates[$0].score > candidates[$1].score : $0 < $1
        }
        let kept: [Int]
        switch keeping {
        case let .counts(counts): kept = Array(order.prefix(counts[round]))
        case let .above(share):
            let sure = order.filter { candidates[$0].score > share }
            kept = sure.isEmpty ? Array(order.prefix(1)) : sure
        }
        let masked = masked(draft)
        for index in kept { draft.write(candidates[index].token, at: masked[index]) }
        round += 1
        return candidates.count
    }
}

/// MaskGIT (Chang et al., 2022): all masked places are drawn in each round, and the least sure are masked again, fewer and fewer
/// along a cosine. Sureness is the token's log-probability with noise that fades.
struct MaskGITPlan: StagePlan {
    private let places: [Int]
    private let steps: Int
    private let choice: Double
    private let rule: TokenRule
    private var round = 0

    init(places: [Int], steps: Int, choice: Double, rule: TokenRule) {
        (self.places, self.steps, self.choice, self.rule) = (places, steps, choice, rule)
    }

    private var ratio: Double { Double(round + 1) / Double(steps) }

    func rows(_ draft: Draft) -> [Int]? {
        guard round < steps else { return nil }
        let rows = places.filter { draft.tokens[$0] == draft.mask }
        return rows.isEmpty ? nil : rows
    }

    func candidate(_ logits: UnsafeBufferPointer<Float>, place: Int, _ draft: Draft) throws -> Candidate {
        let token = try rule.token(logits, step: draft.rounds, place: place, draft.draws)
        let p = TokenLaw(UnsafeBufferPointer(rebasing: logits[..<(logits.count - 1)]), temperature: 1).probabilities
        let noise = choice * (1 - ratio)
        let score =
            try log(p[Int(token)]) + (noise > 0 ? noise * draft.draws.gumbel(step: draft.rounds, place: place) : 0)
        return Candidate(token: token, score: score)
    }

    /// How many masks stay after this round.
    func keptMasks(of masked: Int) -> Int {
        round == steps - 1 ? 0 : min(Int(Double(places.count) * cos(Double.pi / 2 * ratio)), masked - 1)
    }

    mutating func commit(_ candidates: [Candidate], _ draft: inout Draft, row: Int) -> Int {
        let masked = places.filter { draft.tokens[$0] == draft.mask }
        let order = candidates.indices.sorted {
            candidates[$0].score != candidates[$1].score ? candidates[$0].score < candidates[$1].score : $0 < $1
        }
        for index in order.dropFirst(keptMasks(of: masked.count)) {
            draft.write(candidates[index].token, at: masked[index])
        }
        round += 1
        return candidates.count
    }
}
