import Genera

/// Files of SMILES, one a line.
enum MoleculeText {
    /// Reads a file, compressed by gzip or not: a SMILES string a line, and after blanks or a tab a name. Empty lines, those that
    /// begin with `#`, and a first line that begins with the word `smiles` are left out.
    ///
    /// - Throws: `FormatError` that names line and column.
    static func read(_ path: String) throws -> MoleculeList {
        let view = try Self.view(path)
        var list = MoleculeList(name: path)
        var line = 0
        try lines(of: view) { bytes in
            line += 1
            let start = bytes.firstIndex { !isBlank($0) } ?? bytes.endIndex
            let text = bytes[start...]
            guard let head = text.first, head != UInt8(ascii: "#") else { return }
            let end = text.firstIndex(where: isBlank) ?? text.endIndex
            if list.molecules.isEmpty, String(decoding: text[..<end].prefix(6), as: UTF8.self).lowercased() == "smiles"
            {
                return
            }
            let name = text[end...].drop(while: isBlank)
            let column = start - bytes.startIndex + 1
            let result = try Molecule.read(smiles: Array(text[..<end]), file: path, line: line, column: column)
            list.add(result, name: String(decoding: name, as: UTF8.self))
        }
        return list
    }

    /// A file's bytes, expanded if they are compressed.
    ///
    /// - Throws: the errors of files, and of gzip.
    static func view(_ path: String) throws -> ByteView {
        let view = try MappedFile(path: path).view
        return Gzip.isCompressed(view) ? try Gzip.expand(view, file: path) : view
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

    /// The lines of some bytes, without their ends.
    static func lines(of view: ByteView, _ body: (ArraySlice<UInt8>) throws -> Void) throws {
        let bytes = view.array()
        var start = 0
        while start < bytes.count {
            let end = bytes[start...].firstIndex(of: 0x0A) ?? bytes.count
            let isReturn = end > start && bytes[end - 1] == 0x0D
            try body(bytes[start..<(isReturn ? end - 1 : end)])
            start = end + 1
        }
    }

    /// Writes the canonical SMILES of molecules with their names, one a line.
    ///
    /// - Throws: the errors of files.
    static func write(_ molecules: [Molecule], to path: String) throws {
        try AtomicFile.write(to: path) { sink in
            for molecule in molecules {
                let name = title(molecule.name)
                try sink.write(molecule.canonicalText + (name.isEmpty ? "" : "\t\(name)") + "\n")
            }
        }
    }

    /// A name in one line.
    static func title(_ name: String) -> String {
        String(String.UnicodeScalarView(name.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? " " : $0 }))
    }

    // MARK: Tables

    /// The columns that hold SMILES, the best first: their names in lower case.
    private static let columns = ["smiles", "smiles1", "canonical_smiles", "isosmiles"]

    /// The column of a table that holds SMILES; nil if none is called so.
    static func column(of header: [String]?) -> Int? {
        guard let names = header?.map({ $0.lowercased() }) else { return nil }
        return columns.lazy.compactMap { names.firstIndex(of: $0) }.first ?? names.firstIndex { $0.contains("smiles") }
    }

    /// Whether a file is called a table and its first line names a column of SMILES. Lists of SMILES may have such a line too.
    static func isTable(_ path: String, _ content: ByteView?) -> Bool {
        guard let content, ["csv", "tsv"].contains(FileSystem.fileExtension(of: path)) else { return false }
        let head = content.slice(from: 0, count: min(content.count, 4096))?.array() ?? []
        let line = String(decoding: head.prefix { $0 != 0x0A }, as: UTF8.self)
        let names = line.split { $0 == "," || $0 == "\t" }.map { $0.filter { $0 != "\"" && $0 != "\r" } }
        return names.count < 1000 && column(of: names.map { String($0) }) != nil
    }

    /// Reads a table with a column of SMILES, compressed by gzip or not. A column `name`, `title` or `id` names them.
    ///
    /// - Throws: `FormatError` that names the row and the place in its cell.
    static func readTable(_ path: String) throws -> MoleculeList {
        let table = try CSV(path: path)
        guard let column = column(of: table.header) else {
            throw FormatError(
                file: path, reason: "none of its columns holds SMILES",
                advice: "a column is called 'smiles', or 'SMILES1' as of QM9")
        }
        let names = table.header?.map { $0.lowercased() } ?? []
        let title = ["name", "title", "id"].lazy.compactMap { names.firstIndex(of: $0) }.first
        var list = MoleculeList(name: path)
        for (number, row) in table.rows.enumerated() {
            let text = row[column].utf8.filter { !isBlank($0) && $0 != 0x0A && $0 != 0x0D }
            do throws(SMILESReader.Fault) {
                list.add(try SMILESReader.read(Array(text)), name: title.map { row[$0] } ?? "")
            } catch {
                throw FormatError(
                    file: path, place: "row \(number + 1), character \(error.place + 1) of its SMILES",
                    reason: error.reason, advice: error.advice)
            }
        }
        return list
    }

    /// Writes a table with the columns `smiles` and `name`, separated by tabs where the file's name ends in `.tsv`.
    ///
    /// - Throws: the errors of files.
    static func writeTable(_ molecules: [Molecule], to path: String) throws {
        let delimiter: Character = path.lowercased().hasSuffix(".tsv") ? "\t" : ","
        try AtomicFile.write(to: path) { sink in
            try sink.write(CSV.line(["smiles", "name"], delimiter: delimiter) + "\n")
            for molecule in molecules {
                try sink.write(CSV.line([molecule.canonicalText, title(molecule.name)], delimiter: delimiter) + "\n")
            }
        }
    }
}

/// Molecules of a file, and what was dropped of it.
struct MoleculeList: SampleSource {
    let name: String
    private(set) var molecules: [Molecule] = []
    /// Marks of chirality and of direction at double bonds.
    var droppedMarks = 0

    init(name: String) { self.name = name }

    var count: Int { molecules.count }

    mutating func add(_ result: SMILESReader.Result, name: String) {
        var molecule = result.molecule
        molecule.name = name
        add(molecule)
        droppedMarks += result.droppedMarks
    }

    mutating func add(_ molecule: Molecule) { molecules.append(molecule) }

    func samples(_ indices: [Int]) throws -> [Molecule] {
        try require(indices)
        return indices.map { molecules[$0] }
    }

    var remarks: [ReadingRemark] {
        guard droppedMarks > 0 else { return [] }
        return [ReadingRemark("\(droppedMarks) marks of chirality and of directions at double bonds are left out")]
    }
}
