import Genera
import RADD
import Testing

@Suite("Keys and values that are kept while a block is drawn")
struct CachingTests {
    private let c = TinyModel.configuration()

    private func sampling(_ caching: RADDSampling.Caching, block: Int) -> RADDSampling {
        var sampling = RADDSampling()
        sampling.method = .ordered(.random)
        (sampling.caching, sampling.blockLength) = (caching, block)
        return sampling
    }

    private func drafts(_ network: any TokenConditional, _ sampling: RADDSampling, count: Int = 3) throws -> [Draft] {
        let sampler = try RADDSampler(network, c, sampling, prompts: [Prompt(length: c.model.length)])
        let noise = Noise(seed: 5, samples: Array(0..<count))
        var state = try sampler.start(noise: noise)
        var step = 0
        while !state.isFinished {
            try sampler.advance(&state, step: step, noise: noise)
            step += 1
        }
        return state.drafts
    }

    @Test("A block as long as the text leaves nothing to approximate", arguments: [RADDSampling.Caching.prefix, .dual])
    func wholeBlock(_ caching: RADDSampling.Caching) throws {
        let network = try TinyModel.packed(c)
        let exact = try drafts(network, sampling(.none, block: c.model.length))
        let both = CachingFidelity(network)
        let kept = try drafts(both, sampling(caching, block: c.model.length))
        #expect(kept.map(\.tokens) == exact.map(\.tokens))
        #expect(both.finding.largest < 1e-9)
        #expect(kept.allSatisfy { $0.places.seen == $0.places.worked })
    }

    @Test("Of a block only its own places are worked out behind its first look, or those behind it too")
    func shares() throws {
        let network = try TinyModel.packed(c)
        let (L, block) = (c.model.length, 6)
        for draft in try drafts(network, sampling(.dual, block: block)) {
            #expect(draft.evaluations == L)
            #expect(draft.places.seen == L * L)
            #expect(draft.places.worked == L / block * (L + (block - 1) * block))
        }
        for draft in try drafts(network, sampling(.prefix, block: block)) {
            let blocks = (0..<L / block).map { L + (block - 1) * (L - $0 * block) }
            #expect(draft.places.worked == blocks.reduce(0, +))
        }
        #expect(try drafts(network, sampling(.none, block: block)).allSatisfy { $0.places.worked == L * L })
    }

    @Test("A block's first look is exact, and later ones are near")
    func divergence() throws {
        let network = try TinyModel.packed(c)
        var once = sampling(.dual, block: 6)
        // One step a block: there is no look but the first.
        (once.method, once.steps) = (.grid(.tweedie), 4)
        let first = CachingFidelity(network)
        #expect(
            try drafts(first, once).map(\.tokens)
                == drafts(
                    network,
                    {
                        once.caching = .none; return once
                    }()
                ).map(\.tokens))
        #expect(first.finding.rows == 0 && first.finding.mean == 0)

        let later = CachingFidelity(network)
        _ = try drafts(later, sampling(.dual, block: 6))
        #expect(later.finding.rows == 3 * 4 * 5)
        #expect(later.finding.mean > 0 && later.finding.mean < 1)
        #expect(later.finding.largest >= later.finding.mean)
    }

    @Test("A query that fills a cache gives the bits of one without")
    func filling() throws {
        let network = try TinyModel.packed(c)
        let tokens = try TinyModel.text(c, count: 10).enumerated().map { $0 % 2 == 0 ? c.mask : $1 }
        func laws(_ cache: KeyValueCache?) throws -> [[Float]] {
            try network.map([TokenQuery(tokens, rows: [0, 4, 8], cache: cache)]) { _, _, row in Array(row) }[0]
        }
        #expect(try laws(nil) == laws(KeyValueCache()))
    }

    @Test("Networks in tensors keep nothing, and guidance asks about two texts")
    func refusals() throws {
        let prompts = [Prompt(length: 8)]
        #expect(throws: GeneraError.self) {
            _ = try RADDSampler(TinyModel.plain(c), c, sampling(.dual, block: 4), prompts: prompts)
        }
        var guided = sampling(.dual, block: 4)
        guided.guidance = 1
        #expect(throws: GeneraError.self) {
            _ = try RADDSampler(TinyModel.packed(c), c, guided, prompts: prompts)
        }
    }

    @Test("Divergences are those of the formula")
    func formula() throws {
        // Laws (1/2, 1/2) and (1/4, 3/4); what stands behind them is the mask's and means nothing.
        let found = try [Float(0), log3, 7].withUnsafeBufferPointer {
            try CachingFidelity.divergence([5, 5, -3], $0)
        }
        #expect(abs(found - 0.14384) < 1e-4)
    }

    private let log3: Float = 1.0986123
}
