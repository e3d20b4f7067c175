/// Points in delimited text. The file is read once for each call, and never held.
struct DelimitedPoints: PointSource {
    let columns: [String]
    let rowCount: Int? = nil
    private let view: ByteView
    private let file: String
    private let delimiter: UInt8
    private let names: [String]
    private let hasHeader: Bool
    private let coordinates: [Int]
    private let groupBy: [Int]

    /// Rows that are looked at to tell columns of numbers from columns of words.
    private static let sampleCount = 1000

    init(_ view: ByteView, file: String, _ selection: PointTable.Selection) throws {
        if let key = selection.key {
            throw FormatError(
                file: file, reason: "a table of text has no arrays inside, but \(quoted(key)) was asked for",
                advice: "leave the key out, or name columns")
        }
        try checkSelection(selection, file: file)
        var text = try DelimitedText(view, file: file, delimiter: Formats.delimiter(for: file))
        var row = DelimitedText.Row()
        guard try text.next(&row) else { throw FormatError(file: file, reason: "the table is empty") }
        let first = try row.texts(file: file).map { String($0.trimming(" ")) }
        let hasHeader = !(0..<row.count).allSatisfy { row.number($0) != nil }
        let names = hasHeader ? first : PointTable.columnNames(first.count)
        try Self.checkNames(names, file: file, line: row.line)

        func index(_ name: String) throws -> Int {
            guard !name.isEmpty, let index = names.firstIndex(of: name) else {
                throw missingColumn(name, in: names.filter { !$0.isEmpty }, file: file, place: "header")
            }
            return index
        }
        groupBy = try selection.groupBy.map(index)
        if selection.columns.isEmpty {
            let isNumeric = try Self.numericColumns(&text, hasHeader ? nil : row, names)
            // A column without a name is the numbering of rows that pandas writes.
            let groupBy = groupBy
            coordinates = names.indices.filter { isNumeric[$0] && !groupBy.contains($0) && !names[$0].isEmpty }
            guard !coordinates.isEmpty else {
                throw FormatError(
                    file: file, reason: "none of its columns holds numbers", advice: "is it a table of points?")
            }
        } else {
            coordinates = try selection.columns.map(index)
        }
        columns = coordinates.map { names[$0] }
        self.view = view
        self.file = file
        self.names = names
        self.hasHeader = hasHeader
        delimiter = text.delimiter
    }

    private static func checkNames(_ names: [String], file: String, line: Int) throws {
        var seen: Set<String> = []
        for name in names where !name.isEmpty && !seen.insert(name).inserted {
            throw FormatError(
                file: file, place: "line \(line)", reason: "two columns are called \(quoted(name))",
                advice: "give each a name of its own")
        }
    }

    /// Whether each column holds numbers in the first rows, and not only empty cells.
    private static func numericColumns(
        _ text: inout DelimitedText, _ first: DelimitedText.Row?, _ names: [String]
    ) throws -> [Bool] {
        var (hasNumber, hasWord) = (names.map { _ in false }, names.map { _ in false })
        func look(_ row: DelimitedText.Row) throws {
            for index in 0..<min(row.count, names.count) where !row.isEmpty(index) {
                if row.number(index) != nil {
                    hasNumber[index] = true
                } else {
                    // Left out as a word, a coordinate with a decimal comma would be missing without a sound.
                    try checkComma(row, index, names, text.file)
                    hasWord[index] = true
                }
            }
        }
        if let first { try look(first) }
        var row = DelimitedText.Row()
        var count = 0
        while count < sampleCount, try text.next(&row) {
            try look(row)
            count += 1
        }
        return names.indices.map { hasNumber[$0] && !hasWord[$0] }
    }

    private static func checkComma(
        _ row: DelimitedText.Row, _ index: Int, _ names: [String], _ file: String
    ) throws {
        guard let text = row.text(index), text.contains(","),
            decimalNumber(String(text.map { $0 == "," ? "." : $0 })) != nil
                || decimalNumber(String(text.filter { $0 != "," })) != nil
        else { return }
        throw FormatError(
            file: file, place: "line \(row.line), column \(quoted(names[index]))",
            reason: "\(quoted(text)) has a comma inside, where a decimal point is read",
            advice: "write numbers as 1234.5")
    }

    func forEachChunk(rows: Int, _ body: (PointTable.Chunk) throws -> Void) throws {
        var text = try DelimitedText(view, file: file, delimiter: delimiter)
        var row = DelimitedText.Row()
        if hasHeader { _ = try text.next(&row) }
        var first = 0
        var values: [Double] = []
        var keys = groupBy.map { _ in [PointTable.Value]() }
        var count = 0
        while try text.next(&row) {
            guard row.count == names.count else {
                throw FormatError(
                    file: file, place: "line \(row.line)",
                    reason: "\(row.count) cells, \(names.count) were expected as in the first row")
            }
            for index in coordinates { values.append(try coordinate(row, index)) }
            for (place, index) in groupBy.enumerated() { keys[place].append(try key(row, index)) }
            count += 1
            if count == rows {
                try body(.init(first: first, count: count, values: values, keys: keys))
                first += count
                count = 0
                values.removeAll(keepingCapacity: true)
                for place in keys.indices { keys[place].removeAll(keepingCapacity: true) }
            }
        }
        if count > 0 { try body(.init(first: first, count: count, values: values, keys: keys)) }
    }

    private func coordinate(_ row: DelimitedText.Row, _ index: Int) throws -> Double {
        if let value = row.number(index), value.isFinite { return value }
        try Self.checkComma(row, index, names, file)
        let place = "line \(row.line), column \(quoted(names[index]))"
        if row.isEmpty(index) {
            throw FormatError(
                file: file, place: place, reason: "the coordinate is missing",
                advice: "leave such rows out, or name other columns")
        }
        let text = row.text(index) ?? "bytes that are no text"
        let reason = row.number(index) == nil ? "is not a number" : "is not finite"
        throw FormatError(
            file: file, place: place, reason: "\(quoted(text)) \(reason)",
            advice: "leave such rows out, or name the columns that are coordinates")
    }

    /// A number where the cell is one, so that `1` and `1.0` are one group; `007` stays a word.
    private func key(_ row: DelimitedText.Row, _ index: Int) throws -> PointTable.Value {
        guard let text = row.text(index) else {
            throw FormatError(
                file: file, place: "line \(row.line), column \(quoted(names[index]))", reason: "the text is not UTF-8")
        }
        let word = text.trimming(" ")
        let digits = word.drop { $0 == "-" || $0 == "+" }
        let isPadded = digits.count > 1 && digits.first == "0" && digits.dropFirst().first?.isNumber == true
        guard !isPadded, let number = row.number(index), number.isFinite else { return .text(String(word)) }
        return .number(number)
    }
}
