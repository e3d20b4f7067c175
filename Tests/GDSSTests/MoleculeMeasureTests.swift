import GDSS
import Genera
import GeneraTesting
import Testing

/// How good drawn molecules are.
struct MoleculeMeasureTests {
    private func value(_ name: String, _ drawn: [Molecule], _ real: [Molecule]) throws -> Double {
        let measure = try #require(Molecule.measures.first { $0.name == name })
        return try measure.values(Comparison(drawn: drawn, real: real), [.whole(drawn.count, real.count)])[0]
    }

    @Test("Validity, uniqueness, novelty and connectedness are shares")
    func shares() throws {
        let corrected = try Molecule(atoms: [.init(.carbon)], bonds: [], isCorrected: true)
        let drawn = try ["c1ccccc1C", "CC1=CC=CC=C1", "CO.O", "CCC"].map { try Molecule(smiles: $0) } + [corrected]
        let real = try [Molecule(smiles: "CCC"), Molecule(smiles: "CCCC")]
        #expect(try value("validity", drawn, real) == 0.8)
        #expect(try value("uniqueness", drawn, real) == 0.8)
        #expect(try value("novelty", drawn, real) == 0.75)
        #expect(try value("connected", drawn, real) == 0.8)
        #expect(try value("nspdk", real, real) < 1e-15)
        #expect(try value("nspdk", drawn, real) > 0.05)
        #expect(Molecule.measures.map(\.name) == ["validity", "uniqueness", "novelty", "connected", "nspdk"])
    }

    /// Two atoms that are joined: at radius 0 and distance 0, one feature for each of two equal nodes, whole and half; at
    /// distance 1 the same. The vectors of graphs that share no label are orthogonal.
    @Test("The kernel of small graphs by hand")
    func byHand() {
        let kernel = NSPDK(radius: 0, distance: 1)
        let one = kernel.features(of: .init(labels: ["C", "C"], edges: [.init(0, 1, label: 1)]))
        #expect(one.keys.count == 4 && one.weights.allSatisfy { abs($0 - 0.5) < 1e-12 })
        let oxygens = kernel.features(of: .init(labels: ["O", "O"], edges: [.init(0, 1, label: 1)]))
        #expect(one.dot(oxygens) == 0 && abs(one.dot(one) - 1) < 1e-12)
        // C-O: at distance 0 features (C, C), (O, O) and the halves C and O, once each; at distance 1 (C, O) twice and the halves.
        let mixed = kernel.features(of: .init(labels: ["C", "O"], edges: [.init(0, 1, label: 1)]))
        #expect(mixed.keys.count == 7)
        // Shared with C-C: (C, C) and C of distance 0 with counts 1 of 2, and the half C of distance 1 with 1 of sqrt(6).
        let (two, six) = (2.0.squareRoot(), 6.0.squareRoot())
        let expected: Double = (1 / two + 1 / (six * two)) / 2
        #expect(abs(one.dot(mixed) - expected) < 1e-12)
        #expect(abs(NSPDK.discrepancy([one], [oxygens]) - 2) < 1e-12)
        #expect(kernel.features(of: .init(labels: [], edges: [])).keys.isEmpty)
    }

    @Test("The kernel sees no numbers of nodes")
    func invariance() throws {
        var generator = SystemRandomNumberGenerator()
        let molecule = try Molecule(smiles: "CC(=O)Nc1ccc(O)cc1Cl")
        let other = try MoleculeTests.shuffled(molecule, &generator)
        let kernel = NSPDK()
        #expect(
            abs(kernel.features(of: molecule.labelledGraph).dot(kernel.features(of: other.labelledGraph)) - 1) < 1e-12)
    }

    @Test("Goldens: the kernel's MMD", .enabled(if: Golden.isPresent("gdss")), arguments: ["QM9", "ZINC250k"])
    func goldens(_ name: String) throws {
        let golden = try #require(try Golden.cases(of: "gdss").first { $0.name == "nspdk_\(name)" })
        let file = "\(golden.folder)/nspdk_\(name).json"
        let json = try JSONText.parse(MappedFile(path: file).view, file: file)
        let sets = try ["set1", "set2"].map { key in
            try #require(json[key]?.items).map { item in
                NSPDK.LabelledGraph(
                    labels: try #require(item["labels"]?.texts),
                    edges: try #require(item["edges"]?.items).compactMap(\.integers).map {
                        .init($0[0], $0[1], label: $0[2])
                    })
            }
        }
        let kernel = NSPDK()
        let value = NSPDK.discrepancy(sets[0].map(kernel.features), sets[1].map(kernel.features))
        let values = try #require(json["values"]?.numbers)
        let mean = values.reduce(0, +) / Double(values.count)
        let tolerance = try #require(golden["rtol"]?.number)
        #expect(abs(value - mean) <= tolerance * mean, "\(value), not \(mean)")
    }

    @Test(
        "Goldens: labelled graphs of molecules", .enabled(if: Golden.isPresent("gdss")), arguments: ["QM9", "ZINC250k"])
    func labels(_ name: String) throws {
        func json(_ kind: String) throws -> JSONValue {
            let file = "\(Golden.folder)/gdss/\(kind)_\(name).json"
            return try JSONText.parse(MappedFile(path: file).view, file: file)
        }
        let graphs = try #require(try json("nspdk")["set1"]?.items)
        let molecules = try #require(try json("molecules")["molecules"]?.items)
        let kernel = NSPDK()
        // The first set is of the molecules whose texts the other file gives, in their order.
        for (graph, molecule) in zip(graphs, molecules) {
            let wanted = NSPDK.LabelledGraph(
                labels: try #require(graph["labels"]?.texts),
                edges: try #require(graph["edges"]?.items).compactMap(\.integers).map {
                    .init($0[0], $0[1], label: $0[2])
                })
            let own = try Molecule(smiles: try #require(molecule["smiles"]?.text)).labelledGraph
            #expect(abs(kernel.features(of: wanted).dot(kernel.features(of: own)) - 1) < 1e-12)
        }
    }
}
