extension Unpickler {
    mutating func execute(_ code: UInt8) throws {
        switch code {
        case 0x80:
            let version = try cursor.integer(UInt8.self, "the protocol number")
            guard (2...5).contains(version) else {
                throw error("protocol \(version) is not read", advice: "save it with protocol 2 to 5")
            }
        case 0x95: _ = try cursor.integer(UInt64.self, "the frame's length")
        case UInt8(ascii: "("): marks.append(stack.count)
        case UInt8(ascii: "0"):
            if stack.count == (marks.last ?? 0), !marks.isEmpty { marks.removeLast() } else { _ = try pop() }
        case UInt8(ascii: "1"): _ = try popToMark()
        case UInt8(ascii: "2"): push(try top())
        case UInt8(ascii: "N"): push(.none)
        case 0x88: push(.bool(true))
        case 0x89: push(.bool(false))
        case UInt8(ascii: "J"), UInt8(ascii: "K"), UInt8(ascii: "M"), UInt8(ascii: "G"), 0x8A, 0x8B:
            try pushNumber(code)
        case UInt8(ascii: "X"), 0x8C, 0x8D: try pushText(code)
        case UInt8(ascii: "B"), UInt8(ascii: "C"), 0x8E, 0x96: try pushBytes(code)
        case UInt8(ascii: "U"), UInt8(ascii: "T"): try pushOldText(code)
        case UInt8(ascii: "q"), UInt8(ascii: "r"), UInt8(ascii: "p"), 0x94: try store(code)
        case UInt8(ascii: "h"), UInt8(ascii: "j"), UInt8(ascii: "g"): try recall(code)
        case UInt8(ascii: "c"), 0x93, UInt8(ascii: "R"), 0x81, 0x92, UInt8(ascii: "b"), UInt8(ascii: "Q"):
            try executeObject(code)
        default: try executeContainer(code)
        }
    }

    private mutating func pushNumber(_ code: UInt8) throws {
        switch code {
        case UInt8(ascii: "J"): push(.int(Int(try cursor.integer(Int32.self, "an integer"))))
        case UInt8(ascii: "K"): push(.int(Int(try cursor.integer(UInt8.self, "an integer"))))
        case UInt8(ascii: "M"): push(.int(Int(try cursor.integer(UInt16.self, "an integer"))))
        case UInt8(ascii: "G"):
            push(.float(Double(bitPattern: try cursor.integer(UInt64.self, "a number").byteSwapped)))
        default:
            let count =
                code == 0x8A
                ? Int(try cursor.integer(UInt8.self, "a length")) : Int(try cursor.integer(Int32.self, "a length"))
            push(integer(try cursor.take(count, "an integer").array()))
        }
    }

    /// Two's complement, lowest byte first.
    private func integer(_ bytes: [UInt8]) -> Slot {
        guard let last = bytes.last else { return .int(0) }
        guard bytes.count <= 8 else { return .bigInt(bytes) }
        var value: UInt64 = last >= 128 ? .max : 0
        for byte in bytes.reversed() { value = value << 8 | UInt64(byte) }
        return .int(Int(truncatingIfNeeded: value))
    }

    private mutating func length(_ code: UInt8, short: UInt8, wide: Set<UInt8>) throws -> Int {
        if code == short { return Int(try cursor.integer(UInt8.self, "a length")) }
        guard wide.contains(code) else { return Int(try cursor.integer(UInt32.self, "a length")) }
        guard let count = Int(exactly: try cursor.integer(UInt64.self, "a length")) else {
            throw error("a length is too large")
        }
        return count
    }

    private mutating func pushText(_ code: UInt8) throws {
        let count = try length(code, short: 0x8C, wide: [0x8D])
        guard let text = try cursor.take(count, "a text").text() else { throw error("a text is not UTF-8") }
        push(.string(text))
    }

    private mutating func pushBytes(_ code: UInt8) throws {
        let count = try length(code, short: UInt8(ascii: "C"), wide: [0x8E, 0x96])
        push(.bytes(try cursor.take(count, "bytes")))
    }

    /// Texts of Python 2.
    private mutating func pushOldText(_ code: UInt8) throws {
        let count = try length(code, short: UInt8(ascii: "U"), wide: [])
        let bytes = try cursor.take(count, "a text")
        push(bytes.text().map(Slot.string) ?? .bytes(bytes))
    }

    mutating func line(_ what: String) throws -> String {
        let rest = view.slice(from: cursor.offset, count: min(cursor.remaining, 1024)) ?? ByteView([])
        guard let length = rest.withUnsafeBytes({ $0.firstIndex(of: 10) }) else { throw error("\(what) does not end") }
        let text = try cursor.take(length, what).text()
        cursor.offset += 1
        guard let text else { throw error("\(what) is not UTF-8") }
        return text
    }

    private mutating func store(_ code: UInt8) throws {
        let key: UInt32
        switch code {
        case UInt8(ascii: "q"): key = UInt32(try cursor.integer(UInt8.self, "a memo number"))
        case UInt8(ascii: "r"): key = try cursor.integer(UInt32.self, "a memo number")
        case 0x94: key = UInt32(memo.count)
        default: key = try memoNumber()
        }
        memo[key] = try top()
    }

    private mutating func recall(_ code: UInt8) throws {
        let key: UInt32
        switch code {
        case UInt8(ascii: "h"): key = UInt32(try cursor.integer(UInt8.self, "a memo number"))
        case UInt8(ascii: "j"): key = try cursor.integer(UInt32.self, "a memo number")
        default: key = try memoNumber()
        }
        guard let slot = memo[key] else { throw error("memo \(key) is not set") }
        push(slot)
    }

    private mutating func memoNumber() throws -> UInt32 {
        guard let key = UInt32(try line("a memo number")) else { throw error("a memo number is not a number") }
        return key
    }

    private mutating func executeContainer(_ code: UInt8) throws {
        switch code {
        case UInt8(ascii: "}"): push(.dictionary(keepsAttributes: false))
        case UInt8(ascii: "]"): push(.list)
        case UInt8(ascii: ")"): push(.tuple)
        case 0x8F: push(.set)
        case UInt8(ascii: "t"): push(.tuple, try popToMark())
        case UInt8(ascii: "l"): push(.list, try popToMark())
        case 0x91: push(.set, try popToMark())
        case UInt8(ascii: "d"):
            push(.dictionary(keepsAttributes: false))
            let dictionary = stack.removeLast()
            try add(try popToMark(), to: dictionary, pairs: true)
            push(dictionary)
        case 0x85, 0x86, 0x87:
            let count = Int(code) - 0x84
            guard stack.count - (marks.last ?? 0) >= count else { throw error("the stack is empty") }
            let items = Array(stack.suffix(count))
            stack.removeLast(count)
            push(.tuple, items)
        case UInt8(ascii: "a"):
            let item = try pop()
            try add([item], to: try top(), pairs: false)
        case UInt8(ascii: "e"), 0x90:
            let items = try popToMark()
            try add(items, to: try top(), pairs: false)
        case UInt8(ascii: "s"):
            let value = try pop()
            let key = try pop()
            try add([key, value], to: try top(), pairs: true)
        case UInt8(ascii: "u"):
            let items = try popToMark()
            try add(items, to: try top(), pairs: true)
        default:
            throw error("instruction 0x\(String(code, radix: 16)) is not read")
        }
    }

    /// Appends items to a list or set, or keys and values to a dictionary.
    mutating func add(_ items: [Slot], to container: Slot, pairs: Bool) throws {
        guard case .node(let index) = container else { throw error("items for something that is not a container") }
        switch nodes[index].kind {
        case .dictionary where pairs:
            guard items.count % 2 == 0 else { throw error("a key without a value") }
        case .list where !pairs, .set where !pairs: break
        default: throw error("items for a container of another kind")
        }
        try spend(items.count)
        nodes[index].items.append(contentsOf: items)
    }
}
