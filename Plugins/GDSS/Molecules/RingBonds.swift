/// Which bonds lie in rings: those whose loss does not cut a molecule in two.
enum RingBonds {
    /// One flag a bond.
    static func flags(atomCount: Int, ends: [(Int, Int)]) -> [Bool] {
        var incidence = [[Int]](repeating: [], count: atomCount)
        for (bond, pair) in ends.enumerated() {
            incidence[pair.0].append(bond)
            incidence[pair.1].append(bond)
        }
        var isRing = [Bool](repeating: true, count: ends.count)
        // Depth first, without recursion: `low` is the earliest atom that a subtree reaches beside its own bond.
        var (number, low) = ([Int](repeating: -1, count: atomCount), [Int](repeating: 0, count: atomCount))
        var next = 0
        for start in 0..<atomCount where number[start] < 0 {
            var stack: [(atom: Int, bond: Int, place: Int)] = [(start, -1, 0)]
            (number[start], low[start]) = (next, next)
            next += 1
            while let top = stack.last {
                let atom = top.atom
                guard top.place < incidence[atom].count else {
                    stack.removeLast()
                    guard let parent = stack.last?.atom else { continue }
                    low[parent] = min(low[parent], low[atom])
                    if low[atom] > number[parent] { isRing[top.bond] = false }
                    continue
                }
                stack[stack.count - 1].place += 1
                let bond = incidence[atom][top.place]
                guard bond != top.bond else { continue }
                let other = ends[bond].0 == atom ? ends[bond].1 : ends[bond].0
                if number[other] < 0 {
                    (number[other], low[other]) = (next, next)
                    next += 1
                    stack.append((other, bond, 0))
                } else {
                    low[atom] = min(low[atom], number[other])
                }
            }
        }
        return isRing
    }
}
