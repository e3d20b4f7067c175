import Genera

extension MolFile {
    /// Writes molecules with the places of their drawings, 1.5 to a bond.
    ///
    /// - Parameter isList: whether each ends with the line `$$$$`, as in `.sdf`.
    /// - Throws: the errors of files.
    static func write(_ molecules: [Molecule], to path: String, isList: Bool) throws {
        try AtomicFile.write(to: path) { sink in
            for molecule in molecules { try sink.write(block(molecule) + (isList ? "$$$$\n" : "")) }
        }
    }

    /// A number right in a field.
    private static func field(_ number: Int, _ width: Int) -> String {
        let text = "\(number)"
        return String(repeating: " ", count: max(width - text.count, 0)) + text
    }

    /// A coordinate with four digits after the point in ten columns.
    private static func coordinate(_ value: Double) -> String {
        let units = Int((min(max(value, -9999), 9999) * 10_000).rounded())
        let digits = "\(abs(units) % 10_000)"
        let text =
            (units < 0 ? "-" : "") + "\(abs(units) / 10_000)."
            + String(repeating: "0", count: 4 - digits.count) + digits
        return String(repeating: " ", count: max(10 - text.count, 0)) + text
    }

    private static func block(_ molecule: Molecule) -> String {
        let places = MoleculeLayout(molecule).places
        let sums = molecule.bondSums
        var text = "\(MoleculeText.title(molecule.name))\n  Genera            2D\n\n"
        text += field(molecule.atoms.count, 3) + field(molecule.bonds.count, 3) + "  0  0  0  0  0  0  0  0999 V2000\n"
        for (number, atom) in molecule.atoms.enumerated() {
            let valence = atom.hydrogens.map { sums[number] + $0 == 0 ? 15 : min(sums[number] + $0, 14) } ?? 0
            let symbol = atom.element.symbol + String(repeating: " ", count: 3 - atom.element.symbol.count)
            text += coordinate(1.5 * places[number].x) + coordinate(-1.5 * places[number].y) + coordinate(0)
            text += " \(symbol) 0  0  0  0  0\(field(valence, 3))  0  0  0  0  0  0\n"
        }
        for bond in molecule.bonds {
            text += field(bond.first + 1, 3) + field(bond.second + 1, 3) + field(bond.order, 3) + "  0\n"
        }
        text += property("CHG", molecule.atoms.enumerated().filter { $1.charge != 0 }.map { ($0, $1.charge) })
        text += property(
            "ISO", molecule.atoms.enumerated().compactMap { place, atom in atom.isotope.map { (place, $0) } })
        return text + "M  END\n"
    }

    private static func property(_ name: String, _ entries: [(Int, Int)]) -> String {
        stride(from: 0, to: entries.count, by: 8).map { start in
            let part = entries[start..<min(start + 8, entries.count)]
            return "M  \(name)\(field(part.count, 3))"
                + part.map { field($0.0 + 1, 4) + field($0.1, 4) }.joined() + "\n"
        }.joined()
    }
}
