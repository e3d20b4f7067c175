import GDSS
import Genera

extension Reader {
    /// Files of molecules, and one SMILES string.
    static let molecules: [Reader] = [
        Reader("smiles") { view in
            guard let text = view.text() else { return }
            try use(Molecule(smiles: text))
        },
        file("molecule-lines", "smi"), file("molecule-tables", "sdf"), file("molecule-csv", "csv"),
        file("molecule-json", "json"), file("molecule-arrays", "npz"),
    ]

    private static func file(_ name: String, _ ending: String) -> Reader {
        Reader(name, ending: ending) { path in
            let source = try Molecule.source(at: path)
            blackHole(source.remarks)
            for molecule in try source.samples(Array(0..<min(source.count, 4))) { try use(molecule) }
        }
    }

    /// Asks all that can be asked of a molecule; of large ones only what takes no time.
    private static func use(_ molecule: Molecule) throws {
        blackHole((molecule.hydrogenCounts, molecule.isValid, molecule.isConnected, try molecule.graph()))
        guard molecule.atoms.count < 64 else { return }
        blackHole((molecule.canonicalText, molecule.largestFragment(), molecule.labelledGraph))
        blackHole(MoleculeLayout(molecule).places)
    }
}
