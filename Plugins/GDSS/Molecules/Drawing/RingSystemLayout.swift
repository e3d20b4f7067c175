import Genera

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Places for the atoms of rings that are fused: regular polygons side by side where that goes, else a relaxed drawing.
struct RingSystemLayout {
    /// The atoms, and where they are; a bond is about 1 long.
    private(set) var places: [Int: Point] = [:]
    private let rings: [[Int]]
    private let bonds: [(Int, Int)]
    private let isLoaded: (Int) -> Bool

    /// Places the atoms of rings of which each shares a bond with another.
    ///
    /// - Parameter isLoaded: whether something outside of the rings hangs on an atom, which is better at their rim.
    init(rings: [[Int]], isLoaded: @escaping (Int) -> Bool) {
        self.isLoaded = isLoaded
        self.rings = rings.sorted { $0.count != $1.count ? $0.count < $1.count : $0.lexicographicallyPrecedes($1) }
        var pairs: Set<[Int]> = []
        for ring in rings { for (one, two) in Self.sides(ring) { pairs.insert([min(one, two), max(one, two)]) } }
        bonds = pairs.sorted { ($0[0], $0[1]) < ($1[0], $1[1]) }.map { ($0[0], $0[1]) }
        if let polygons = polygons() { places = polygons } else { places = relaxed() }
    }

    private static func sides(_ ring: [Int]) -> [(Int, Int)] {
        ring.indices.map { (ring[$0], ring[($0 + 1) % ring.count]) }
    }

    // MARK: Polygons

    /// Regular polygons, each at a side of those before; nil if they do not fit.
    private func polygons() -> [Int: Point]? {
        // The ring with most neighbours comes first, so that what hangs on it is spread around.
        let degrees = rings.map { ring in rings.count { $0 != ring && Set($0).intersection(ring).count == 2 } }
        let hexagons = rings.map { $0.count == 6 ? 1 : 0 }
        guard let first = rings.indices.max(by: { (degrees[$0], hexagons[$0], -$0) < (degrees[$1], hexagons[$1], -$1) })
        else { return nil }
        var places: [Int: Point] = [:]
        let count = Double(rings[first].count)
        let radius = 0.5 / sin(Double.pi / count)
        for (number, atom) in rings[first].enumerated() {
            // Hexagons stand on a corner, other rings on a side.
            let start = rings[first].count == 6 ? -Double.pi / 2 : Double.pi / 2 + Double.pi / count
            places[atom] = Point(angle: start + 2 * Double.pi * Double(number) / count) * radius
        }
        var open = Set(rings.indices)
        open.remove(first)
        while !open.isEmpty {
            let known = open.sorted().map { (ring: $0, count: rings[$0].count { places[$0] != nil }) }
            // Rings of which most is there come first: they only fit in one way.
            guard let next = known.filter({ $0.count >= 2 }).max(by: { ($0.count, -$0.ring) < ($1.count, -$1.ring) })
            else { return nil }
            open.remove(next.ring)
            guard attach(rings[next.ring], to: &places) else { return nil }
        }
        return isTidy(places) ? places : nil
    }

    /// Puts a ring at a side that is there, away from the rest.
    private func attach(_ ring: [Int], to places: inout [Int: Point]) -> Bool {
        let side = Self.sides(ring).indices.first { place in
            places[ring[place]] != nil && places[ring[(place + 1) % ring.count]] != nil
        }
        guard let side, let from = places[ring[side]], let to = places[ring[(side + 1) % ring.count]] else {
            return false
        }
        let inner = 2 * Double.pi / Double(ring.count)
        func corners(_ turn: Double) -> [Point] {
            var (corners, step) = ([from, to], to - from)
            while corners.count < ring.count {
                step = step.turned(turn)
                corners.append(corners[corners.count - 1] + step)
            }
            return corners
        }
        let options = [corners(inner), corners(-inner)].map { corners in
            var (misfit, crowding) = (0.0, 0.0)
            for (number, corner) in corners.enumerated() {
                let atom = ring[(side + number) % ring.count]
                if let old = places[atom] {
                    misfit = max(misfit, (old - corner).length)
                } else {
                    for (_, other) in places { crowding += 1 / max((other - corner).dot(other - corner), 1e-3) }
                }
            }
            return (corners: corners, misfit: misfit, crowding: crowding)
        }
        let best =
            options[0].misfit > 0.1 || (options[1].misfit <= 0.1 && options[1].crowding < options[0].crowding)
            ? options[1] : options[0]
        guard best.misfit <= 0.1 else { return false }
        for (number, corner) in best.corners.enumerated() {
            let atom = ring[(side + number) % ring.count]
            if places[atom] == nil { places[atom] = corner }
        }
        return true
    }

    /// Whether all bonds are about 1 long, none cross, and no two atoms touch.
    private func isTidy(_ places: [Int: Point]) -> Bool {
        guard
            bonds.allSatisfy({ one, two in
                guard let a = places[one], let b = places[two] else { return false }
                return abs((a - b).length - 1) < 0.12
            })
        else { return false }
        let points = places.values.map { $0 }
        for (number, point) in points.enumerated() {
            for other in points[..<number] where (point - other).length < 0.6 { return false }
        }
        return crossings(places) == 0 && !hasAtomInside(places)
    }

    /// Whether an atom lies inside a ring that it is not of.
    private func hasAtomInside(_ places: [Int: Point]) -> Bool {
        rings.contains { ring in
            let corners = ring.compactMap { places[$0] }
            let centre = Point.centre(corners)
            let reach = corners.map { ($0 - centre).length }.max() ?? 0
            let inner = reach * cos(Double.pi / Double(ring.count))
            return places.contains { !ring.contains($0.key) && ($0.value - centre).length < inner + 0.1 }
        }
    }

    private func crossings(_ places: [Int: Point]) -> Int {
        var count = 0
        for (number, (a, b)) in bonds.enumerated() {
            for (c, d) in bonds[..<number] where a != c && a != d && b != c && b != d {
                guard let one = places[a], let two = places[b], let three = places[c], let four = places[d] else {
                    continue
                }
                if Point.cross(one, two, three, four) { count += 1 }
            }
        }
        return count
    }

    // MARK: Relaxed drawings

    /// The best of several drawings: each ring and each rim of some rings in turn is the outline, with the rest inside, then
    /// bonds are brought to one length; and the general drawing of graphs.
    private func relaxed() -> [Int: Point] {
        let atoms = Set(rings.joined()).sorted()
        let number = Dictionary(uniqueKeysWithValues: atoms.enumerated().map { ($1, $0) })
        let plain = GraphLayout(
            nodeCount: atoms.count, edges: bonds.map { (number[$0.0] ?? 0, number[$0.1] ?? 0) })
        let targets = self.targets(number)
        var starts = [(places: plain.places, buried: 0)]
        if atoms.count <= 60 {
            starts += outlines().prefix(40).map { outline in
                (inside(outline, atoms, number), atoms.count { isLoaded($0) && !outline.contains($0) })
            }
        }
        var best: (cost: Double, places: [Point])?
        for start in starts {
            let places = bent(Relaxation(places: start.places, targets: targets).places, number)
            let named = Dictionary(uniqueKeysWithValues: zip(atoms, places))
            var cost = 4 * Double(crossings(named)) + 3 * Double(start.buried)
            for target in targets where target.isBond {
                let off = (places[target.one] - places[target.two]).length - 1
                cost += 8 * off * off
            }
            for (one, place) in places.enumerated() {
                for other in places[..<one] {
                    let gap = (place - other).length
                    if gap < 0.75 { cost += 6 * (0.75 - gap) }
                }
            }
            for (one, two) in bonds {
                let ends = [number[one] ?? 0, number[two] ?? 0]
                for (atom, place) in places.enumerated() where !ends.contains(atom) {
                    let gap = place.distance(toLine: places[ends[0]], places[ends[1]])
                    if gap < 0.4 { cost += 4 * (0.4 - gap) }
                }
            }
            // A wide outline shows more than a deep one.
            cost += 0.02 * places.map { ($0 - Point.centre(places)).length }.reduce(0, +)
            if cost < (best?.cost ?? .infinity) - 1e-9 { best = (cost, places) }
        }
        return Dictionary(uniqueKeysWithValues: zip(atoms, best?.places ?? plain.places))
    }

    /// Moves atoms of two bonds that lie on one line off it, so that they are seen.
    private func bent(_ places: [Point], _ number: [Int: Int]) -> [Point] {
        var neighbours = [[Int]](repeating: [], count: places.count)
        for (a, b) in bonds {
            neighbours[number[a] ?? 0].append(number[b] ?? 0)
            neighbours[number[b] ?? 0].append(number[a] ?? 0)
        }
        var result = places
        for (atom, own) in neighbours.enumerated() where own.count == 2 {
            let (one, two) = (places[own[0]] - places[atom], places[own[1]] - places[atom])
            guard one.unit.dot(two.unit) < -0.95 else { continue }
            let aside = Point(-(one - two).unit.y, (one - two).unit.x) * 0.4
            let options = [places[atom] + aside, places[atom] - aside].map { option in
                (
                    place: option,
                    gap: places.indices.filter { $0 != atom }.map { (places[$0] - option).length }.min() ?? 0
                )
            }
            result[atom] = options[0].gap >= options[1].gap - 1e-6 ? options[0].place : options[1].place
        }
        return result
    }

    /// Distances that are wanted: 1 of bonds, and of atoms with one between them what the smallest of their rings has.
    private func targets(_ number: [Int: Int]) -> [Relaxation.Target] {
        var wanted: [[Int]: Double] = [:]
        for ring in rings {
            let inner = Double.pi * (1 - 2 / Double(ring.count))
            for place in ring.indices {
                let (one, two) = (number[ring[place]] ?? 0, number[ring[(place + 2) % ring.count]] ?? 0)
                let pair = [min(one, two), max(one, two)]
                if one != two, wanted[pair] == nil { wanted[pair] = 2 * sin(inner / 2) }
            }
        }
        var targets: [Relaxation.Target] = []
        for (a, b) in bonds {
            let (one, two) = (number[a] ?? 0, number[b] ?? 0)
            wanted[[min(one, two), max(one, two)]] = nil
            targets.append(.init(one: one, two: two, length: 1, isBond: true))
        }
        targets += wanted.sorted { ($0.key[0], $0.key[1]) < ($1.key[0], $1.key[1]) }
            .map { .init(one: $0.key[0], two: $0.key[1], length: $0.value, isBond: false) }
        return targets
    }

    /// Closed rims of up to three rings, and of four where there are few.
    private func outlines() -> [[Int]] {
        var found: Set<[Int]> = []
        var result: [[Int]] = []
        func rim(_ parts: [[Int]]) {
            var counts: [[Int]: Int] = [:]
            for ring in parts { for (a, b) in Self.sides(ring) { counts[[min(a, b), max(a, b)], default: 0] += 1 } }
            let once = counts.filter { $0.value % 2 == 1 }.map(\.key)
            guard let cycle = Self.cycle(once), found.insert(cycle.sorted()).inserted else { return }
            result.append(cycle)
        }
        for (a, one) in rings.enumerated() {
            rim([one])
            for (b, two) in rings[..<a].enumerated() {
                rim([one, two])
                for (c, three) in rings[..<b].enumerated() {
                    rim([one, two, three])
                    if rings.count <= 8 { for four in rings[..<c] { rim([one, two, three, four]) } }
                }
            }
            if result.count > 200 { break }
        }
        return result.sorted { $0.count > $1.count }
    }

    /// Pairs of atoms as one closed walk; nil if they are none.
    private static func cycle(_ pairs: [[Int]]) -> [Int]? {
        var next: [Int: [Int]] = [:]
        for pair in pairs {
            next[pair[0], default: []].append(pair[1])
            next[pair[1], default: []].append(pair[0])
        }
        guard let start = next.keys.min(), next.values.allSatisfy({ $0.count == 2 }) else { return nil }
        var walk = [start]
        var (before, here) = (start, next[start]?.min() ?? start)
        while here != start {
            walk.append(here)
            guard let step = next[here]?.first(where: { $0 != before }) else { return nil }
            (before, here) = (here, step)
        }
        return walk.count == pairs.count ? walk : nil
    }

    /// The outline as a regular polygon, and each other atom amid its neighbours.
    private func inside(_ outline: [Int], _ atoms: [Int], _ number: [Int: Int]) -> [Point] {
        let radius = 0.5 / sin(Double.pi / Double(outline.count))
        var places = [Point](repeating: Point(0, 0), count: atoms.count)
        var isFixed = [Bool](repeating: false, count: atoms.count)
        for (place, atom) in outline.enumerated() {
            let own = number[atom] ?? 0
            isFixed[own] = true
            places[own] = Point(angle: 2 * Double.pi * Double(place) / Double(outline.count)) * radius
        }
        var neighbours = [[Int]](repeating: [], count: atoms.count)
        for (a, b) in bonds {
            neighbours[number[a] ?? 0].append(number[b] ?? 0)
            neighbours[number[b] ?? 0].append(number[a] ?? 0)
        }
        for (own, place) in places.indices.enumerated() where !isFixed[own] {
            places[own] = Point(angle: Double(place)) * 0.05
        }
        for _ in 0..<60 {
            for own in places.indices where !isFixed[own] {
                places[own] = Point.centre(neighbours[own].map { places[$0] }) * 0.9 + places[own] * 0.1
            }
        }
        return places
    }
}
