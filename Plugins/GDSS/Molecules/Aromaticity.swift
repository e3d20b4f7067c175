/// Which atoms and bonds of a molecule are aromatic, by Hückel's rule with the electron counts that are usual in chemistry's
/// programs.
///
/// An atom of B, C, Si, N, P, As, O, S, Se or Te with at most three neighbours gives a ring
/// - one electron if it has a double bond in a ring, or a double bond out of the rings to an atom that is not more
///   electronegative,
/// - two if it has a lone pair instead,
/// - none if its double bond leads out of the rings to a more electronegative atom, or its orbital is empty.
///
/// A ring of such atoms is aromatic if it has 4n + 2 electrons; so are the rims of up to four rings fused to one another.
struct Aromaticity {
    /// One flag an atom.
    private(set) var atoms: [Bool]
    /// One flag a bond.
    private(set) var bonds: [Bool]

    /// Rings of more atoms are not looked at.
    private static let largestRing = 24
    /// Sets of fused rings that are looked at, at most.
    private static let (setSize, setLimit) = (4, 4000)

    init(_ molecule: Molecule, incidence: [[Int]], hydrogens: [Int], isRing: [Bool], rings: [[Int]]) {
        atoms = Array(repeating: false, count: molecule.atoms.count)
        bonds = Array(repeating: false, count: molecule.bonds.count)
        let electrons = molecule.atoms.indices.map { atom in
            incidence[atom].contains { isRing[$0] }
                ? Self.electrons(atom, molecule, incidence[atom], hydrogens[atom], isRing) : nil
        }
        let usable = rings.filter { ring in
            ring.count <= Self.largestRing && ring.allSatisfy { electrons[$0] != nil }
        }
        let bondLists = usable.map { ring in
            ring.indices.compactMap { place -> Int? in
                let (from, to) = (ring[place], ring[(place + 1) % ring.count])
                return incidence[from].first { molecule.bonds[$0].other(than: from) == to }
            }
        }
        for set in Self.sets(bondLists) {
            var (visits, passes) = ([Int: Int](), [Int: Int]())
            for ring in set {
                for atom in usable[ring] { visits[atom, default: 0] += 1 }
                for bond in bondLists[ring] { passes[bond, default: 0] += 1 }
            }
            let total = visits.reduce(0) { $0 + ($1.value <= 2 ? electrons[$1.key] ?? 0 : 0) }
            guard total % 4 == 2 else { continue }
            for (bond, count) in passes where count == 1 {
                bonds[bond] = true
                atoms[molecule.bonds[bond].first] = true
                atoms[molecule.bonds[bond].second] = true
            }
        }
    }

    /// How many electrons an atom gives a ring; nil if it cannot be part of an aromatic one.
    private static func electrons(
        _ place: Int, _ molecule: Molecule, _ own: [Int], _ hydrogens: Int, _ isRing: [Bool]
    ) -> Int? {
        let atom = molecule.atoms[place]
        guard let outer = atom.element.outerElectrons, let valence = atom.element.valences().first else { return nil }
        let degree = own.count + hydrogens
        let sum = own.reduce(hydrogens) { $0 + molecule.bonds[$1].order }
        let multiple = own.filter { molecule.bonds[$0].order > 1 }
        guard degree <= 3, multiple.count <= 1 else { return nil }
        if let usual = atom.element.valences(charge: atom.charge).first, sum > usual { return nil }
        let lonePairs = max(outer - valence - atom.charge, 0)
        var free = valence - degree + lonePairs
        if free > 1, sum - degree > 1 { free = 1 }
        guard free >= 0 else { return nil }
        let cyclic = multiple.contains { isRing[$0] }
        let outside = multiple.first { !isRing[$0] }.map {
            molecule.atoms[molecule.bonds[$0].other(than: place)].element
        }
        let isDrawn = outside.map { isMoreElectronegative($0, than: atom.element) } ?? false
        switch free {
        case 0: return outside != nil ? 0 : cyclic ? 1 : nil
        case 1: return outside != nil ? (isDrawn ? 0 : 1) : cyclic ? 1 : atom.charge == 1 ? 0 : nil
        default:
            if isDrawn { free -= 1 }
            return free % 2 == 1 ? 1 : 2
        }
    }

    /// By the usual rule of thumb: more outer electrons, then fewer shells.
    private static func isMoreElectronegative(_ one: ChemicalElement, than other: ChemicalElement) -> Bool {
        func outer(_ element: ChemicalElement) -> Int {
            element.outerElectrons ?? ([.fluorine, .chlorine, .bromine, .iodine].contains(element) ? 7 : 1)
        }
        return outer(one) != outer(other) ? outer(one) > outer(other) : one < other
    }

    /// Single rings, and sets of up to four rings that hang together by common bonds.
    private static func sets(_ bondLists: [[Int]]) -> [[Int]] {
        let bondSets = bondLists.map(Set.init)
        var neighbours = [[Int]](repeating: [], count: bondLists.count)
        for first in bondLists.indices {
            for second in bondLists.indices where first != second && !bondSets[first].isDisjoint(with: bondSets[second])
            {
                neighbours[first].append(second)
            }
        }
        var level = Set(bondLists.indices.map { [$0] })
        var result = Array(level)
        for _ in 1..<setSize {
            var next: Set<[Int]> = []
            for set in level {
                for other in Set(set.flatMap { neighbours[$0] }) where !set.contains(other) {
                    next.insert((set + [other]).sorted())
                }
                guard result.count + next.count <= setLimit else { return result }
            }
            result += next
            level = next
        }
        return result
    }
}
