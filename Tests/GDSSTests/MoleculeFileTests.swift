import GDSS
import Genera
import GeneraTesting
import Testing

/// Files of molecules.
struct MoleculeFileTests {
    private let folder = TemporaryFolder()

    private func molecules(_ texts: [String]) throws -> [Molecule] { try texts.map { try Molecule(smiles: $0) } }

    private static let mixed = [
        "CC(=O)Oc1ccccc1C(=O)O", "[NH4+].[Cl-]", "[13CH3]N", "c1cc[nH]c1", "C[N+](C)(C)CC(=O)[O-]", "[CH2]C", "C",
    ]

    @Test("Each format gives back what was written", arguments: ["smi", "sdf", "csv", "tsv", "json"])
    func roundTrip(_ ending: String) throws {
        var samples = try molecules(Self.mixed)
        samples[0].name = "aspirin, \"ASA\""
        let path = folder.file("all.\(ending)")
        try Molecule.write(samples, to: path)
        let back = try Molecule.source(at: path).all()
        #expect(back.map(\.canonicalText) == samples.map(\.canonicalText))
        #expect(back.map(\.name) == samples.map(\.name))
        if ending == "json" || ending == "sdf" { #expect(back == samples) }
        // Equal samples make equal bytes.
        let again = folder.file("again.\(ending)")
        try Molecule.write(samples, to: again)
        #expect(try MappedFile(path: path).view.array() == MappedFile(path: again).view.array())
    }

    @Test("Whether a molecule was corrected is kept by JSON")
    func corrected() throws {
        let molecule = try Molecule(atoms: [.init(.carbon)], bonds: [], isCorrected: true)
        try Molecule.write([molecule], to: folder.file("one.json"))
        #expect(try Molecule.source(at: folder.file("one.json")).all() == [molecule])
    }

    @Test("Arrays of the method's authors: kekulised, aromatic, and with a channel for no bond")
    func arrays() throws {
        let samples = try molecules(["c1ccccc1O", "C[N+](C)(C)C", "CC#N"])
        let path = folder.file("some.npz")
        try Molecule.write(samples, to: path)
        let file = try NPZ(path: path)
        #expect(try file.tensor("arr_0").dtype == .int32 && file.tensor("arr_1").dtype == .float32)
        #expect(try file.tensor("arr_0").shape == [3, 7] && file.tensor("arr_1").shape == [3, 4, 7, 7])
        #expect(try file.tensor("arr_0").int64s().suffix(7) == [6, 6, 7, 0, 0, 0, 0])
        let back = try Molecule.source(at: path).all()
        #expect(back.map(\.atoms) == samples.map(\.atoms) && back.map(\.canonicalText) == samples.map(\.canonicalText))
        // Benzene with aromatic bonds in the fourth channel.
        var bonds = [Float](repeating: 0, count: 4 * 36)
        for atom in 0..<6 {
            let next = (atom + 1) % 6
            (bonds[108 + atom * 6 + next], bonds[108 + next * 6 + atom]) = (1, 1)
        }
        let numbers = RawTensor([Int64](repeating: 6, count: 6), shape: [1, 6])
        try NPZ.write([("arr_0", numbers), ("arr_1", RawTensor(bonds, shape: [1, 4, 6, 6]))], to: path)
        #expect(try Molecule.source(at: path).all()[0].canonicalText == "c1ccccc1")
        // A full fourth channel means that there is no bond.
        for entry in 108..<144 { bonds[entry] = 1 }
        try NPZ.write([("arr_0", numbers), ("arr_1", RawTensor(bonds, shape: [1, 4, 6, 6]))], to: path)
        #expect(try Molecule.source(at: path).all()[0].bonds.isEmpty)
        try NPZ.write([("arr_0", numbers), ("arr_1", RawTensor(bonds, shape: [1, 4, 36]))], to: path)
        #expect(throws: (any Error).self) { try Molecule.source(at: path) }
        #expect(throws: GeneraError.self) { try Molecule.write(molecules(["C[O-]"]), to: path) }
    }

    @Test("A table of ZINC's or QM9's kind, compressed or not")
    func tables() throws {
        try AtomicFile.write("\"smiles\",logP\n\"CCO\n\",1\n\"c1ccccc1\n\",2\n", to: folder.file("zinc.csv"))
        #expect(try Molecule.source(at: folder.file("zinc.csv")).all().map(\.canonicalText) == ["CCO", "c1ccccc1"])
        let text = ByteView(Array(",A,SMILES1,SMILES2\n0,1,C#N,x\n1,2,CC,y\n".utf8))
        try AtomicFile.write(Gzip.compress(text), to: folder.file("qm9.csv.gz"))
        #expect(try Molecule.source(at: folder.file("qm9.csv.gz")).all().map(\.canonicalText) == ["C#N", "CC"])
        try AtomicFile.write("a,b\nC,C\n", to: folder.file("none.csv"))
        #expect { try Molecule.source(at: folder.file("none.csv")) } throws: { "\($0)".contains("smiles") }
        // A table is one of molecules by its header, not by its name.
        #expect(Molecule.format(reading: folder.file("zinc.csv"), byName: false) != nil)
        #expect(Molecule.format(reading: folder.file("none.csv"), byName: false) == nil)
        try AtomicFile.write("smiles\nCC\nC1\n", to: folder.file("bad.csv"))
        #expect { try Molecule.source(at: folder.file("bad.csv")) } throws: { "\($0)".contains("row 2, character 2") }
    }

    @Test("Lines of SMILES: names, comments, heads, Windows' ends, marks that are dropped")
    func lines() throws {
        try AtomicFile.write(
            "SMILES name\n# comment\nN[C@@H](C)C(=O)O\tL-alanine\r\n\n  F/C=C/F two words\n", to: folder.file("a.smi"))
        let source = try Molecule.source(at: folder.file("a.smi"))
        #expect(try source.all().map(\.name) == ["L-alanine", "two words"])
        #expect(source.remarks.map(\.text) == ["3 marks of chirality and of directions at double bonds are left out"])
        try AtomicFile.write("CC\nC(C\n", to: folder.file("b.smi"))
        #expect { try Molecule.source(at: folder.file("b.smi")) } throws: { "\($0)".contains("line 2, column 2") }
    }

    private static let water = """
        water
          x

          3  2  0  0  0  0  0  0  0  0999 V2000
            0.0000    0.0000    0.0000 O   0  0  0  0  0  0  0  0  0  0  0  0
            0.9500    0.0000    0.0000 H   0  0  0  0  0  0  0  0  0  0  0  0
           -0.3000    0.9000    0.0000 H   0  0  0  0  0  0  0  0  0  0  0  0
          1  2  1  0
          1  3  1  0
        M  END

        """

    @Test("Connection tables: hydrogens, charges, several molecules")
    func connectionTables() throws {
        func read(_ text: String) throws -> [Molecule] {
            try AtomicFile.write(text, to: folder.file("t.sdf"))
            return try Molecule.source(at: folder.file("t.sdf")).all()
        }
        let water = try read(Self.water)
        #expect(water.count == 1 && water[0].canonicalText == "O" && water[0].name == "water")
        let two = Self.water + "> <LOGP>\n1.5\n\n$$$$\n" + Self.water.replacing("water", with: "again") + "$$$$\n"
        #expect(try read(two).map(\.name) == ["water", "again"])
        let ion = Self.water.replacing("  3  2", with: "  2  1").replacing(
            "   -0.3000    0.9000    0.0000 H   0  0  0  0  0  0  0  0  0  0  0  0\n", with: ""
        ).replacing("  1  3  1  0\n", with: "")
        #expect(try read(ion.replacing("O   0  0", with: "O   0  5"))[0].canonicalText == "[OH-]")
        #expect(try read(ion.replacing("M  END", with: "M  CHG  1   1  -1\nM  END"))[0].canonicalText == "[OH-]")
        // A valence of 1 in the table: a radical.
        let radical = Self.water.replacing("O   0  0  0  0  0  0", with: "O   0  0  0  0  0  2")
        #expect(try read(radical)[0].canonicalText == "O")
        #expect(
            try read(ion.replacing("O   0  0  0  0  0  0", with: "O   0  0  0  0  0  1"))[0].canonicalText == "[OH]")
    }

    @Test(
        "Connection tables that are wrong are refused by line",
        arguments: [
            ("V2000", "V3000", "line 4: a connection table of version V3000"), ("  3  2", "999999", "line 4"),
            ("  3  2", "  x  2", "line 4"),
            ("  3  2", " 50  2", "only 6 lines follow"), ("0.0000 O ", "0.0000 R#", "line 5"),
            ("  1  3  1", "  1  4  1", "line 9"),
            ("  1  3  1", "  1  3  8", "type 8"), ("  1  3  1", "  1  2  1", "second bond"),
            ("  1  3  1", "  3  3  1", "line 9"),
            ("M  END", "M  CHG  1   9   1", "atom 9"), ("O   0  0", "O   0  9", "code 9"),
        ])
    func wrongTables(_ old: String, _ new: String, _ message: String) throws {
        try AtomicFile.write(Self.water.replacing(old, with: new), to: folder.file("t.sdf"))
        #expect { try Molecule.source(at: folder.file("t.sdf")) } throws: { "\($0)".contains(message) }
    }

    @Test(
        "JSON that is wrong is refused by item",
        arguments: [
            "{\"atoms\": [\"C\"]}", "{\"atoms\": [\"Q\"], \"bonds\": []}",
            "{\"atoms\": [\"C\"], \"bonds\": [[0, 0, 1]]}",
            "{\"atoms\": [\"C\", \"C\"], \"bonds\": [[0, 1, 9]]}",
            "{\"atoms\": [\"C\", \"C\"], \"bonds\": [[0, 70000, 1]]}",
            "{\"smiles\": \"C1\"}", "{\"atoms\": [\"C\"], \"bonds\": [], \"charges\": [1, 2]}", "[]",
            "{\"atoms\": [\"C\"], \"bonds\": [], \"hydrogens\": [99]}",
        ])
    func wrongJSON(_ item: String) throws {
        let path = folder.file("t.json")
        try AtomicFile.write("{\"molecules\": [{\"smiles\": \"C\"}, \(item)]}", to: path)
        #expect { try Molecule.source(at: path) } throws: { "\($0)".contains("item 1") }
    }

    @Test("The 500 leads of ZINC: counts, and one text for each whatever the atoms' numbers", .enabled(if: Real.isHere))
    func leads() throws {
        var generator = SystemRandomNumberGenerator()
        let source = try Molecule.source(at: Real.file)
        let answers = "\(Real.folder)/answers.json"
        let answer = try JSONText.parse(MappedFile(path: answers).view, file: answers)["molecules/zinc.leads.500.q.smi"]
        let molecules = try source.all()
        #expect(molecules.count == answer?["records"]?.integer)
        #expect(molecules.count { $0.isValid } == answer?["valid"]?.integer)
        #expect(molecules.reduce(0) { $0 + $1.atoms.count } == answer?["heavy"]?.integer)
        #expect(molecules.map(\.atoms.count).max() == answer?["maxheavy"]?.integer)
        // The other reader keeps seven hydrogens that directions at double bonds are written with as atoms.
        #expect(molecules.reduce(7) { $0 + $1.bonds.count } == answer?["bonds"]?.integer)
        #expect(Set(molecules.map(\.canonicalText)).count == answer?["unique"]?.integer)
        let elements = Set(molecules.flatMap { $0.atoms.map(\.element.symbol) }).union(["H"])
        #expect(elements.sorted() == answer?["elements"]?.texts)
        for molecule in molecules {
            let (text, plain) = (molecule.canonicalText, molecule.smiles(isAromatic: false))
            let other = try MoleculeTests.shuffled(molecule, &generator)
            #expect(other.canonicalText == text && other.smiles(isAromatic: false) == plain)
            #expect(try Molecule(smiles: text).canonicalText == text)
            #expect(try Molecule(smiles: plain).canonicalText == text)
        }
        try Molecule.write(molecules, to: folder.file("leads.sdf"))
        #expect(try Molecule.source(at: folder.file("leads.sdf")).all() == molecules)
    }

    private enum Real {
        static let folder = "\(Golden.shared)/data/real"
        static let file = "\(folder)/molecules/zinc.leads.500.q.smi"

        static var isHere: Bool {
            if FileSystem.exists(file) { return true }
            print("SKIPPED: tests on ZINC's leads need \(file); set GENERA_SHARED")
            return false
        }
    }
}
