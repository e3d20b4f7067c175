import Genera

/// Puts a byte-level BPE tokenizer together from what its files say, and checks it.
struct BytePairBuilder {
    let file: String
    /// The file of the merges.
    var mergeFile: String
    /// The bytes of each token.
    private(set) var pieces: [[UInt8]] = []
    private(set) var byteTokens: [Int32] = []
    private(set) var table = MergeTable(capacity: 0)
    private(set) var end: Int32?
    private var tokens: [(id: Int, bytes: [UInt8])] = []
    private var addedTokens: [(id: Int, bytes: [UInt8])] = []
    private var tokenOfBytes: [[UInt8]: Int32] = [:]
    private var rank: Int32 = 0

    init(file: String) { (self.file, mergeFile) = (file, file) }

    private func fault(_ reason: String, _ advice: String = "") -> GeneraError {
        .badData(file: file, reason: reason, advice: advice)
    }

    /// A text from a file, short enough for a message.
    private func quoted(_ text: some StringProtocol) -> String {
        text.unicodeScalars.count > 40 ? "'\(text.prefix(40))...'" : "'\(text)'"
    }

    /// Takes `{"piece": number, ...}`.
    mutating func take(vocabulary: JSONValue) throws {
        guard case .object(let members) = vocabulary else {
            throw fault("a vocabulary is an object of pieces and their numbers")
        }
        guard (256...BytePairFiles.mostTokens).contains(members.count) else {
            throw fault(
                "\(members.count) pieces are no vocabulary of bytes: 256 to \(BytePairFiles.mostTokens) are one")
        }
        tokens.reserveCapacity(members.count)
        for member in members {
            guard case .integer(let id) = member.value else { throw fault("\(quoted(member.key)) has no whole number") }
            guard (0..<BytePairFiles.mostTokens).contains(id) else {
                throw fault("\(quoted(member.key)) has the number \(id), which is none of a token")
            }
            guard !member.key.isEmpty else { throw fault("the piece of number \(id) is empty") }
            if member.key == BytePairTokenizer.endName { end = Int32(id) }
            // What is not of the 256 letters is no result of merges, but a name.
            tokens.append((id, BytePairFiles.bytes(of: member.key) ?? Array(member.key.utf8)))
        }
    }

    /// Takes an entry of `added_tokens`, which may stand in the vocabulary already.
    mutating func take(added: JSONValue, _ place: String) throws {
        guard case .integer(let id)? = added["id"], case .string(let name)? = added["content"],
            (0..<BytePairFiles.mostTokens).contains(id), !name.isEmpty
        else { throw fault("\(place) needs an 'id' and a 'content'") }
        let bytes = BytePairFiles.bytes(of: name) ?? Array(name.utf8)
        if name == BytePairTokenizer.endName { end = Int32(id) }
        addedTokens.append((id, bytes))
    }

    /// Numbers all tokens and finds those of single bytes.
    mutating func finishVocabulary() throws {
        let known = Set(tokens.map(\.id))
        tokens += addedTokens.filter { !known.contains($0.id) }
        var pieces = [[UInt8]](repeating: [], count: tokens.count)
        for (id, bytes) in tokens {
            guard id < pieces.count else {
                throw fault(
                    "a token has the number \(id), but there are only \(pieces.count)",
                    "numbers go from 0 to \(pieces.count - 1) without a gap.")
            }
            guard pieces[id].isEmpty else { throw fault("two tokens have the number \(id)") }
            pieces[id] = bytes
            if let other = tokenOfBytes.updateValue(Int32(id), forKey: bytes) {
                throw fault("the tokens \(other) and \(id) stand for the same bytes")
            }
        }
        self.pieces = pieces
        byteTokens = try (UInt8.min...UInt8.max).map { byte in
            guard let token = tokenOfBytes[[byte]] else {
                throw fault("no token stands for the byte \(byte) alone", "only byte-level BPE is read.")
            }
            return token
        }
    }

    mutating func reserve(merges: Int) { table = MergeTable(capacity: min(merges, 1 << 24)) }

    /// Takes the next merge, of two pieces.
    mutating func take(merge: [Substring], _ place: String) throws {
        func fault(_ reason: String) -> GeneraError { .badData(file: mergeFile, reason: "\(place): \(reason)") }
        guard merge.count == 2 else { throw fault("a merge is of two pieces") }
        var parts: [(token: Int32, bytes: [UInt8])] = []
        for part in merge {
            guard let bytes = BytePairFiles.bytes(of: part), let token = tokenOfBytes[bytes] else {
                throw fault("the piece \(quoted(part)) is not in the vocabulary")
            }
            parts.append((token, bytes))
        }
        guard let token = tokenOfBytes[parts[0].bytes + parts[1].bytes] else {
            throw fault("\(quoted(merge[0])) and \(quoted(merge[1])) merge into what is not in the vocabulary")
        }
        guard table.add(parts[0].token, parts[1].token, .init(rank: rank, token: token)) else {
            throw fault("\(quoted(merge[0])) and \(quoted(merge[1])) merge twice")
        }
        rank += 1
    }
}
