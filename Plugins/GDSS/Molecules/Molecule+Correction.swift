extension Molecule {
    /// The molecule of atoms and bonds that a network drew, bonds added one after another.
    ///
    /// Wherever a bond gives the first atom with too many of them exactly one too many, and that atom is nitrogen, oxygen or
    /// sulfur, it becomes an ion of charge +1, and stays one whatever comes later.
    package static func built(atoms: [ChemicalElement], bonds: [Bond]) -> Molecule {
        let onium: [ChemicalElement: Int] = [.nitrogen: 3, .oxygen: 2, .sulfur: 2]
        var molecule = Molecule(unchecked: atoms.map { Atom($0) }, [])
        var sums = [Int](repeating: 0, count: atoms.count)
        var exceeding: Set<Int> = []
        for bond in bonds {
            molecule.bonds.append(bond)
            for end in [bond.first, bond.second] {
                sums[end] += bond.order
                if exceeds(molecule.atoms[end], bondSum: sums[end]) { exceeding.insert(end) }
            }
            guard let first = exceeding.min(), let usual = onium[atoms[first]], sums[first] == usual + 1 else {
                continue
            }
            molecule.atoms[first].charge = 1
            if !exceeds(molecule.atoms[first], bondSum: sums[first]) { exceeding.remove(first) }
        }
        return molecule
    }

    /// The molecule without bonds too many: while an atom has such, the first of its bonds of the highest order loses one order, or
    /// goes if it is single. A bond that was changed becomes the last.
    package var corrected: Molecule {
        var result = self
        var sums = bondSums
        while let atom = zip(atoms.indices, sums).first(where: { Self.exceeds(atoms[$0], bondSum: $1) })?.0 {
            let own = result.bonds.indices.filter { result.bonds[$0].first == atom || result.bonds[$0].second == atom }
            // Hydrogens that a file counts can be too many on their own.
            guard let most = own.map({ result.bonds[$0].order }).max(),
                let place = own.first(where: { result.bonds[$0].order == most })
            else { break }
            var bond = result.bonds.remove(at: place)
            sums[bond.first] -= 1
            sums[bond.second] -= 1
            bond.order -= 1
            if bond.order > 0 { result.bonds.append(bond) }
            result.isCorrected = true
        }
        return result
    }

    /// The connected parts, each with its atoms in order.
    public var fragments: [Molecule] {
        parts.map { part in
            let members = Set(part)
            return keeping(members.contains)
        }
    }

    /// The connected parts as numbers of atoms, each in ascending order, by their first atoms.
    var parts: [[Int]] {
        let incidence = incidence
        var isSeen = [Bool](repeating: false, count: atoms.count)
        var parts: [[Int]] = []
        for start in atoms.indices where !isSeen[start] {
            isSeen[start] = true
            var part = [start]
            var next = 0
            while next < part.count {
                for bond in incidence[part[next]] {
                    let other = bonds[bond].other(than: part[next])
                    if !isSeen[other] {
                        isSeen[other] = true
                        part.append(other)
                    }
                }
                next += 1
            }
            parts.append(part.sorted())
        }
        return parts
    }

    /// Whether all atoms hang together.
    public var isConnected: Bool { parts.count <= 1 }

    /// What the size of a fragment is.
    public enum FragmentSize: Sendable, CaseIterable {
        /// The length of its canonical SMILES, kekulised, as the method's authors take it.
        case text
        /// Its number of atoms.
        case atoms
    }

    /// The largest connected part; of several as large the one whose canonical text is first.
    public func largestFragment(by size: FragmentSize = .text) -> Molecule {
        let fragments = fragments
        guard fragments.count > 1 else { return self }
        let ranked = fragments.map { fragment in
            let text = fragment.smiles(isAromatic: false)
            return (size: size == .atoms ? fragment.atoms.count : text.utf8.count, text: text, fragment: fragment)
        }
        let largest = ranked.max { ($0.size, $1.text) < ($1.size, $0.text) }
        return largest?.fragment ?? self
    }
}
