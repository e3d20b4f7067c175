import Genera

/// Files of MDL's connection tables, version V2000: `.mol` with one molecule, `.sdf` with several.
enum MolFile {
    /// The most atoms, and bonds, of such a table.
    static let limit = 999

    /// Whether some bytes look like one: the fourth line is a line of counts.
    static func recognises(_ content: ByteView?) -> Bool {
        guard let content, let head = content.slice(from: 0, count: min(content.count, 1024)) else { return false }
        let lines = head.array().split(separator: 0x0A, maxSplits: 4, omittingEmptySubsequences: false)
        guard lines.count > 4 else { return false }
        let counts = String(decoding: lines[3], as: UTF8.self)
        return counts.contains("V2000") || counts.contains("V3000")
    }

    /// Reads a file, compressed by gzip or not. Coordinates, wedges and data items are left out.
    ///
    /// - Throws: `FormatError` that names the line.
    static func read(_ path: String) throws -> MoleculeList {
        var lines: [ArraySlice<UInt8>] = []
        try MoleculeText.lines(of: MoleculeText.view(path)) { lines.append($0) }
        var list = MoleculeList(name: path)
        var reader = Reader(lines: lines, file: path)
        while let molecule = try reader.next() { list.add(molecule) }
        list.droppedMarks = reader.droppedMarks
        return list
    }

    private struct Reader {
        let lines: [ArraySlice<UInt8>]
        let file: String
        var place = 0
        var droppedMarks = 0

        func error(_ reason: String, _ advice: String = "", at line: Int? = nil) -> FormatError {
            FormatError(file: file, place: "line \((line ?? place) + 1)", reason: reason, advice: advice)
        }

        /// The bytes of a line from one column up to another, as text without blanks around it.
        func field(_ line: Int, _ columns: Range<Int>) -> String {
            let text = lines[line].dropFirst(columns.lowerBound).prefix(columns.count)
            return trimmed(String(decoding: text, as: UTF8.self))
        }

        func trimmed(_ text: String) -> String {
            String(text.drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
        }

        func number(_ line: Int, _ columns: Range<Int>, _ what: String) throws -> Int {
            let text = field(line, columns)
            if text.isEmpty { return 0 }
            guard let value = Int(text) else {
                throw error(
                    "\(what) is '\(text)'",
                    "a whole number was expected in columns \(columns.lowerBound + 1) to \(columns.upperBound)",
                    at: line)
            }
            return value
        }

        mutating func next() throws -> Molecule? {
            while place < lines.count, lines[place...].prefix(4).allSatisfy({ $0.allSatisfy { $0 == 0x20 } }) {
                guard lines.count - place > 4 else { return nil }
                place += 1
            }
            guard place < lines.count else { return nil }
            guard place + 3 < lines.count else {
                throw error(
                    "a molecule of \(lines.count - place) lines", "three lines of title and one of counts were expected"
                )
            }
            let name = trimmed(String(decoding: lines[place], as: UTF8.self))
            place += 3
            let (atomCount, bondCount) = try counts()
            place += 1
            var atoms = try (0..<atomCount).map { try atom(place + $0) }
            let valences = (0..<atomCount).map { Int(field(place + $0, 48..<51)) ?? 0 }
            place += atomCount
            let bonds = try self.bonds(bondCount, atomCount)
            place += bondCount
            try properties(&atoms)
            var molecule = try self.molecule(atoms, bonds, valences)
            molecule.name = name
            return molecule
        }

        private func counts() throws -> (Int, Int) {
            let text = String(decoding: lines[place], as: UTF8.self)
            if text.contains("V3000") {
                throw error("a connection table of version V3000", "version V2000 is read; convert the file")
            }
            let atoms = try number(place, 0..<3, "the number of atoms")
            let bonds = try number(place, 3..<6, "the number of bonds")
            guard (1...limit).contains(atoms), (0...limit).contains(bonds) else {
                throw error(
                    "\(atoms) atoms and \(bonds) bonds", "1 to \(limit) atoms and at most as many bonds were expected")
            }
            guard lines.count - place - 1 >= atoms + bonds else {
                throw error(
                    "\(atoms) atoms and \(bonds) bonds, but only \(lines.count - place - 1) lines follow",
                    "the file is cut short")
            }
            return (atoms, bonds)
        }

        private func atom(_ line: Int) throws -> Molecule.Atom {
            var symbol = field(line, 31..<34)
            var isotope: Int?
            if symbol == "D" || symbol == "T" { (symbol, isotope) = ("H", symbol == "D" ? 2 : 3) }
            guard let element = ChemicalElement(symbol) else {
                throw error("the atom '\(symbol)'", "an element's symbol was expected in columns 32 to 34", at: line)
            }
            let code = try number(line, 36..<39, "the charge's code")
            guard (0...7).contains(code) else {
                throw error("the charge's code \(code)", "0 to 7 was expected", at: line)
            }
            return Molecule.Atom(element, charge: code == 0 || code == 4 ? 0 : 4 - code, isotope: isotope)
        }

        private mutating func bonds(_ count: Int, _ atomCount: Int) throws -> [Kekulization.Bond] {
            var pairs: Set<[Int]> = []
            return try (place..<place + count).map { line in
                let ends = [try number(line, 0..<3, "a bond's atom") - 1, try number(line, 3..<6, "a bond's atom") - 1]
                let order = try number(line, 6..<9, "the bond's type")
                guard ends.allSatisfy((0..<atomCount).contains), ends[0] != ends[1] else {
                    throw error(
                        "a bond from atom \(ends[0] + 1) to \(ends[1] + 1)",
                        "two of the atoms 1 to \(atomCount) were expected",
                        at: line)
                }
                guard (1...4).contains(order) else {
                    throw error("a bond of type \(order)", "1, 2, 3 or 4 (aromatic) was expected", at: line)
                }
                guard pairs.insert(ends.sorted()).inserted else {
                    throw error("a second bond between atoms \(ends[0] + 1) and \(ends[1] + 1)", at: line)
                }
                if try number(line, 9..<12, "the bond's wedge") != 0 { droppedMarks += 1 }
                return Kekulization.Bond(first: ends[0], second: ends[1], order: order)
            }
        }

        /// Reads the lines up to `M  END`, and skips data items up to `$$$$`.
        private mutating func properties(_ atoms: inout [Molecule.Atom]) throws {
            var hasCharges = false
            while place < lines.count {
                let line = String(decoding: lines[place], as: UTF8.self)
                if line.hasPrefix("M  END") || line.hasPrefix("$$$$") { break }
                if line.hasPrefix("M  CHG") || line.hasPrefix("M  ISO") {
                    let isCharge = line.hasPrefix("M  CHG")
                    if isCharge && !hasCharges {
                        hasCharges = true
                        for atom in atoms.indices { atoms[atom].charge = 0 }
                    }
                    for (atom, value) in try entries(atoms.count) {
                        if isCharge { atoms[atom].charge = value } else { atoms[atom].isotope = value }
                    }
                }
                place += 1
            }
            while place < lines.count, !lines[place].starts(with: "$$$$".utf8) { place += 1 }
            place += 1
        }

        private func entries(_ atomCount: Int) throws -> [(Int, Int)] {
            let count = try number(place, 6..<9, "the number of entries")
            guard (0...8).contains(count) else { throw error("\(count) entries", "at most 8 were expected") }
            return try (0..<count).map { entry in
                let start = 9 + 8 * entry
                let atom = try number(place, start..<start + 4, "an atom") - 1
                let value = try number(place, start + 4..<start + 8, "a value")
                guard (0..<atomCount).contains(atom), (-15...999).contains(value) else {
                    throw error(
                        "the value \(value) of atom \(atom + 1)", "one of the atoms 1 to \(atomCount) was expected")
                }
                return (atom, value)
            }
        }

        private func molecule(
            _ atoms: [Molecule.Atom], _ bonds: [Kekulization.Bond], _ valences: [Int]
        ) throws -> Molecule {
            do throws(Kekulization.Fault) {
                let settled = try Kekulization.bonds(atoms.map { .init(atom: $0) }, bonds)
                var molecule = Molecule(unchecked: atoms, settled)
                for (atom, sum) in molecule.bondSums.enumerated() where (1...15).contains(valences[atom]) {
                    molecule.atoms[atom].hydrogens = max((valences[atom] == 15 ? 0 : valences[atom]) - sum, 0)
                }
                molecule.separateCharges()
                molecule.normaliseHydrogens()
                return molecule.withoutHydrogenAtoms
            } catch {
                throw self.error(
                    "atom \(error.atom + 1) of the molecule that ends here: \(error.reason)",
                    "alternating single and double bonds are read too", at: min(place, lines.count) - 1)
            }
        }
    }
}
