import Genera

/// Texts drawn outside of `genera sample`.
struct TextDrawing {
    let model: RADD.Model
    let run: RunContext
    /// Tokens of a text.
    let length: Int

    /// The first texts of a seed, and the seconds and looks of the network that each took.
    ///
    /// - Parameter network: in place of the model's own.
    func texts(
        _ count: Int, seed: UInt64, _ sampling: RADDSampling, through network: (any TokenConditional)? = nil
    ) throws -> (texts: [Passage], seconds: Double, looks: Double) {
        let sampler = try RADDSampler(
            network ?? model.conditional, model.configuration, sampling, prompts: [Prompt(length: length)],
            tokenizer: model.tokenizer)
        return try Self.texts(count, seed: seed, sampler, run)
    }

    /// The first texts that a sampler draws.
    ///
    /// - Throws: `GeneraError.interrupted` when it was asked to stop.
    static func texts(_ count: Int, seed: UInt64, _ sampler: RADDSampler, _ run: RunContext) throws -> (
        texts: [Passage], seconds: Double, looks: Double
    ) {
        let request = SamplingRequest(indices: Array(0..<count), seed: seed)
        let result = try SamplingDriver(progress: run.progress, stop: run.stop).run(sampler, request)
        guard !result.report.wasStopped else { throw GeneraError.interrupted("Stopped while texts were drawn.") }
        return (result.samples, result.report.seconds / Double(max(count, 1)), result.report.nfe)
    }
}

extension Passage {
    /// The numbers of all tokens; nil where some are not known or masked.
    func numbers(below count: Int) -> [Int32]? {
        let numbers = tokens.compactMap(\.number)
        return numbers.count == tokens.count && numbers.allSatisfy { (0..<Int32(count)).contains($0) } ? numbers : nil
    }
}

/// A model of the family that says how surprising texts are.
struct TextJudge {
    let model: RADD.Model
    /// What is measured under masks, where it is measured under masks.
    let repetitions: Int

    /// What is said of the texts: exact for an autoregressive model, else the bound.
    var isExact: Bool { model.configuration.model.isCausal == true }

    /// The likelihood of each text, and its tokens.
    ///
    /// - Throws: `GeneraError.usage` for letters that the judge does not know.
    func estimates(_ texts: [String], _ run: RunContext) throws -> [(tokens: [Int32], estimate: LikelihoodEstimate)] {
        let tokens = try texts.map { text in
            do { return try model.tokenizer.encode(text) } catch let error as GeneraError {
                throw GeneraError.usage("\(model.file) cannot judge a text: \(error)")
            }
        }
        let way: TextLikelihood.Way = isExact ? .causal : .bound(.lambdaDCE, repetitions: repetitions)
        let pieces = tokens.map(model.pieces)
        let found = try TextLikelihood(model.conditional, model.configuration, way, seed: run.seed)
            .estimates(pieces.flatMap { $0 }, progress: run.progress, stop: run.stop)
        var rest = found[...]
        return zip(tokens, pieces).map { tokens, parts in
            let own = LikelihoodEstimate(joining: Array(rest.prefix(parts.count)))
            rest = rest.dropFirst(parts.count)
            return (tokens, own)
        }
    }
}
