import Genera

extension Molecule {
    /// Reads a SMILES string. Chirality and directions of bonds are dropped, and hydrogens as atoms are counted on their neighbours.
    ///
    ///     let benzene = try Molecule(smiles: "c1ccccc1")
    ///
    /// - Throws: `FormatError` that names the column and what was expected.
    public init(smiles text: String) throws {
        self = try Self.read(smiles: Array(text.utf8), file: "SMILES", line: nil, column: 1).molecule
    }

    /// Reads a SMILES string of a file.
    ///
    /// - Parameters:
    ///   - line: its line, counted from 1; nil if it is not in lines.
    ///   - column: the column of its first byte, counted from 1.
    /// - Throws: `FormatError` that names line, column and what was expected.
    static func read(smiles: [UInt8], file: String, line: Int?, column: Int) throws -> SMILESReader.Result {
        do throws(SMILESReader.Fault) {
            return try SMILESReader.read(smiles)
        } catch {
            let place = (line.map { "line \($0), " } ?? "") + "column \(column + error.place)"
            throw FormatError(file: file, place: place, reason: error.reason, advice: error.advice)
        }
    }

    /// Gives neutral nitrogen with five bonds, two or three of them double or triple, its usual charges: a nitro group is read
    /// whether it is written `N(=O)=O` or `[N+](=O)[O-]`.
    mutating func separateCharges() {
        let sums = bondSums
        for (place, atom) in atoms.enumerated() where atom.element == .nitrogen && atom.charge == 0 && sums[place] == 5
        {
            let bond = bonds.indices.first { number in
                let bond = bonds[number]
                guard bond.order == 2, bond.first == place || bond.second == place else { return false }
                let other = atoms[bond.other(than: place)]
                return other.element == .oxygen && other.charge == 0
            }
            guard let bond else { continue }
            let other = bonds[bond].other(than: place)
            bonds[bond].order = 1
            atoms[place].charge = 1
            atoms[other].charge = -1
        }
    }

    /// The molecule as SMILES, the same for every numbering of its atoms.
    ///
    /// - Parameter isAromatic: whether aromatic rings are written in lower case; else with alternating bonds, of which one
    ///   of the possible arrangements is taken, always the same.
    public func smiles(isAromatic: Bool = true) -> String {
        SMILESWriter.text(self, isAromatic: isAromatic)
    }

    /// The one text of a molecule, whatever its atoms' numbers and wherever the double bonds of its aromatic rings are.
    ///
    /// It is canonical within this program: others choose another of the many SMILES of a molecule.
    public var canonicalText: String { smiles() }
}
