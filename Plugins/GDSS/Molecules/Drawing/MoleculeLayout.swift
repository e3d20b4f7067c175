import Genera

/// Places for the atoms of a structural formula, the same whatever the atoms' numbers.
///
/// Rings are regular polygons, fused ones share sides, and bridged ones are relaxed to about equal bonds. Chains zig-zag with
/// angles of 120 degrees, straight at triple bonds. What would lie on something else is turned over at bonds that are in no
/// ring. Parts stand side by side, the largest first.
public struct MoleculeLayout: Sendable {
    /// A place for each atom; bonds are about 1 long, and y grows downwards.
    public let places: [Point]

    /// Places the atoms of a molecule.
    public init(_ molecule: Molecule) {
        let (ordered, order) = molecule.canonicallyOrdered
        var places = [Point](repeating: Point(0, 0), count: order.count)
        for (atom, place) in Self.places(ordered) { places[order[atom]] = place }
        self.places = places
    }

    private static func places(_ molecule: Molecule) -> [(Int, Point)] {
        let parts = molecule.parts.map { part -> (atoms: [Int], places: [Point], size: Point) in
            let members = Set(part)
            let points = turned(PartLayout(molecule.keeping(members.contains)).places)
            let (x, y) = (points.map(\.x), points.map(\.y))
            let corner = Point(x.min() ?? 0, y.min() ?? 0)
            return (part, points.map { $0 - corner }, Point(x.max() ?? 0, y.max() ?? 0) - corner)
        }.sorted { ($1.atoms.count, $0.atoms.first ?? 0) < ($0.atoms.count, $1.atoms.first ?? 0) }
        // Parts stand in rows that are together about as wide as high.
        let gap = 1.4
        let area = parts.reduce(0) { $0 + ($1.size.x + gap) * ($1.size.y + gap) }
        let room = max(area.squareRoot() * 1.2, parts.first?.size.x ?? 0)
        var result: [(Int, Point)] = []
        var (left, top, height) = (0.0, 0.0, 0.0)
        for part in parts {
            if left > 0, left + part.size.x > room { (left, top, height) = (0, top + height + gap, 0) }
            result += zip(part.atoms, part.places).map { ($0, $1 + Point(left, top)) }
            left += part.size.x + gap
            height = max(height, part.size.y)
        }
        return result
    }

    /// Turned by a multiple of 30 degrees so that it lies flat; multiples of 60, which leave hexagons upright, are better.
    private static func turned(_ places: [Point]) -> [Point] {
        guard places.count > 2 else { return places.count == 2 ? [Point(0, 0), Point(1, 0)] : places }
        var best = (cost: Double.infinity, places: places)
        for step in 0..<12 {
            let points = places.map { $0.turned(Double(step) * .pi / 6) }
            let (x, y) = (points.map(\.x), points.map(\.y))
            let (width, height) = ((x.max() ?? 0) - (x.min() ?? 0), (y.max() ?? 0) - (y.min() ?? 0))
            let cost =
                height + 0.25 * max(width, height) + (step % 2 == 0 ? 0 : 0.6) + (step == 0 ? 0 : 0.01 * Double(step))
            if cost < best.cost - 1e-6 { best = (cost, points) }
        }
        return best.places
    }
}

extension Molecule {
    /// The molecule with its atoms and bonds in an order of its own and the alternating bonds of aromatic rings where they always are,
    /// and the old number of each atom. Large molecules keep theirs.
    var canonicallyOrdered: (molecule: Molecule, order: [Int]) {
        guard atoms.count <= 300 else { return (self, Array(atoms.indices)) }
        let perception = MoleculePerception(self)
        let ranks = perception.canonicalRanks
        let order = ranks.indices.sorted { ranks[$0] < ranks[$1] }
        let isAromatic = perception.isAromaticBond.contains(true)
        var ordered = (isAromatic ? perception.settled(ranks).molecule : self).renumbered(order)
        ordered.bonds = ordered.bonds
            .map { Bond(min($0.first, $0.second), max($0.first, $0.second), order: $0.order) }
            .sorted { ($0.first, $0.second) < ($1.first, $1.second) }
        return (ordered, order)
    }
}
