/// The rings that chemists see: the relevant cycles of Vismara (1997), all that are no sum of shorter ones. Unlike a smallest
/// set of smallest rings they do not depend on the atoms' numbers.
struct RelevantRings {
    /// Each ring's atoms, going round.
    private(set) var rings: [[Int]] = []
    private let neighbours: [[Int]]
    private let bondNumbers: [[Int: Int]]
    private let ringBondCount: Int

    /// Paths between two atoms, and rings of one length, that are looked at.
    private static let (pathLimit, ringLimit) = (64, 20_000)

    /// Finds the rings.
    ///
    /// - Parameter isRing: a flag a bond, of `RingBonds`.
    init(atomCount: Int, ends: [(Int, Int)], isRing: [Bool]) {
        var lists = [[Int]](repeating: [], count: atomCount)
        var numbers = [[Int: Int]](repeating: [:], count: atomCount)
        var count = 0
        for (bond, pair) in ends.enumerated() where isRing[bond] {
            lists[pair.0].append(pair.1)
            lists[pair.1].append(pair.0)
            numbers[pair.0][pair.1] = count
            numbers[pair.1][pair.0] = count
            count += 1
        }
        (neighbours, bondNumbers, ringBondCount) = (lists, numbers, count)
        guard count > 0 else { return }
        let atoms = lists.indices.filter { !lists[$0].isEmpty }
        let rank = count - atoms.count + Self.partCount(lists, atoms)
        // Nearly all rings are small; large ones are looked for where small ones do not explain all bonds.
        var size = 8
        while true {
            let (found, reached) = relevant(upTo: size, atoms, rank)
            rings = found
            if reached >= rank || size > atoms.count { return }
            size *= 2
        }
    }

    private static func partCount(_ lists: [[Int]], _ atoms: [Int]) -> Int {
        var isSeen = [Bool](repeating: false, count: lists.count)
        var count = 0
        for start in atoms where !isSeen[start] {
            count += 1
            var stack = [start]
            isSeen[start] = true
            while let atom = stack.popLast() {
                for other in lists[atom] where !isSeen[other] {
                    isSeen[other] = true
                    stack.append(other)
                }
            }
        }
        return count
    }

    private func relevant(upTo size: Int, _ atoms: [Int], _ rank: Int) -> ([[Int]], Int) {
        var byLength: [Int: [[Int]]] = [:]
        for root in atoms { candidates(root, upTo: size) { byLength[$0.count, default: []].append($0) } }
        var basis = CycleBasis(width: ringBondCount)
        var result: [[Int]] = []
        for length in byLength.keys.sorted() {
            guard basis.rank < rank else { break }
            let shorter = basis
            for ring in byLength[length] ?? [] {
                let row = bonds(of: ring)
                guard !shorter.spans(row) else { continue }
                result.append(ring)
                basis.insert(row)
            }
        }
        return (result, basis.rank)
    }

    private func bonds(of ring: [Int]) -> [Int] {
        ring.indices.map { bondNumbers[ring[$0]][ring[($0 + 1) % ring.count]] ?? 0 }
    }

    /// The rings made of two shortest paths from `root` over atoms of lesser numbers, joined by a bond or at an atom.
    private func candidates(_ root: Int, upTo size: Int, _ found: ([Int]) -> Void) {
        var distance = [root: 0]
        var parents: [Int: [Int]] = [:]
        var order = [root]
        var next = 0
        while next < order.count {
            let atom = order[next]
            next += 1
            guard let steps = distance[atom], steps < (size + 1) / 2 else { continue }
            for other in neighbours[atom] where other < root {
                if distance[other] == nil {
                    distance[other] = steps + 1
                    order.append(other)
                }
                if distance[other] == steps + 1 { parents[other, default: []].append(atom) }
            }
        }
        var budget = Self.ringLimit
        func join(_ first: Int, _ second: Int, tip: Int?) {
            for left in paths(to: first, parents) {
                for right in paths(to: second, parents) where Set(left).isDisjoint(with: right.dropFirst()) {
                    guard budget > 0 else { return }
                    budget -= 1
                    found(left + (tip.map { [$0] } ?? []) + right.dropFirst().reversed())
                }
            }
        }
        for atom in order.dropFirst() {
            guard let steps = distance[atom] else { continue }
            if 2 * steps + 1 <= size {
                for other in neighbours[atom] where other < atom && distance[other] == steps {
                    join(atom, other, tip: nil)
                }
            }
            let before = parents[atom] ?? []
            guard 2 * steps <= size, before.count > 1 else { continue }
            for (place, one) in before.enumerated() { for two in before[..<place] { join(one, two, tip: atom) } }
        }
    }

    /// Shortest paths from the root to an atom, the root first.
    private func paths(to atom: Int, _ parents: [Int: [Int]]) -> [[Int]] {
        var open = [[atom]]
        var done: [[Int]] = []
        while let path = open.popLast(), done.count < Self.pathLimit {
            guard let before = parents[path[path.count - 1]], !before.isEmpty else {
                done.append(path.reversed())
                continue
            }
            open += before.map { path + [$0] }
        }
        return done
    }
}

/// Rows of bits in echelon form: which sums of rings are there already.
private struct CycleBasis {
    private let words: Int
    private var rows: [Int: [UInt64]] = [:]

    init(width: Int) { words = (width + 63) / 64 }

    var rank: Int { rows.count }

    private func reduced(_ bonds: [Int]) -> (row: [UInt64], lead: Int)? {
        var row = [UInt64](repeating: 0, count: words)
        for bond in bonds { row[bond / 64] ^= 1 << UInt64(bond % 64) }
        for word in row.indices {
            while row[word] != 0 {
                let lead = word * 64 + row[word].trailingZeroBitCount
                guard let other = rows[lead] else { return (row, lead) }
                for place in word..<words { row[place] ^= other[place] }
            }
        }
        return nil
    }

    func spans(_ bonds: [Int]) -> Bool { reduced(bonds) == nil }

    mutating func insert(_ bonds: [Int]) {
        if let (row, lead) = reduced(bonds) { rows[lead] = row }
    }
}
