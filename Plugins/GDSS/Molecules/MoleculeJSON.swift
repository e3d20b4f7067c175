import Genera

/// JSON files of molecules: an object with a list `molecules`.
///
/// A molecule has `atoms`, symbols of elements, and `bonds`, `[first, second, order]`; where there are any, `charges`, `isotopes` and
/// `hydrogens`, one an atom and null for none given; `name`; and `corrected`, whether it was drawn with too many bonds. A molecule
/// that has `smiles` and no `atoms` is read from that.
enum MoleculeJSON {
    private static let key = "molecules"

    /// Whether bytes begin like such a file.
    static func recognises(_ content: ByteView?) -> Bool {
        guard let content, let head = content.slice(from: 0, count: min(content.count, 256)) else { return false }
        let text = head.array().filter { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
        return text.starts(with: "{\"\(key)\":".utf8)
    }

    /// What is wrong with a molecule.
    private struct Fault: Error {
        let text: String
        init(_ text: String) { self.text = text }
    }

    /// Reads a file.
    ///
    /// - Throws: `FormatError` for what is no JSON, `GeneraError.badData` that names the molecule.
    static func read(_ path: String) throws -> MoleculeList {
        let value = try JSONText.parse(MoleculeText.view(path), file: path)
        guard case let .array(items)? = value[key] else {
            throw GeneraError.badData(
                file: path, reason: "has no list '\(key)'", advice: "an object {\"\(key)\": [...]} was expected")
        }
        var list = MoleculeList(name: path)
        for (number, item) in items.enumerated() {
            do {
                if case let .string(text)? = item["smiles"], item["atoms"] == nil {
                    let place = "item \(number) of '\(key)', smiles"
                    list.add(
                        try Molecule.read(smiles: Array(text.utf8), file: "\(path): \(place)", line: nil, column: 1),
                        name: "")
                } else {
                    list.add(try molecule(item))
                }
            } catch let fault as Fault {
                throw GeneraError.badData(
                    file: path, reason: "item \(number) of '\(key)' (counted from 0) cannot be read", advice: fault.text
                )
            }
        }
        return list
    }

    private static func molecule(_ item: JSONValue) throws -> Molecule {
        guard case let .array(symbols)? = item["atoms"] else {
            throw Fault("a molecule needs a list 'atoms' of symbols")
        }
        guard symbols.count <= Molecule.atomLimit else {
            throw Fault("a molecule of \(symbols.count) atoms; at most \(Molecule.atomLimit) are read")
        }
        let charges = try numbers(item, "charges", symbols.count, -15...15)
        let isotopes = try numbers(item, "isotopes", symbols.count, 1...999)
        let hydrogens = try numbers(item, "hydrogens", symbols.count, 0...9)
        let atoms = try symbols.enumerated().map { place, value in
            guard case let .string(symbol) = value, let element = ChemicalElement(symbol) else {
                throw Fault("atom \(place) is no element's symbol")
            }
            return Molecule.Atom(
                element, charge: charges[place] ?? 0, isotope: isotopes[place], hydrogens: hydrogens[place])
        }
        var name = ""
        if let value = item["name"] {
            guard case let .string(text) = value else { throw Fault("a molecule's name is a text") }
            name = text
        }
        do {
            return try Molecule(
                atoms: atoms, bonds: bonds(item, atoms.count), name: name, isCorrected: item["corrected"] == .bool(true)
            )
        } catch let error as GeneraError {
            throw Fault("\(error)")
        }
    }

    private static func bonds(_ item: JSONValue, _ count: Int) throws -> [Molecule.Bond] {
        guard case let .array(list)? = item["bonds"] else { throw Fault("a molecule needs a list 'bonds'") }
        return try list.enumerated().map { number, value in
            guard case let .array(entries) = value, entries.count == 3 else {
                throw Fault("bond \(number) is no list [first, second, order]")
            }
            let numbers = try entries.map { entry in
                guard case let .integer(number) = entry else {
                    throw Fault("bond \(number) has an entry that is no whole number")
                }
                return number
            }
            guard (0..<count).contains(numbers[0]), (0..<count).contains(numbers[1]) else {
                throw Fault("bond \(number) joins atoms \(numbers[0]) and \(numbers[1]) of \(count), counted from 0")
            }
            return Molecule.Bond(numbers[0], numbers[1], order: (1...3).contains(numbers[2]) ? numbers[2] : 0)
        }
    }

    private static func numbers(
        _ item: JSONValue, _ key: String, _ count: Int, _ range: ClosedRange<Int>
    ) throws -> [Int?] {
        guard let value = item[key] else { return Array(repeating: nil, count: count) }
        guard case let .array(list) = value, list.count == count else {
            throw Fault("'\(key)' is no list of \(count) numbers")
        }
        return try list.map { entry in
            switch entry {
            case .null: return nil
            case let .integer(number) where range.contains(number): return number
            default:
                throw Fault("'\(key)' holds whole numbers from \(range.lowerBound) to \(range.upperBound), or null")
            }
        }
    }

    /// Writes molecules, a line each.
    ///
    /// - Throws: the errors of files.
    static func write(_ molecules: [Molecule], to path: String) throws {
        try AtomicFile.write(to: path) { sink in
            try sink.write("{\(JSONText.quote(key)): [")
            for (number, molecule) in molecules.enumerated() {
                try sink.write((number > 0 ? ",\n" : "\n") + json(molecule))
            }
            try sink.write("\n]}\n")
        }
    }

    private static func json(_ molecule: Molecule) -> String {
        let atoms = molecule.atoms
        var members: [String] = molecule.name.isEmpty ? [] : ["\"name\": \(JSONText.quote(molecule.name))"]
        members.append("\"smiles\": \(JSONText.quote(molecule.canonicalText))")
        if molecule.isCorrected { members.append("\"corrected\": true") }
        members.append("\"atoms\": [\(atoms.map { "\"\($0.element.symbol)\"" }.joined(separator: ", "))]")
        func add(_ key: String, _ values: [Int?]) {
            guard values.contains(where: { $0 != nil }) else { return }
            members.append("\"\(key)\": [\(values.map { $0.map(String.init) ?? "null" }.joined(separator: ", "))]")
        }
        add("charges", atoms.map { $0.charge == 0 ? nil : $0.charge })
        add("isotopes", atoms.map(\.isotope))
        add("hydrogens", atoms.map(\.hydrogens))
        let bonds = molecule.bonds.map { "[\($0.first), \($0.second), \($0.order)]" }
        members.append("\"bonds\": [\(bonds.joined(separator: ", "))]")
        return "{\(members.joined(separator: ", "))}"
    }
}
