import Genera

/// What a model of the family is: its alphabet, its transformer and its noise. Keys are those of the authors' `config.json`, whose
/// other entries are left aside.
public struct RADDConfiguration: Codable, Equatable, Sendable {
    /// The transformer.
    public struct Network: Codable, Equatable, Sendable {
        /// Width of a token, d.
        public var width: Int
        /// Heads of attention, H.
        public var heads: Int
        /// Blocks, N.
        public var blocks: Int
        /// Tokens of a sequence in training, L. More are legal: positions are rotations.
        public var length: Int
        /// The share of numbers that training leaves out behind attention and MLP.
        public var dropout: Double
        /// Whether each token sees only those before it: an autoregressive model, for comparison.
        public var isCausal: Bool?

        enum CodingKeys: String, CodingKey {
            case width = "hidden_size"
            case heads = "n_heads"
            case blocks = "n_blocks"
            case length
            case dropout
            case isCausal = "causal"
        }

        /// Puts a transformer together.
        public init(width: Int, heads: Int, blocks: Int, length: Int = 1024, dropout: Double = 0.02) {
            (self.width, self.heads, self.blocks, self.length) = (width, heads, blocks, length)
            self.dropout = dropout
        }

        /// RADD-small: 162 million weights with GPT-2's alphabet.
        public static let small = Network(width: 768, heads: 12, blocks: 12)
        /// RADD-medium: 405 million weights with GPT-2's alphabet.
        public static let medium = Network(width: 1024, heads: 16, blocks: 24)
        /// A few million weights, for letters.
        public static let tiny = Network(width: 192, heads: 6, blocks: 5, length: 256)
    }

    /// Real tokens, V. The mask is token V, so that the network has V + 1 classes.
    public var tokens: Int
    /// The transformer.
    public var model: Network
    /// The noise that training used.
    public var noise: MaskingNoise
    /// Which tokenizer goes with the tokens: `gpt2`, `characters` or `text8`. Nil: told by the number of tokens.
    public var tokenizer: String?
    /// The letters of a tokenizer of characters, in the order of their tokens.
    public var vocab: String?

    /// Puts a configuration together.
    public init(
        tokens: Int, model: Network, noise: MaskingNoise = MaskingNoise(), tokenizer: String? = nil,
        vocab: String? = nil
    ) {
        (self.tokens, self.model, self.noise) = (tokens, model, noise)
        (self.tokenizer, self.vocab) = (tokenizer, vocab)
    }

    /// The mask's token, V.
    public var mask: Int32 { Int32(tokens) }
    /// Columns of the network's output, C = V + 1.
    public var classes: Int { tokens + 1 }

    /// Reads a configuration as a model's file or a folder of the authors' has it.
    ///
    /// - Throws: `GeneraError.badData` that names the key.
    public init(json: String, file: String) throws {
        self = try ModelCheckpoint.configuration(
            Self.self, of: json, file: file, family: "RADD",
            advice: "a model of RADD says 'tokens', 'model' and 'noise'.")
        do { try check() } catch let error as GeneraError {
            throw GeneraError.badData(file: file, reason: "\(error)")
        }
    }

    /// The configuration as JSON with sorted keys.
    public func json() throws -> String { try ModelCheckpoint.configuration(of: self) }

    /// - Throws: `GeneraError.usage` that says which numbers make no model.
    public func check() throws {
        func require(_ isSound: Bool, _ reason: String) throws {
            guard isSound else { throw GeneraError.usage(reason) }
        }
        try require((2...1_000_000).contains(tokens), "A model knows 2 to 1,000,000 tokens, not \(tokens) ('tokens').")
        try require(
            (2...65_536).contains(model.width),
            "A token is 2 to 65,536 numbers wide, not \(model.width) ('hidden_size').")
        try require(
            model.heads > 0 && model.width % model.heads == 0 && (model.width / model.heads) % 2 == 0,
            "\(model.heads) heads ('n_heads') must cut \(model.width) numbers ('hidden_size') into even parts.")
        try require(
            (1...1000).contains(model.blocks), "A model has 1 to 1000 blocks, not \(model.blocks) ('n_blocks').")
        try require(
            (1...1_000_000).contains(model.length),
            "A sequence has 1 to 1,000,000 tokens, not \(model.length) ('length').")
        try require(
            (0..<1).contains(model.dropout), "A share from 0 to below 1 is left out, not \(model.dropout) ('dropout').")
        if let vocab {
            let letters = Array(vocab.unicodeScalars)
            try require(
                letters.count == tokens && Set(letters).count == tokens,
                "'vocab' must name \(tokens) different letters ('tokens'), it names \(Set(letters).count).")
        }
        try noise.check()
    }
}
