/// The header's Python dictionary: exactly `descr`, `fortran_order` and `shape`, once each.
struct NPYHeader {
    struct Fields {
        var descr: String
        var isFortran: Bool
        var shape: [Int]
    }

    private var rest: Substring
    private let error: (String) -> FormatError

    init(_ text: String, error: @escaping (String) -> FormatError) {
        rest = text[...]
        self.error = error
    }

    mutating func parse() throws -> Fields {
        var (descr, isFortran, shape): (String?, Bool?, [Int]?)
        try expect("{")
        while !accept("}") {
            let key = try text()
            try expect(":")
            switch key {
            case "descr" where descr == nil: descr = try descriptor()
            case "fortran_order" where isFortran == nil: isFortran = try truth()
            case "shape" where shape == nil: shape = try sizes()
            default: throw error("the header has \(quoted(key)) twice, or it is unknown")
            }
            if !accept(",") { try expect("}"); break }
        }
        skipSpace()
        guard rest.isEmpty, let descr, let isFortran, let shape else {
            throw error("the header must have 'descr', 'fortran_order' and 'shape' and nothing else")
        }
        return Fields(descr: descr, isFortran: isFortran, shape: shape)
    }

    private mutating func skipSpace() { rest = rest.drop { $0 == " " || $0 == "\n" || $0 == "\t" } }

    private mutating func accept(_ word: String) -> Bool {
        skipSpace()
        guard rest.hasPrefix(word) else { return false }
        rest = rest.dropFirst(word.count)
        return true
    }

    private mutating func expect(_ word: String) throws {
        guard accept(word) else { throw error("the header should have '\(word)' before \(quoted(rest.prefix(20)))") }
    }

    private mutating func text() throws -> String {
        skipSpace()
        guard let quote = rest.first, quote == "'" || quote == "\"", let end = rest.dropFirst().firstIndex(of: quote)
        else {
            throw error("the header should have a text before \(quoted(rest.prefix(20)))")
        }
        defer { rest = rest[rest.index(after: end)...] }
        return String(rest.dropFirst()[..<end])
    }

    private mutating func descriptor() throws -> String {
        skipSpace()
        if rest.first == "[" { throw error("arrays of records are not read") }
        return try text()
    }

    private mutating func truth() throws -> Bool {
        if accept("True") { return true }
        try expect("False")
        return false
    }

    private mutating func sizes() throws -> [Int] {
        var result: [Int] = []
        try expect("(")
        while !accept(")") {
            skipSpace()
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            guard let size = Int(digits), result.count < 64 else {
                throw error("the shape has a size that is negative, too large or not a number")
            }
            rest = rest.dropFirst(digits.count)
            // Python 2 wrote long integers with an L.
            _ = accept("L")
            result.append(size)
            if !accept(",") { try expect(")"); break }
        }
        return result
    }
}
