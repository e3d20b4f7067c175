import Genera

/// How structural formulas are drawn.
public struct MoleculeStyle: Sendable, Hashable {
    /// Whether carbon has letters everywhere; else only where nothing else would be seen.
    public var showsCarbons = false

    /// Makes a style.
    public init(showsCarbons: Bool = false) { self.showsCarbons = showsCarbons }
}

/// A structural formula on a canvas.
struct MoleculeDrawing {
    private let molecule: Molecule
    private let perception: MoleculePerception
    private let places: [Point]
    private let canvas: Canvas
    /// Points of a bond.
    private let unit: Double
    private let line: Double
    private let labels: [AtomLabel?]

    /// The size of letters, in bonds.
    private static let letter = 0.46
    private static let ink = Color(hex: 0x1E1E1E)
    /// The distance between the lines of a double bond, in bonds.
    private static let distance = 0.17

    /// Lays a molecule out on a canvas.
    init(_ given: Molecule, _ style: MoleculeStyle, on canvas: Canvas) {
        let molecule = given.canonicallyOrdered.molecule
        (self.molecule, self.canvas) = (molecule, canvas)
        let perception = MoleculePerception(molecule)
        self.perception = perception
        let raw = MoleculeLayout(molecule).places
        let labels = molecule.atoms.indices.map { atom -> AtomLabel? in
            guard Self.isLabelled(atom, perception, style) else { return nil }
            let bonds = perception.incidence[atom].map {
                (raw[molecule.bonds[$0].other(than: atom)] - raw[atom]).unit
            }
            return AtomLabel(
                molecule.atoms[atom], hydrogens: perception.hydrogens[atom], bonds: bonds, size: Self.letter
            ) { canvas.textWidth($0, TextStyle(size: 10)) / 10 }
        }
        self.labels = labels
        let boxes = zip(raw, labels).map { place, label in
            label.map { (low: place + $0.box.low, high: place + $0.box.high) } ?? (low: place, high: place)
        }
        let low = Point(boxes.map(\.low.x).min() ?? 0, boxes.map(\.low.y).min() ?? 0)
        let high = Point(boxes.map(\.high.x).max() ?? 0, boxes.map(\.high.y).max() ?? 0)
        let unit = min(
            canvas.width / (high.x - low.x + 0.7), canvas.height / (high.y - low.y + 0.7),
            min(canvas.width, canvas.height) * 0.17, 48)
        places = raw.map { Point(canvas.width / 2, canvas.height / 2) + ($0 - (low + high) * 0.5) * unit }
        self.unit = unit
        line = max(0.052 * unit, 0.45)
    }

    private static func isLabelled(_ atom: Int, _ perception: MoleculePerception, _ style: MoleculeStyle) -> Bool {
        let own = perception.molecule.atoms[atom]
        return own.element != .carbon || style.showsCarbons || own.charge != 0 || own.isotope != nil
            || own.hydrogens != nil || perception.incidence[atom].isEmpty
            || perception.incidence[atom].count { perception.molecule.bonds[$0].order == 2 } > 1
    }

    /// Draws bonds, then letters.
    func draw() {
        for bond in molecule.bonds.indices { draw(bond: bond) }
        for (atom, label) in labels.enumerated() {
            guard let label else { continue }
            let color = Self.color(molecule.atoms[atom].element)
            for piece in label.pieces {
                canvas.text(
                    piece.text, at: places[atom] + piece.place * unit, TextStyle(size: piece.size * unit, color: color),
                    horizontal: .centre, vertical: .middle)
            }
        }
    }

    /// Colours of elements that can be read on white.
    private static func color(_ element: ChemicalElement) -> Color {
        let inks: [ChemicalElement: UInt32] = [
            .nitrogen: 0x2244CC, .oxygen: 0xCC1111, .fluorine: 0x2E8B3A, .chlorine: 0x148A14, .bromine: 0x8C2A1A,
            .iodine: 0x7A14A0, .sulfur: 0xA07A00, .phosphorus: 0xC85A00, .boron: 0xB0485A, .silicon: 0x8A6A3A,
            .selenium: 0xB06A00,
        ]
        return inks[element].map { Color(hex: $0) } ?? ink
    }

    // MARK: Bonds

    private func draw(bond number: Int) {
        let bond = molecule.bonds[number]
        let (from, to) = (places[bond.first], places[bond.second])
        let aside = Point(-(to - from).unit.y, (to - from).unit.x)
        switch bond.order {
        case 2:
            let side = self.side(ofBond: number, aside)
            guard side != 0 else {
                let half = aside * (Self.distance / 2 * unit)
                stroke(bond, offset: half)
                stroke(bond, offset: half * -1)
                return
            }
            stroke(bond, offset: Point(0, 0))
            stroke(bond, offset: aside * (side * Self.distance * unit), isInner: true)
        case 3:
            stroke(bond, offset: Point(0, 0))
            stroke(bond, offset: aside * (Self.distance * unit))
            stroke(bond, offset: aside * (-Self.distance * unit))
        default: stroke(bond, offset: Point(0, 0))
        }
    }

    /// On which side of a double bond its second line lies: 1, -1, or 0 for one on either side.
    private func side(ofBond number: Int, _ aside: Point) -> Double {
        let bond = molecule.bonds[number]
        let middle = (places[bond.first] + places[bond.second]) * 0.5
        if perception.isRingBond[number] {
            let rings = perception.rings.filter { ring in
                guard let place = ring.firstIndex(of: bond.first) else { return false }
                return [ring[(place + 1) % ring.count], ring[(place + ring.count - 1) % ring.count]].contains(
                    bond.second)
            }
            // Of two rings the one with more double bonds, then the one nearest to a hexagon.
            let best = rings.max { one, two in rank(one) < rank(two) }
            if let best { return (Point.centre(best.map { places[$0] }) - middle).dot(aside) >= 0 ? 1 : -1 }
        }
        let ends = [bond.first, bond.second].map { atom in
            perception.incidence[atom].filter { $0 != number }.map { molecule.bonds[$0].other(than: atom) }
        }
        let isEnd = ends.map { $0.isEmpty }
        let isCumulated = [bond.first, bond.second].contains { atom in
            perception.incidence[atom].count { molecule.bonds[$0].order == 2 } > 1
        }
        if isEnd[0] || isEnd[1] || isCumulated { return 0 }
        let load = ends.joined().reduce(0.0) { sum, atom in
            let offset = (places[atom] - middle).dot(aside)
            return sum + (offset > 0.1 * unit ? 1 : offset < -0.1 * unit ? -1 : 0)
        }
        return load >= 0 ? 1 : -1
    }

    private func rank(_ ring: [Int]) -> (Int, Int, Int) {
        let members = Set(ring)
        let doubles = molecule.bonds.count {
            $0.order == 2 && members.contains($0.first) && members.contains($0.second)
        }
        return (ring.allSatisfy { perception.isAromaticAtom[$0] } ? 1 : 0, doubles, -abs(ring.count - 6))
    }

    /// Draws one line of a bond, moved aside, up to the letters at its ends. An inner line is shorter at ends without letters.
    private func stroke(_ bond: Molecule.Bond, offset: Point, isInner: Bool = false) {
        let (from, to) = (places[bond.first], places[bond.second])
        let length = max((to - from).length, 1e-9)
        let direction = (to - from) * (1 / length)
        func cut(_ atom: Int, _ way: Point) -> Double {
            guard let label = labels[atom] else { return isInner ? 0.12 * length : 0 }
            return label.reach(way, offset: offset * (1 / unit), room: 0.07) * unit
        }
        let (first, second) = (cut(bond.first, direction), cut(bond.second, direction * -1))
        guard first + second < 0.95 * length else { return }
        canvas.stroke(
            [from + direction * first + offset, to - direction * second + offset], Self.ink, width: line, isRound: true)
    }
}

extension Molecule: Drawable {
    /// The structural formula alone on a sheet.
    public func drawn() throws -> Image { try drawn(side: 400) }

    /// The structural formula on a white sheet of `side` by `side` points, two pixels each.
    ///
    /// - Throws: `ImagingError` when the sheet has no size.
    public func drawn(side: Int, style: MoleculeStyle = MoleculeStyle()) throws -> Image {
        let canvas = try Canvas(width: Double(side), height: Double(side), scale: 2)
        if atoms.isEmpty {
            let style = TextStyle(size: max(Double(side) / 16, 4), color: Color(grey: 0.6))
            let middle = Point(Double(side) / 2, Double(side) / 2)
            canvas.text("no atoms", at: middle, style, horizontal: .centre, vertical: .middle)
        } else {
            MoleculeDrawing(self, style, on: canvas).draw()
        }
        return try canvas.image()
    }

    /// A grid of structural formulas, the smaller the more there are.
    ///
    /// - Throws: `GeneraError.software` if there are none.
    public static func picture(of samples: [Molecule]) throws -> Image {
        guard !samples.isEmpty else { throw GeneraError.software("There are no molecules to draw.") }
        let side =
            switch samples.count {
            case 1: 400
            case ...4: 260
            case ...16: 190
            case ...100: 140
            case ...400: 90
            default: 60
            }
        return try ImageGrid.arrange(samples.map { try $0.drawn(side: side) }, padding: 2, scale: 1, background: 0.88)
    }
}
