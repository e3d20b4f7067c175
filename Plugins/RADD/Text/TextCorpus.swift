import Genera

/// A corpus as tokens: what training sees, and the last share of it, held back for validation.
package struct TextCorpus: Sendable {
    /// A part of a corpus.
    package enum Part: Sendable {
        /// What training sees.
        case training
        /// What is held back.
        case validation
        /// All of it.
        case all
    }

    /// All tokens, one document behind the other.
    package let tokens: CompactTokens
    /// The places behind the last token of each document.
    package let ends: [Int]
    /// Where validation begins.
    package let split: Int
    /// How many tokens there are, V.
    package let vocabulary: Int
    /// The files, for messages.
    package let name: String

    /// Cuts the documents of files into tokens, several pieces at a time.
    ///
    /// - Parameters:
    ///   - validation: the share of tokens at the end that is held back. In a corpus of several documents the document in which
    ///     it would begin goes to training as a whole.
    ///   - workers: threads.
    /// - Throws: `GeneraError.badData` for a letter without a token, with file and place, and as the readers.
    package init(
        _ files: CorpusFiles, tokenizer: any Tokenizer, validation: Double = 0, workers: Int = 1
    ) throws {
        guard validation >= 0, validation < 1 else {
            throw GeneraError.usage("The share that is held back is from 0 to below 1, not \(validation).")
        }
        var tokens = CompactTokens(vocabulary: tokenizer.vocabulary)
        var ends: [Int] = []
        let (pieces, reading) = (files.pieces, files.reading)
        try OrderedWork.run(pieces.count, workers: max(workers, 1), ahead: 2 * max(workers, 1)) {
            try pieces[$0].encoded(by: tokenizer, reading)
        } deliver: { part in
            ends += part.ends.map { $0 + tokens.count }
            tokens.append(part.tokens)
        }
        (self.tokens, self.ends, vocabulary) = (tokens, ends, tokenizer.vocabulary)
        name = files.paths.count == 1 ? files.paths[0] : "\(files.paths.first ?? "") and \(files.paths.count - 1) more"
        let wanted = Int((Double(tokens.count) * (1 - validation)).rounded(.down))
        split = ends.count < 2 || wanted == tokens.count ? wanted : ends.first { $0 >= wanted } ?? tokens.count
    }

    /// Documents that are tokens already, one behind the other.
    package init(documents: [[Int32]], vocabulary: Int, name: String) {
        var tokens = CompactTokens(vocabulary: vocabulary)
        var ends: [Int] = []
        for document in documents {
            tokens.append(document)
            ends.append(tokens.count)
        }
        (self.tokens, self.ends, split) = (tokens, ends, tokens.count)
        (self.vocabulary, self.name) = (vocabulary, name)
    }

    /// The tokens of a part.
    package func range(_ part: Part) -> Range<Int> {
        switch part {
        case .training: 0..<split
        case .validation: split..<tokens.count
        case .all: 0..<tokens.count
        }
    }

    /// SHA-256 of all that training sees, as 64 hexadecimal digits: its tokens, and where blocks are cut.
    package func digest(length: Int, packing: Packing = .contiguous) -> String {
        let text = "\(vocabulary) \(length) \(packing.rawValue) \(tokens.digest(0..<split))"
        return FileDigest.sha256(ByteView(Array(text.utf8)))
    }

    /// Blocks of a length, one behind the other; what remains is left out.
    ///
    /// - Throws: `GeneraError.badData` where there is less than one block.
    package func blocks(length: Int, of part: Part = .training, packing: Packing = .contiguous) throws -> TokenBlocks {
        guard length > 0 else { throw GeneraError.usage("A block has one token or more, not \(length).") }
        let range = range(part)
        var documents = ends.filter { $0 > range.lowerBound && $0 <= range.upperBound }
        if documents.last ?? range.lowerBound < range.upperBound { documents.append(range.upperBound) }
        let starts = packing.starts(length: length, from: range.lowerBound, ends: documents)
        guard !starts.isEmpty else {
            let what = part == .validation ? "what is held back for validation" : "the corpus"
            throw GeneraError.badData(
                file: name, reason: "\(what) has \(range.count) tokens, which is no block of \(length)",
                advice: part == .validation
                    ? "hold back more, or take shorter blocks." : "take shorter blocks, or more text.")
        }
        return TokenBlocks(tokens: tokens, starts: starts, length: length)
    }
}

/// Sequences of one length, cut out of a corpus.
package struct TokenBlocks: Sendable {
    let tokens: CompactTokens
    let starts: [Int]
    /// Tokens of a block, L.
    package let length: Int

    /// How many there are.
    package var count: Int { starts.count }

    /// A block's tokens, [L].
    package subscript(number: Int) -> [Int32] { tokens.array(starts[number]..<starts[number] + length) }
}

extension CorpusFiles.Piece {
    /// Tokens of the piece, and where documents end in them.
    fileprivate func encoded(by tokenizer: any Tokenizer, _ reading: CorpusReading) throws
        -> (tokens: [Int32], ends: [Int])
    {
        var (tokens, ends): ([Int32], [Int]) = ([], [])
        if content == .tokens {
            tokens = try self.tokens(tokenizer)
            if let end = tokenizer.end { ends = tokens.indices.filter { tokens[$0] == end }.map { $0 + 1 } }
            if ends.last ?? 0 < tokens.count { ends.append(tokens.count) }
            return (tokens, ends)
        }
        let isOne = content == .text && reading.records == .whole
        try forEachDocument(reading) { text, place in
            do {
                tokens += try tokenizer.encode(reading.detokeniser(text))
            } catch let error as GeneraError {
                throw GeneraError.badData(file: file, reason: "\(place): \(error)")
            }
            guard !isOne || isEnd else { return }
            if reading.endsDocuments, let end = tokenizer.end { tokens.append(end) }
            ends.append(tokens.count)
        }
        return (tokens, ends)
    }
}
