import Genera

/// Molecules as arrays, as the method's authors keep them: `arr_0`, atomic numbers `[N, n]` with 0 for no atom, and `arr_1`, bonds
/// `[N, 4, n, n]` by channels for single, double, triple and aromatic ones.
///
/// Some programs make the fourth channel "no bond", which is 1 on the diagonal too; it is left out then. Charges are not kept: those
/// of nitrogen, oxygen and sulfur with a bond too many are given again.
struct MoleculeArrays: SampleSource {
    let name: String
    let count: Int
    private let size: Int
    private let atoms: RawTensor
    private let bonds: RawTensor

    /// Whether a file has such arrays.
    static func recognises(_ path: String, _ content: ByteView?) -> Bool {
        guard let content, let file = try? NPZ(content, file: path), let atoms = try? file.layout(of: "arr_0"),
            let bonds = try? file.layout(of: "arr_1")
        else { return false }
        return atoms.shape.count == 2 && bonds.shape.count == 4
    }

    /// Opens a file.
    ///
    /// - Throws: `FormatError` that names both shapes if they do not fit.
    init(_ path: String) throws {
        let file = try NPZ(path: path)
        (atoms, bonds) = (try file.tensor("arr_0"), try file.tensor("arr_1"))
        let (a, b) = (atoms.shape, bonds.shape)
        guard a.count == 2, b.count == 4, b[0] == a[0], (3...4).contains(b[1]), b[2] == a[1], b[3] == a[1] else {
            throw FormatError(
                file: path, reason: "arr_0 has the shape \(a), arr_1 \(b)",
                advice: "atomic numbers [N, n] and bonds [N, 4, n, n] were expected")
        }
        guard a[1] <= Molecule.atomLimit else {
            throw FormatError(
                file: path, place: "arr_0", reason: "molecules of up to \(a[1]) atoms",
                advice: "at most \(Molecule.atomLimit) are read")
        }
        (name, count, size) = (path, a[0], a[1])
    }

    func samples(_ indices: [Int]) throws -> [Molecule] {
        try require(indices)
        return try indices.map(molecule)
    }

    private func part(_ tensor: RawTensor, _ index: Int) throws -> RawTensor {
        let shape = Array(tensor.shape.dropFirst())
        let length = shape.reduce(tensor.dtype.byteCount, *)
        guard let bytes = tensor.bytes.slice(from: index * length, count: length) else {
            throw FormatError(file: name, reason: "the arrays are cut short")
        }
        return try RawTensor(dtype: tensor.dtype, shape: shape, bytes: bytes, file: name)
    }

    private func molecule(_ index: Int) throws -> Molecule {
        func error(_ array: String, _ reason: String, _ advice: String) -> FormatError {
            FormatError(file: name, place: "\(array), molecule \(index)", reason: reason, advice: advice)
        }
        let numbers = try part(atoms, index).doubles()
        let entries = try part(bonds, index).doubles()
        let channels = bonds.shape[1]
        var kept: [(place: Int, element: ChemicalElement)] = []
        for (place, number) in numbers.enumerated() where number != 0 {
            guard (1...118).contains(number), let element = ChemicalElement(number: Int(number)) else {
                throw error("arr_0", "the atomic number \(number)", "1 to 118, or 0 for no atom, was expected")
            }
            kept.append((place, element))
        }
        func entry(_ channel: Int, _ row: Int, _ column: Int) -> Double {
            entries[(channel * size + row) * size + column]
        }
        let isFourthUsed = channels == 4 && !kept.contains { entry(3, $0.place, $0.place) > 0.5 }
        var found: [Kekulization.Bond] = []
        for (second, row) in kept.enumerated() {
            for (first, column) in kept[..<second].enumerated() {
                let orders = (0..<(isFourthUsed ? 4 : 3)).filter { entry($0, row.place, column.place) > 0.5 }
                guard orders.count <= 1 else {
                    throw error(
                        "arr_1", "several bonds between atoms \(row.place) and \(column.place)", "one was expected")
                }
                if let order = orders.first { found.append(.init(first: second, second: first, order: order + 1)) }
            }
        }
        do throws(Kekulization.Fault) {
            let settled = try Kekulization.bonds(kept.map { .init(atom: .init($0.element)) }, found)
            return Molecule.built(atoms: kept.map(\.element), bonds: settled)
        } catch {
            throw FormatError(
                file: name, place: "arr_1, molecule \(index), atom \(kept[error.atom].place)", reason: error.reason,
                advice: "alternating single and double bonds are read too")
        }
    }

    /// Whether molecules are what reading such arrays gives: without isotopes, odd numbers of hydrogens and other charges.
    static func holds(_ molecules: [Molecule]) -> Bool {
        let size = molecules.map(\.atoms.count).max() ?? 0
        guard size <= Molecule.atomLimit, molecules.count * size * size < 1 << 28 else { return false }
        return molecules.allSatisfy { molecule in
            Molecule.built(atoms: molecule.atoms.map(\.element), bonds: molecule.bonds).atoms == molecule.atoms
        }
    }

    /// Writes molecules, kekulised: the fourth channel is empty.
    ///
    /// - Throws: the errors of files.
    static func write(_ molecules: [Molecule], to path: String) throws {
        let size = molecules.map(\.atoms.count).max() ?? 0
        var numbers = [Int32](repeating: 0, count: molecules.count * size)
        var entries = [Float](repeating: 0, count: molecules.count * 4 * size * size)
        for (index, molecule) in molecules.enumerated() {
            for (place, atom) in molecule.atoms.enumerated() {
                numbers[index * size + place] = Int32(atom.element.number)
            }
            for bond in molecule.bonds {
                let channel = (index * 4 + bond.order - 1) * size
                entries[(channel + bond.first) * size + bond.second] = 1
                entries[(channel + bond.second) * size + bond.first] = 1
            }
        }
        let atoms = try RawTensor(
            dtype: .int32, shape: [molecules.count, size], bytes: numbers.withUnsafeBytes { ByteView($0) })
        try NPZ.write(
            [("arr_0", atoms), ("arr_1", RawTensor(entries, shape: [molecules.count, 4, size, size]))], to: path)
    }
}
