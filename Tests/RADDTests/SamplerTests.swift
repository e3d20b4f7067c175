import Foundation
import Genera
import RADD
import Synchronization
import Testing

/// What every way of drawing keeps.
@Suite struct SamplerTests {
    /// Every method that the command line knows, and some of their settings.
    static let ways: [RADDSampling] = {
        func way(_ method: RADDSampling.Method, _ change: (inout RADDSampling) -> Void = { _ in }) -> RADDSampling {
            var s = RADDSampling()
            s.method = method
            change(&s)
            return s
        }
        return [
            way(.grid(.tweedie)), way(.grid(.euler)) { $0.steps = 5 },
            way(.grid(.tweedie)) { ($0.steps, $0.strategy) = (4, .topP(0.7)) },
            way(.grid(.tweedie)) { ($0.steps, $0.precision) = (6, .reference) },
            way(.grid(.euler)) { ($0.steps, $0.precision, $0.strategy) = (6, .reference32, .topK(3)) },
            way(.ordered(.random)), way(.ordered(.forward)) { $0.strategy = .topK(2) },
            way(.ordered(.backward)) { $0.temperature = 0 },
            way(.confidence(.probability)) { $0.steps = 4 }, way(.confidence(.margin)) { $0.steps = 4 },
            way(.confidence(.entropy)) { ($0.steps, $0.blockLength) = (4, 8) },
            way(.confidence(.random)) { $0.steps = 3 }, way(.threshold(0.5)),
            way(.maskGIT(choice: 4.5)) { $0.steps = 5 },
            way(.remask(Remasking(.cap, eta: 0.2))) { $0.steps = 9 },
            way(.remask(Remasking(.conf))) { $0.steps = 9 },
            way(.remask(Remasking(.loop, eta: 0.1, off: 0.2))) { $0.steps = 12 },
            way(.grid(.tweedie)) { ($0.steps, $0.guidance) = (4, 1.5) },
        ]
    }()

    @Test(arguments: ways) func aTextDependsOnSeedAndIndexAlone(_ way: RADDSampling) throws {
        let sampler = try HashConditional().sampler(way)
        let all = try sampler.tokens(Array(0..<40))
        #expect(try sampler.tokens([33, 3], workers: 2) == [all[33], all[3]])
        #expect(try sampler.tokens(Array(0..<40), workers: 3) == all)
        // The likeliest tokens in a settled order know no seed.
        if way.temperature > 0 { #expect(try sampler.tokens(Array(0..<40), seed: 6) != all) }
        #expect(Set(all).count > 20 || way.temperature == 0)
    }

    @Test(arguments: ways) func everyPlaceIsRevealedAndWhatIsGivenStays(_ way: RADDSampling) throws {
        var prompt = Prompt(length: 16)
        for (place, token) in [(0, 3), (7, 1), (15, 6)] as [(Int, Int32)] { prompt.tokens[place] = token }
        for text in try HashConditional().sampler(way, prompts: [prompt]).tokens(Array(0..<8)) {
            #expect(text.count == 16)
            #expect(text[0] == 3 && text[7] == 1 && text[15] == 6)
            #expect(text.allSatisfy { (0..<7).contains($0) })
        }
    }

    @Test(arguments: ways.filter { $0.blockLength == nil && $0.precision == .exact })
    func textsOfDifferentLengthGoTogether(_ way: RADDSampling) throws {
        let prompts = [Prompt(length: 16), Prompt([1, nil, nil]), Prompt([nil, 2, nil, nil, 5])]
        let together = try HashConditional().sampler(way, prompts: prompts).tokens(Array(0..<6))
        #expect(together.map(\.count) == [16, 3, 5, 16, 3, 5])
        let alone = try HashConditional().sampler(way, prompts: [prompts[1], prompts[1]], length: 16, window: 16)
        #expect(try alone.tokens([1]) == [together[1]])
    }

    @Test func manyStepsRefineTheSameText() throws {
        // A place's number and its token's number do not depend on the grid: with so many steps that places come one by one,
        // the grid is the first-hitting sampler to the letter.
        var fine = RADDSampling()
        fine.steps = 1_000_000
        var one = RADDSampling()
        one.method = .ordered(.random)
        let model = HashConditional()
        #expect(try model.sampler(fine).tokens(Array(0..<20)) == model.sampler(one).tokens(Array(0..<20)))
    }

    @Test(arguments: [(1, 16), (4, 16), (16, 16), (64, 16), (32, 128)])
    func asManyLooksAsTheClosedFormSays(_ steps: Int, _ length: Int) throws {
        var sampling = RADDSampling()
        sampling.steps = steps
        let sampler = try HashConditional().sampler(sampling, length: length)
        let result = try SamplingDriver().run(sampler, SamplingRequest(indices: Array(0..<400), seed: 2))
        let expected = try RevealSchedule(.tweedie, MaskingNoise(), steps: steps).expectedEvaluations(length)
        #expect(abs(result.report.nfe - expected) < 0.05 * expected + 1e-9)
        #expect(abs(RevealSchedule.paperEvaluations(steps: steps, tokens: length) - expected) < 0.01)
    }

    @Test func aLongTextIsDrawnInWindows() throws {
        let seen = Mutex<[Int]>([])
        let model = HashConditional(vocabulary: 7) { query in seen.withLock { $0.append(query.tokens.count) } }
        var sampling = RADDSampling()
        sampling.stride = 4
        let text = try model.sampler(sampling, length: 30, window: 8).tokens([0])[0]
        #expect(text.count == 30 && !text.contains(7))
        #expect(seen.withLock { $0.allSatisfy { $0 == 8 } })
    }

    @Test func stagesCoverEveryUnknownPlaceOnce() {
        let prompt = Prompt([1, 2] + Array(repeating: nil, count: 21) + [3])
        for (window, stride, block) in [
            (24, nil, nil), (8, nil, nil), (8, 3, 5), (5, 5, 2), (100, 7, 4), (8, 100, nil),
        ]
            as [(Int, Int?, Int?)]
        {
            let stages = Stage.stages(of: prompt, window: window, stride: stride, block: block)
            #expect(stages.flatMap(\.places) == Array(2..<23))
            #expect(stages.allSatisfy { $0.frame.count <= window && $0.places.allSatisfy($0.frame.contains) })
        }
        // Blocks begin where drawing does.
        #expect(
            Stage.stages(of: prompt, window: 24, stride: nil, block: 8).map(\.places.first) == [2, 10, 18])
    }

    @Test func guidanceOfNothingIsTheLawItself() throws {
        var (plain, guided) = (RADDSampling(), RADDSampling())
        (plain.steps, guided.steps, guided.guidance) = (5, 5, 0)
        var prompt = Prompt(length: 16)
        prompt.tokens[3] = 2
        let model = HashConditional()
        #expect(
            try model.sampler(plain, prompts: [prompt]).tokens([0, 1])
                == model.sampler(guided, prompts: [prompt]).tokens([0, 1]))
        guided.guidance = 3
        #expect(
            try model.sampler(plain, prompts: [prompt]).tokens([0, 1])
                != model.sampler(guided, prompts: [prompt]).tokens([0, 1]))
    }

    @Test func whatMakesNoSenseIsRefused() {
        func refuses(_ change: (inout RADDSampling) -> Void) {
            var sampling = RADDSampling()
            change(&sampling)
            #expect(throws: GeneraError.self) { try HashConditional().sampler(sampling) }
        }
        refuses { $0.steps = 0 }
        refuses { $0.temperature = -1 }
        refuses { $0.strategy = .topP(0) }
        refuses { $0.strategy = .topK(8) }
        refuses { ($0.method, $0.steps) = (.ordered(.random), 15) }
        refuses { $0.method = .ordered(.listed([0, 1])) }
        refuses { ($0.method, $0.steps, $0.blockLength) = (.confidence(.margin), 5, 8) }
        refuses { $0.method = .threshold(0) }
        refuses { $0.method = .remask(Remasking(.loop, on: 0.1, off: 0.5)) }
        refuses { ($0.method, $0.precision) = (.maskGIT(choice: 1), .reference) }
        refuses { $0.end = 0 }
    }
}

/// Laws of single tokens, and times.
@Suite struct TokenLawTests {
    @Test func filteredLawsKeepWhatTheySay() {
        let p = [0.1, 0.4, 0.2, 0.3]
        #expect(TokenLaw.truncated(p, share: 0.5, keepsCrossing: true) == [0, 0.4, 0, 0.3])
        #expect(TokenLaw.truncated(p, share: 0.5, keepsCrossing: false) == [0, 0.4, 0, 0])
        #expect(TokenLaw.truncated(p, share: 0.01, keepsCrossing: false) == [0, 0.4, 0, 0])
        #expect(TokenLaw.truncated(p, share: 1, keepsCrossing: true) == p)
        #expect(TokenLaw.quantile(0, p) == 0 && TokenLaw.quantile(0.99999, p) == 3 && TokenLaw.quantile(0.5, p) == 2)
    }

    @Test(arguments: MaskingNoise.Kind.allCases) func timesAreTheInverseOfShares(_ kind: MaskingNoise.Kind) {
        let noise = MaskingNoise(kind, low: 1e-3, high: 5)
        for t in [0.05, 0.3, 0.77] {
            let share = 1 - (-Double(noise.total(Float(t)))).exponential
            #expect(abs(noise.time(masked: share) - t) < 2e-4)
        }
    }

    @Test(arguments: MaskingNoise.Kind.allCases) func theRateIsTheSlopeOfTheTotal(_ kind: MaskingNoise.Kind) {
        let noise = MaskingNoise(kind, low: 1e-2, high: 5)
        for t: Float in [0.2, 0.5, 0.8] {
            let slope = (noise.total(t + 1e-3) - noise.total(t - 1e-3)) / 2e-3
            #expect(abs(slope - noise.rate(t)) < 2e-3 * max(1, abs(noise.rate(t))))
        }
    }

    @Test(arguments: RADDSampling.Rate.allCases) func aScheduleRevealsEverything(_ rate: RADDSampling.Rate) throws {
        for kind in MaskingNoise.Kind.allCases {
            let schedule = try RevealSchedule(rate, MaskingNoise(kind), steps: 20)
            #expect(schedule.cumulative.last == 1)
            #expect(zip(schedule.cumulative, schedule.cumulative.dropFirst()).allSatisfy { $0 <= $1 })
            #expect(schedule.interval(0) >= 0 && schedule.interval(0.999_999_9) <= 19)
        }
    }
}

extension Double {
    fileprivate var exponential: Double { Foundation.exp(self) }
}
