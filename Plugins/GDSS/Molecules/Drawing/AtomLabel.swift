import Genera

/// The letters of an atom in a structural formula: its symbol, hydrogens on the free side, charge and isotope.
struct AtomLabel {
    /// A piece of text and the place of its middle, in units of bonds, relative to the atom.
    struct Piece {
        var text: String
        var place: Point
        /// The size of its letters.
        var size: Double
        /// Its width.
        var width: Double

        /// The half of its height that bonds keep clear of.
        var halfHeight: Double { 0.42 * size }
    }

    /// The pieces, the symbol first.
    private(set) var pieces: [Piece]

    /// Sides that hydrogens stand on, the best first.
    private static let sides = [Point(1, 0), Point(-1, 0), Point(0, -1), Point(0, 1)]

    /// Lays out a label.
    ///
    /// - Parameters:
    ///   - bonds: Unit vectors to the neighbours.
    ///   - size: The size of the letters, in units of bonds.
    ///   - width: The width of a text in letters of size 1.
    init(_ atom: Molecule.Atom, hydrogens: Int, bonds: [Point], size: Double, width: (String) -> Double) {
        func piece(_ text: String, _ share: Double) -> Piece {
            Piece(text: text, place: Point(0, 0), size: size * share, width: width(text) * size * share)
        }
        var symbol = piece(atom.element.symbol, 1)
        symbol.place = Point(0, 0)
        pieces = [symbol]
        var right = symbol.width / 2
        var left = -symbol.width / 2
        // Where a charge begins: right of the symbol, and of the count of hydrogens above it.
        var chargeStart = right
        if hydrogens > 0 {
            var letter = piece("H", 1)
            var count = hydrogens > 1 ? piece("\(hydrogens)", 0.68) : nil
            let countWidth = count?.width ?? 0
            // Alone, oxygen's group and the halogens have them on the left, as in H2O.
            let isAcid =
                bonds.isEmpty
                && [.oxygen, .sulfur, .selenium, .fluorine, .chlorine, .bromine, .iodine]
                    .contains(atom.element)
                && atom.charge == 0
            let side = isAcid ? Point(-1, 0) : Self.side(bonds)
            switch (side.x, side.y) {
            case (1, _):
                letter.place = Point(right + letter.width / 2, 0)
                count?.place = Point(right + letter.width + countWidth / 2, 0.3 * size)
                right += letter.width + countWidth
            case (-1, _):
                letter.place = Point(left - countWidth - letter.width / 2, 0)
                count?.place = Point(left - countWidth / 2, 0.3 * size)
                left -= letter.width + countWidth
            default:
                letter.place = Point(0, side.y * 0.92 * size)
                count?.place = Point((letter.width + countWidth) / 2, letter.place.y + 0.3 * size)
                if side.y < 0 { chargeStart = max(chargeStart, letter.width / 2 + countWidth) }
            }
            chargeStart = max(chargeStart, right)
            pieces.append(letter)
            if let count { pieces.append(count) }
        }
        if atom.charge != 0 {
            let value = abs(atom.charge) > 1 ? "\(abs(atom.charge))" : ""
            var charge = piece(value + (atom.charge > 0 ? "+" : "\u{2212}"), 0.72)
            charge.place = Point(chargeStart + charge.width / 2, -0.4 * size)
            pieces.append(charge)
        }
        if let isotope = atom.isotope {
            var number = piece("\(isotope)", 0.68)
            number.place = Point(left - number.width / 2, -0.36 * size)
            pieces.append(number)
        }
    }

    /// The side that bonds leave free: right or left where they do, else above or below.
    private static func side(_ bonds: [Point]) -> Point {
        func load(_ side: Point) -> Double { bonds.map { $0.dot(side) }.max() ?? -1 }
        // Right and left read better; a bond within 50 degrees rules a side out.
        let loads = sides.map(load)
        if let free = [0, 1].filter({ loads[$0] < 0.64 }).min(by: { loads[$0] < loads[$1] - 1e-3 }), loads[free] < 0.3 {
            return sides[free]
        }
        return sides[loads.indices.min { loads[$0] < loads[$1] - 1e-3 } ?? 0]
    }

    /// How far along a line in a direction the letters reach, with some room around them; the line passes the atom at `offset`.
    func reach(_ direction: Point, offset: Point = Point(0, 0), room: Double) -> Double {
        var reach = 0.0
        for (number, piece) in pieces.enumerated() {
            let half = Point(piece.width / 2 + room, piece.halfHeight + room)
            let place = piece.place - offset
            // Where the line leaves the box, if it meets it at all.
            var (enter, leave) = (-Double.infinity, Double.infinity)
            for (step, middle, extent) in [(direction.x, place.x, half.x), (direction.y, place.y, half.y)] {
                if abs(step) < 1e-9 {
                    if abs(middle) > extent { leave = -.infinity }
                    continue
                }
                let cuts = [(middle - extent) / step, (middle + extent) / step]
                (enter, leave) = (max(enter, min(cuts[0], cuts[1])), min(leave, max(cuts[0], cuts[1])))
            }
            if enter <= leave, leave > 0, number == 0 || enter < reach + 0.15 { reach = max(reach, leave) }
        }
        return min(reach, 0.75)
    }

    /// The corners of the box around all pieces, relative to the atom.
    var box: (low: Point, high: Point) {
        var (low, high) = (Point(0, 0), Point(0, 0))
        for piece in pieces {
            let half = Point(piece.width / 2, piece.halfHeight)
            low = Point(min(low.x, piece.place.x - half.x), min(low.y, piece.place.y - half.y))
            high = Point(max(high.x, piece.place.x + half.x), max(high.y, piece.place.y + half.y))
        }
        return (low, high)
    }
}
