import Foundation
import Genera

/// The reference's grid sampler with its float behaviour: one race decides at once whether a place is revealed and as what
/// (section 4.2), or, for filtered laws, chosen places are drawn from laws that hold the mask too (4.3).
///
/// The race's numbers have 24 bits, and the table of probabilities 16: rare tokens are suppressed, and reveals come late (5.2).
struct ReferencePlan: StagePlan {
    private let rates: [Float]
    private let strategy: RADDSampling.Strategy
    private let isHalf: Bool
    private let keepsMask: Bool
    private let places: [Int]
    private var step = 0
    private var isStale = true
    /// The laws of the masked places, as they were when the text last changed.
    private var laws: [Int: [Float]] = [:]

    init(
        rates: [Float], strategy: RADDSampling.Strategy, isHalf: Bool, keepsMask: Bool, places: [Int]
    ) {
        (self.rates, self.strategy, self.isHalf) = (rates, strategy, isHalf)
        (self.keepsMask, self.places) = (keepsMask, places)
    }

    private func masked(_ draft: Draft) -> [Int] { places.filter { draft.tokens[$0] == draft.mask } }

    func rows(_ draft: Draft) -> [Int]? {
        guard step < rates.count else { return nil }
        return isStale ? masked(draft) : []
    }

    func candidate(_ logits: UnsafeBufferPointer<Float>, place: Int, _ draft: Draft) -> Candidate {
        guard strategy == .direct else {
            return Candidate(law: Array(keepsMask ? logits[...] : logits[..<(logits.count - 1)]))
        }
        return Candidate(law: isHalf ? Self.half(logits) : Self.single(logits))
    }

    /// Probabilities of the real tokens by way of float16, as the reference's table holds them.
    private static func half(_ logits: UnsafeBufferPointer<Float>) -> [Float] {
        logNormalised(logits).map { Float(Float16(exp(Float(Float16($0))))) }
    }

    private static func single(_ logits: UnsafeBufferPointer<Float>) -> [Float] {
        logNormalised(logits).map { exp($0) }
    }

    private static func logNormalised(_ logits: UnsafeBufferPointer<Float>) -> [Float] {
        let real = logits[..<(logits.count - 1)]
        let top = real.max() ?? 0
        let sum = log(real.reduce(Float(0)) { $0 + exp($1 - top) })
        return real.map { $0 - top - sum }
    }

    mutating func commit(_ candidates: [Candidate], _ draft: inout Draft, row: Int) throws -> Int {
        let masked = masked(draft)
        if isStale {
            laws = Dictionary(uniqueKeysWithValues: zip(masked, candidates.map(\.law)))
            isStale = false
        }
        let isLast = step == rates.count - 1
        let used =
            strategy == .direct
            ? try race(masked, isLast: isLast, &draft, row: row)
            : try draw(masked, isLast: isLast, &draft, row: row)
        step += 1
        return used
    }

    /// Reveals by one race over tokens and the mask.
    private mutating func race(_ masked: [Int], isLast: Bool, _ draft: inout Draft, row: Int) throws -> Int {
        let rate = isLast ? Float(1.001) : rates[step]
        for (number, place) in masked.enumerated() {
            guard let law = laws[place] else { continue }
            let u = try draft.draws.race(step: step, place: place, row: row + number, classes: law.count + 1)
            var weights = law.map { isHalf ? Float(Float16($0 * rate)) : $0 * rate }
            weights.append(isHalf ? Float(Float16(1 - rate)) : 1 - rate)
            let winner = ReferenceRace.winner(weights, u)
            guard winner < law.count else { continue }
            draft.write(Int32(winner), at: place)
            isStale = true
        }
        return masked.count
    }

    /// Draws the places whose turn it is.
    private mutating func draw(_ masked: [Int], isLast: Bool, _ draft: inout Draft, row: Int) throws -> Int {
        let chosen = try masked.filter {
            isLast ? true : try Float(draft.draws.uniform(step: step, place: $0)) < rates[step]
        }
        for (number, place) in chosen.enumerated() {
            guard let law = laws[place] else { continue }
            let count = ReferenceRace.count(strategy, classes: law.count)
            let u = try draft.draws.race(step: step, place: place, row: row + number, classes: count)
            let winner = Int32(ReferenceRace.draw(law, strategy, u))
            guard winner != draft.mask else { continue }
            draft.write(winner, at: place)
            isStale = true
        }
        return chosen.count
    }
}

/// The reference's ordered sampler: one place a step, drawn by its float32 race.
struct ReferenceOrderPlan: StagePlan {
    private let order: [Int]
    private let strategy: RADDSampling.Strategy
    private var step = 0

    init(order: [Int], strategy: RADDSampling.Strategy) { (self.order, self.strategy) = (order, strategy) }

    func rows(_ draft: Draft) -> [Int]? { step < order.count ? [order[step]] : nil }

    func candidate(_ logits: UnsafeBufferPointer<Float>, place: Int, _ draft: Draft) -> Candidate {
        Candidate(law: Array(logits[..<(logits.count - 1)]))
    }

    mutating func commit(_ candidates: [Candidate], _ draft: inout Draft, row: Int) throws -> Int {
        for candidate in candidates {
            let count = ReferenceRace.count(strategy, classes: candidate.law.count)
            let u = try draft.draws.race(step: step, place: order[step], row: row, classes: count)
            draft.write(Int32(ReferenceRace.draw(candidate.law, strategy, u)), at: order[step])
        }
        step += 1
        return 1
    }
}
