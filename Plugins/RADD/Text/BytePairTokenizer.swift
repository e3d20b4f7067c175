import Genera
import Synchronization

/// GPT-2's tokenizer: pieces of text, whose bytes are merged pair by pair (Sennrich et al., 2016; Radford et al., 2019).
package final class BytePairTokenizer: Tokenizer {
    package let name = "gpt2"
    package let end: Int32?
    /// Where it was read from, for messages.
    package let file: String
    let mergeTable: MergeTable
    private let byteTokens: [Int32]
    /// The bytes of all tokens, one behind the other, and where each begins.
    private let pieceBytes: [UInt8]
    private let pieceStarts: [Int]
    /// Caches that no thread uses at the moment.
    private let caches = Mutex<[PieceCache]>([])

    package var vocabulary: Int { pieceStarts.count - 1 }

    /// What ends a text, where the vocabulary has it.
    static let endName = "<|endoftext|>"

    /// - Parameters:
    ///   - pieces: the bytes of each token, among them all single bytes.
    ///   - merges: of tokens, the earliest first.
    init(pieces: [[UInt8]], byteTokens: [Int32], merges: MergeTable, end: Int32?, file: String) {
        (self.byteTokens, mergeTable, self.end, self.file) = (byteTokens, merges, end, file)
        pieceBytes = pieces.flatMap { $0 }
        var starts = [0]
        starts.reserveCapacity(pieces.count + 1)
        var sum = 0
        for piece in pieces {
            sum += piece.count
            starts.append(sum)
        }
        pieceStarts = starts
    }

    package func encode(_ text: String) -> [Int32] {
        var text = text
        return text.withUTF8 { bytes in
            let cache = caches.withLock { $0.popLast() } ?? PieceCache()
            defer { caches.withLock { $0.append(cache) } }
            var tokens: [Int32] = []
            tokens.reserveCapacity(bytes.count / 3)
            LetterClass.plane.withUnsafeBufferPointer { plane in
                var scanner = PieceScanner(bytes, plane)
                while let piece = scanner.next() {
                    append(UnsafeBufferPointer(rebasing: bytes[piece]), to: &tokens, cache)
                }
            }
            return tokens
        }
    }

    /// The tokens of bytes that need be no text, as one piece.
    func encode(bytes: [UInt8]) -> [Int32] { bytes.withUnsafeBufferPointer(merged) }

    private func append(_ piece: UnsafeBufferPointer<UInt8>, to tokens: inout [Int32], _ cache: PieceCache) {
        guard piece.count <= PieceCache.longest else {
            tokens += merged(piece)
            return
        }
        let hash = PieceCache.hash(piece)
        if cache.append(piece, hash, to: &tokens) { return }
        let list = merged(piece)
        cache.add(piece, hash, list)
        tokens += list
    }

    private func merged(_ piece: UnsafeBufferPointer<UInt8>) -> [Int32] {
        var list = piece.map { byteTokens[Int($0)] }
        mergeTable.merge(&list)
        return list
    }

    package func bytes(of token: Int32) throws -> [UInt8] {
        guard token >= 0, Int(token) < vocabulary else { throw noToken(token) }
        return Array(pieceBytes[pieceStarts[Int(token)]..<pieceStarts[Int(token) + 1]])
    }
}
