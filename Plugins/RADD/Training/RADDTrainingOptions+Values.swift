import Foundation
import Genera

extension RADDTrainingOptions {
    /// What trains the model that the options ask for.
    ///
    /// - Throws: what is wrong with options or text, in a sentence.
    func trainer(_ run: RunContext) throws -> ObjectiveTrainer {
        guard run.device.isCPU else {
            throw GeneraError.unavailable("Models of text are trained on the processor: leave --device out.")
        }
        let reading = CorpusReading(records: records, field: field, detokeniser: dataset)
        let files = try CorpusFiles(path: data, reading)
        let start = try from.map { try run.model(of: RADD.self, named: $0) }
        let known = try start.map { try RADDConfiguration(json: $0.configuration, file: $0.path) }
        if let known { try requireGeometry(of: known) }
        if let start, start.metadata["radd.network"] == ModulatedWeights.kind {
            throw GeneraError.usage(
                "\(start.path) is told the noise, as SEDD's networks are: texts are drawn from it and measured, but it is not trained on."
            )
        }
        let tokenizer =
            try known.map { try TokenizerChoice.tokenizer(of: $0, vocabulary: vocabulary, beside: from) }
            ?? newTokenizer(files)
        let corpus = try TextCorpus(
            files, tokenizer: tokenizer, validation: validation == nil ? validationShare : 0, workers: run.workers)
        let c = try known ?? design(tokenizer)
        let length = length ?? c.model.length
        let text = try corpus.blocks(length: length, packing: packing)
        let training = training(run)
        let objective = try RADDObjective(
            c, training, text: ShiftedBlocks(blocks: text, end: corpus.range(.training).upperBound),
            validation: try held(corpus, tokenizer, reading, length: length), tokenizer: tokenizer, start: start,
            seed: run.seed,
            digest: corpus.digest(length: length, packing: packing))
        return try ObjectiveTrainer(objective, plan(pieces: text.count))
    }

    /// What is held back, if anything.
    private func held(_ corpus: TextCorpus, _ tokenizer: any Tokenizer, _ reading: CorpusReading, length: Int) throws
        -> TokenBlocks?
    {
        if let validation {
            return try TextCorpus(CorpusFiles(path: validation, reading), tokenizer: tokenizer)
                .blocks(length: length, of: .all)
        }
        return validationShare > 0 ? try corpus.blocks(length: length, of: .validation) : nil
    }

    /// Refuses what would change a model that training goes on from.
    private func requireGeometry(of known: RADDConfiguration) throws {
        let given = [
            ("--hidden-size", hiddenSize, known.model.width), ("--n-heads", nHeads, known.model.heads),
            ("--n-blocks", nBlocks, known.model.blocks),
        ]
        for (name, value, own) in given where value ?? own != own {
            throw GeneraError.usage(
                "--from goes on with a model as it is: \(name) is \(own) there, not \(value ?? own). Leave it out.")
        }
        guard (loss == .autoregressive) == (known.model.isCausal == true) else {
            throw GeneraError.usage(
                known.model.isCausal == true
                    ? "The model of --from is autoregressive: it is trained on with --loss autoregressive."
                    : "The model of --from sees both ways: --loss autoregressive would show it what it is to tell.")
        }
    }

    private func newTokenizer(_ files: CorpusFiles) throws -> any Tokenizer {
        switch tokenizer {
        case .characters: try CharacterTokenizer(of: files)
        case .text8: Text8Tokenizer()
        case .gpt2: try TokenizerChoice.gpt2(vocabulary: vocabulary)
        }
    }

    private func design(_ tokenizer: any Tokenizer) throws -> RADDConfiguration {
        var network = model.network
        if let hiddenSize { network.width = hiddenSize }
        if let nHeads { network.heads = nHeads }
        if let nBlocks { network.blocks = nBlocks }
        if let length { network.length = length }
        if let dropout { network.dropout = dropout }
        if loss == .autoregressive { network.isCausal = true }
        let c = RADDConfiguration(
            tokens: tokenizer.vocabulary, model: network, noise: MaskingNoise(noise, low: sigmaMin, high: sigmaMax),
            tokenizer: tokenizer.name, vocab: (tokenizer as? CharacterTokenizer)?.vocab)
        try c.check()
        return c
    }

    private func training(_ run: RunContext) -> RADDTraining {
        var training = RADDTraining()
        (training.loss, training.shifts, training.normBias) = (loss, shift, Double(normBias))
        training.products = run.precision == .bf16 ? .bfloat16 : .float32
        return training
    }

    private func plan(pieces: Int) -> OptimiserPlan {
        let decay: Adam.Decay =
            weightDecay == 0 ? .none : optimizer == .adamW ? .decoupled(weightDecay) : .l2(weightDecay)
        let steps = iterations
        let (lr, warmup, schedule) = (lr, warmup, lrSchedule)
        return OptimiserPlan(
            steps: steps, batch: batchSize, cut: accum.map { batchSize / $0 } ?? max(min(batchSize / 4, 16), 1),
            rule: Adam(beta1: beta1, beta2: beta2, epsilon: adamEps, decay: decay),
            clip: gradClip > 0 ? gradClip : nil, average: ema > 0 ? .counted(ema) : .none
        ) { step in
            schedule.rate(lr, step: step + 1, warmup: warmup, of: steps)
        }
    }
}

extension RADDTrainingOptions.RateSchedule {
    /// The learning rate of a step, counted from 1.
    func rate(_ peak: Double, step: Int, warmup: Int, of steps: Int) -> Double {
        let rise = warmup > 0 ? min(Double(step) / Double(warmup), 1) : 1
        switch self {
        case .constant: return peak * rise
        case .cosine:
            let share = Double(max(step - warmup, 0)) / Double(max(steps - warmup, 1))
            return peak * rise * (1 + cos(Double.pi * min(share, 1))) / 2
        }
    }
}
