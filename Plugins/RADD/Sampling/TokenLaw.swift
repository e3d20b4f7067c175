import Foundation
import Genera

/// The law of one token, made of the network's logits, and how a token is taken from it.
package struct TokenLaw {
    /// Logits of the classes that may be drawn, divided by the temperature.
    private let scaled: [Double]
    /// Whether temperature is 0: the likeliest alone.
    private let isSharp: Bool

    /// - Parameter logits: of the classes that may be drawn.
    package init(_ logits: UnsafeBufferPointer<Float>, temperature: Double) {
        isSharp = temperature == 0
        let scale = isSharp ? 1 : 1 / temperature
        scaled = logits.map { Double($0) * scale }
    }

    /// The likeliest class; the first of several.
    package var mode: Int {
        var best = 0
        for (place, value) in scaled.enumerated() where value > scaled[best] { best = place }
        return best
    }

    /// Probabilities of all classes.
    package var probabilities: [Double] {
        let top = scaled.max() ?? 0
        let weights = scaled.map { exp($0 - top) }
        let sum = weights.reduce(0, +)
        return weights.map { $0 / sum }
    }

    /// Draws a class.
    package func draw(_ strategy: RADDSampling.Strategy, _ choice: TokenChoice) -> Int {
        if isSharp { return mode }
        switch choice {
        case let .quantile(u): return Self.quantile(u, weights(strategy))
        case let .race(u):
            var (best, high) = (0, -Double.infinity)
            let kept = strategy == .direct ? nil : weights(strategy)
            for (place, value) in scaled.enumerated() where (kept?[place] ?? 1) > 0 {
                let mark = value - log(-log(u[place]))
                if mark > high { (best, high) = (place, mark) }
            }
            return best
        }
    }

    /// Probabilities with those set to 0 that a strategy leaves out; they need not sum to 1.
    private func weights(_ strategy: RADDSampling.Strategy) -> [Double] {
        let all = probabilities
        switch strategy {
        case .direct: return all
        case let .topP(share): return Self.truncated(all, share: share, keepsCrossing: true)
        case let .topK(count):
            let order = Self.descending(all).prefix(count)
            var kept = [Double](repeating: 0, count: all.count)
            for place in order { kept[place] = all[place] }
            return kept
        }
    }

    /// Classes by falling probability, the first of equals first.
    package static func descending(_ weights: [Double]) -> [Int] {
        weights.indices.sorted { weights[$0] != weights[$1] ? weights[$0] > weights[$1] : $0 < $1 }
    }

    /// The likeliest classes with so much probability together, the others 0. The first always stays.
    ///
    /// - Parameter keepsCrossing: whether the class with which the sum passes the share stays too.
    package static func truncated(_ weights: [Double], share: Double, keepsCrossing: Bool) -> [Double] {
        var kept = [Double](repeating: 0, count: weights.count)
        var sum = 0.0
        for (rank, place) in descending(weights).enumerated() {
            let next = sum + weights[place]
            guard rank == 0 || (keepsCrossing ? sum : next) <= share else { break }
            kept[place] = weights[place]
            sum = next
        }
        return kept
    }

    /// The first class where the sum of weights passes u times all of them.
    package static func quantile(_ u: Double, _ weights: [Double]) -> Int {
        let goal = u * weights.reduce(0, +)
        var (sum, last) = (0.0, 0)
        for (place, weight) in weights.enumerated() where weight > 0 {
            sum += weight
            last = place
            if sum > goal { return place }
        }
        return last
    }
}

/// The reference's choice of tokens in float32: the class with the largest p / g, g = 1e-10 - log(u + 1e-10) (section 4.4).
package enum ReferenceRace {
    /// The winner among probabilities or other weights.
    package static func winner(_ weights: [Float], _ u: [Float]) -> Int {
        var (best, high) = (0, -Float.infinity)
        for (place, weight) in weights.enumerated() {
            let mark = weight / (1e-10 - log(u[place] + 1e-10))
            if mark > high { (best, high) = (place, mark) }
        }
        return best
    }

    /// Draws a class from logits by a strategy. `u` goes by rank for `topK`, else by class.
    package static func draw(_ logits: [Float], _ strategy: RADDSampling.Strategy, _ u: [Float]) -> Int {
        switch strategy {
        case .direct: return winner(softmax(logits), u)
        case let .topP(share):
            let p = softmax(logits)
            var kept = [Float](repeating: 0, count: p.count)
            var sum: Float = 0
            for place in order(logits) {
                guard sum <= Float(share) else { break }
                kept[place] = p[place]
                sum += p[place]
            }
            let total = kept.reduce(0, +)
            return winner(kept.map { $0 / total }, u)
        case let .topK(count):
            let best = Array(order(logits).prefix(count))
            return best[winner(softmax(best.map { logits[$0] }), u)]
        }
    }

    /// How many uniform numbers a strategy takes.
    package static func count(_ strategy: RADDSampling.Strategy, classes: Int) -> Int {
        if case let .topK(count) = strategy { return min(count, classes) }
        return classes
    }

    private static func order(_ values: [Float]) -> [Int] {
        values.indices.sorted { values[$0] != values[$1] ? values[$0] > values[$1] : $0 < $1 }
    }

    /// Probabilities in float32.
    package static func softmax(_ logits: [Float]) -> [Float] {
        let top = logits.max() ?? 0
        let weights = logits.map { exp($0 - top) }
        let sum = weights.reduce(0, +)
        return weights.map { $0 / sum }
    }
}
