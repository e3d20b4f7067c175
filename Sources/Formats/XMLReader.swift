/// Reads XML element by element, as far as files of data need it: UTF-8, namespaces, the five entities and numbered characters.
///
/// Document types with declarations of their own, by which a small file can grow without end, are refused. Nothing outside the file is
/// ever opened.
struct XMLReader {
    /// A name with the address of its namespace; empty for none.
    struct Name: Hashable {
        let space: String
        let local: String
    }

    /// What comes next.
    enum Event {
        /// An element begins; attributes by their names, those with a prefix of their own left out.
        case start(Name, attributes: [String: String])
        /// The element that began last ends.
        case end
        /// Characters between tags, entities replaced.
        case text(String)
        /// The document is over.
        case finished
    }

    private struct Open {
        let word: [UInt8]
        let name: Name
        let spaces: [String: String]
    }

    private let bytes: [UInt8]
    private let file: String
    private var position = 0
    private var open: [Open] = []
    private var hasRoot = false
    /// Whether the last tag was one that ends itself.
    private var endsItself = false
    private static let deepest = 100

    /// Starts reading; `file` names the bytes in messages.
    ///
    /// - Throws: ``FormatError`` for other encodings.
    init(_ view: ByteView, file: String) throws {
        (bytes, self.file) = (view.array(), file)
        if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
            throw FormatError(file: file, reason: "the text is UTF-16", advice: "save it as UTF-8")
        }
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
    }

    /// An error at the line that is being read.
    func error(_ reason: String, advice: String = "") -> FormatError {
        let line = bytes[..<min(position, bytes.count)].count { $0 == 0x0A } + 1
        return FormatError(file: file, place: "line \(line)", reason: reason, advice: advice)
    }

    /// The next event.
    ///
    /// - Throws: ``FormatError`` with the line of what is no XML, or more of it than is read.
    mutating func next() throws -> Event {
        if endsItself {
            endsItself = false
            open.removeLast()
            return .end
        }
        while position < bytes.count {
            guard bytes[position] == UInt8(ascii: "<") else {
                let text = try characters()
                if !open.isEmpty { return .text(text) }
                guard text.allSatisfy(\.isWhitespace) else { throw error("text outside of the root element") }
                continue
            }
            if let event = try markup() { return event }
        }
        if let last = open.last { throw error("the element \(quoted(last.name.local)) does not end") }
        guard hasRoot else { throw error("there is no element") }
        return .finished
    }

    /// Skips what is left of the element that began last, with all that is in it.
    ///
    /// - Throws: as `next()`.
    mutating func skip() throws {
        var depth = 1
        while depth > 0 {
            switch try next() {
            case .start: depth += 1
            case .end: depth -= 1
            case .text: continue
            case .finished: return
            }
        }
    }

    /// The characters of the element that began last, up to its end.
    ///
    /// - Throws: as `next()`, and for an element inside.
    mutating func content() throws -> String {
        var text = ""
        while true {
            switch try next() {
            case let .text(more): text += more
            case let .start(name, _): throw error("an element \(quoted(name.local)) where only text belongs")
            case .end, .finished: return text
            }
        }
    }

    // MARK: Markup

    /// What begins with `<`; nil for what says nothing.
    private mutating func markup() throws -> Event? {
        if has("<!--") { return try pass("-->", "a comment") }
        if has("<?") { return try instruction() }
        if has("<![CDATA[") {
            guard !open.isEmpty else { throw error("text outside of the root element") }
            let start = position + 9
            _ = try pass("]]>", "a section CDATA")
            return .text(try string(bytes[start..<position - 3]))
        }
        if has("<!") { return try documentType() }
        return has("</") ? try endTag() : try startTag()
    }

    private func has(_ word: StaticString) -> Bool {
        word.withUTF8Buffer { bytes[position...].starts(with: $0) }
    }

    /// Goes on behind a mark.
    private mutating func pass(_ mark: StaticString, _ what: String) throws -> Event? {
        let start = position
        while position < bytes.count {
            if has(mark) {
                position += mark.utf8CodeUnitCount
                return nil
            }
            position += 1
        }
        position = start
        throw error("\(what) does not end")
    }

    private mutating func instruction() throws -> Event? {
        let start = position
        _ = try pass("?>", "a declaration")
        let text = String(decoding: bytes[start..<position].prefix(400), as: UTF8.self).lowercased()
        if text.hasPrefix("<?xml "), let place = text.firstRange(of: "encoding") {
            let known = ["utf-8", "us-ascii"].contains { text[place.upperBound...].contains($0) }
            guard known else { throw error("the encoding is not UTF-8", advice: "save it as UTF-8") }
        }
        return nil
    }

    private mutating func documentType() throws -> Event? {
        guard has("<!DOCTYPE"), !hasRoot else { throw error("a declaration that is not read") }
        while position < bytes.count, bytes[position] != UInt8(ascii: ">") {
            guard bytes[position] != UInt8(ascii: "[") else {
                throw error("a document type with declarations of its own", advice: "remove the line with <!DOCTYPE")
            }
            position += 1
        }
        guard position < bytes.count else { throw error("a document type does not end") }
        position += 1
        return nil
    }

    private mutating func startTag() throws -> Event {
        guard !hasRoot || !open.isEmpty else { throw error("a second root element") }
        guard open.count < Self.deepest else { throw error("elements in more than \(Self.deepest) others") }
        position += 1
        let word = try word("an element's name")
        var pairs: [(name: String, value: String)] = []
        while try !endOfTag() {
            let name = try string(self.word("an attribute's name"))
            pairs.append((name, try value(of: name)))
        }
        guard Set(pairs.map(\.name)).count == pairs.count else { throw error("an attribute that comes twice") }
        var spaces = open.last?.spaces ?? ["": "", "xml": "http://www.w3.org/XML/1998/namespace"]
        for pair in pairs {
            if pair.name == "xmlns" { spaces[""] = pair.value }
            if pair.name.hasPrefix("xmlns:") { spaces[String(pair.name.dropFirst(6))] = pair.value }
        }
        let plain = pairs.filter { $0.name != "xmlns" && !$0.name.utf8.contains(UInt8(ascii: ":")) }
        let name = try resolved(string(word), spaces)
        open.append(Open(word: Array(word), name: name, spaces: spaces))
        hasRoot = true
        return .start(name, attributes: Dictionary(uniqueKeysWithValues: plain.map { ($0.name, $0.value) }))
    }

    private func resolved(_ word: String, _ spaces: [String: String]) throws -> Name {
        let parts = word.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count <= 2, parts.allSatisfy({ !$0.isEmpty }) else { throw error("the name \(quoted(word))") }
        let prefix = parts.count == 2 ? String(parts[0]) : ""
        guard let space = spaces[prefix] else { throw error("the prefix \(quoted(prefix)) is not declared") }
        return Name(space: space, local: String(parts[parts.count - 1]))
    }

    private mutating func endTag() throws -> Event {
        position += 2
        let word = try word("an element's name")
        skipSpace()
        guard position < bytes.count, bytes[position] == UInt8(ascii: ">") else {
            throw error("an end tag without '>'")
        }
        guard let last = open.last, last.word.elementsEqual(word) else {
            throw error(
                "\(quoted(String(decoding: word, as: UTF8.self))) ends where \(open.last.map { quoted($0.name.local) } ?? "nothing") is open"
            )
        }
        position += 1
        open.removeLast()
        return .end
    }

    /// Whether the tag ends here; goes behind its end.
    private mutating func endOfTag() throws -> Bool {
        let hadSpace = skipSpace()
        if has("/>") {
            position += 2
            endsItself = true
            return true
        }
        guard position < bytes.count else { throw error("a tag does not end") }
        if bytes[position] == UInt8(ascii: ">") {
            position += 1
            return true
        }
        guard hadSpace else { throw error("a space was expected between attributes") }
        return false
    }

    /// Letters up to a space or what ends a name.
    private mutating func word(_ what: String) throws -> ArraySlice<UInt8> {
        let start = position
        while position < bytes.count, !" \t\r\n=/><\"'&".utf8.contains(bytes[position]) { position += 1 }
        guard position > start else { throw error("\(what) was expected") }
        return bytes[start..<position]
    }

    @discardableResult
    private mutating func skipSpace() -> Bool {
        let start = position
        while position < bytes.count, [0x20, 0x09, 0x0D, 0x0A].contains(bytes[position]) { position += 1 }
        return position > start
    }

    private mutating func value(of name: String) throws -> String {
        skipSpace()
        guard position < bytes.count, bytes[position] == UInt8(ascii: "=") else {
            throw error("the attribute \(quoted(name)) has no value")
        }
        position += 1
        skipSpace()
        guard position < bytes.count, bytes[position] == 0x22 || bytes[position] == 0x27 else {
            throw error("the value of \(quoted(name)) is not in quotes")
        }
        let quote = bytes[position]
        position += 1
        let text = try characters(until: quote)
        guard position < bytes.count, bytes[position] == quote else {
            throw error("the value of \(quoted(name)) does not end")
        }
        position += 1
        return text
    }

    // MARK: Characters

    /// Characters up to the next tag, or up to a quote, with entities replaced.
    private mutating func characters(until end: UInt8? = nil) throws -> String {
        var text: [UInt8] = []
        while position < bytes.count, bytes[position] != UInt8(ascii: "<"), bytes[position] != end {
            if bytes[position] == UInt8(ascii: "&") {
                text += Array(String(Character(try entity())).utf8)
            } else {
                text.append(bytes[position])
                position += 1
            }
        }
        return try string(text[...])
    }

    private func string(_ bytes: ArraySlice<UInt8>) throws -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw error("the text is not UTF-8") }
        return text
    }

    private mutating func entity() throws -> Unicode.Scalar {
        let rest = bytes[position...].prefix(12)
        guard let end = rest.firstIndex(of: UInt8(ascii: ";")) else { throw error("'&' without an entity") }
        let name = String(decoding: rest[(position + 1)..<end], as: UTF8.self)
        guard let scalar = Self.scalar(name) else { throw error("the entity \(quoted("&\(name);")) is not known") }
        position = end + 1
        return scalar
    }

    private static func scalar(_ name: String) -> Unicode.Scalar? {
        let known: [String: Unicode.Scalar] = ["lt": "<", "gt": ">", "amp": "&", "quot": "\"", "apos": "'"]
        if let scalar = known[name] { return scalar }
        guard name.first == "#" else { return nil }
        let digits = name.dropFirst()
        let code = digits.first == "x" ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
        return code.flatMap { $0 == 0 ? nil : Unicode.Scalar($0) }
    }
}
