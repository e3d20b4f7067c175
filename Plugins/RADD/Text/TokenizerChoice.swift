import Genera

/// Where the files of GPT-2's vocabulary are looked for.
package struct TokenizerPlaces: Sendable {
    /// A folder or file that was named: the only place then.
    package var named: String?
    /// The model's file or folder, beside which they may lie.
    package var model: String?
    var environment: @Sendable (String) -> String?

    package init(named: String? = nil, model: String? = nil) {
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
        if let model, !model.isEmpty {
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
    package func bytePairs() throws -> BytePairTokenizer {
        if let named { return try BytePairTokenizer(path: named) }
        for folder in folders where BytePairFiles.find(in: folder) != nil { return try BytePairTokenizer(path: folder) }
        if let own = environment("GENERA_VOCABULARY"), FileSystem.exists(own), !FileSystem.isFolder(own) {
            return try BytePairTokenizer(path: own)
        }
        throw GeneraError.noInput("There is no vocabulary of GPT-2.", searched: folders, advice: Self.advice)
    }
}

/// The tokenizers that models name.
package enum TokenizerChoice: String, CaseIterable, Sendable {
    /// Byte-level BPE.
    case gpt2
    /// The letters of `vocab`.
    case characters
    /// A space and a to z.
    case text8

    /// The tokens of GPT-2.
    package static let gpt2Tokens = 50257
}

extension RADDConfiguration {
    /// The tokenizer that a model names, or that its number of tokens tells of: 50257 is GPT-2's, 27 text8's, and one with `vocab`
    /// is of characters.
    ///
    /// - Throws: `GeneraError.usage` for a name that is none.
    package var tokenizerChoice: TokenizerChoice? {
        get throws {
            if let tokenizer {
                if let choice = TokenizerChoice(rawValue: tokenizer) { return choice }
                let known = TokenizerChoice.allCases.map(\.rawValue).joined(separator: ", ")
                throw GeneraError.usage("The model's tokenizer '\(tokenizer)' is not known: known are \(known).")
            }
            if vocab != nil { return .characters }
            switch tokens {
            case TokenizerChoice.gpt2Tokens: return .gpt2
            case 27: return .text8
            default: return nil
            }
        }
    }

    /// The tokenizer of a model.
    ///
    /// - Throws: `GeneraError.usage` for a model whose tokens no tokenizer is known of, and one whose number of tokens is another
    ///   than its tokenizer's; and as `TokenizerPlaces.bytePairs`.
    package func tokenizer(_ places: TokenizerPlaces = TokenizerPlaces()) throws -> any Tokenizer {
        let tokenizer: any Tokenizer
        switch try tokenizerChoice {
        case .characters:
            guard let vocab else { throw GeneraError.usage("A model of characters says in 'vocab' which.") }
            tokenizer = try CharacterTokenizer(vocab: vocab)
        case .text8: tokenizer = Text8Tokenizer()
        case .gpt2: tokenizer = try places.bytePairs()
        case nil:
            guard places.named != nil else {
                throw GeneraError.usage(
                    "What the model's \(tokens) tokens stand for it does not say: name a vocabulary with --vocabulary.")
            }
            tokenizer = try places.bytePairs()
        }
        guard tokenizer.vocabulary == tokens else {
            let file = (tokenizer as? BytePairTokenizer).map { " of \($0.file)" } ?? ""
            throw GeneraError.usage(
                "The model has \(tokens) tokens, the tokenizer '\(tokenizer.name)'\(file) \(tokenizer.vocabulary).")
        }
        return tokenizer
    }
}
