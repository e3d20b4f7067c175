import Genera

/// Places for the atoms of a molecule of one part: rings first, then chains that zig-zag away from them.
struct PartLayout {
    private let perception: MoleculePerception
    private let neighbours: [[Int]]
    private let systems: [RingSystemLayout]
    /// The ring systems that each atom is in: two for the centre of a spiro compound.
    private let systemsOf: [[Int]]
    private var isSystemPlaced: [Bool]
    private var found: [Point?]

    /// Where the atoms are; a bond is 1 long.
    var places: [Point] { found.map { $0 ?? Point(0, 0) } }

    init(_ molecule: Molecule) {
        let perception = MoleculePerception(molecule)
        self.perception = perception
        let neighbours = molecule.atoms.indices.map { atom in
            perception.incidence[atom].map { molecule.bonds[$0].other(than: atom) }
        }
        self.neighbours = neighbours
        systems = Self.systems(perception.rings).map { rings in
            let own = Set(rings.joined())
            return RingSystemLayout(rings: rings) { atom in neighbours[atom].contains { !own.contains($0) } }
        }
        var systemsOf = [[Int]](repeating: [], count: molecule.atoms.count)
        for (number, system) in systems.enumerated() {
            for atom in system.places.keys { systemsOf[atom].append(number) }
        }
        self.systemsOf = systemsOf
        isSystemPlaced = Array(repeating: false, count: systems.count)
        found = Array(repeating: nil, count: molecule.atoms.count)
        place()
        found = Untangling(perception, places: places).places
    }

    /// Rings that share bonds.
    private static func systems(_ rings: [[Int]]) -> [[[Int]]] {
        var groups: [(rings: [[Int]], bonds: Set<[Int]>)] = []
        for ring in rings {
            let bonds = Set(ring.indices.map { [ring[$0], ring[($0 + 1) % ring.count]].sorted() })
            let touching = groups.indices.filter { !groups[$0].bonds.isDisjoint(with: bonds) }
            var merged = (rings: [ring], bonds: bonds)
            for group in touching {
                merged.rings += groups[group].rings
                merged.bonds.formUnion(groups[group].bonds)
            }
            for group in touching.reversed() { groups.remove(at: group) }
            groups.append(merged)
        }
        return groups.map(\.rings)
    }

    // MARK: Order

    private mutating func place() {
        var queue: [Int]
        if let first = systems.indices.max(by: { systems[$0].places.count < systems[$1].places.count }) {
            for (atom, place) in systems[first].places { found[atom] = place }
            isSystemPlaced[first] = true
            queue = systems[first].places.keys.sorted()
        } else {
            let start = farthest(from: farthest(from: 0))
            found[start] = Point(0, 0)
            queue = [start]
        }
        var next = 0
        while next < queue.count {
            queue += extend(queue[next])
            next += 1
        }
    }

    /// The last atom that a search in breadth reaches.
    private func farthest(from start: Int) -> Int {
        var isSeen = [Bool](repeating: false, count: neighbours.count)
        isSeen[start] = true
        var queue = [start]
        var next = 0
        while next < queue.count {
            for other in neighbours[queue[next]] where !isSeen[other] {
                isSeen[other] = true
                queue.append(other)
            }
            next += 1
        }
        return queue[queue.count - 1]
    }

    /// How many atoms hang on `atom`, away from those that are placed.
    private func weight(_ atom: Int, from: Int) -> Int {
        var seen: Set<Int> = [from, atom]
        var queue = [atom]
        var next = 0
        while next < queue.count, queue.count < 200 {
            for other in neighbours[queue[next]] where found[other] == nil && seen.insert(other).inserted {
                queue.append(other)
            }
            next += 1
        }
        return queue.count
    }

    /// Places what hangs on a placed atom; the atoms that were placed.
    private mutating func extend(_ atom: Int) -> [Int] {
        guard let here = found[atom] else { return [] }
        var fresh: [Int] = []
        for system in systemsOf[atom] where !isSystemPlaced[system] {
            let away = Directions.spread(1, beside: placedAngles(atom, here))[0]
            fresh += attach(system, at: atom, here, facing: away + Double.pi)
        }
        let open = neighbours[atom].filter { found[$0] == nil }
            .map { (atom: $0, weight: weight($0, from: atom)) }.sorted { ($1.weight, $0.atom) < ($0.weight, $1.atom) }
        let directions = directions(from: atom, here, count: open.count)
        for (step, angle) in zip(open, directions) where found[step.atom] == nil {
            let place = here + Point(angle: angle)
            if let system = systemsOf[step.atom].first(where: { !isSystemPlaced[$0] }) {
                fresh += attach(system, at: step.atom, place, facing: angle + Double.pi)
            } else {
                found[step.atom] = place
                fresh.append(step.atom)
            }
        }
        return fresh
    }

    private func placedAngles(_ atom: Int, _ here: Point) -> [Double] {
        neighbours[atom].compactMap { found[$0].map { ($0 - here).angle } }
    }

    /// How close a point is to all that is placed.
    private func crowding(_ place: Point) -> Double {
        found.reduce(0) { sum, other in
            guard let other else { return sum }
            let gap = place - other
            return sum + 1 / max(gap.dot(gap), 0.01)
        }
    }

    /// Directions for new neighbours, that for the heaviest first.
    private func directions(from atom: Int, _ here: Point, count: Int) -> [Double] {
        let placed = placedAngles(atom, here)
        guard count > 0 else { return [] }
        guard let back = placed.first else {
            return count == 1
                ? [-Double.pi / 6] : (0..<count).map { Double.pi * (2 * Double($0) / Double(count) - 1.0 / 6) }
        }
        guard placed.count == 1 else { return Directions.spread(count, beside: placed) }
        switch count {
        case 1 where isLinear(atom): return [back + Double.pi]
        case 1, 2:
            let options = [back + 2 * Double.pi / 3, back - 2 * Double.pi / 3]
            let loads = options.map { crowding(here + Point(angle: $0)) + 0.5 * crowding(here + Point(angle: $0) * 2) }
            return Array((loads[0] <= loads[1] + 1e-6 ? options : options.reversed()).prefix(count))
        case 3: return [back + Double.pi, back + Double.pi / 2, back - Double.pi / 2]
        default: return Directions.spread(count, beside: placed)
        }
    }

    /// Whether an atom's two bonds lie on one line: a triple bond, or two double ones.
    private func isLinear(_ atom: Int) -> Bool {
        let orders = perception.incidence[atom].map { perception.molecule.bonds[$0].order }
        return orders.contains(3) || orders.count { $0 == 2 } == 2
    }

    /// Places a ring system so that `atom` of it is at a place, and the bond from there leads in the direction `facing`.
    private mutating func attach(_ system: Int, at atom: Int, _ place: Point, facing: Double) -> [Int] {
        let local = systems[system].places
        guard let centre = local[atom] else { return [] }
        let inner = neighbours[atom].compactMap { local[$0].map { ($0 - centre).angle } }
        let outer = max(neighbours[atom].count - inner.count, 1)
        // A spiro centre's other ring takes the middle of what is free.
        let isSpiro = found[atom] != nil
        var best: (cost: Double, places: [Int: Point])?
        for slot in Directions.spread(isSpiro ? 1 : outer, beside: inner) {
            for isMirrored in [false, true] {
                let placed = local.mapValues { point -> Point in
                    let offset = (point - centre).turned(-slot)
                    return place + (isMirrored ? Point(offset.x, -offset.y) : offset).turned(facing)
                }
                let cost = placed.filter { $0.key != atom }.reduce(0) { $0 + crowding($1.value) }
                if cost < (best?.cost ?? .infinity) - 1e-6 { best = (cost, placed) }
            }
        }
        isSystemPlaced[system] = true
        let fresh = local.keys.filter { found[$0] == nil }.sorted()
        for (other, point) in best?.places ?? [:] { found[other] = point }
        return fresh
    }
}
