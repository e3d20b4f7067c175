/// The lines before the numbers of a PLY file.
struct PLYHeader {
    /// More than any real header; what is longer has no `end_header`.
    static let sizeLimit = 1 << 20
    /// The most rows that an element may have.
    static let countLimit = 1 << 31

    var encoding = PLY.Encoding.ascii
    var comments: [String] = []
    var elements: [PLY.Element] = []
    /// Where the numbers begin.
    var byteCount = 0
    private let file: String
    /// The names so far: a header has room for so many that they cannot be gone through again for each.
    private var elementNames: Set<String> = []
    private var propertyNames: Set<String> = []

    init(_ view: ByteView, file: String) throws {
        self.file = file
        var lines = PLYLines(view)
        guard view.has(Array("ply".utf8)), lines.next() == "ply" else {
            throw FormatError(
                file: file, place: "line 1", reason: "not a PLY file: its first line must be 'ply'",
                advice: "is it another format under this name?")
        }
        var hasFormat = false
        while let line = lines.next() {
            let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
            let place = "line \(lines.number)"
            switch words.first {
            case nil: continue
            case "end_header":
                guard hasFormat else { throw error(place, "the header has no line 'format'") }
                byteCount = lines.offset
                return
            case "comment", "obj_info": comments.append(Self.text(of: line))
            case "format":
                encoding = try format(words, place)
                hasFormat = true
            case "element": elements.append(try element(words, place))
            case "property":
                guard !elements.isEmpty else { throw error(place, "a property before the first element") }
                try add(try property(words, place), place)
            case let word?:
                throw error(
                    place, "\(quoted(word)) is none of format, element, property, comment, obj_info and end_header",
                    advice: "is the file damaged?")
            }
        }
        throw error(
            "header", "there is no line 'end_header' in the first \(lines.offset) bytes",
            advice: "the file is cut short or damaged")
    }

    private static func text(of line: String) -> String {
        String(line.drop(while: { $0 != " " && $0 != "\t" }).drop(while: { $0 == " " || $0 == "\t" }))
    }

    private func error(_ place: String, _ reason: String, advice: String = "") -> FormatError {
        FormatError(file: file, place: place, reason: reason, advice: advice)
    }

    private func format(_ words: [Substring], _ place: String) throws -> PLY.Encoding {
        let known = PLY.Encoding.allCases.map(\.rawValue).joined(separator: ", ")
        guard words.count >= 2 else { throw error(place, "'format' without one of \(known)") }
        guard let encoding = PLY.Encoding(rawValue: String(words[1])) else {
            throw error(place, "the format \(quoted(words[1])) is unknown", advice: "known are \(known)")
        }
        return encoding
    }

    private mutating func element(_ words: [Substring], _ place: String) throws -> PLY.Element {
        guard words.count == 3 else { throw error(place, "'element' needs a name and a number of rows") }
        let name = String(words[1])
        guard let count = Int(words[2]), (0...Self.countLimit).contains(count) else {
            let isNumber = !words[2].isEmpty && words[2].allSatisfy { $0.isASCII && $0.isNumber }
            throw error(
                place,
                "the number of rows of element \(quoted(name)), \(quoted(words[2])), is "
                    + (isNumber ? "greater than \(Self.countLimit)" : "not a whole number from 0 on"),
                advice: "is the header damaged?")
        }
        guard elementNames.insert(name).inserted else {
            throw error(place, "there are two elements \(quoted(name))")
        }
        propertyNames = []
        return PLY.Element(name: name, count: count, properties: [])
    }

    private func property(_ words: [Substring], _ place: String) throws -> PLY.Property {
        func type(_ word: Substring) throws -> PLY.Scalar {
            if let type = PLY.Scalar(name: word) { return type }
            throw error(
                place, "the type \(quoted(word)) is unknown",
                advice: "known are \(PLY.Scalar.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        if words.count > 1, words[1] == "list" {
            guard words.count == 5 else { throw error(place, "'property list' needs two types and a name") }
            let count = try type(words[2])
            guard count.isInteger else { throw error(place, "the length of a list cannot be of type \(words[2])") }
            return PLY.Property(name: String(words[4]), type: try type(words[3]), countType: count)
        }
        guard words.count == 3 else { throw error(place, "'property' needs a type and a name") }
        return PLY.Property(name: String(words[2]), type: try type(words[1]), countType: nil)
    }

    private mutating func add(_ property: PLY.Property, _ place: String) throws {
        let last = elements.count - 1
        guard propertyNames.insert(property.name).inserted else {
            throw error(
                place, "the element \(quoted(elements[last].name)) has two properties \(quoted(property.name))")
        }
        elements[last].properties.append(property)
    }
}

/// The lines of a header, ended by LF, CR LF or CR.
private struct PLYLines {
    let view: ByteView
    var offset = 0
    var number = 0

    init(_ view: ByteView) { self.view = view }

    /// The next line without its end; nil where the bytes or the limit end first.
    mutating func next() -> String? {
        let (start, limit) = (offset, min(view.count, PLYHeader.sizeLimit))
        while offset < limit {
            let byte = view[offset]
            guard byte == 0x0A || byte == 0x0D else {
                offset += 1
                continue
            }
            let line = view.slice(from: start, count: offset - start)!.withUnsafeBytes {
                String(decoding: $0, as: UTF8.self)
            }
            offset += byte == 0x0D && offset + 1 < view.count && view[offset + 1] == 0x0A ? 2 : 1
            number += 1
            return line
        }
        return nil
    }
}
