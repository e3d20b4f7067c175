import Genera

/// Reads the files of a byte-level BPE tokenizer: `encoder.json` and `vocab.bpe` as OpenAI named them, `vocab.json` and `merges.txt`
/// of model hubs, or one `tokenizer.json`. They may come from anywhere.
enum BytePairFiles {
    /// Bytes of a file at most.
    static let sizeLimit = 1 << 26
    /// Tokens of a vocabulary at most.
    static let mostTokens = 1_000_000

    /// Names of files that belong together, vocabulary and merges, in the order they are looked for.
    static let pairs = [("encoder.json", "vocab.bpe"), ("vocab.json", "merges.txt")]

    /// The files of a folder; nil if it has none.
    static func find(in folder: String) -> [String]? {
        for (vocabulary, merges) in pairs
        where FileSystem.exists("\(folder)/\(vocabulary)") && FileSystem.exists("\(folder)/\(merges)") {
            return ["\(folder)/\(vocabulary)", "\(folder)/\(merges)"]
        }
        return FileSystem.exists("\(folder)/tokenizer.json") ? ["\(folder)/tokenizer.json"] : nil
    }

    static func view(_ path: String) throws -> ByteView {
        let view = try MappedFile(path: path).view
        guard view.count <= sizeLimit else {
            throw GeneraError.badData(
                file: path, reason: "\(view.count) bytes are too many for a vocabulary, which has \(sizeLimit) at most")
        }
        return view
    }

    /// The byte that each of GPT-2's 256 printable letters stands for: itself where it can be seen, else the next letter from
    /// U+0100 on.
    static let byteOfLetter: [Unicode.Scalar: UInt8] = {
        var table: [Unicode.Scalar: UInt8] = [:]
        var other: UInt32 = 0x100
        for byte in UInt8.min...UInt8.max {
            switch byte {
            case 33...126, 161...172, 174...255: table[Unicode.Scalar(byte)] = byte
            default:
                if let letter = Unicode.Scalar(other) { table[letter] = byte }
                other += 1
            }
        }
        return table
    }()

    /// The bytes that a piece's letters stand for; nil if one stands for none.
    static func bytes(of piece: some StringProtocol) -> [UInt8]? {
        var bytes: [UInt8] = []
        for letter in piece.unicodeScalars {
            guard let byte = byteOfLetter[letter] else { return nil }
            bytes.append(byte)
        }
        return bytes
    }
}

extension BytePairTokenizer {
    /// Reads a folder with one of the pairs of files, or a `tokenizer.json`; or one of these files, beside which the other lies.
    ///
    /// - Throws: `GeneraError.noInput` where they are not, `GeneraError.badData` or `FormatError` for what is no vocabulary.
    package convenience init(path: String) throws {
        let files: [String]
        if FileSystem.isFolder(path) {
            guard let found = BytePairFiles.find(in: path) else {
                throw GeneraError.noInput("\(path) holds no vocabulary of GPT-2.", advice: TokenizerPlaces.advice)
            }
            files = found
        } else {
            let (name, folder) = (FileSystem.name(of: path), FileSystem.parent(of: path))
            let pair = BytePairFiles.pairs.first { name == $0.0 || name == $0.1 }
            files = pair.map { ["\(folder)/\($0.0)", "\(folder)/\($0.1)"] } ?? [path]
        }
        if files.count == 2 {
            try self.init(
                vocabulary: BytePairFiles.view(files[0]), merges: BytePairFiles.view(files[1]),
                files: (files[0], files[1]))
        } else {
            try self.init(tokenizer: BytePairFiles.view(files[0]), file: files[0])
        }
    }

    /// Reads `encoder.json` and `vocab.bpe`.
    convenience init(vocabulary: ByteView, merges: ByteView, files: (vocabulary: String, merges: String)) throws {
        let json = try JSONText.parse(vocabulary, file: files.vocabulary, depth: 4)
        var builder = BytePairBuilder(file: files.vocabulary)
        try builder.take(vocabulary: json)
        try builder.finishVocabulary()
        guard let text = merges.text() else {
            throw GeneraError.badData(file: files.merges, reason: "the merges are not UTF-8")
        }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        builder.mergeFile = files.merges
        builder.reserve(merges: lines.count)
        for (number, line) in lines.enumerated() {
            let line = line.hasSuffix("\r") ? line.dropLast() : line
            guard !line.isEmpty, !(number == 0 && line.hasPrefix("#version")) else { continue }
            try builder.take(merge: line.split(separator: " ", omittingEmptySubsequences: false), "line \(number + 1)")
        }
        self.init(builder)
    }

    /// Reads `tokenizer.json`.
    convenience init(tokenizer view: ByteView, file: String) throws {
        let json = try JSONText.parse(view, file: file, depth: 16)
        guard let model = json["model"], let vocabulary = model["vocab"], case .array(let merges)? = model["merges"]
        else {
            throw GeneraError.badData(
                file: file, reason: "it has no 'model' with 'vocab' and 'merges'",
                advice: "only byte-level BPE is read.")
        }
        if case .string(let kind)? = model["type"], kind != "BPE" {
            throw GeneraError.badData(
                file: file, reason: "its model is '\(kind)'", advice: "only byte-level BPE is read.")
        }
        var builder = BytePairBuilder(file: file)
        try builder.take(vocabulary: vocabulary)
        if case .array(let added)? = json["added_tokens"] {
            for (number, one) in added.enumerated() { try builder.take(added: one, "added_tokens[\(number)]") }
        }
        try builder.finishVocabulary()
        builder.reserve(merges: merges.count)
        for (number, merge) in merges.enumerated() {
            let place = "model.merges[\(number)]"
            switch merge {
            case .string(let text):
                try builder.take(merge: text.split(separator: " ", omittingEmptySubsequences: false), place)
            case .array(let items):
                let texts = items.compactMap { item in if case .string(let text) = item { text[...] } else { nil } }
                try builder.take(merge: texts.count == items.count ? texts : [], place)
            default: try builder.take(merge: [], place)
            }
        }
        self.init(builder)
    }

    private convenience init(_ builder: BytePairBuilder) {
        self.init(
            pieces: builder.pieces, byteTokens: builder.byteTokens, merges: builder.table, end: builder.end,
            file: builder.file)
    }
}
