import GDSS
import Genera
import GeneraTesting
import Testing

/// Molecules, SMILES, rings and the canonical form.
struct MoleculeTests {
    /// The same molecule with atoms and bonds in another order.
    static func shuffled(_ molecule: Molecule, _ generator: inout some RandomNumberGenerator) throws -> Molecule {
        let other = molecule.renumbered(Array(molecule.atoms.indices).shuffled(using: &generator))
        return try Molecule(atoms: other.atoms, bonds: other.bonds.shuffled(using: &generator))
    }

    @Test("Hydrogens fill the least valence that holds the bonds")
    func hydrogens() throws {
        let counts: [String: [Int]] = [
            "C": [4], "O": [2], "[NH4+]": [4], "CS(C)(=O)=O": [3, 0, 3, 0, 0], "P": [3], "CP(=O)C": [3, 1, 0, 3],
            "c1cc[nH]c1": [1, 1, 1, 1, 1], "[O-]C": [0, 3], "B": [3], "Cl": [1], "[Na+]": [0], "[CH2]": [2],
            "CI(=O)C": [3, 1, 0, 3], "[C-]#[O+]": [0, 0],
        ]
        for (text, expected) in counts {
            let molecule = try Molecule(smiles: text)
            #expect(molecule.hydrogenCounts == expected, "\(text)")
            #expect((0..<expected.count).map { molecule.hydrogens(of: $0) } == expected)
        }
    }

    @Test(
        "One molecule is one text",
        arguments: [
            ("Cc1ccccc1C", "CC1=CC=CC=C1C"), ("C1=CC=CC=C1", "c1ccccc1"), ("C1CC1", "C%12CC%12"),
            ("C1CC1", "C%(00012)CC%(12)"), ("[H]O[H]", "O"), ("CN(=O)=O", "C[N+](=O)[O-]"),
            ("c1ccccc1-c2ccccc2", "c1ccccc1c1ccccc1"),
            ("F/C=C/F", "F\\C=C/F"), ("N[C@@H](C)C(=O)O", "OC(=O)[C@H](N)C"), ("C=1CCCCC1", "C1CCCCC=1"),
            ("C(C(C)))"[..<"C(C(C))".endIndex].description, "CCC"), ("[Cl-].[NH4+]", "[NH4+].[Cl-]"),
            ("O=c1cc[nH]cc1", "O=C1C=CNC=C1"),
            ("C12=C(C=CC=C1)C=CC=C2", "c1ccc2ccccc2c1"), ("[cH-]1cccc1", "C1=C[CH-]C=C1"), ("[CH3:7]C", "CC"),
        ])
    func equal(_ one: String, _ other: String) throws {
        #expect(try Molecule(smiles: one).canonicalText == Molecule(smiles: other).canonicalText)
    }

    @Test(
        "Different molecules are different texts",
        arguments: [
            ("CC1=CC=CC=CC=C1C", "CC1=C(C)C=CC=CC=C1"), ("CCO", "COC"), ("[13CH4]", "C"), ("C[NH3+]", "CN"),
            ("C=CC", "CC=C=C"),
            ("c1ccncc1", "c1ccccc1"), ("Cc1ccccc1C", "Cc1cccc(C)c1"), ("C1CCC2(CC1)CCCC2", "C1CCC2(CCC2)CCC1"),
        ])
    func different(_ one: String, _ other: String) throws {
        #expect(try Molecule(smiles: one).canonicalText != Molecule(smiles: other).canonicalText)
    }

    @Test(
        "Aromatic bonds are those of Hückel's rule",
        arguments: [
            ("C1=CC=CC=C1", 6), ("C1=CNC=C1", 5), ("C1=CC=CC=CC=C1", 0), ("O=C1C=CC(=O)C=C1", 0),
            ("C1=CC=C[CH+]C=C1", 7),
            ("C1=CC2=CC=CC=CC2=C1", 10), ("C1=CC=C2C=CC=CC2=C1", 11), ("O=C1C=CC=CN1", 6), ("C1=CCC=C1", 0),
            ("C1CCCCC1", 0),
            ("C1=CSC=N1", 5), ("C1=CC=[O+]C=C1", 6), ("O=C1C=CC=C1", 0), ("C=C1C=CC=C1", 0), ("B1C=CC=C1", 0),
        ])
    func aromatic(_ text: String, _ count: Int) throws {
        #expect(try Molecule(smiles: text).aromaticBonds.count { $0 } == count)
    }

    @Test(
        "What is no SMILES is refused with the column",
        arguments: [
            ("C*", 2, "any kind"), ("C>>O", 2, "reaction"), ("C1CC", 2, "never closed"), ("c1cccc1", 6, "alternating"),
            ("C(C", 2, "'('"),
            ("[Xx]", 2, "symbol"), ("CC)", 3, "')'"), ("C==C", 3, "two bonds"), ("C%1", 2, "two digits"),
            ("[CH", 3, "']'"),
            ("C12CC12", 7, "second bond"), ("", 1, "no atom"), ("C=", 2, "leads nowhere"), ("C11", 3, "itself"),
            ("cC", 1, "outside"),
            ("C~C", 2, "'~'"), ("C-1CC=1", 7, "one order"), ("(C)", 1, "before any atom"), ("=C", 1, "before any atom"),
            ("CéC", 2, "byte"),
            ("1", 1, "before any atom"), ("C(=)C", 4, "leads nowhere"), ("[", 1, "symbol"),
        ])
    func refused(_ text: String, _ column: Int, _ word: String) {
        #expect {
            try Molecule(smiles: text)
        } throws: { error in
            "\(error)".contains("column \(column):") && "\(error)".contains(word)
        }
    }

    @Test("Large and deep texts are read or refused, and do no harm")
    func hostile() throws {
        #expect(
            try Molecule(smiles: String(repeating: "C", count: Molecule.atomLimit)).atoms.count == Molecule.atomLimit)
        #expect(throws: FormatError.self) { try Molecule(smiles: String(repeating: "C", count: 1_000_000)) }
        let deep = String(repeating: "C(", count: 1900) + "C" + String(repeating: ")", count: 1900)
        #expect(try Molecule(smiles: deep).bonds.count == 1900)
        #expect(throws: FormatError.self) { try Molecule(smiles: String(repeating: "(", count: 100_000)) }
        #expect(throws: FormatError.self) { try Molecule(smiles: "C%(999999999999999999999)") }
        #expect(throws: FormatError.self) { try Molecule(smiles: "[99999C]") }
        #expect(try Molecule(smiles: "[C+99]").atoms[0].charge == 99)
    }

    @Test("Cages and symmetrical graphs have one canonical text each, in little time")
    func symmetrical() throws {
        var generator = SystemRandomNumberGenerator()
        let texts = [
            "C12C3C4C1C5C2C3C45", "C12C3C4C5C1C6C7C2C8C3C9C4C1C5C6C2C7C8C9C12",
            "C(C(C(C)(C)C)(C(C)(C)C)C(C)(C)C)(C(C(C)(C)C)(C(C)(C)C)C(C)(C)C)(C(C(C)(C)C)(C(C)(C)C)C(C)(C)C)C",
            "C1CCCCCCCCCCCCCCCCCCCCCCCCCCCCC1",
        ]
        for text in texts {
            let molecule = try Molecule(smiles: text)
            for _ in 0..<5 {
                #expect(try Self.shuffled(molecule, &generator).canonicalText == molecule.canonicalText)
            }
        }
        #expect(try Molecule(smiles: texts[0]).rings.map(\.count) == [4, 4, 4, 4, 4, 4])
        #expect(try Molecule(smiles: texts[1]).rings.map(\.count) == Array(repeating: 5, count: 12))
    }

    @Test("Random graphs have one text whatever their atoms' numbers, and are read back from it")
    func random() throws {
        var generator = SystemRandomNumberGenerator()
        let elements = ["C", "C", "C", "N", "O", "S", "P", "B", "F", "Cl"].compactMap { ChemicalElement($0) }
        for round in 0..<200 {
            let count = 2 + round % 24
            var bonds: [Molecule.Bond] = []
            let atoms = (0..<count).map { _ in elements[Int.random(in: 0..<elements.count, using: &generator)] }
            for first in 1..<count {
                for second in 0..<first where Int.random(in: 0..<count, using: &generator) < 2 {
                    bonds.append(.init(first, second, order: Int.random(in: 1...2, using: &generator)))
                }
            }
            let molecule = Molecule.built(atoms: atoms, bonds: bonds).corrected
            #expect(molecule.isValid)
            let (text, plain) = (molecule.canonicalText, molecule.smiles(isAromatic: false))
            let other = try Self.shuffled(molecule, &generator)
            #expect(other.canonicalText == text && other.smiles(isAromatic: false) == plain)
            #expect(try Molecule(smiles: text).canonicalText == text)
            #expect(try Molecule(smiles: plain).canonicalText == text, "\(plain)")
        }
    }

    @Test("Bonds that cannot be are refused")
    func wrongBonds() {
        let atoms = [Molecule.Atom(.carbon), Molecule.Atom(.oxygen)]
        for bonds in [[Molecule.Bond(0, 2)], [.init(1, 1)], [.init(0, 1), .init(1, 0)], [.init(0, 1, order: 4)]] {
            #expect(throws: GeneraError.self) { try Molecule(atoms: atoms, bonds: bonds) }
        }
    }

    @Test("The largest fragment by its text and by its atoms")
    func fragments() throws {
        // Bromine has longer symbols than carbon.
        let molecule = try Molecule(smiles: "CCCCCC.BrC(Br)Br")
        #expect(molecule.largestFragment().canonicalText == "BrC(Br)Br")
        #expect(molecule.largestFragment(by: .atoms).canonicalText == "CCCCCC")
        #expect(molecule.fragments.count == 2 && !molecule.isConnected)
    }

    @Test("A graph of a molecule has its symbols and orders")
    func graph() throws {
        let graph = try Molecule(smiles: "C=CO").graph()
        #expect(graph.nodes.map(\.label) == ["C", "C", "O"] && graph.edges.map(\.type) == [2, 1])
        #expect(try Molecule(smiles: "c1ccccc1").graph(isAromatic: true).edges.allSatisfy { $0.type == 4 })
    }
}
