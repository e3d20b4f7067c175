import Genera

/// Turns parts of a molecule over or around at bonds that are in no ring, until nothing lies on anything else.
struct Untangling {
    private(set) var places: [Point]
    private let perception: MoleculePerception
    private let ends: [(Int, Int)]
    /// One flag for each two atoms.
    private let isBonded: [Bool]

    /// Larger molecules are left as they are.
    private static let limit = 250

    init(_ perception: MoleculePerception, places: [Point]) {
        (self.perception, self.places) = (perception, places)
        ends = perception.molecule.bonds.map { ($0.first, $0.second) }
        var isBonded = [Bool](repeating: false, count: places.count * places.count)
        for (one, two) in ends {
            isBonded[one * places.count + two] = true
            isBonded[two * places.count + one] = true
        }
        self.isBonded = isBonded
        guard places.count > 3, places.count <= Self.limit else { return }
        untangle()
    }

    private mutating func untangle() {
        let sides = ends.indices.filter { !perception.isRingBond[$0] }.map { side(ofBond: $0) }
        var cost = self.cost(places)
        for round in 0..<5 {
            var isBetter = false
            for (pivot, root, atoms) in sides {
                var options: [[Point]] = []
                if atoms.count > 1 { options.append(flipped(atoms, pivot, root)) }
                if round > 0, cost > 0.3 {
                    for angle in [30.0, -30, 60, -60] {
                        options.append(turned(atoms, around: pivot, angle * .pi / 180))
                    }
                }
                for option in options {
                    let other = self.cost(option)
                    if other < cost - 1e-3 { (cost, places, isBetter) = (other, option, true) }
                }
            }
            if !isBetter && (round > 0 || cost <= 0.3) { break }
        }
    }

    /// The smaller side of a bond: the atom it turns around, its own first atom, and its atoms.
    private func side(ofBond bond: Int) -> (pivot: Int, root: Int, atoms: [Int]) {
        let one = reached(from: ends[bond].0, without: bond)
        guard one.count * 2 > places.count else { return (ends[bond].1, ends[bond].0, one) }
        return (ends[bond].0, ends[bond].1, reached(from: ends[bond].1, without: bond))
    }

    private func reached(from start: Int, without bond: Int) -> [Int] {
        var isSeen = [Bool](repeating: false, count: places.count)
        isSeen[start] = true
        var queue = [start]
        var next = 0
        while next < queue.count {
            for step in perception.incidence[queue[next]] where step != bond {
                let other = ends[step].0 == queue[next] ? ends[step].1 : ends[step].0
                if !isSeen[other] {
                    isSeen[other] = true
                    queue.append(other)
                }
            }
            next += 1
        }
        return queue
    }

    private func flipped(_ atoms: [Int], _ pivot: Int, _ root: Int) -> [Point] {
        var result = places
        for atom in atoms { result[atom] = places[atom].mirrored(places[pivot], places[root]) }
        return result
    }

    private func turned(_ atoms: [Int], around pivot: Int, _ angle: Double) -> [Point] {
        var result = places
        for atom in atoms { result[atom] = places[pivot] + (places[atom] - places[pivot]).turned(angle) }
        return result
    }

    /// How much lies on something else: atoms that touch atoms or bonds, bonds that cross, sharp angles; and a little of how crowded
    /// all is.
    private func cost(_ places: [Point]) -> Double {
        var cost = 0.0
        for one in places.indices {
            for two in 0..<one {
                let offset = places[one] - places[two]
                let square = offset.dot(offset)
                if square < 9 { cost += 0.004 / max(square, 0.05) }
                guard square < 0.9, !isBonded[one * places.count + two] else { continue }
                let gap = 0.95 - square.squareRoot()
                cost += 12 * gap * gap + (square < 0.25 ? 4 : 0)
            }
        }
        for (number, (a, b)) in ends.enumerated() {
            let middle = (places[a] + places[b]) * 0.5
            for (c, d) in ends[..<number] where a != c && a != d && b != c && b != d {
                let offset = (places[c] + places[d]) * 0.5 - middle
                guard offset.dot(offset) < 2 else { continue }
                if Point.cross(places[a], places[b], places[c], places[d]) { cost += 4 }
            }
            for atom in places.indices where atom != a && atom != b {
                let offset = places[atom] - middle
                guard offset.dot(offset) < 1 else { continue }
                let gap = places[atom].distance(toLine: places[a], places[b])
                if gap < 0.4 { cost += 6 * (0.4 - gap) }
            }
        }
        return cost
    }
}
