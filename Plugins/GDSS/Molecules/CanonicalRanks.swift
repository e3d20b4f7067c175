/// A numbering of a molecule's atoms that does not depend on the numbers they came with.
///
/// Atoms are told apart by what they are and, again and again, by their neighbours. Where that leaves several alike, one is set
/// apart in each possible way, and the way with the least list of bonds wins; ways that a symmetry makes equal to others are
/// tried once.
struct CanonicalRanks {
    /// Each atom's place, from 0.
    private(set) var ranks: [Int] = []
    private let neighbours: [[(atom: Int, type: Int)]]
    /// The bonds of each complete numbering that was met, with the atoms set apart on the way there.
    private var leaves: [[Int]: [Int]] = [:]
    private var best: [Int] = []
    private var leafCount = 0
    /// Ways that are looked at; only molecules far from any in nature need more.
    private let leafLimit: Int

    /// Ranks the atoms of a graph by their descriptions and the types of bonds between them.
    init(descriptions: [[Int]], bonds: [(Int, Int, type: Int)]) {
        var lists = [[(atom: Int, type: Int)]](repeating: [], count: descriptions.count)
        for (one, two, type) in bonds {
            lists[one].append((two, type))
            lists[two].append((one, type))
        }
        neighbours = lists
        leafLimit = max(50, min(2000, 20_000 / max(descriptions.count, 1)))
        search(refined(Self.classes(of: descriptions)))
    }

    /// The place of each atom's first equal in the sorted list of keys.
    private static func classes(of keys: [[Int]]) -> [Int] {
        let order = keys.indices.sorted { keys[$0].lexicographicallyPrecedes(keys[$1]) }
        var classes = [Int](repeating: 0, count: keys.count)
        for (place, atom) in order.enumerated() {
            classes[atom] = place > 0 && keys[order[place - 1]] == keys[atom] ? classes[order[place - 1]] : place
        }
        return classes
    }

    /// Splits classes by the classes of neighbours, until that splits none.
    ///
    /// Neighbours count by a sum of hashes. Where two such sums were equal by chance a class would stay whole, and the search
    /// would tell its atoms apart.
    private func refined(_ start: [Int]) -> [Int] {
        var classes = start
        var count = Set(classes).count
        var keys = [UInt64](repeating: 0, count: classes.count)
        var order = classes.indices.sorted { classes[$0] < classes[$1] }
        while count < classes.count {
            for atom in classes.indices {
                keys[atom] = neighbours[atom].reduce(0) { $0 &+ Self.mixed(classes[$1.atom] * 8 + $1.type) }
            }
            order.sort { (classes[$0], keys[$0]) < (classes[$1], keys[$1]) }
            var next = classes
            var nextCount = 0
            for (place, atom) in order.enumerated() {
                let before = place > 0 ? order[place - 1] : atom
                if place > 0, classes[before] == classes[atom], keys[before] == keys[atom] {
                    next[atom] = next[before]
                } else {
                    next[atom] = place
                    nextCount += 1
                }
            }
            guard nextCount > count else { break }
            (classes, count) = (next, nextCount)
        }
        return classes
    }

    private static func mixed(_ value: Int) -> UInt64 {
        var z = UInt64(truncatingIfNeeded: value) &* 0x9E37_79B9_7F4A_7C15
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// A node of the search: classes, the atoms that may be set apart, and which of them is next.
    private struct Node {
        let classes: [Int]
        let cell: [Int]
        var next = 0
    }

    private mutating func search(_ classes: [Int]) {
        guard !classes.isEmpty else { return }
        var path: [Int] = []
        var stack: [Node] = []
        var current: [Int]? = classes
        while true {
            if let classes = current {
                current = nil
                if let cell = Self.cell(classes) {
                    stack.append(Node(classes: classes, cell: cell))
                } else {
                    // One that equals another comes of a symmetry; all below the place where they part is known.
                    if let depth = leaf(classes, path) {
                        while stack.count > depth + 1 { stack.removeLast() }
                        while path.count > depth { path.removeLast() }
                    } else if !path.isEmpty {
                        path.removeLast()
                    }
                }
            }
            guard var node = stack.popLast() else { return }
            guard leafCount < leafLimit || node.next == 0, node.next < node.cell.count else {
                if !path.isEmpty { path.removeLast() }
                continue
            }
            let atom = node.cell[node.next]
            node.next += 1
            stack.append(node)
            path.append(atom)
            current = refined(Self.apart(atom, node.classes))
        }
    }

    /// The atoms of the first of the smallest classes of several.
    private static func cell(_ classes: [Int]) -> [Int]? {
        var members: [Int: [Int]] = [:]
        for (atom, own) in classes.enumerated() { members[own, default: []].append(atom) }
        return members.filter { $0.value.count > 1 }.min { ($0.value.count, $0.key) < ($1.value.count, $1.key) }?.value
    }

    /// Puts an atom before its equals.
    private static func apart(_ atom: Int, _ classes: [Int]) -> [Int] {
        var result = classes
        for other in classes.indices where other != atom && classes[other] == classes[atom] { result[other] += 1 }
        return result
    }

    /// Takes note of a complete numbering.
    ///
    /// - Returns: how long a beginning its path shares with that of an equal one met before; nil if there was none.
    private mutating func leaf(_ classes: [Int], _ path: [Int]) -> Int? {
        leafCount += 1
        var atoms = [Int](repeating: 0, count: classes.count)
        for (atom, place) in classes.enumerated() { atoms[place] = atom }
        let code = atoms.flatMap { atom in
            [neighbours[atom].count] + neighbours[atom].map { classes[$0.atom] * 8 + $0.type }.sorted()
        }
        if let other = leaves[code] { return zip(path, other).prefix { $0 == $1 }.count }
        leaves[code] = path
        if ranks.isEmpty || code.lexicographicallyPrecedes(best) { (ranks, best) = (classes, code) }
        return nil
    }
}
