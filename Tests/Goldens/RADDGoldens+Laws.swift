import Foundation
import Genera
import GeneraTesting
import RADD

/// A joint law of a few tokens whose conditionals are known.
struct ToyConditional: TokenConditional {
    let joint: [Double]
    let alphabet: Int
    let length: Int

    var vocabulary: Int { alphabet }

    /// Logits by what is known, a digit of base V + 1 a place, and by place.
    private let table: [[[Float]]]

    init(joint: [Double], alphabet: Int, length: Int) {
        (self.joint, self.alphabet, self.length) = (joint, alphabet, length)
        let texts = joint.indices.map { Self.digits($0, base: alphabet, length: length) }
        let states = Int(pow(Double(alphabet + 1), Double(length)).rounded())
        table = (0..<states).map { state in
            let known = Self.digits(state, base: alphabet + 1, length: length)
            return (0..<length).map { place in
                var weights = [Double](repeating: 0, count: alphabet)
                for (text, p) in zip(texts, joint)
                where known.indices.allSatisfy({ $0 == place || known[$0] == alphabet || known[$0] == text[$0] }) {
                    weights[text[place]] += p
                }
                return weights.map { Float(log($0)) } + [0]
            }
        }
    }

    func map<Value: Sendable>(
        _ queries: [TokenQuery], _ body: @Sendable (Int, Int, UnsafeBufferPointer<Float>) throws -> Value
    ) throws -> [[Value]] {
        try queries.enumerated().map { number, query in
            let state = query.tokens.reduce(0) { $0 * (alphabet + 1) + Int($1) }
            return try query.rows.enumerated().map { row, place in
                try table[state][place].withUnsafeBufferPointer { try body(number, row, $0) }
            }
        }
    }

    /// The digits of a number, the first slowest.
    private static func digits(_ number: Int, base: Int, length: Int) -> [Int] {
        var (digits, rest) = ([Int](), number)
        for _ in 0..<length {
            digits.insert(rest % base, at: 0)
            rest /= base
        }
        return digits
    }
}

extension RADDGoldens {
    /// The closed forms of how many looks the sampler takes, beside what the reference took.
    static let evaluations: GoldenRunner.Handler = { one, check in
        let value = try document(one)
        for row in value["table"]?.items ?? [] {
            guard let steps = row["steps"]?.integer, let length = row["length"]?.integer else { continue }
            let name = "\(steps) steps of \(length)"
            try check.close(
                name, RevealSchedule.paperEvaluations(steps: steps, tokens: length), row["paper"]?.number ?? .nan)
            try check.close(
                "\(name), reference", RevealSchedule.referenceEvaluations(steps: steps, tokens: length),
                row["evaluations_exact"]?.number ?? .nan)
            // Ours: intervals with anything in them.
            let schedule = try RevealSchedule(.tweedie, MaskingNoise(), steps: steps)
            try check.close(
                "\(name), ours", schedule.expectedEvaluations(length), row["paper"]?.number ?? .nan, rtol: 1e-4,
                atol: 1e-3)
        }
        for row in value["monte_carlo"]?.items ?? [] {
            guard let steps = row["formula"]?["steps"]?.integer, let length = row["formula"]?["length"]?.integer,
                let measured = row["measured_evaluations"]?.number, let error = row["se"]?.number
            else { continue }
            try check.close(
                "measured at \(steps) steps", measured,
                RevealSchedule.referenceEvaluations(steps: steps, tokens: length), rtol: 0, atol: 4 * error)
        }
    }

    /// The law of each sampler on a joint whose conditionals are exact.
    static let toy: GoldenRunner.Handler = { one, check in
        let value = try document(one)
        guard let joint = value["joint"]?.numbers, let alphabet = value["alphabet"]?.integer,
            let length = value["length"]?.integer
        else { throw CaseFault("the case has no joint law") }
        let toy = ToyConditional(joint: joint, alphabet: alphabet, length: length)
        for (steps, law) in value["laws"]?.members.map({ $0.map { ($0.key, $0.value.numbers ?? []) } }) ?? [] {
            var sampling = RADDSampling()
            sampling.steps = Int(steps)
            try follows(law, toy, sampling, "tweedie in \(steps) steps", &check)
        }
        var sampling = RADDSampling()
        for (name, order) in [("first hitting", RADDSampling.Order.random), ("forward", .forward)] {
            sampling.method = .ordered(order)
            try follows(joint, toy, sampling, name, &check)
        }
        sampling.method = .remask(Remasking(.rescale, eta: 0.2))
        sampling.steps = 256
        try near(joint, toy, sampling, "ReMDM in 256 steps", &check)
    }

    private static func document(_ one: GoldenCase) throws -> JSONValue {
        let name = one["file"]?.text ?? "\(one.name).json"
        let path = "\(one.folder)/\(name)"
        return try JSONText.parse(MappedFile(path: path).view, file: path)
    }

    /// How often each text comes in 100,000 draws.
    private static func counts(_ toy: ToyConditional, _ sampling: RADDSampling, _ total: Int) throws -> [Int] {
        let c = RADDConfiguration(
            tokens: toy.alphabet, model: .init(width: 2, heads: 1, blocks: 1, length: toy.length, dropout: 0))
        let sampler = try RADDSampler(toy, c, sampling, prompts: [Prompt(length: toy.length)])
        var counts = [Int](repeating: 0, count: toy.joint.count)
        for start in stride(from: 0, to: total, by: 1000) {
            let noise = Noise(seed: 11, samples: Array(start..<start + 1000))
            var state = try sampler.start(noise: noise)
            try sampler.carry(&state, over: 0..<sampler.stepCount, noise: noise)
            for draft in state.drafts { counts[draft.tokens.reduce(0) { $0 * toy.alphabet + Int($1) }] += 1 }
        }
        return counts
    }

    /// Chi-square beside the law, at a probability of 1e-4.
    private static func follows(
        _ law: [Double], _ toy: ToyConditional, _ sampling: RADDSampling, _ name: String, _ check: inout GoldenCheck
    ) throws {
        let total = 100_000
        let counts = try counts(toy, sampling, total)
        // Entries that are too rare go together.
        var (sum, cells, rare) = (0.0, 0, (0.0, 0.0))
        for (p, count) in zip(law, counts) {
            let expected = p * Double(total)
            if expected < 5 {
                rare = (rare.0 + expected, rare.1 + Double(count))
            } else {
                sum += (Double(count) - expected) * (Double(count) - expected) / expected
                cells += 1
            }
        }
        if rare.0 > 0 {
            let expected = max(rare.0, 1)
            sum += (rare.1 - rare.0) * (rare.1 - rare.0) / expected
            cells += 1
        }
        let k = Double(cells - 1)
        let spread = 2 / (9 * k)
        let bound = k * pow(1 - spread + 3.719 * spread.squareRoot(), 3)
        try check.close("\(name): chi-square below \(bound)", sum < bound ? 0 : sum, 0, rtol: 0, atol: 0)
    }

    /// Total variation for a sampler whose law is near, not equal.
    private static func near(
        _ law: [Double], _ toy: ToyConditional, _ sampling: RADDSampling, _ name: String, _ check: inout GoldenCheck
    ) throws {
        let total = 20_000
        let counts = try counts(toy, sampling, total)
        let distance = zip(law, counts).reduce(0) { $0 + abs($1.0 - Double($1.1) / Double(total)) } / 2
        try check.close("\(name): total variation", distance, 0, rtol: 0, atol: 0.03)
    }
}
