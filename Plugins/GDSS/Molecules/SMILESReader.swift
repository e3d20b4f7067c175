import Genera

/// Reads one SMILES string (Weininger, 1988).
///
/// Chirality and the directions of bonds at double ones are read and dropped. Reactions, `*` and bonds of any or of four orders
/// are refused.
struct SMILESReader {
    /// What was read.
    struct Result {
        var molecule: Molecule
        /// How many marks of chirality and direction were dropped.
        var droppedMarks: Int
    }

    /// What is wrong, and at which byte, counted from 0.
    struct Fault: Error {
        var place: Int
        var reason: String
        var advice = ""
    }

    private enum Mark { case none, order(Int) }

    private let bytes: [UInt8]
    private var place = 0
    private var atoms: [Kekulization.Atom] = []
    private var bonds: [Kekulization.Bond] = []
    private var pairs: Set<[Int]> = []
    private var rings: [Int: (atom: Int, order: Int?, place: Int)] = [:]
    private var branches: [(atom: Int, place: Int)] = []
    private var current: Int?
    private var order: Int?
    private var orderPlace = 0
    private var droppedMarks = 0

    private init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Reads a string.
    ///
    /// - Throws: `Fault`.
    static func read(_ text: [UInt8]) throws(Fault) -> Result {
        var reader = SMILESReader(text)
        try reader.scan()
        return try reader.result()
    }

    private mutating func scan() throws(Fault) {
        while place < bytes.count {
            let start = place
            let byte = bytes[place]
            switch byte {
            case UInt8(ascii: "["): try bracket()
            case UInt8(ascii: "("):
                guard let current else { throw Fault(place: start, reason: "a branch before any atom") }
                guard order == nil else { throw Fault(place: start, reason: "a bond before a branch") }
                branches.append((current, start))
                place += 1
            case UInt8(ascii: ")"):
                guard let branch = branches.popLast() else {
                    throw Fault(place: start, reason: "')' without '('")
                }
                guard order == nil else { throw Fault(place: start, reason: "a bond that leads nowhere") }
                current = branch.atom
                place += 1
            case UInt8(ascii: "."):
                guard order == nil else { throw Fault(place: start, reason: "a bond that leads nowhere") }
                current = nil
                place += 1
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "%"): try ring()
            case UInt8(ascii: "*"):
                throw Fault(place: start, reason: "'*', an atom of any kind", advice: "whole molecules are read")
            case UInt8(ascii: ">"):
                throw Fault(place: start, reason: "'>', a reaction", advice: "molecules are read")
            default: if try !bond(byte) { try organic() }
            }
        }
    }

    private mutating func result() throws(Fault) -> Result {
        if let branch = branches.last { throw Fault(place: branch.place, reason: "'(' without ')'") }
        if order != nil { throw Fault(place: orderPlace, reason: "a bond that leads nowhere") }
        if let ring = rings.min(by: { $0.value.place < $1.value.place }) {
            throw Fault(place: ring.value.place, reason: "ring bond \(ring.key) is opened and never closed")
        }
        guard !atoms.isEmpty else { throw Fault(place: 0, reason: "no atom", advice: "a molecule was expected") }
        do throws(Kekulization.Fault) {
            var molecule = Molecule(unchecked: atoms.map(\.atom), try Kekulization.bonds(atoms, bonds))
            molecule.separateCharges()
            molecule.normaliseHydrogens()
            return Result(molecule: molecule.withoutHydrogenAtoms, droppedMarks: droppedMarks)
        } catch {
            throw Fault(place: atoms[error.atom].place, reason: error.reason, advice: error.advice)
        }
    }

    // MARK: Bonds

    /// Takes a bond's symbol, if it is one.
    private mutating func bond(_ byte: UInt8) throws(Fault) -> Bool {
        let value: Int
        switch byte {
        case UInt8(ascii: "-"): value = 1
        case UInt8(ascii: "="): value = 2
        case UInt8(ascii: "#"): value = 3
        case UInt8(ascii: ":"): value = 4
        case UInt8(ascii: "/"), UInt8(ascii: "\\"):
            value = 0
            droppedMarks += 1
            // Some files double the backslash, as in the source of a program.
            if byte == UInt8(ascii: "\\"), place + 1 < bytes.count, bytes[place + 1] == byte { place += 1 }
        case UInt8(ascii: "$"), UInt8(ascii: "~"):
            throw Fault(
                place: place, reason: "the bond '\(Character(Unicode.Scalar(byte)))'",
                advice: "single, double, triple and aromatic bonds are read")
        default: return false
        }
        guard current != nil else { throw Fault(place: place, reason: "a bond before any atom") }
        guard order == nil else { throw Fault(place: place, reason: "two bonds in a row") }
        (order, orderPlace) = (value, place)
        place += 1
        return true
    }

    private mutating func join(_ first: Int, _ second: Int, _ order: Int, at place: Int) throws(Fault) {
        guard first != second else { throw Fault(place: place, reason: "a bond from an atom to itself") }
        guard pairs.insert([min(first, second), max(first, second)]).inserted else {
            throw Fault(place: place, reason: "a second bond between the same two atoms")
        }
        bonds.append(.init(first: first, second: second, order: order))
    }

    private mutating func ring() throws(Fault) {
        let start = place
        guard let current else { throw Fault(place: start, reason: "a ring bond before any atom") }
        let number = try ringNumber()
        let own = order
        order = nil
        guard let open = rings.removeValue(forKey: number) else {
            rings[number] = (current, own, start)
            return
        }
        if let one = open.order, let two = own, one != two, one != 0, two != 0 {
            throw Fault(place: start, reason: "ring bond \(number) has one order where it opens and another here")
        }
        let order = [open.order, own].compactMap { $0 }.max() ?? 0
        try join(open.atom, current, order, at: start)
    }

    private mutating func ringNumber() throws(Fault) -> Int {
        let start = place
        guard bytes[place] == UInt8(ascii: "%") else {
            place += 1
            return Int(bytes[start] - UInt8(ascii: "0"))
        }
        place += 1
        let isLong = place < bytes.count && bytes[place] == UInt8(ascii: "(")
        if isLong { place += 1 }
        let digits = digits(atMost: isLong ? 5 : 2)
        guard let digits, isLong || digits.count == 2 else {
            throw Fault(place: start, reason: "'%' without a number", advice: "two digits were expected, as in %12")
        }
        if isLong {
            guard place < bytes.count, bytes[place] == UInt8(ascii: ")") else {
                throw Fault(place: start, reason: "a ring bond's number of more than five digits, or without ')'")
            }
            place += 1
        }
        return digits.value
    }

    private mutating func digits(atMost limit: Int) -> (value: Int, count: Int)? {
        var (value, count) = (0, 0)
        while count < limit, place < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[place]) {
            value = value * 10 + Int(bytes[place] - UInt8(ascii: "0"))
            count += 1
            place += 1
        }
        return count > 0 ? (value, count) : nil
    }

    // MARK: Atoms

    private mutating func add(_ atom: Molecule.Atom, isAromatic: Bool, at start: Int) throws(Fault) {
        guard atoms.count < Molecule.atomLimit else {
            throw Fault(
                place: start, reason: "a molecule of more than \(Molecule.atomLimit) atoms",
                advice: "smaller ones are read")
        }
        atoms.append(.init(atom: atom, isAromatic: isAromatic, place: start))
        if let current { try join(current, atoms.count - 1, order ?? 0, at: start) }
        (current, order) = (atoms.count - 1, nil)
    }

    private static let aromatic: [String: ChemicalElement] = [
        "b": .boron, "c": .carbon, "n": .nitrogen, "o": .oxygen, "p": .phosphorus, "s": .sulfur, "se": .selenium,
        "as": .arsenic, "te": .tellurium, "si": .silicon,
    ]

    /// An atom without brackets.
    private mutating func organic() throws(Fault) {
        let start = place
        let symbol = Character(Unicode.Scalar(bytes[place]))
        let next = place + 1 < bytes.count ? bytes[place + 1] : 0
        if symbol == "C" && next == UInt8(ascii: "l") || symbol == "B" && next == UInt8(ascii: "r") {
            place += 2
            return try add(.init(symbol == "C" ? .chlorine : .bromine), isAromatic: false, at: start)
        }
        if "BCNOPSFI".contains(symbol), let element = ChemicalElement(String(symbol)) {
            place += 1
            return try add(.init(element), isAromatic: false, at: start)
        }
        if "bcnops".contains(symbol), let element = Self.aromatic[String(symbol)] {
            place += 1
            return try add(.init(element), isAromatic: true, at: start)
        }
        throw Fault(
            place: start, reason: "\(Self.shown(bytes[start])) is no atom",
            advice: "one of B C N O P S F Cl Br I, b c n o p s, or another in brackets was expected")
    }

    private static func shown(_ byte: UInt8) -> String {
        (0x21...0x7E).contains(byte) ? "'\(Character(Unicode.Scalar(byte)))'" : "byte \(byte)"
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard place < bytes.count, bytes[place] == byte else { return false }
        place += 1
        return true
    }

    /// An atom in brackets: isotope, symbol, chirality, hydrogens, charge, class.
    private mutating func bracket() throws(Fault) {
        let start = place
        place += 1
        let isotope = digits(atMost: 3)?.value
        let (element, isAromatic) = try bracketSymbol()
        chirality()
        var hydrogens = 0
        if take(UInt8(ascii: "H")) { hydrogens = digits(atMost: 1)?.value ?? 1 }
        let charge = charge()
        if take(UInt8(ascii: ":")), digits(atMost: 4) == nil {
            throw Fault(place: place, reason: "':' in brackets without a number")
        }
        guard take(UInt8(ascii: "]")) else {
            throw Fault(
                place: min(place, max(bytes.count - 1, 0)),
                reason: place < bytes.count ? "\(Self.shown(bytes[place])) in brackets" : "'[' without ']'",
                advice: "an atom was expected, as in [13CH3-] or [nH+]")
        }
        try add(
            .init(element, charge: charge, isotope: isotope == 0 ? nil : isotope, hydrogens: hydrogens),
            isAromatic: isAromatic, at: start)
    }

    private mutating func bracketSymbol() throws(Fault) -> (ChemicalElement, Bool) {
        let start = place
        let letters = bytes[place...].prefix(2).map { Character(Unicode.Scalar($0)) }
        for length in [2, 1] where letters.count >= length {
            let symbol = String(letters.prefix(length))
            if let element = ChemicalElement(symbol) {
                place += length
                return (element, false)
            }
            if let element = Self.aromatic[symbol] {
                place += length
                return (element, true)
            }
        }
        if letters.first == "*" {
            throw Fault(place: start, reason: "'*', an atom of any kind", advice: "whole molecules are read")
        }
        throw Fault(place: min(start, max(bytes.count - 1, 0)), reason: "no element's symbol in brackets")
    }

    private mutating func chirality() {
        guard take(UInt8(ascii: "@")) else { return }
        droppedMarks += 1
        if take(UInt8(ascii: "@")) { return }
        let kinds = ["TH", "AL", "SP", "TB", "OH"].map { Array($0.utf8) }
        guard kinds.contains(where: { $0.elementsEqual(bytes[place...].prefix(2)) }), place + 2 < bytes.count,
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[place + 2])
        else { return }
        place += 2
        _ = digits(atMost: 2)
    }

    private mutating func charge() -> Int {
        for (sign, value) in [(UInt8(ascii: "+"), 1), (UInt8(ascii: "-"), -1)] where take(sign) {
            if let digits = digits(atMost: 2) { return value * digits.value }
            var charge = value
            while abs(charge) < 15, take(sign) { charge += value }
            return charge
        }
        return 0
    }
}
