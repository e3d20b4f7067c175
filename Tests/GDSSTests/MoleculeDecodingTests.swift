import GDSS
import Genera
import GeneraTesting
import Testing

/// From what the networks make to molecules, and back.
struct MoleculeDecodingTests {
    @Test("The thresholds of bonds, and the first channel above one half")
    func thresholds() throws {
        let decoder = MoleculeDecoder(try AtomSet("C,O"))
        // Atoms: O (second channel), none, C (both above one half: the first), C.
        let nodes: [Float] = [0.5, 0.51, 0.5, 0.5, 0.9, 0.95, 1, 0]
        var edges = [Float](repeating: 0, count: 16)
        (edges[8], edges[12], edges[14], edges[4], edges[13]) = (1.49, 0.499, 2.5, 3, 1)
        let molecule = try decoder.raw(nodes: nodes, edges: edges)
        #expect(molecule.atoms.map(\.element.symbol) == ["O", "C", "C"])
        #expect(molecule.bonds == [.init(1, 0, order: 1), .init(2, 1, order: 3)])
        #expect(throws: GeneraError.self) { try decoder.raw(nodes: nodes, edges: [1]) }
    }

    @Test("Nitrogen and oxygen with one bond too many become ions, for good; others lose bonds, the highest first")
    func correction() throws {
        let ammonium = Molecule.built(
            atoms: [.nitrogen, .carbon, .carbon, .carbon, .carbon], bonds: (1...4).map { .init($0, 0) })
        #expect(ammonium.isValid && ammonium.atoms[0].charge == 1 && ammonium.corrected == ammonium)
        // Two bonds too many at once make no ion; then the double bond, and after it the first bond, give way.
        let crowded = Molecule.built(
            atoms: [.oxygen, .carbon, .carbon], bonds: [.init(1, 0, order: 2), .init(2, 0, order: 2)])
        #expect(!crowded.isValid && crowded.atoms[0].charge == 0)
        #expect(crowded.corrected.bonds == [.init(1, 0), .init(2, 0)] && crowded.corrected.isCorrected)
        #expect(crowded.corrected.isValid && !crowded.corrected.wasValid && ammonium.wasValid)
        let fluorine = Molecule.built(
            atoms: [.fluorine, .carbon, .carbon], bonds: [.init(1, 0), .init(2, 0)]
        ).corrected
        #expect(fluorine.bonds == [.init(2, 0)])
    }

    @Test("A molecule is encoded and decoded")
    func roundTrip() throws {
        let decoder = MoleculeDecoder(.zinc250k)
        let molecule = try Molecule(smiles: "CC(=O)Nc1ccc(O)cc1Cl")
        let (nodes, edges) = try decoder.encoded(molecule, size: 38)
        #expect(nodes.count == 38 * 9 && nodes.reduce(0, +) == 12)
        let back = try decoder.molecule(nodes: nodes, edges: edges)
        #expect(back.canonicalText == molecule.canonicalText && back.wasValid)
        let batch = try decoder.molecules(
            nodes: Tensor(nodes + nodes, shape: [2, 38, 9]), edges: Tensor(edges + edges, shape: [2, 38, 38]))
        #expect(batch == [back, back])
        #expect {
            try decoder.encoded(molecule, size: 5)
        } throws: { "\($0)".contains("12 atoms") && "\($0)".contains("room for 5") }
        #expect {
            try decoder.encoded(Molecule(smiles: "C[Se]C"), size: 5)
        } throws: { "\($0)".contains("Se") && "\($0)".contains("ZINC250k") }
    }

    @Test("Sets of atoms by name and by symbols")
    func atomSets() throws {
        #expect(try AtomSet("qm9").elements.map(\.symbol) == ["C", "N", "O", "F"])
        #expect(try AtomSet("ZINC250k").elements.map(\.symbol) == ["C", "N", "O", "F", "P", "S", "Cl", "Br", "I"])
        #expect(try AtomSet("C, Si").elements.map(\.symbol) == ["C", "Si"])
        for text in ["", "C,C", "C,Q", "moses"] { #expect(throws: GeneraError.self) { try AtomSet(text) } }
    }

    @Test("Sizes of molecules, and their stand-ins")
    func sizes() throws {
        #expect(abs(MoleculeSizes.qm9StandIn.mean - 8.785) < 1e-12)
        #expect(MoleculeSizes.qm9StandIn.size(at: 0) == 4 && MoleculeSizes.qm9StandIn.size(at: 0.5) == 9)
        #expect(MoleculeSizes.qm9StandIn.size(at: 0.00019) == 4 && MoleculeSizes.qm9StandIn.size(at: 0.0002) == 5)
        let zinc = MoleculeSizes.zinc250kStandIn
        #expect(abs(zinc.mean - 21) < 0.2 && zinc.sizes == Array(6...37) && zinc.size(at: 0.9999999) == 37)
        let own = MoleculeSizes(of: try ["CC", "CCC", "CC"].map { try Molecule(smiles: $0) })
        #expect(own.sizes == [2, 3] && own.weights == [2, 1])
    }

    /// The reference's outputs, and what it made of them.
    @Test(
        "Goldens: drawn molecules before and after correction", .enabled(if: Golden.isPresent("gdss")),
        arguments: ["QM9", "ZINC250k"])
    func goldens(_ name: String) throws {
        let folder = "\(Golden.folder)/gdss"
        let file = "\(folder)/molecules_\(name).json"
        let json = try JSONText.parse(MappedFile(path: file).view, file: file)
        let tensors = try Safetensors(path: "\(folder)/molecules_\(name).safetensors")
        func numbers(_ name: String) throws -> (values: [Float], shape: [Int]) {
            let tensor = try #require(try tensors.tensors.first { $0.name == name }).tensor
            return (tensor.floats(), tensor.shape)
        }
        let (x, shape) = try numbers("x_raw")
        let a = try numbers("adj_raw").values
        let (row, square) = (shape[1] * shape[2], shape[1] * shape[1])
        let decoder = MoleculeDecoder(try AtomSet(name))
        let items = try #require(json["molecules"]?.items)
        #expect(items.count == shape[0])
        var texts: [String] = []
        for (index, item) in items.enumerated() {
            let raw = try decoder.raw(
                nodes: Array(x[index * row..<(index + 1) * row]), edges: Array(a[index * square..<(index + 1) * square])
            )
            try expectEqual(raw, item["before"])
            try expectEqual(raw.corrected, item["after"])
            #expect(raw.isValid == item["valid_without_correction"]?.bool)
            let (all, one) = (try #require(item["smiles_all"]?.text), try #require(item["smiles"]?.text))
            #expect(try Molecule(smiles: all).canonicalText == raw.corrected.canonicalText)
            let largest = raw.corrected.largestFragment()
            #expect(try Molecule(smiles: one).canonicalText == largest.canonicalText)
            texts.append(largest.canonicalText)
            // Lower case letters of aromatic atoms: as many as the other program's.
            let isLower = { (letter: Character) in "bcnops".contains(letter) }
            #expect(
                largest.canonicalText.replacing("Cl", with: "X").count(where: isLower)
                    == one.replacing("Cl", with: "X").count(where: isLower))
        }
        #expect(Double(Set(texts).count) / Double(texts.count) == json["unique_fraction"]?.number)
    }

    private func expectEqual(_ molecule: Molecule, _ json: JSONValue?) throws {
        #expect(molecule.atoms.map(\.element.number) == json?["atoms"]?.integers)
        #expect(molecule.atoms.map(\.charge) == json?["charges"]?.integers)
        let bonds = try #require(json?["bonds"]?.items).compactMap(\.integers)
        #expect(
            Set(molecule.bonds.map { [max($0.first, $0.second), min($0.first, $0.second), $0.order] }) == Set(bonds))
        #expect(molecule.bonds.count == bonds.count)
    }
}
