import Genera

/// Where the files of GPT-2's vocabulary are looked for.
struct TokenizerPlaces: Sendable {
    /// A folder or file that was named: the only place then.
    var named: String?
    /// The model's file or folder, beside which they may lie.
    var model: String?
    var environment: @Sendable (String) -> String?

    init(named: String? = nil, model: String? = nil) {
        self.init(named: named, model: model, environment: Environment.value)
    }

    init(named: String?, model: String?, environment: @escaping @Sendable (String) -> String?) {
        (self.named, self.model, self.environment) = (named, model, environment)
    }

    static let advice =
        "The files are encoder.json and vocab.bpe, or vocab.json and merges.txt, or tokenizer.json, of GPT-2. "
        + "Name their folder with --vocabulary, or lay them into the user's data folder, genera/gpt2."

    /// The folders in the order they are searched.
    var folders: [String] {
        if let named { return [named] }
        var folders: [String] = []
        if let model, FileSystem.exists(model) {
            folders.append(FileSystem.isFolder(model) ? model : FileSystem.parent(of: model))
        }
        if let own = environment("GENERA_VOCABULARY"), !own.isEmpty { folders.append(own) }
        let data = environment("XDG_DATA_HOME") ?? environment("HOME").map { "\($0)/.local/share" }
        if let data, !data.isEmpty { folders.append("\(data)/genera/gpt2") }
        return folders
    }

    /// GPT-2's tokenizer.
    ///
    /// - Throws: `GeneraError.noInput` that says which files are needed and where they were looked for.
    func bytePairs() throws -> BytePairTokenizer {
        if let named { return try BytePairTokenizer(path: named) }
        for folder in folders where BytePairFiles.find(in: folder) != nil { return try BytePairTokenizer(path: folder) }
        if let own = environment("GENERA_VOCABULARY"), FileSystem.exists(own), !FileSystem.isFolder(own) {
            return try BytePairTokenizer(path: own)
        }
        throw GeneraError.noInput("There is no vocabulary of GPT-2.", searched: folders, advice: Self.advice)
    }
}

/// Which tokenizer goes with a model.
package enum TokenizerChoice {
    /// The tokenizers that models name.
    package enum Name: String, CaseIterable, Sendable {
        /// Byte-level BPE.
        case gpt2
        /// The letters of `vocab`.
        case characters
        /// A space and a to z.
        case text8
    }

    /// The tokens of GPT-2.
    package static let gpt2Tokens = 50257

    /// GPT-2's tokenizer, from a folder that is named, else from where its files are looked for.
    ///
    /// - Throws: `GeneraError.noInput` that says which files are needed, and as `BytePairTokenizer`.
    package static func gpt2(vocabulary: String? = nil, beside model: String? = nil) throws -> BytePairTokenizer {
        try TokenizerPlaces(named: vocabulary, model: model).bytePairs()
    }

    /// The tokenizer of a model.
    ///
    /// - Parameters:
    ///   - vocabulary: a folder with the files of GPT-2's, if one is named.
    ///   - model: the model's file or folder, beside which they may lie.
    /// - Throws: `GeneraError.usage` for a model whose tokens no tokenizer is known of, and one whose number of tokens is another
    ///   than its tokenizer's; and as `gpt2`.
    package static func tokenizer(of c: RADDConfiguration, vocabulary: String? = nil, beside model: String? = nil)
        throws
        -> any Tokenizer
    {
        try tokenizer(of: c, TokenizerPlaces(named: vocabulary, model: model))
    }

    static func tokenizer(of c: RADDConfiguration, _ places: TokenizerPlaces) throws -> any Tokenizer {
        let tokenizer: any Tokenizer
        switch try name(of: c) {
        case .characters:
            guard let vocab = c.vocab else { throw GeneraError.usage("A model of characters says in 'vocab' which.") }
            tokenizer = try CharacterTokenizer(vocab: vocab)
        case .text8: tokenizer = Text8Tokenizer()
        case .gpt2: tokenizer = try places.bytePairs()
        case nil:
            guard places.named != nil else {
                throw GeneraError.usage(
                    "What the model's \(c.tokens) tokens stand for it does not say: name a vocabulary with --vocabulary."
                )
            }
            tokenizer = try places.bytePairs()
        }
        guard tokenizer.vocabulary == c.tokens else {
            let file = (tokenizer as? BytePairTokenizer).map { " of \($0.file)" } ?? ""
            throw GeneraError.usage(
                "The model has \(c.tokens) tokens, but the tokenizer '\(tokenizer.name)'\(file) has \(tokenizer.vocabulary)."
            )
        }
        return tokenizer
    }

    /// The tokenizer that a model names, or that its number of tokens tells of: 50257 is GPT-2's, 27 text8's, and one with `vocab`
    /// is of characters. Nil where nothing tells.
    ///
    /// - Throws: `GeneraError.usage` for a name that is none.
    package static func name(of c: RADDConfiguration) throws -> Name? {
        if let word = c.tokenizer {
            if let name = Name(rawValue: word) { return name }
            let known = Name.allCases.map(\.rawValue).joined(separator: ", ")
            throw GeneraError.usage("The model's tokenizer '\(word)' is not known: known are \(known).")
        }
        if c.vocab != nil { return .characters }
        switch c.tokens {
        case gpt2Tokens: return .gpt2
        case 27: return .text8
        default: return nil
        }
    }
}
