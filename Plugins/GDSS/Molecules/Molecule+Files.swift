import Genera

extension Molecule {
    /// SMILES, which keeps all but names of several lines; tables of SMILES; MDL's connection tables, which places of a drawing
    /// are written to; JSON, which keeps all; and the arrays that the method's authors train on.
    public static let formats: [SampleFormat<Molecule>] = [
        SampleFormat(
            ["smi", "smiles", "ism"], "SMILES, a line a molecule", holds: hasAtoms, read: { try MoleculeText.read($0) },
            write: { try MoleculeText.write($0, to: $1) }),
        SampleFormat(
            ["sdf", "sd"], "MDL connection tables, V2000", recognises: { _, content in MolFile.recognises(content) },
            holds: fitsTable, read: { try MolFile.read($0) },
            write: { try MolFile.write($0, to: $1, isList: true) }),
        SampleFormat(
            "mol", "one MDL connection table, V2000", holds: { $0.count == 1 && fitsTable($0) },
            read: { try MolFile.read($0) }, write: { try MolFile.write($0, to: $1, isList: false) }),
        SampleFormat(
            ["csv", "tsv"], "table with a column of SMILES",
            recognises: { MoleculeText.isTable($0, $1) }, holds: hasAtoms,
            read: { try MoleculeText.readTable($0) }, write: { try MoleculeText.writeTable($0, to: $1) }),
        SampleFormat(
            "json", "JSON with a list 'molecules'", recognises: { _, content in MoleculeJSON.recognises(content) },
            read: { try MoleculeJSON.read($0) }, write: { try MoleculeJSON.write($0, to: $1) }),
        SampleFormat(
            "npz", "NumPy arrays arr_0 [N, n] of atomic numbers and arr_1 [N, 4, n, n] of bonds",
            recognises: { MoleculeArrays.recognises($0, $1) }, holds: { MoleculeArrays.holds($0) },
            read: { try MoleculeArrays($0) }, write: { try MoleculeArrays.write($0, to: $1) }),
    ]

    private static func hasAtoms(_ molecules: [Molecule]) -> Bool { molecules.allSatisfy { !$0.atoms.isEmpty } }

    private static func fitsTable(_ molecules: [Molecule]) -> Bool {
        molecules.allSatisfy { (1...MolFile.limit).contains($0.atoms.count) && $0.bonds.count <= MolFile.limit }
    }

    /// The same as a graph: nodes labelled by symbols, edges whose type is the bond's order. Charges and names are not in it.
    ///
    /// - Parameter isAromatic: whether aromatic bonds have the type 4.
    public func graph(isAromatic: Bool = false) throws -> Graph {
        let types = isAromatic ? MoleculePerception(self).isAromaticBond : []
        return try Graph(
            nodes: atoms.map { Graph.Node(label: $0.element.symbol) },
            edges: bonds.enumerated().map { number, bond in
                Graph.Edge(bond.first, bond.second, type: isAromatic && types[number] ? 4 : bond.order)
            })
    }
}
