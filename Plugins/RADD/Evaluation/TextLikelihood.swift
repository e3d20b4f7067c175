import Foundation
import Genera

/// The likelihood of given texts under a model: a bound by Monte Carlo, or the exact one of an order, in nats.
///
/// Only masked places are asked about, and the network never sees a text that is not needed.
package struct TextLikelihood: Sendable {
    /// What is worked out.
    package enum Way: Equatable, Sendable {
        /// A bound by one of the losses: the mean of so many repetitions, spread evenly over what decides how many are masked.
        case bound(MaskingLoss, repetitions: Int)
        /// -log p of a text whose tokens come in an order, one at a time.
        case ordered(RADDSampling.Order)
        /// -log p of an autoregressive model, in one look.
        case causal
    }

    let conditional: any TokenConditional
    let configuration: RADDConfiguration
    let way: Way
    let seed: UInt64

    /// - Throws: `GeneraError.usage` for a way that does not go with the model, or no repetition.
    package init(
        _ conditional: any TokenConditional, _ configuration: RADDConfiguration, _ way: Way, seed: UInt64 = 0
    ) throws {
        let isCausal = configuration.model.isCausal == true
        guard isCausal == (way == .causal) else {
            throw GeneraError.usage(
                isCausal
                    ? "An autoregressive model's likelihood is exact: it takes no --loss and no --order."
                    : "Only an autoregressive model tells its likelihood in one look.")
        }
        if case let .bound(loss, count) = way {
            guard (1...1_000_000).contains(count), loss != .autoregressive else {
                throw GeneraError.usage("--monte-carlo must be 1 to 1,000,000, got \(count).")
            }
        }
        (self.conditional, self.configuration, self.way, self.seed) = (conditional, configuration, way, seed)
    }

    /// How often the network looks at `count` texts of so many tokens.
    package func looks(_ lengths: [Int]) -> Int {
        switch way {
        case let .bound(_, count): lengths.count * count
        case .ordered: lengths.reduce(0, +)
        case .causal: lengths.count
        }
    }

    /// The likelihood of each text; text i of a seed has the same masks whatever the others are.
    ///
    /// - Throws: `GeneraError.badData` for tokens that are none, `GeneraError.interrupted` when it was asked to stop.
    package func estimates(
        _ texts: [[Int32]], progress: any ProgressSink = SilentProgress(), stop: StopToken = StopToken()
    ) throws -> [LikelihoodEstimate] {
        for (number, text) in texts.enumerated() {
            guard let place = text.firstIndex(where: { $0 < 0 || Int($0) >= configuration.tokens }) else { continue }
            throw GeneraError.badData(
                file: "text \(number)", reason: "token \(text[place]) at place \(place) is none of the model's",
                advice: "it has \(configuration.tokens), from 0 to \(configuration.tokens - 1).")
        }
        let watch = LookWatch(looks(texts.map(\.count)), progress, stop)
        switch way {
        case let .bound(loss, count): return try bounds(texts, loss, count, watch)
        case let .ordered(order): return try ordered(texts, order, watch)
        case .causal: return try causal(texts, watch)
        }
    }

    /// Places that go into one call, so that a stop is heard and memory stays small.
    private static let placesAtOnce = 4096

    // MARK: Bounds

    private func bounds(_ texts: [[Int32]], _ loss: MaskingLoss, _ count: Int, _ watch: LookWatch) throws
        -> [LikelihoodEstimate]
    {
        var values = texts.map { _ in [Double]() }
        let longest = max(texts.map(\.count).max() ?? 1, 1)
        let together = max(Self.placesAtOnce / longest, 1)
        let all = texts.count * count
        for start in stride(from: 0, to: all, by: together) {
            let part = Array(start..<min(start + together, all))
            let maskings = try part.map { try masking(texts[$0 / count], $0 / count, loss, $0 % count, of: count) }
            let sums = try losses(part.map { texts[$0 / count] }, maskings)
            for (index, value) in zip(part, sums) { values[index / count].append(value) }
            try watch.advance(part.count)
        }
        watch.finish()
        return zip(values, texts).map { LikelihoodEstimate($0, tokens: $1.count) }
    }

    /// The masks of one repetition. The text's own random numbers decide, so that texts do not touch each other.
    private func masking(_ text: [Int32], _ number: Int, _ loss: MaskingLoss, _ repetition: Int, of count: Int) throws
        -> MaskingLoss.Masking
    {
        let noise = Noise(seed: seed, samples: [number])
        func uniform(_ step: Int, _ draw: Int) throws -> Double {
            try noise.uniforms(at: .step(step, draw: draw))[0]
        }
        let draws = try (0..<text.count).map { Float(try uniform(repetition, $0 + 1)) }
        let jitter = try loss == .tDSE || loss == .tDCE ? uniform(0, 0) : uniform(repetition, 0)
        let level = Self.level(loss, repetition, of: count, length: text.count, jitter: jitter)
        return loss.masking(configuration.noise, level: level, draws: draws)
    }

    /// What decides how much is masked in repetition k of K: each part of 1 / K of the unit interval comes once. With as many
    /// repetitions as tokens (or several times as many) each number of masks comes as often.
    package static func level(_ loss: MaskingLoss, _ k: Int, of K: Int, length: Int, jitter: Double) -> Double {
        switch loss {
        case .tDSE, .tDCE: (jitter + Double(k) / Double(K)).truncatingRemainder(dividingBy: 1)
        case .kDCE where length > 0 && K % length == 0: (Double(k % length) + 0.5) / Double(length)
        case .kDCE: (Double(k) + jitter) / Double(K)
        // Above 0: a share of 0 has no loss.
        case .lambdaDCE, .autoregressive: (Double(k) + 1 - jitter) / Double(K)
        }
    }

    /// The loss of each masked text, asking about its masked places alone.
    private func losses(_ texts: [[Int32]], _ maskings: [MaskingLoss.Masking]) throws -> [Double] {
        let asked = maskings.indices.filter { !maskings[$0].places.isEmpty }
        let queries = asked.map { number in
            var tokens = texts[number]
            for place in maskings[number].places { tokens[place] = configuration.mask }
            var query = TokenQuery(tokens, rows: maskings[number].places)
            query.sigma = maskings[number].sigma
            return query
        }
        let rows = try conditional.map(queries) { query, row, logits in
            let number = asked[query]
            return try Self.loss(of: texts[number][maskings[number].places[row]], logits)
        }
        var sums = texts.map { _ in 0.0 }
        for (number, values) in zip(asked, rows) {
            let masking = maskings[number]
            sums[number] = masking.weight * values.reduce(0, +) + masking.constant * Double(masking.places.count)
        }
        return sums
    }

    private static func loss(of token: Int32, _ logits: UnsafeBufferPointer<Float>) throws -> Double {
        -(try CategoricalDraw.logProbability(
            of: token, in: UnsafeBufferPointer(rebasing: logits[..<(logits.count - 1)])))
    }

    // MARK: Exact likelihoods

    private func ordered(_ texts: [[Int32]], _ order: RADDSampling.Order, _ watch: LookWatch) throws
        -> [LikelihoodEstimate]
    {
        let values = try texts.enumerated().map { number, text in
            try OrderedLikelihood.losses(
                conditional, [text], orders: [places(text.count, order, number)], after: { try watch.advance($0) })[0]
        }
        watch.finish()
        return zip(values, texts).map { LikelihoodEstimate([$0], tokens: $1.count) }
    }

    private func places(_ length: Int, _ order: RADDSampling.Order, _ number: Int) throws -> [Int] {
        switch order {
        case .forward: return Array(0..<length)
        case .backward: return (0..<length).reversed()
        case .random:
            let draws = AddressedTextDraws(Noise(seed: seed, samples: [number]))
            let times = try (0..<length).map { (try draws.uniform(step: 0, place: $0), $0) }
            return times.sorted { $0.0 != $1.0 ? $0.0 < $1.0 : $0.1 < $1.1 }.map(\.1)
        case let .listed(order):
            guard order.sorted() == Array(0..<length) else {
                throw GeneraError.usage("The order must name each of the \(length) places of a text once.")
            }
            return order
        }
    }

    /// The mask stands before the first token, and place i tells token i.
    private func causal(_ texts: [[Int32]], _ watch: LookWatch) throws -> [LikelihoodEstimate] {
        let longest = max(texts.map(\.count).max() ?? 1, 1)
        let together = max(Self.placesAtOnce / longest, 1)
        var estimates: [LikelihoodEstimate] = []
        for start in stride(from: 0, to: texts.count, by: together) {
            let part = Array(texts[start..<min(start + together, texts.count)])
            let asked = part.filter { !$0.isEmpty }
            let queries = asked.map { text in
                TokenQuery([configuration.mask] + text.dropLast(), rows: Array(text.indices))
            }
            var found = try conditional.map(queries) { query, row, logits in
                try Self.loss(of: asked[query][row], logits)
            }[...]
            for text in part {
                let values = text.isEmpty ? [] : found.removeFirst()
                estimates.append(LikelihoodEstimate([values.reduce(0, +)], tokens: text.count))
            }
            try watch.advance(part.count)
        }
        watch.finish()
        return estimates
    }
}

/// What was found of one text.
package struct LikelihoodEstimate: Sendable, Equatable {
    /// The mean of the repetitions: nats of the whole text.
    package let nats: Double
    /// Its standard error from the repetitions; nil for a single one, which may be exact.
    package let error: Double?
    /// Tokens of the text.
    package let tokens: Int

    /// Takes the repetitions in the order of their parts of the unit interval.
    ///
    /// Neighbours in that order differ by chance and hardly by what they measure, so that their differences tell the error that is
    /// left by spreading: sum d^2 / (2 K (K - 1)).
    package init(_ values: [Double], tokens: Int) {
        self.tokens = tokens
        let count = Double(values.count)
        nats = values.isEmpty ? 0 : values.reduce(0, +) / count
        guard values.count > 1 else {
            error = nil
            return
        }
        let squares = zip(values, values.dropFirst()).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        error = (squares / (2 * count * (count - 1))).squareRoot()
    }

    /// Several pieces of one text.
    package init(joining pieces: [LikelihoodEstimate]) {
        tokens = pieces.reduce(0) { $0 + $1.tokens }
        nats = pieces.reduce(0) { $0 + $1.nats }
        let errors = pieces.compactMap(\.error)
        error = errors.isEmpty ? nil : errors.reduce(0) { $0 + $1 * $1 }.squareRoot()
    }

    /// Nats of a token.
    package var perToken: Double { tokens > 0 ? nats / Double(tokens) : 0 }
    /// exp of it.
    package var perplexity: Double { exp(perToken) }
}

/// Tells how far some looks of a network are, and hears when to stop.
final class LookWatch {
    private let total: Int
    private let progress: any ProgressSink
    private let stop: StopToken
    private let clock = ContinuousClock()
    private let start: ContinuousClock.Instant
    private var done = 0

    init(_ total: Int, _ progress: any ProgressSink, _ stop: StopToken) {
        (self.total, self.progress, self.stop) = (total, progress, stop)
        start = clock.now
        progress.report(.began(total: total, unit: "looks"))
    }

    /// - Throws: `GeneraError.interrupted` when it was asked to stop.
    func advance(_ count: Int) throws {
        done += count
        let seconds = max((clock.now - start).seconds, 1e-9)
        progress.report(.advanced(done: done, total: total, rate: Double(done) / seconds, detail: ""))
        guard !stop.isStopped else {
            throw GeneraError.interrupted("Stopped after \(done) of \(total) looks of the network.")
        }
    }

    func finish() {
        let seconds = (clock.now - start).seconds
        progress.report(.finished("\(done) looks of the network in \(String(format: "%.1f", seconds)) s"))
    }
}

extension Duration {
    /// Seconds with what is behind the point.
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
