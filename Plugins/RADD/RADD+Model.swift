import Genera

extension RADD {
    /// A trained model, ready to draw.
    ///
    ///     let model = try RADD.load("shakespeare")
    ///     let texts = try model.texts(4, seed: 7, prompt: "ROMEO:\n[MASK:200]")
    public struct Model: Sendable {
        /// What the model is.
        public let configuration: RADDConfiguration
        /// The file it was read from, for messages.
        public let file: String
        package let conditional: any TokenConditional
        package let tokenizer: any Tokenizer
    }

    /// Loads a model: one that the folders of models hold under a name, or a file or folder, also of the authors' own.
    ///
    /// - Parameters:
    ///   - vocabulary: a folder with the files of GPT-2's tokenizer, for models that need it.
    ///   - precision: `.bf16` for products of bfloat16 numbers.
    ///   - workers: threads of the network; they change nothing but the time.
    /// - Throws: `GeneraError` or `FormatError` for a model that cannot be found or read.
    public static func load(
        _ name: String? = nil, vocabulary: String? = nil, precision: Precision = .exact, workers: Int = 1
    ) throws -> Model {
        try Model(
            RunContext().model(of: RADD.self, named: name), vocabulary: vocabulary, precision: precision,
            workers: workers)
    }
}

extension RADD.Model {
    /// Draws texts: text i of a seed is the same whatever the count.
    ///
    /// - Parameters:
    ///   - prompt: what is known, with `[MASK]` where tokens are to be drawn and `[MASK:n]` for n of them; nil for nothing.
    ///   - length: tokens of a text without a prompt; nil for as many as the model was trained with.
    ///   - sampling: how.
    /// - Throws: `GeneraError.usage` for a way that does not go with the model, or letters that it does not know.
    public func texts(
        _ count: Int, seed: UInt64 = 0, prompt: String? = nil, length: Int? = nil,
        _ sampling: RADDSampling = RADDSampling()
    ) throws -> [Passage] {
        guard (0...1_000_000).contains(count) else {
            throw GeneraError.usage("0 to 1,000,000 texts are drawn at a time, not \(count).")
        }
        let known = try prompt.map { try Prompt($0, tokenizer) } ?? Prompt(length: length ?? configuration.model.length)
        let sampler = try RADDSampler(conditional, configuration, sampling, prompts: [known], tokenizer: tokenizer)
        return try SamplingDriver().run(sampler, SamplingRequest(indices: Array(0..<count), seed: seed)).samples
    }
}

extension RADD.Model {
    /// Builds the network of a checkpoint.
    ///
    /// - Throws: `GeneraError.badData` for weights or a configuration that do not fit.
    package init(
        _ checkpoint: ModelCheckpoint, vocabulary: String? = nil, precision: Precision = .exact, workers: Int = 1
    ) throws {
        configuration = try RADDConfiguration(json: checkpoint.configuration, file: checkpoint.path)
        file = checkpoint.path
        tokenizer = try TokenizerChoice.tokenizer(of: configuration, vocabulary: vocabulary, beside: checkpoint.path)
        conditional = try Self.conditional(checkpoint, configuration, precision, workers)
    }

    private static func conditional(
        _ checkpoint: ModelCheckpoint, _ c: RADDConfiguration, _ precision: Precision, _ workers: Int
    ) throws -> any TokenConditional {
        do {
            let numbers = precision == .bf16 ? PackedTransformer.Precision.bfloat16 : .float32
            if let modulated = try ModulatedWeights(checkpoint) {
                return ModulatedConditional(modulated, precision: numbers, workers: workers)
            }
            return try PackedTransformer(c, weights: checkpoint.weights, precision: numbers, workers: workers)
        } catch let error as KeyMismatch {
            throw GeneraError.badData(file: checkpoint.path, reason: "\(error)")
        }
    }

    /// The network in plain tensors: what kernels are compared with.
    package static func plainConditional(_ checkpoint: ModelCheckpoint, _ c: RADDConfiguration) throws
        -> TensorConditional
    {
        do {
            let scope = ParameterScope.loading(try checkpoint.tensors())
            let network = try AbsorbingTransformer(c, in: scope)
            try scope.finish()
            return TensorConditional(network)
        } catch let error as KeyMismatch {
            throw GeneraError.badData(file: checkpoint.path, reason: "\(error)")
        }
    }
}

extension RADDSamplingOptions {
    /// The sampler that the options ask for.
    func sampler(_ run: RunContext) throws -> RADDSampler {
        let checkpoint = try run.model(of: RADD.self)
        if let path = infill ?? prompts { _ = run.input(path) }
        if method == .ordered, let path = orderFile { _ = run.input(path) }
        let model = try RADD.Model(
            checkpoint, vocabulary: vocabulary, precision: run.precision, workers: run.workers)
        guard model.configuration.model.isCausal != true else {
            throw GeneraError.usage(
                "\(model.file) is an autoregressive model, made to compare with: it fills no masks.")
        }
        let prompts = try promptList(model.configuration, model.tokenizer)
        if let longest = prompts.map(\.tokens.count).max(), longest > model.configuration.model.length {
            run.progress.report(
                .note(
                    "A text of \(longest) tokens is longer than the model's \(model.configuration.model.length): it is drawn in windows."
                ))
        }
        return try RADDSampler(
            model.conditional, model.configuration, sampling(), prompts: prompts, tokenizer: model.tokenizer)
    }
}
