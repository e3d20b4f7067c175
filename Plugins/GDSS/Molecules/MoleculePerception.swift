/// What is worked out of a molecule's atoms and bonds: hydrogens, rings, aromatic atoms and bonds.
struct MoleculePerception {
    let molecule: Molecule
    /// The numbers of each atom's bonds.
    let incidence: [[Int]]
    /// How many hydrogens are on each atom.
    let hydrogens: [Int]
    /// Whether each bond lies in a ring.
    let isRingBond: [Bool]
    /// The rings, each as atoms going round.
    let rings: [[Int]]
    /// Whether each atom is aromatic.
    let isAromaticAtom: [Bool]
    /// Whether each bond is aromatic.
    let isAromaticBond: [Bool]

    init(_ molecule: Molecule) {
        self.molecule = molecule
        (incidence, hydrogens) = (molecule.incidence, molecule.hydrogenCounts)
        let ends = molecule.bonds.map { ($0.first, $0.second) }
        isRingBond = RingBonds.flags(atomCount: molecule.atoms.count, ends: ends)
        rings = RelevantRings(atomCount: molecule.atoms.count, ends: ends, isRing: isRingBond).rings
        let aromaticity = Aromaticity(
            molecule, incidence: incidence, hydrogens: hydrogens, isRing: isRingBond, rings: rings)
        (isAromaticAtom, isAromaticBond) = (aromaticity.atoms, aromaticity.bonds)
    }

    /// A bond's type: its order, or 4 if it is aromatic.
    func type(ofBond bond: Int) -> Int { isAromaticBond[bond] ? 4 : molecule.bonds[bond].order }
}

extension Molecule {
    /// Whether each bond is aromatic, by Hückel's rule.
    package var aromaticBonds: [Bool] { MoleculePerception(self).isAromaticBond }
    /// The rings, each as atoms going round.
    package var rings: [[Int]] { MoleculePerception(self).rings }
}
