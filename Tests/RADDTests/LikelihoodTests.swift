import Foundation
import Genera
import RADD
import Testing

@Suite("The likelihood of given texts")
struct LikelihoodTests {
    private let c = TinyModel.configuration(tokens: 5, length: 8)

    private func estimates(_ way: TextLikelihood.Way, _ texts: [[Int32]], seed: UInt64 = 0) throws
        -> [LikelihoodEstimate]
    {
        try TextLikelihood(TinyModel.packed(c), c, way, seed: seed).estimates(texts)
    }

    @Test("Bounds by lambda, k and time agree with the mean over orders")
    func agreement() throws {
        let text = try TinyModel.text(c, count: 4)
        let exact = try orders(4).map { try estimates(.ordered(.listed($0)), [text])[0].nats }
        let mean = exact.reduce(0, +) / Double(exact.count)
        for loss in [MaskingLoss.lambdaDCE, .kDCE, .tDSE] {
            let found = try estimates(.bound(loss, repetitions: 8000), [text])[0]
            let error = try #require(found.error)
            #expect(abs(found.nats - mean) < 5 * error + 0.003 * mean, "\(loss)")
            // Rare masks weigh much: errors fall slowly.
            #expect(error < 0.2 * mean)
        }
    }

    @Test("One token is known exactly by every number of masks")
    func single() throws {
        let text: [Int32] = [2]
        let exact = try estimates(.ordered(.forward), [text])[0]
        #expect(exact.error == nil && exact.tokens == 1)
        let bound = try estimates(.bound(.kDCE, repetitions: 7), [text])[0]
        #expect(abs(bound.nats - exact.nats) < 1e-6)
        #expect(bound.error == 0)
    }

    @Test("Orders are products of conditionals")
    func chain() throws {
        let text = try TinyModel.text(c, count: 5)
        let network = try TinyModel.plain(c)
        var (tokens, sum) = (text.map { _ in c.mask }, 0.0)
        for place in (0..<5).reversed() {
            let row = try network.map([TokenQuery(tokens, rows: [place])]) { _, _, logits in Array(logits.dropLast()) }[
                0][0]
            sum += log(row.reduce(0) { $0 + exp(Double($1)) }) - Double(row[Int(text[place])])
            tokens[place] = text[place]
        }
        #expect(abs(try estimates(.ordered(.backward), [text])[0].nats - sum) < 1e-4)
    }

    @Test("An autoregressive model tells token i at place i, with the mask before the first")
    func causal() throws {
        let c = TinyModel.configuration(tokens: 5, length: 8, isCausal: true)
        let texts = try [TinyModel.text(c, count: 6), [], TinyModel.text(c, count: 3, number: 1)]
        let found = try TextLikelihood(TinyModel.packed(c), c, .causal).estimates(texts)
        let scope = ParameterScope.loading(try TinyModel.weights(c).map { ($0.name, Tensor($0.tensor)) })
        let network = try AbsorbingTransformer(c, in: scope)
        for (text, estimate) in zip(texts, found) where !text.isEmpty {
            let draws = MaskingLoss.Draws(levels: [0], places: [Array(repeating: 0, count: text.count)])
            let wanted = try MaskingLoss.autoregressive.losses(network, [text], draws).sum().item()
            #expect(abs(estimate.nats - wanted) < 1e-4)
        }
        #expect(found[1].nats == 0 && found[1].tokens == 0)
        #expect(throws: GeneraError.self) { _ = try TextLikelihood(TinyModel.packed(c), c, .ordered(.forward)) }
    }

    @Test("A text's estimate depends on nothing but its number and the seed")
    func addressed() throws {
        let texts = try (0..<3).map { try TinyModel.text(c, count: 7, number: $0) }
        let all = try estimates(.bound(.lambdaDCE, repetitions: 5), texts)
        #expect(try estimates(.bound(.lambdaDCE, repetitions: 5), Array(texts.prefix(1))) == Array(all.prefix(1)))
        #expect(try estimates(.bound(.lambdaDCE, repetitions: 5), texts, seed: 1) != all)
    }

    @Test("Repetitions are spread: each number of masks once, each part of lambda once")
    func levels() {
        let numbers = (0..<6).map { Int(TextLikelihood.level(.kDCE, $0, of: 6, length: 6, jitter: 0.9) * 6) }
        #expect(numbers == Array(0..<6))
        for k in 0..<10 {
            let level = TextLikelihood.level(.lambdaDCE, k, of: 10, length: 6, jitter: 0.3)
            #expect(level > Double(k) / 10 && level <= Double(k + 1) / 10)
        }
        #expect(TextLikelihood.level(.lambdaDCE, 0, of: 1, length: 6, jitter: 0) == 1)
    }

    @Test("Pieces join to a text")
    func joining() {
        let joined = LikelihoodEstimate(joining: [
            LikelihoodEstimate([1, 3], tokens: 2), LikelihoodEstimate([4, 8], tokens: 3),
        ])
        #expect(joined.nats == 8 && joined.tokens == 5)
        #expect(abs((joined.error ?? 0) - 5.0.squareRoot()) < 1e-12)
    }

    @Test("Tokens of others, and the mask, are refused")
    func strangers() throws {
        #expect(throws: GeneraError.self) { _ = try estimates(.ordered(.forward), [[0, c.mask]]) }
        #expect(throws: GeneraError.self) { _ = try estimates(.causal, [[0]]) }
        #expect(throws: GeneraError.self) { _ = try estimates(.bound(.kDCE, repetitions: 0), [[0]]) }
    }

    private func orders(_ count: Int) -> [[Int]] {
        count == 0
            ? [[]]
            : orders(count - 1).flatMap { order in
                (0..<count).map { place in
                    var order = order
                    order.insert(count - 1, at: place)
                    return order
                }
            }
    }
}
