/// Writes molecules as SMILES.
struct SMILESWriter {
    private let perception: MoleculePerception
    private let ranks: [Int]
    private let isAromatic: Bool
    private var isDone: [Bool]

    /// The parts in alphabetical order, with dots between them.
    static func text(_ molecule: Molecule, isAromatic: Bool) -> String {
        molecule.fragments.map { part in
            let perception = MoleculePerception(part)
            let ranks = perception.canonicalRanks
            guard !isAromatic, perception.isAromaticBond.contains(true) else {
                return SMILESWriter(perception, ranks, isAromatic: isAromatic).text()
            }
            return SMILESWriter(perception.settled(ranks), ranks, isAromatic: false).text()
        }.sorted { ($0.utf8.count, $0) > ($1.utf8.count, $1) }.joined(separator: ".")
    }

    private init(_ perception: MoleculePerception, _ ranks: [Int], isAromatic: Bool) {
        (self.perception, self.ranks, self.isAromatic) = (perception, ranks, isAromatic)
        isDone = Array(repeating: false, count: ranks.count)
    }

    /// The tree that is written, and the bonds that close rings.
    private struct Tree {
        var order: [Int] = []
        var parents: [Int: (atom: Int, bond: Int)] = [:]
        var children: [[Int]]
        /// Bonds to earlier atoms that close rings, by the later atom, and by the earlier one.
        var closing: [[(bond: Int, atom: Int)]]
        var opening: [[(bond: Int, atom: Int)]]
    }

    private func text() -> String {
        guard let start = ranks.indices.min(by: { ranks[$0] < ranks[$1] }) else { return "" }
        let tree = tree(from: start)
        var text = ""
        var numbers: [Int: Int] = [:]
        var isTaken: [Bool] = [true]
        var stack: [(atom: Int, isBranch: Bool, isEnd: Bool)] = [(start, false, false)]
        while let (atom, isBranch, isEnd) = stack.popLast() {
            if isEnd {
                text += ")"
                continue
            }
            if isBranch { text += "(" }
            if let parent = tree.parents[atom] { text += symbol(ofBond: parent.bond) }
            text += symbol(ofAtom: atom)
            for (bond, _) in tree.closing[atom].sorted(by: {
                numbers[$0.bond, default: 0] < numbers[$1.bond, default: 0]
            }) {
                let number = numbers[bond] ?? 0
                isTaken[number] = false
                text += Self.ring(number)
            }
            for (bond, _) in tree.opening[atom] {
                let number = isTaken.firstIndex(of: false) ?? isTaken.count
                if number == isTaken.count { isTaken.append(true) }
                isTaken[number] = true
                numbers[bond] = number
                text += symbol(ofBond: bond) + Self.ring(number)
            }
            let children = tree.children[atom]
            for (place, child) in children.enumerated().reversed() {
                let isLast = place == children.count - 1
                if !isLast { stack.append((child, false, true)) }
                stack.append((child, !isLast, false))
            }
        }
        return text
    }

    private static func ring(_ number: Int) -> String {
        number < 10 ? "\(number)" : number < 100 ? "%\(number)" : "%(\(number))"
    }

    /// Goes deep first, to neighbours of lower rank first; smaller branches are written first.
    private func tree(from start: Int) -> Tree {
        let count = ranks.count
        let none = [[(bond: Int, atom: Int)]](repeating: [], count: count)
        var tree = Tree(children: Array(repeating: [], count: count), closing: none, opening: none)
        var number = [Int](repeating: -1, count: count)
        let steps = (0..<count).map { atom in
            perception.incidence[atom].map { (bond: $0, atom: perception.molecule.bonds[$0].other(than: atom)) }
                .sorted { ranks[$0.atom] < ranks[$1.atom] }
        }
        var stack: [(atom: Int, place: Int)] = [(start, 0)]
        number[start] = 0
        tree.order.append(start)
        while let (atom, place) = stack.last {
            guard place < steps[atom].count else {
                stack.removeLast()
                continue
            }
            stack[stack.count - 1].place += 1
            let (bond, other) = steps[atom][place]
            if number[other] < 0 {
                number[other] = tree.order.count
                tree.order.append(other)
                tree.parents[other] = (atom, bond)
                tree.children[atom].append(other)
                stack.append((other, 0))
            } else if number[other] < number[atom], tree.parents[atom]?.bond != bond {
                tree.closing[atom].append((bond, other))
                tree.opening[other].append((bond, atom))
            }
        }
        var sizes = [Int](repeating: 1, count: count)
        for atom in tree.order.reversed() {
            for child in tree.children[atom] { sizes[atom] += sizes[child] }
            tree.children[atom].sort { (sizes[$0], ranks[$0]) < (sizes[$1], ranks[$1]) }
        }
        return tree
    }

    private func symbol(ofBond number: Int) -> String {
        let bond = perception.molecule.bonds[number]
        if isAromatic {
            if perception.isAromaticBond[number] { return "" }
            let isBetween = perception.isAromaticAtom[bond.first] && perception.isAromaticAtom[bond.second]
            if bond.order == 1 { return isBetween ? "-" : "" }
        }
        return bond.order == 2 ? "=" : bond.order == 3 ? "#" : ""
    }

    private static let organic: Set<ChemicalElement> = [
        .boron, .carbon, .nitrogen, .oxygen, .phosphorus, .sulfur, .fluorine, .chlorine, .bromine, .iodine,
    ]

    private func symbol(ofAtom place: Int) -> String {
        let atom = perception.molecule.atoms[place]
        let hydrogens = perception.hydrogens[place]
        let isLower = isAromatic && perception.isAromaticAtom[place]
        let symbol = isLower ? atom.element.symbol.lowercased() : atom.element.symbol
        // Of aromatic atoms only carbon's hydrogens go without saying.
        let isPlain =
            atom.hydrogens == nil && atom.charge == 0 && atom.isotope == nil && Self.organic.contains(atom.element)
            && (!isLower || hydrogens == 0 || atom.element == .carbon)
        if isPlain { return symbol }
        let count = hydrogens == 0 ? "" : hydrogens == 1 ? "H" : "H\(hydrogens)"
        let size = abs(atom.charge)
        let sign = atom.charge == 0 ? "" : (atom.charge < 0 ? "-" : "+") + (size > 1 ? "\(size)" : "")
        return "[\(atom.isotope.map(String.init) ?? "")\(symbol)\(count)\(sign)]"
    }
}

extension MoleculePerception {
    /// A numbering of the atoms that does not depend on theirs; isotopes, charges and hydrogens count, and of aromatic bonds that
    /// they are such.
    var canonicalRanks: [Int] {
        let descriptions = molecule.atoms.indices.map { place in
            let atom = molecule.atoms[place]
            let ringBonds = incidence[place].count { isRingBond[$0] }
            return [
                incidence[place].count, ringBonds, atom.element.number, hydrogens[place], atom.charge,
                atom.isotope ?? 0, isAromaticAtom[place] ? 1 : 0,
            ]
        }
        let bonds = molecule.bonds.indices.map {
            (molecule.bonds[$0].first, molecule.bonds[$0].second, type: type(ofBond: $0))
        }
        return CanonicalRanks(descriptions: descriptions, bonds: bonds).ranks
    }

    /// The same molecule with the alternating bonds of aromatic rings where the ranks put them.
    func settled(_ ranks: [Int]) -> MoleculePerception {
        var order = ranks.indices.sorted { ranks[$0] < ranks[$1] }
        var place = [Int](repeating: 0, count: order.count)
        for (new, old) in order.enumerated() { place[old] = new }
        let atoms = order.map { old in
            var atom = molecule.atoms[old]
            atom.hydrogens = hydrogens[old]
            return Kekulization.Atom(atom: atom, isAromatic: isAromaticAtom[old])
        }
        let bonds = molecule.bonds.indices.map { number in
            let bond = molecule.bonds[number]
            let ends = [place[bond.first], place[bond.second]].sorted()
            return (
                bond: Kekulization.Bond(first: ends[0], second: ends[1], order: type(ofBond: number)), number: number
            )
        }.sorted { ($0.bond.first, $0.bond.second) < ($1.bond.first, $1.bond.second) }
        guard let settled = try? Kekulization.bonds(atoms, bonds.map(\.bond)) else { return self }
        var result = molecule
        for (bond, old) in zip(settled, bonds) { result.bonds[old.number].order = bond.order }
        order.removeAll()
        return MoleculePerception(result)
    }
}
