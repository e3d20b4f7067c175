import GDSS
import Genera
import GeneraTesting
import Testing

/// Structural formulas.
struct MoleculeDrawingTests {
    private func distances(_ text: String) throws -> (bonds: [Double], others: [Double]) {
        let molecule = try Molecule(smiles: text)
        let places = MoleculeLayout(molecule).places
        var (bonds, others): ([Double], [Double]) = ([], [])
        for one in places.indices {
            for two in 0..<one {
                let (x, y) = (places[one].x - places[two].x, places[one].y - places[two].y)
                let isBond = molecule.bonds.contains { Set([$0.first, $0.second]) == [one, two] }
                if isBond {
                    bonds.append((x * x + y * y).squareRoot())
                } else {
                    others.append((x * x + y * y).squareRoot())
                }
            }
        }
        return (bonds, others)
    }

    @Test(
        "Bonds of chains and fused rings have one length, and nothing touches",
        arguments: [
            "CCCCCC", "c1ccc2cc3ccccc3cc2c1", "CC(C)(C)c1ccccc1", "C1CC12CC2", "CC12CCC3C(C1CCC2O)CCC4=CC(=O)CCC34C",
            "Cn1cnc2c1c(=O)n(C)c(=O)n2C",
            "c1cc2ccc3ccc4ccc5ccc6ccc1c7c2c3c4c5c67", "CC(=O)Oc1ccccc1C(=O)O", "N#CC#N", "OC(O)(O)C(O)(O)C(O)(O)O",
        ])
    func tidy(_ text: String) throws {
        let (bonds, others) = try distances(text)
        for bond in bonds { #expect(abs(bond - 1) < 1e-6) }
        #expect((others.min() ?? 1) > 0.6)
    }

    @Test(
        "Bonds of cages have about one length", arguments: ["C1CC2CCC1C2", "C1C2CC3CC1CC(C2)C3", "C12C3C4C1C5C2C3C45"])
    func cages(_ text: String) throws {
        let (bonds, others) = try distances(text)
        for bond in bonds { #expect((0.5...1.6).contains(bond)) }
        #expect((others.min() ?? 0) > 0.3)
    }

    @Test("Rings are regular, and chains bend by 60 degrees")
    func angles() throws {
        let ring = try distances("C1CCCCC1").others.sorted()
        for (distance, expected) in zip(ring, [Double](repeating: 3.0.squareRoot(), count: 6) + [2, 2, 2]) {
            #expect(abs(distance - expected) < 1e-9)
        }
        let chain = try distances("CCCC").others.sorted()
        for (distance, expected) in zip(chain, [3.0, 3, 7].map { $0.squareRoot() }) {
            #expect(abs(distance - expected) < 1e-9)
        }
        #expect(
            try distances("CC#CC").others.sorted().map { Int(($0 * 1e6).rounded()) } == [
                2_000_000, 2_000_000, 3_000_000,
            ])
    }

    @Test("A drawing does not depend on the atoms' numbers")
    func invariance() throws {
        var generator = SystemRandomNumberGenerator()
        for text in ["CC(=O)Nc1ccc(O)cc1Cl", "C1CC2CCC1C2", "CCO.Cl"] {
            let molecule = try Molecule(smiles: text)
            let other = try MoleculeTests.shuffled(molecule, &generator)
            #expect(try molecule.drawn() == other.drawn())
        }
    }

    @Test("Letters have their elements' colours; benzene has none")
    func colours() throws {
        func hasInk(_ text: String, _ isWanted: ([Int]) -> Bool, style: MoleculeStyle = .init()) throws -> Bool {
            let image = try Molecule(smiles: text).drawn(side: 100, style: style)
            return (0..<image.height).contains { y in (0..<image.width).contains { isWanted(image[$0, y]) } }
        }
        let isBlue: ([Int]) -> Bool = { $0[2] > $0[0] + 80 }
        let isRed: ([Int]) -> Bool = { $0[0] > $0[2] + 80 }
        #expect(try hasInk("c1ccncc1", isBlue) && !hasInk("c1ccncc1", isRed))
        #expect(try hasInk("CCO", isRed) && !hasInk("CCO", isBlue))
        #expect(try !hasInk("c1ccccc1", isBlue) && !hasInk("c1ccccc1", isRed) && hasInk("c1ccccc1") { $0[0] < 80 })
        let (bare, full) = (
            try Molecule(smiles: "CC").drawn(side: 100),
            try Molecule(smiles: "CC").drawn(side: 100, style: .init(showsCarbons: true))
        )
        #expect(bare != full)
    }

    @Test("Sheets of one, many and no atoms")
    func sheets() throws {
        let water = try Molecule(smiles: "O")
        #expect(try water.drawn().width == 800)
        #expect(try Molecule.picture(of: [water, water, water, water, water]).width == (3 * 380 + 8))
        #expect(throws: GeneraError.self) { try Molecule.picture(of: []) }
        #expect(try Molecule(atoms: [], bonds: []).drawn(side: 50).width == 100)
        #expect(throws: (any Error).self) { try water.drawn(side: 0) }
        _ = try Molecule(smiles: String(repeating: "CC(C)(C)", count: 400)).drawn(side: 60)
    }
}
