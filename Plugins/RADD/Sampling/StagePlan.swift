import Genera

/// How the places of one stage of a text are drawn, round by round.
package protocol StagePlan: Sendable {
    /// The places whose laws are wanted in this round, ascending; none where the round needs no look of the network. Nil where the
    /// stage is done.
    mutating func rows(_ draft: Draft) throws -> [Int]?

    /// The time at which the next look is, for networks that are told the noise. Nil unless stated: then the share of masks tells it.
    var time: Double? { get }

    /// What is to be remembered of the law of a place: called for each row, concurrently.
    ///
    /// - Parameter logits: of the V real tokens and, behind them, of the mask, where it means nothing.
    func candidate(_ logits: UnsafeBufferPointer<Float>, place: Int, _ draft: Draft) throws -> Candidate

    /// Reveals places, and ends the round.
    ///
    /// - Parameters:
    ///   - candidates: one for each of the round's rows.
    ///   - row: how many rows of uniform numbers the texts before this one used in this round.
    /// - Returns: how many this one used.
    mutating func commit(_ candidates: [Candidate], _ draft: inout Draft, row: Int) throws -> Int
}

extension StagePlan {
    /// By the share of masks.
    package var time: Double? { nil }
}

/// What a plan remembers of a place's law.
package struct Candidate: Sendable {
    /// The token that was drawn.
    package var token: Int32 = -1
    /// How sure it is.
    package var score = 0.0
    /// The law itself, where the plan wants it.
    package var law: [Float] = []
}

/// How a token is drawn from logits of V real tokens and the mask.
struct TokenRule: Sendable {
    let strategy: RADDSampling.Strategy
    let temperature: Double

    /// A token for a place.
    func token(_ logits: UnsafeBufferPointer<Float>, step: Int, place: Int, _ draws: any TextDraws) throws -> Int32 {
        let real = UnsafeBufferPointer(rebasing: logits[..<(logits.count - 1)])
        if temperature == 0 { return try CategoricalDraw.argmax(real) }
        let choice = try draws.choice(step: step, place: place, classes: real.count)
        if case let .quantile(u) = choice, strategy == .direct {
            return try CategoricalDraw.token(real, temperature: temperature, uniform: u)
        }
        return Int32(TokenLaw(real, temperature: temperature).draw(strategy, choice))
    }
}
