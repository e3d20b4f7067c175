/// Tokens of pieces that were met before. One thread uses it at a time.
final class PieceCache: @unchecked Sendable {
    private struct Entry {
        var hash: UInt64
        var start: Int32
        var tokenStart: Int32
        var length: UInt8
        var tokenCount: UInt8
    }

    private static let slots = 1 << 15
    /// Longer pieces are rare, and made anew.
    static let longest = 48
    private var entries = [Entry](
        repeating: Entry(hash: 0, start: 0, tokenStart: 0, length: 0, tokenCount: 0), count: slots)
    private var bytes: [UInt8] = []
    private var tokens: [Int32] = []
    private var count = 0

    init() {
        bytes.reserveCapacity(1 << 18)
        tokens.reserveCapacity(1 << 17)
    }

    /// A number of a piece's bytes.
    @inline(__always)
    static func hash(_ piece: UnsafeBufferPointer<UInt8>) -> UInt64 {
        let raw = UnsafeRawBufferPointer(piece)
        var hash = UInt64(raw.count) &* 0x9E37_79B9_7F4A_7C15
        var place = 0
        while place + 8 <= raw.count {
            hash = mixed(hash ^ raw.loadUnaligned(fromByteOffset: place, as: UInt64.self))
            place += 8
        }
        var rest: UInt64 = 0
        while place < raw.count {
            rest = rest << 8 | UInt64(raw[place])
            place += 1
        }
        return mixed(hash ^ rest)
    }

    @inline(__always)
    private static func mixed(_ x: UInt64) -> UInt64 {
        let product = x.multipliedFullWidth(by: 0xD6E8_FEB8_6659_FD93)
        return product.high ^ product.low
    }

    /// Adds a piece's tokens to a list; false if it is not known.
    func append(_ piece: UnsafeBufferPointer<UInt8>, _ hash: UInt64, to list: inout [Int32]) -> Bool {
        var slot = Int(truncatingIfNeeded: hash) & (Self.slots - 1)
        while entries[slot].length > 0 {
            let entry = entries[slot]
            if entry.hash == hash, Int(entry.length) == piece.count, isSame(piece, Int(entry.start)) {
                let start = Int(entry.tokenStart)
                if entry.tokenCount == 1 {
                    list.append(tokens[start])
                } else {
                    list += tokens[start..<start + Int(entry.tokenCount)]
                }
                return true
            }
            slot = (slot + 1) & (Self.slots - 1)
        }
        return false
    }

    @inline(__always)
    private func isSame(_ piece: UnsafeBufferPointer<UInt8>, _ start: Int) -> Bool {
        for place in 0..<piece.count where bytes[start + place] != piece[place] { return false }
        return true
    }

    /// Remembers a piece that is not there yet, of 1 to `longest` bytes.
    func add(_ piece: UnsafeBufferPointer<UInt8>, _ hash: UInt64, _ list: [Int32]) {
        if count >= Self.slots / 2 { forget() }
        var slot = Int(truncatingIfNeeded: hash) & (Self.slots - 1)
        while entries[slot].length > 0 { slot = (slot + 1) & (Self.slots - 1) }
        entries[slot] = Entry(
            hash: hash, start: Int32(bytes.count), tokenStart: Int32(tokens.count), length: UInt8(piece.count),
            tokenCount: UInt8(list.count))
        bytes += piece
        tokens += list
        count += 1
    }

    /// Starts anew: text of many languages would fill any table.
    private func forget() {
        for slot in entries.indices { entries[slot].length = 0 }
        bytes.removeAll(keepingCapacity: true)
        tokens.removeAll(keepingCapacity: true)
        count = 0
    }
}
