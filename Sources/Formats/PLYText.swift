#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The rows of an element in a PLY file of text: numbers with blanks between, of which line ends are some.
struct PLYText {
    let view: ByteView
    let file: String

    init(_ view: ByteView, file: String) { (self.view, self.file) = (view, file) }

    /// Where the rows of an element that begin at `start` end.
    func end(of element: PLY.Element, from start: Int) throws -> Int {
        if element.properties.isEmpty { return start }
        // Every number has a digit and a blank, but for the file's last.
        let (numbers, overflow) = element.properties.count.multipliedReportingOverflow(by: element.count)
        guard !overflow, numbers <= (view.count - start + 1) / 2 else {
            throw FormatError(
                file: file, place: "element \(quoted(element.name))",
                reason: "its \(element.count) rows of \(element.properties.count) numbers do not fit the "
                    + "\(view.count - start) bytes that are there",
                advice: "the file is cut short or damaged")
        }
        return try walk(element, from: start, wanted: []) { _, _, _ in }
    }

    /// Copies columns of single numbers.
    func copy<Number: PLYNumber>(_ element: PLY.Element, from start: Int, _ columns: [PLYColumn<Number>]) throws {
        try visit(element, from: start, lists: nil, numbers: columns) { _, _ in }
    }

    /// Reads rows: gives each list of one property to `keep`, and copies columns.
    func visit<Number: PLYNumber>(
        _ element: PLY.Element, from start: Int, lists: Int?, numbers: [PLYColumn<Number>],
        _ keep: (Int, [Double]) -> Void
    ) throws {
        var places = [UnsafeMutablePointer<Number>?](repeating: nil, count: element.properties.count)
        for column in numbers { places[column.index] = column.place }
        let wanted = Set(numbers.map(\.index) + (lists.map { [$0] } ?? []))
        _ = try walk(element, from: start, wanted: wanted) { row, index, values in
            if let place = places[index] { place[row] = Number.from(double: values[0]) } else { keep(row, values) }
        }
    }

    func visit(
        _ element: PLY.Element, from start: Int, lists: Int?, numbers: Never?, _ keep: (Int, [Double]) -> Void
    ) throws {
        try visit(element, from: start, lists: lists, numbers: [] as [PLYColumn<Double>], keep)
    }

    /// Calls `body` with row, property and numbers of the properties that are wanted. Returns where the rows end.
    private func walk(
        _ element: PLY.Element, from start: Int, wanted: Set<Int>, _ body: (Int, Int, [Double]) -> Void
    ) throws -> Int {
        let isWanted = element.properties.indices.map(wanted.contains)
        return try view.withUnsafeBytes { bytes in
            var words = PLYWords(bytes, offset: start)
            var values: [Double] = []
            for row in 0..<element.count {
                for (index, property) in element.properties.enumerated() {
                    func fault(_ reason: String) -> FormatError {
                        FormatError(
                            file: file, place: "element \(quoted(element.name)) row \(row)",
                            reason: "the property \(quoted(property.name)) \(reason)", advice: "the file is damaged")
                    }
                    var length = 1
                    if property.isList {
                        guard words.next() else { throw fault("is missing: the text ends at byte \(bytes.count)") }
                        guard let number = words.number, let whole = Int(exactly: number), whole >= 0 else {
                            throw fault("has no length: \(quoted(words.text)) is not a whole number from 0 on")
                        }
                        length = whole
                    }
                    values.removeAll(keepingCapacity: true)
                    for _ in 0..<length {
                        guard words.next() else { throw fault("is missing: the text ends at byte \(bytes.count)") }
                        guard isWanted[index] else { continue }
                        guard let number = words.number else { throw fault("is \(quoted(words.text)), not a number") }
                        values.append(number)
                    }
                    if isWanted[index] { body(row, index, values) }
                }
            }
            return words.end
        }
    }
}

/// The words of a text, one after the other.
private struct PLYWords {
    let bytes: UnsafeRawBufferPointer
    var start: Int
    var end: Int

    init(_ bytes: UnsafeRawBufferPointer, offset: Int) {
        self.bytes = bytes
        (start, end) = (offset, offset)
    }

    /// Goes to the next word. Whether there is one.
    mutating func next() -> Bool {
        start = end
        while start < bytes.count, isBlank(bytes[start]) { start += 1 }
        end = start
        while end < bytes.count, !isBlank(bytes[end]) { end += 1 }
        return end > start
    }

    var text: String { String(decoding: bytes[start..<min(end, start + 100)], as: UTF8.self) }

    /// The word as a number; nil where it is none.
    var number: Double? { simple ?? general }

    private func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

    /// Up to 15 digits with a point and a small power of ten: the quotient or product of two exact numbers.
    private var simple: Double? {
        var (index, mantissa, digits, scale) = (start, 0, 0, 0)
        var isFraction = false
        let isNegative = bytes[index] == UInt8(ascii: "-")
        if isNegative || bytes[index] == UInt8(ascii: "+") { index += 1 }
        loop: while index < end {
            switch bytes[index] {
            case let byte where byte &- 0x30 < 10:
                mantissa = mantissa &* 10 &+ Int(byte &- 0x30)
                digits += 1
                if isFraction { scale -= 1 }
            case UInt8(ascii: ".") where !isFraction: isFraction = true
            default: break loop
            }
            index += 1
        }
        guard digits > 0, digits <= 15 else { return nil }
        if index < end {
            guard bytes[index] | 0x20 == UInt8(ascii: "e"), let power = power(from: index + 1) else { return nil }
            scale += power
        }
        guard abs(scale) <= 22 else { return nil }
        let value = scale < 0 ? Double(mantissa) / Self.powers[-scale] : Double(mantissa) * Self.powers[scale]
        return isNegative ? -value : value
    }

    private func power(from first: Int) -> Int? {
        var (index, value) = (first, 0)
        guard index < end else { return nil }
        let isNegative = bytes[index] == UInt8(ascii: "-")
        if isNegative || bytes[index] == UInt8(ascii: "+") { index += 1 }
        guard index < end, end - index <= 3 else { return nil }
        while index < end {
            guard bytes[index] &- 0x30 < 10 else { return nil }
            value = value * 10 + Int(bytes[index] &- 0x30)
            index += 1
        }
        return isNegative ? -value : value
    }

    private static let powers: [Double] = [
        1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20,
        1e21, 1e22,
    ]

    /// Anything that C reads whole as a number, `nan` and `inf` among them.
    private var general: Double? {
        guard end - start < 128 else { return nil }
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 128) { memory in
            for i in start..<end { memory[i - start] = CChar(bitPattern: bytes[i]) }
            memory[end - start] = 0
            var rest: UnsafeMutablePointer<CChar>?
            let value = strtod(memory.baseAddress!, &rest)
            return rest == memory.baseAddress! + (end - start) ? value : nil
        }
    }
}
