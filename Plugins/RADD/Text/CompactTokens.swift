import Genera

/// Many tokens, in two bytes each where the alphabet allows it.
package struct CompactTokens: Sendable, RandomAccessCollection {
    private enum Store: Sendable {
        case narrow([UInt16])
        case wide([Int32])
    }

    private var store: Store

    /// No tokens yet, of an alphabet of some size.
    package init(vocabulary: Int) { store = vocabulary <= 1 << 16 ? .narrow([]) : .wide([]) }

    package var startIndex: Int { 0 }
    package var endIndex: Int {
        switch store {
        case .narrow(let tokens): tokens.count
        case .wide(let tokens): tokens.count
        }
    }

    package subscript(position: Int) -> Int32 {
        switch store {
        case .narrow(let tokens): Int32(tokens[position])
        case .wide(let tokens): tokens[position]
        }
    }

    /// The tokens of a range.
    package func array(_ range: Range<Int>) -> [Int32] {
        switch store {
        case .narrow(let tokens): tokens[range].map(Int32.init)
        case .wide(let tokens): Array(tokens[range])
        }
    }

    /// Makes room for as many tokens in all.
    mutating func reserve(_ count: Int) {
        switch store {
        case .narrow(var tokens):
            store = .wide([])
            tokens.reserveCapacity(count)
            store = .narrow(tokens)
        case .wide(var tokens):
            store = .narrow([])
            tokens.reserveCapacity(count)
            store = .wide(tokens)
        }
    }

    /// Adds tokens of the alphabet.
    mutating func append(_ more: [Int32]) {
        switch store {
        case .narrow(var tokens):
            store = .wide([])
            tokens.append(contentsOf: more.lazy.map(UInt16.init(truncatingIfNeeded:)))
            store = .narrow(tokens)
        case .wide(var tokens):
            store = .narrow([])
            tokens.append(contentsOf: more)
            store = .wide(tokens)
        }
    }

    /// SHA-256 over a range, as 64 hexadecimal digits: of the digests of stretches of 2^20 tokens, four bytes each.
    func digest(_ range: Range<Int>) -> String {
        var digests = ""
        for start in stride(from: range.lowerBound, to: range.upperBound, by: 1 << 20) {
            let part = array(start..<Swift.min(start + 1 << 20, range.upperBound))
            digests += part.withUnsafeBytes { FileDigest.sha256(ByteView($0)) }
        }
        return FileDigest.sha256(ByteView(Array(digests.utf8)))
    }
}
