/// Places the alternating bonds of rings that a file calls aromatic.
struct Kekulization {
    /// An atom as a file gives it.
    struct Atom {
        var atom: Molecule.Atom
        var isAromatic = false
        /// Where it stands, for messages.
        var place = 0
    }

    /// A bond as a file gives it.
    struct Bond {
        var first: Int
        var second: Int
        /// 1 to 3, 4 for aromatic, 0 for aromatic between aromatic atoms of a ring and single elsewhere.
        var order: Int
    }

    /// What cannot be.
    struct Fault: Error {
        /// Which atom it is about.
        let atom: Int
        /// What is wrong.
        let reason: String
        /// What was expected.
        let advice: String
    }

    /// The bonds with orders 1 to 3.
    ///
    /// - Throws: `Fault` where alternating bonds cannot be placed.
    static func bonds(_ given: [Atom], _ bonds: [Bond]) throws(Fault) -> [Molecule.Bond] {
        var atoms = given
        let isRing = RingBonds.flags(atomCount: atoms.count, ends: bonds.map { ($0.first, $0.second) })
        var orders = bonds.map(\.order)
        var isInRing = [Bool](repeating: false, count: atoms.count)
        for (number, bond) in bonds.enumerated() {
            if isRing[number] { (isInRing[bond.first], isInRing[bond.second]) = (true, true) }
            if orders[number] == 0 {
                orders[number] = atoms[bond.first].isAromatic && atoms[bond.second].isAromatic && isRing[number] ? 4 : 1
            } else if orders[number] == 4 {
                guard isRing[number] else {
                    throw Fault(
                        atom: bond.second, reason: "an aromatic bond outside of rings",
                        advice: "a single, double or triple bond was expected")
                }
                (atoms[bond.first].isAromatic, atoms[bond.second].isAromatic) = (true, true)
            }
        }
        if let stray = atoms.indices.first(where: { atoms[$0].isAromatic && !isInRing[$0] }) {
            throw Fault(
                atom: stray, reason: "an aromatic atom outside of rings",
                advice: "write '\(atoms[stray].atom.element.symbol)', or close its ring")
        }
        try place(atoms, bonds, &orders)
        return bonds.indices.map { Molecule.Bond(bonds[$0].first, bonds[$0].second, order: orders[$0]) }
    }

    /// Makes the aromatic bonds single and double.
    private static func place(_ atoms: [Atom], _ bonds: [Bond], _ orders: inout [Int]) throws(Fault) {
        var sums = atoms.map { $0.atom.hydrogens ?? 0 }
        for (bond, order) in zip(bonds, orders) {
            sums[bond.first] += order == 4 ? 1 : order
            sums[bond.second] += order == 4 ? 1 : order
        }
        let isOpen = atoms.indices.map { atom in
            atoms[atom].isAromatic && wantsDoubleBond(atoms[atom].atom, sum: sums[atom])
        }
        var neighbours = [[Int]](repeating: [], count: atoms.count)
        for (bond, order) in zip(bonds, orders) where order == 4 && isOpen[bond.first] && isOpen[bond.second] {
            neighbours[bond.first].append(bond.second)
            neighbours[bond.second].append(bond.first)
        }
        var matching = Matching(neighbours)
        // Boron may have a double bond or a hydrogen; all others must have one.
        for atom in atoms.indices where isOpen[atom] && atoms[atom].atom.element != .boron {
            guard matching.pair(atom) else {
                throw Fault(
                    atom: atom, reason: "the alternating bonds of an aromatic ring cannot be placed",
                    advice: "nitrogen with a hydrogen is written [nH]")
            }
        }
        for (number, bond) in bonds.enumerated() where orders[number] == 4 {
            orders[number] = matching.partners[bond.first] == bond.second ? 2 : 1
        }
    }

    private static func wantsDoubleBond(_ atom: Molecule.Atom, sum: Int) -> Bool {
        atom.element.valences(charge: atom.charge).first { $0 >= sum }.map { $0 > sum } ?? false
    }
}
