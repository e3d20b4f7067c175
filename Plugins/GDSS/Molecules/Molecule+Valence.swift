extension Molecule {
    /// The sum of the orders of each atom's bonds, hydrogens left out.
    var bondSums: [Int] {
        var sums = [Int](repeating: 0, count: atoms.count)
        for bond in bonds {
            sums[bond.first] += bond.order
            sums[bond.second] += bond.order
        }
        return sums
    }

    /// How many hydrogens fill an atom up to the least valence that holds its bonds; none if no valence does.
    static func impliedHydrogens(_ element: ChemicalElement, charge: Int, bondSum: Int) -> Int {
        let valence = element.valences(charge: charge).first { $0 >= bondSum }
        return valence.map { $0 - bondSum } ?? 0
    }

    /// How many hydrogens are on an atom, those that are atoms of their own left out.
    public func hydrogens(of atom: Int) -> Int {
        hydrogens(of: atom, bondSum: bonds.reduce(0) { $0 + ([$1.first, $1.second].contains(atom) ? $1.order : 0) })
    }

    /// The hydrogens on each atom.
    public var hydrogenCounts: [Int] { zip(atoms.indices, bondSums).map { hydrogens(of: $0, bondSum: $1) } }

    private func hydrogens(of atom: Int, bondSum: Int) -> Int {
        let atom = atoms[atom]
        return atom.hydrogens ?? Self.impliedHydrogens(atom.element, charge: atom.charge, bondSum: bondSum)
    }

    /// Whether an atom has more bonds than its element and charge permit.
    static func exceeds(_ atom: Atom, bondSum: Int) -> Bool {
        guard let most = atom.element.valences(charge: atom.charge).last else { return false }
        return bondSum + (atom.hydrogens ?? 0) > most
    }

    /// The first atom with more bonds than its element and charge permit; nil if there is none.
    var firstExceeding: Int? {
        zip(atoms.indices, bondSums).first { Self.exceeds(atoms[$0], bondSum: $1) }?.0
    }

    /// Whether no atom has more bonds than its element and charge permit.
    public var isValid: Bool { firstExceeding == nil }

    /// Takes counts of hydrogens that valences give anyway for not given, so that one molecule is one value.
    mutating func normaliseHydrogens() {
        for (place, sum) in zip(atoms.indices, bondSums) {
            let implied = Self.impliedHydrogens(atoms[place].element, charge: atoms[place].charge, bondSum: sum)
            if atoms[place].hydrogens == implied { atoms[place].hydrogens = nil }
        }
    }

    /// The same molecule without hydrogens as atoms of their own: those of the natural mixture, without charge, that hang on one
    /// atom of another element by a single bond are counted on it.
    public var withoutHydrogenAtoms: Molecule {
        guard atoms.contains(where: { $0.element == .hydrogen }) else { return self }
        let (incidence, counts) = (incidence, hydrogenCounts)
        var isGone = [Bool](repeating: false, count: atoms.count)
        var added = [Int](repeating: 0, count: atoms.count)
        for (place, atom) in atoms.enumerated() where atom.element == .hydrogen && atom.charge == 0 {
            guard atom.isotope == nil, counts[place] == 0, incidence[place].count == 1 else { continue }
            let bond = bonds[incidence[place][0]]
            let other = bond.other(than: place)
            guard bond.order == 1, atoms[other].element != .hydrogen else { continue }
            isGone[place] = true
            added[other] += 1
        }
        var result = self
        for place in atoms.indices where added[place] > 0 {
            result.atoms[place].hydrogens = counts[place] + added[place]
        }
        result = result.keeping { !isGone[$0] }
        result.normaliseHydrogens()
        return result
    }

    /// The atoms that `isKept` holds of, with the bonds between them.
    func keeping(_ isKept: (Int) -> Bool) -> Molecule {
        let kept = atoms.indices.filter(isKept)
        var place = [Int](repeating: -1, count: atoms.count)
        for (new, old) in kept.enumerated() { place[old] = new }
        let inside = bonds.filter { place[$0.first] >= 0 && place[$0.second] >= 0 }
        return Molecule(
            unchecked: kept.map { atoms[$0] },
            inside.map { Bond(place[$0.first], place[$0.second], order: $0.order) }, name: name,
            isCorrected: isCorrected)
    }
}
