import Foundation
import Genera

/// ReMDM (Wang et al., 2025): on a grid of times tokens may be masked again, so that early mistakes can be mended. The law of the
/// text at each time stays the same; the last round fills what is left with the likeliest tokens.
struct RemaskPlan: StagePlan {
    private let places: [Int]
    private let steps: Int
    private let end: Float
    private let remasking: Remasking
    private let rule: TokenRule
    /// Whether the reference's race decides, in one, whether and what is revealed or masked.
    private let races: Bool
    private var step = 0
    /// How sure each place's token was when it was drawn: minus its probability; -inf while it is masked.
    private var doubt: [Double]

    init(places: [Int], steps: Int, end: Float, remasking: Remasking, rule: TokenRule, races: Bool) {
        (self.places, self.steps, self.end) = (places, steps, end)
        (self.remasking, self.rule, self.races) = (remasking, rule, races)
        doubt = places.map { _ in -.infinity }
    }

    func rows(_ draft: Draft) -> [Int]? {
        let masked = places.filter { draft.tokens[$0] == draft.mask }
        if step < steps { return masked }
        return step == steps && !masked.isEmpty ? masked : nil
    }

    func candidate(_ logits: UnsafeBufferPointer<Float>, place: Int, _ draft: Draft) throws -> Candidate {
        let law = TokenLaw(
            UnsafeBufferPointer(rebasing: logits[..<(logits.count - 1)]),
            temperature: rule.temperature == 0 ? 1 : rule.temperature)
        if step == steps { return Candidate(token: Int32(law.mode)) }
        var p = law.probabilities
        if remasking.nucleus < 1 {
            p = TokenLaw.truncated(p, share: remasking.nucleus, keepsCrossing: false)
            let sum = p.reduce(0, +)
            p = p.map { $0 / sum }
        }
        if races { return Candidate(law: p.map { Float($0) }) }
        guard case let .quantile(u) = try draft.draws.choice(step: draft.rounds, place: place, classes: p.count) else {
            throw GeneraError.software("Tokens of this sampler are drawn by one number.")
        }
        let token = TokenLaw.quantile(u, p)
        return Candidate(token: Int32(token), score: p[token])
    }

    mutating func commit(_ candidates: [Candidate], _ draft: inout Draft, row: Int) throws -> Int {
        let masked = places.filter { draft.tokens[$0] == draft.mask }
        defer { step += 1 }
        if step == steps {
            for (place, candidate) in zip(masked, candidates) { draft.write(candidate.token, at: place) }
            return candidates.count
        }
        let laws = Dictionary(uniqueKeysWithValues: zip(masked, candidates))
        let shares = shares()
        for (index, place) in places.enumerated() {
            if let candidate = laws[place] {
                try reveal(index, candidate, shares, &draft)
            } else {
                try mask(index, shares, &draft)
            }
        }
        return places.count
    }

    /// What happens in this step: the shares of tokens that are there before and after, and of those that are masked again, a
    /// number for each place.
    private func shares() -> (before: Double, after: Double, again: [Double]) {
        let dt = (1 - Double(end)) / Double(steps)
        let t = Double(RevealSchedule.referenceTime(step, of: steps, end: end))
        let (alpha, next) = (1 - t, 1 - (t - dt))
        let most = alpha > 0 ? min(1, (1 - next) / alpha) : 1
        func all(_ share: Double) -> [Double] { places.map { _ in share } }
        switch remasking.kind {
        case .mdlm: return (alpha, next, all(0))
        case .forwardBackward: return (alpha, next, all(alpha > 0 ? (next - alpha) / alpha : 1))
        case .cap: return (alpha, next, all(min(remasking.eta, alpha > 0 ? (1 - next) / alpha : 1)))
        case .rescale: return (alpha, next, all(remasking.eta * most))
        case .conf: return (alpha, next, confidences(most))
        case .loop: return loop(t, dt)
        }
    }

    /// The most there may be, shared out by how unsure each token was.
    private func confidences(_ most: Double) -> [Double] {
        let top = doubt.max() ?? 0
        guard top > -.infinity else { return doubt.map { _ in 0 } }
        let weights = doubt.map { exp($0 - top) }
        let sum = weights.reduce(0, +)
        return weights.map { $0 / sum * most }
    }

    /// The three phases of a loop.
    private func loop(_ t: Double, _ dt: Double) -> (before: Double, after: Double, again: [Double]) {
        let (on, off, there) = (remasking.on, remasking.off, remasking.alphaOn)
        let s = t - dt
        if t > on {
            func alpha(_ time: Double) -> Double { (1 - time) * there / (1 - on) }
            return (alpha(t), alpha(s), places.map { _ in 0 })
        }
        if t > off { return (there, there, places.map { _ in remasking.eta }) }
        func alpha(_ time: Double) -> Double { 1 - time * (1 - there) / off }
        return (alpha(t), alpha(s), places.map { _ in 0 })
    }

    /// A masked place becomes a token with probability (after - (1 - again) before) / (1 - before).
    private mutating func reveal(
        _ index: Int, _ candidate: Candidate, _ shares: (before: Double, after: Double, again: [Double]),
        _ draft: inout Draft
    ) throws {
        let (place, again) = (places[index], shares.again[index])
        let share = (shares.after - (1 - again) * shares.before) / (1 - shares.before)
        guard races else {
            guard try draft.draws.uniform(step: draft.rounds, place: place) < share else { return }
            doubt[index] = -candidate.score
            return draft.write(candidate.token, at: place)
        }
        let stays = (1 - shares.after - again * shares.before) / (1 - shares.before)
        let weights = candidate.law.map { Float(Double($0) * share) } + [Float(stays)]
        let u = try draft.draws.race(step: draft.rounds, place: place, row: place, classes: weights.count)
        let winner = ReferenceRace.winner(weights, u)
        guard winner < candidate.law.count else { return }
        doubt[index] = -Double(candidate.law[winner])
        draft.write(Int32(winner), at: place)
    }

    /// A token is masked again with its share.
    private mutating func mask(
        _ index: Int, _ shares: (before: Double, after: Double, again: [Double]), _ draft: inout Draft
    ) throws {
        let (place, again) = (places[index], shares.again[index])
        if races {
            var weights = [Float](repeating: 0, count: Int(draft.mask) + 1)
            weights[Int(draft.tokens[place])] = Float(1 - again)
            weights[Int(draft.mask)] = Float(again)
            let u = try draft.draws.race(step: draft.rounds, place: place, row: place, classes: weights.count)
            guard ReferenceRace.winner(weights, u) == Int(draft.mask) else { return }
        } else {
            guard again > 0, try draft.draws.uniform(step: draft.rounds, place: place) < again else { return }
        }
        doubt[index] = -.infinity
        draft.write(draft.mask, at: place)
    }
}
