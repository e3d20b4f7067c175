import Genera
import GeneraTesting
import RADD

/// Recorded random numbers of a case, for one row of its batch.
private struct CaseDraws: TextDraws {
    let row: Int
    /// Numbers by call, one after the other, and where each call's begin.
    var flat: [Float] = []
    var starts: [Int] = []
    /// Numbers of a step, row and place.
    var decisions: Block?
    /// Numbers of a step, row, place and class.
    var classes: Block?
    var gumbels: Block?
    /// A number of each place that chooses its token.
    var quantiles: [Int: Double] = [:]

    /// A tensor `[step, B, L, ...]`, or `[step, L, ...]` where the batch is one text.
    struct Block {
        let values: [Double]
        let shape: [Int]

        init?(_ tensor: Tensor?, hasBatch: Bool) throws {
            guard let tensor else { return nil }
            values = try tensor.array(of: Double.self)
            var shape = tensor.shape.sizes
            if !hasBatch { shape.insert(1, at: 1) }
            self.shape = shape
        }

        func row(_ step: Int, _ batch: Int, _ place: Int) -> ArraySlice<Double> {
            let width = shape.dropFirst(3).reduce(1, *)
            let start = ((step * shape[1] + batch) * shape[2] + place) * width
            return values[start..<start + width]
        }
    }

    func uniform(step: Int, place: Int) throws -> Double {
        guard let decisions else { throw CaseFault("the case has no numbers for decisions") }
        return decisions.row(step, row, place).first ?? 0
    }

    func gumbel(step: Int, place: Int) throws -> Double {
        guard let gumbels else { throw CaseFault("the case has no numbers of Gumbel's law") }
        return gumbels.row(step, row, place).first ?? 0
    }

    func choice(step: Int, place: Int, classes count: Int) throws -> TokenChoice {
        if let u = quantiles[place] { return .quantile(u) }
        guard let classes else { return .quantile(0) }
        return .race(Array(classes.row(step, row, place).prefix(count)))
    }

    func race(step: Int, place: Int, row: Int, classes count: Int) throws -> [Float] {
        if let classes { return classes.row(step, self.row, place).map { Float($0) } }
        guard starts.indices.contains(step), starts[step] + (row + 1) * count <= flat.count else {
            throw CaseFault("call \(step) has no row \(row) of \(count) numbers")
        }
        let start = starts[step] + row * count
        return Array(flat[start..<start + count])
    }
}

extension RADDGoldens {
    /// The texts of all rounds.
    private struct Way {
        /// Before each round, then at the end: a list of texts each.
        var states: [[[Int32]]] = []
        var drafts: [Draft] = []
    }

    private static func weights(_ one: GoldenCase) throws -> [(name: String, tensor: Tensor)] {
        let file = try Safetensors(path: "\(one.folder)/\(one.text("weights"))")
        return try file.tensors.map {
            ($0.name.hasPrefix("w.") ? String($0.name.dropFirst(2)) : $0.name, Tensor($0.tensor))
        }
    }

    private static func run(
        _ one: GoldenCase, _ sampling: RADDSampling, _ prompts: [Prompt], _ draws: CaseDraws,
        lastRow: @escaping @Sendable (Int) -> CaseDraws
    ) throws -> Way {
        let c = try one.raddConfiguration()
        let (network, _) = try AbsorbingTransformer.of(c, weights(one))
        var sampler = try RADDSampler(TensorConditional(network), c, sampling, prompts: prompts)
        sampler.replay = lastRow
        var way = Way()
        let noise = Noise(seed: 0, samples: Array(prompts.indices))
        var state = try sampler.start(noise: noise)
        for step in 0..<sampler.stepCount where !state.isFinished {
            way.states.append(state.drafts.map(\.tokens))
            try sampler.advance(&state, step: step, noise: noise)
        }
        way.states.append(state.drafts.map(\.tokens))
        way.drafts = state.drafts
        return way
    }

    private static func run(
        _ one: GoldenCase, _ sampling: RADDSampling, _ prompts: [Prompt],
        _ draws: @escaping @Sendable (Int) throws -> CaseDraws
    ) throws -> Way {
        let all = try prompts.indices.map { try draws($0) }
        return try run(one, sampling, prompts, all[0]) { all[$0] }
    }

    private static func tensor(_ states: some Collection<[[Int32]]>) -> Tensor {
        let first = states.first ?? []
        return Tensor(
            states.flatMap { $0.flatMap { $0.map(Int64.init) } },
            shape: [states.count, first.count, first.first?.count ?? 0])
    }

    private static func strategy(_ one: GoldenCase) throws -> RADDSampling.Strategy {
        switch try one.text("strategy") {
        case "direct": return .direct
        case "top_p": return .topP(try one.real("strategy_para"))
        case "top_k": return .topK(Int(try one.real("strategy_para")))
        case let word: throw CaseFault("there is no strategy '\(word)'")
        }
    }

    /// The reference's samplers with every uniform number recorded.
    static let sampler: GoldenRunner.Handler = { one, check in
        let tensors = try CaseTensors(one)
        var sampling = RADDSampling()
        (sampling.strategy, sampling.keepsQuirks) = (try strategy(one), true)
        sampling.precision = one.name.hasSuffix("fp16") ? .reference : .reference32
        sampling.end = Float(try one.real("eps"))
        sampling.steps = Int(try one.real("steps"))
        let method = try one.text("method")
        if method == "ordered" {
            let order = try tensors.need("in.order").array(of: Int64.self).map(Int.init)
            sampling.method = .ordered(.listed(order))
        } else {
            sampling.method = .grid(try rate(method))
        }
        let (batch, length) = (Int(try one.real("batch")), Int(try one.real("length")))
        var prompt = Prompt(length: length)
        if let places = one.config["infill"]?["locations"]?.integers, let ids = one.config["infill"]?["ids"]?.integers {
            for (place, id) in zip(places, ids) { prompt.tokens[place] = Int32(id) }
        }
        let flat = try tensors.need("in.uniform_flat").array(of: Float.self)
        let sizes = try rows(tensors.need("in.uniform_shape")).map { Int($0.reduce(1, *)) }
        let starts = sizes.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1) }
        let reveal = try CaseDraws.Block(tensors["in.reveal_uniform"], hasBatch: true)
        let way = try run(one, sampling, Array(repeating: prompt, count: batch)) { row in
            CaseDraws(row: row, flat: flat, starts: starts, decisions: reveal)
        }
        try same("states", tensor(way.states.dropLast()), tensors["out.states_before_update"], &check)
        try same("final", tensor(way.states.suffix(1)).selected(axis: 0, 0), tensors["out.final"], &check)
        guard method != "ordered" else { return }
        // What the reference counts: texts of which places were drawn anew, and its first look at all of them.
        let mask = Int32(Int(try one.real("tokens")))
        let rates = try RevealSchedule.referenceRates(
            rate(method), one.raddConfiguration().noise, steps: sizes.count, end: sampling.end)
        let changes = zip(way.states, way.states.dropFirst()).enumerated().map { step, pair in
            pair.0.indices.reduce(0) { sum, row in
                guard let reveal else { return sum + (pair.0[row] != pair.1[row] ? 1 : 0) }
                // The last step counts every text.
                let isChosen =
                    step == rates.count - 1
                    || pair.0[row].indices.contains { place in
                        pair.0[row][place] == mask
                            && Float(reveal.row(step, row, place).first ?? 1) < rates[step]
                    }
                return sum + (isChosen ? 1 : 0)
            }
        }
        check.equal("update_cnt", changes.reduce(0, +), Int(try tensors.need("out.update_cnt").item()))
        let looks = batch + changes.dropLast().reduce(0, +)
        check.equal("evaluations", looks, Int(try tensors.need("out.evaluations").item()))
        let own = way.drafts.reduce(0) { $0 + $1.evaluations }
        if own > looks { check.fail("\(own) looks where the reference needs \(looks)") }
    }

    private static func rate(_ method: String) throws -> RADDSampling.Rate {
        guard let rate = RADDSampling.Rate(rawValue: method == "analytic" ? "tweedie" : method) else {
            throw CaseFault("there is no method '\(method)'")
        }
        return rate
    }

    private static func same(_ name: String, _ got: Tensor, _ expected: Tensor?, _ check: inout GoldenCheck) throws {
        try check.close(name, got, expected, rtol: 0, atol: 0)
    }

    /// LLaDA's routine: low confidence or random, blocks, temperature, guidance.
    static let confidence: GoldenRunner.Handler = { one, check in
        let tensors = try CaseTensors(one)
        var sampling = RADDSampling()
        let isRandom = one.config["remasking"]?.text == "random"
        sampling.method = .confidence(isRandom ? .random : .probability)
        sampling.temperature = try one.real("temperature")
        sampling.steps = Int(try one.real("steps"))
        sampling.blockLength = Int(try one.real("block_length"))
        sampling.guidance = one.config["cfg_scale"]?.number
        let masks = [Int32?](repeating: nil, count: Int(try one.real("gen_length")))
        let prompts = try rows(tensors.need("in.prompt")).map { Prompt($0.map(Optional.some) + masks) }
        let classes = try CaseDraws.Block(tensors["in.gumbel_uniform"], hasBatch: true)
        let decisions = try CaseDraws.Block(tensors["in.confidence_uniform"], hasBatch: true)
        // Blocks are counted from the end of the prompt.
        let way = try run(one, sampling, prompts) { row in
            CaseDraws(row: row, decisions: decisions, classes: classes)
        }
        var states = Array(way.states.dropLast())
        if sampling.guidance != nil {
            let mask = Int32(try one.real("mask_id"))
            states = states.map { texts in
                texts
                    + zip(texts, prompts).map { text, prompt in
                        zip(text, prompt.tokens).map { $1 == nil ? $0 : mask }
                    }
            }
        }
        try same("states", tensor(states), tensors["out.states_evaluated"], &check)
        try same("final", tensor(way.states.suffix(1)).selected(axis: 0, 0), tensors["out.final"], &check)
    }

    /// ReMDM's steps.
    static let remask: GoldenRunner.Handler = { one, check in
        let tensors = try CaseTensors(one)
        let word = try one.text("sampler")
        let kind = Remasking.Kind(rawValue: word.hasPrefix("remdm-") ? String(word.dropFirst(6)) : word)
        guard let kind else { throw CaseFault("there is no sampler '\(word)'") }
        var sampling = RADDSampling()
        sampling.method = .remask(
            try Remasking(
                kind, eta: one.real("eta"), on: one.real("t_on"), off: one.real("t_off"),
                alphaOn: one.real("alpha_on"), nucleus: one.real("nucleus_p")))
        (sampling.steps, sampling.end) = (Int(try one.real("steps")), Float(try one.real("eps")))
        sampling.keepsQuirks = true
        let classes = try CaseDraws.Block(tensors.need("in.uniform"), hasBatch: true)
        let length = classes?.shape[2] ?? 0
        let prompts = Array(repeating: Prompt(length: length), count: Int(try one.real("batch")))
        let way = try run(one, sampling, prompts) { CaseDraws(row: $0, classes: classes) }
        let steps = sampling.steps ?? 0
        try same("states", tensor(way.states.prefix(steps)), tensors["out.states_before_update"], &check)
        let after = way.states[min(steps, way.states.count - 1)]
        try same("after the last", tensor([after]).selected(axis: 0, 0), tensors["out.after_last_update"], &check)
        try same("final", tensor(way.states.suffix(1)).selected(axis: 0, 0), tensors["out.final"], &check)
    }

    /// The first-hitting sampler: times, places and tokens by three numbers each.
    static let firstHitting: GoldenRunner.Handler = { one, check in
        let tensors = try CaseTensors(one)
        let (times, places) = (try tensors.numbers("in.u_time"), try tensors.numbers("in.u_position"))
        let noise = try one.raddConfiguration().noise
        try check.close(
            "times", Tensor(noise.hittingTimes(times)), tensors["out.times"], rtol: 1e-12, atol: 0)
        var masked = Array(places.indices)
        let order = places.map { masked.remove(at: min(Int($0 * Double(masked.count)), masked.count - 1)) }
        let tokens = try tensors.numbers("in.u_token")
        var sampling = RADDSampling()
        sampling.method = .ordered(.listed(order))
        let way = try run(one, sampling, [Prompt(length: places.count)]) { row in
            CaseDraws(row: row, quantiles: Dictionary(uniqueKeysWithValues: zip(order, tokens)))
        }
        try same("states", tensor(way.states.dropLast()), tensors["out.states_before_update"], &check)
        try same("final", tensor(way.states.suffix(1)).selected(axis: 0, 0), tensors["out.final"], &check)
    }

    /// MaskGIT's rounds.
    static let maskGIT: GoldenRunner.Handler = { one, check in
        let tensors = try CaseTensors(one)
        var sampling = RADDSampling()
        sampling.method = .maskGIT(choice: try one.real("choice_temperature"))
        sampling.steps = Int(try one.real("steps"))
        let classes = try CaseDraws.Block(tensors.need("in.uniform"), hasBatch: false)
        let gumbels = try CaseDraws.Block(tensors.need("in.confidence_gumbel"), hasBatch: false)
        let way = try run(one, sampling, [Prompt(length: classes?.shape[2] ?? 0)]) { row in
            CaseDraws(row: row, classes: classes, gumbels: gumbels)
        }
        try same("states", tensor(way.states.dropLast()), tensors["out.states_before_update"], &check)
        try same("final", tensor(way.states.suffix(1)).selected(axis: 0, 0), tensors["out.final"], &check)
        let mask = try one.raddConfiguration().mask
        let left = way.states.dropFirst().map { texts in Int64(texts[0].reduce(0) { $0 + ($1 == mask ? 1 : 0) }) }
        try same("keep_masked", Tensor(left), tensors["out.keep_masked"], &check)
    }

    /// The reference's choice of a class.
    static let categorical: GoldenRunner.Handler = { one, check in
        let tensors = try CaseTensors(one)
        let logits = try floats(tensors.need("in.logits"))
        for name in tensors.names where name.hasPrefix("out.") && name.hasSuffix(".index") {
            let word = String(name.dropFirst(4).dropLast(6))
            let strategy: RADDSampling.Strategy
            if word == "direct" {
                strategy = .direct
            } else if word.hasPrefix("top_p_"), let p = Double(word.dropFirst(6)) {
                strategy = .topP(p)
            } else if word.hasPrefix("top_k_"), let k = Int(word.dropFirst(6)) {
                strategy = .topK(k)
            } else {
                throw CaseFault("there is no strategy '\(word)'")
            }
            let draws = try floats(tensors.need("in.\(word).uniform"))
            let got = zip(logits, draws).map { Int64(ReferenceRace.draw($0, strategy, $1)) }
            try same(word, Tensor(got), tensors[name], &check)
        }
    }
}
