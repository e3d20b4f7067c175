import Genera

/// A molecule as atoms and bonds, hydrogens counted rather than listed. Salts are one molecule of several parts.
///
///     let ethanol = try Molecule(smiles: "CCO")
///     ethanol.hydrogens(of: 2)   // 1
///     ethanol.canonicalText      // the same for every numbering of the atoms
///
/// Bonds are single, double and triple: rings that are read as aromatic get alternating bonds, and which rings are
/// aromatic is worked out again where it matters.
public struct Molecule: Equatable, Sendable {
    /// An atom.
    public struct Atom: Hashable, Sendable {
        /// The element.
        public var element: ChemicalElement
        private var chargeByte: Int8
        private var isotopeWord: UInt16
        private var hydrogenByte: Int8

        /// The formal charge in elementary charges, -128...127.
        public var charge: Int {
            get { Int(chargeByte) }
            set { chargeByte = Int8(clamping: newValue) }
        }
        /// The mass number; nil for the natural mixture.
        public var isotope: Int? {
            get { isotopeWord == 0 ? nil : Int(isotopeWord) }
            set { isotopeWord = UInt16(clamping: newValue ?? 0) }
        }
        /// How many hydrogens are on it; nil for as many as its valence asks for.
        public var hydrogens: Int? {
            get { hydrogenByte < 0 ? nil : Int(hydrogenByte) }
            set { hydrogenByte = newValue.map { Int8(clamping: max($0, 0)) } ?? -1 }
        }

        /// Makes an atom.
        public init(_ element: ChemicalElement, charge: Int = 0, isotope: Int? = nil, hydrogens: Int? = nil) {
            self.element = element
            (chargeByte, isotopeWord, hydrogenByte) = (0, 0, -1)
            (self.charge, self.isotope, self.hydrogens) = (charge, isotope, hydrogens)
        }
    }

    /// A bond.
    public struct Bond: Hashable, Sendable {
        private var firstWord: UInt16
        private var secondWord: UInt16
        private var orderByte: UInt8

        /// The number of the atom at one end, from 0.
        public var first: Int {
            get { Int(firstWord) }
            set { firstWord = UInt16(clamping: newValue) }
        }
        /// The number of the atom at the other end, from 0.
        public var second: Int {
            get { Int(secondWord) }
            set { secondWord = UInt16(clamping: newValue) }
        }
        /// 1 for a single bond, 2 for a double and 3 for a triple one.
        public var order: Int {
            get { Int(orderByte) }
            set { orderByte = UInt8(clamping: newValue) }
        }

        /// Makes a bond.
        public init(_ first: Int, _ second: Int, order: Int = 1) {
            (firstWord, secondWord) = (UInt16(clamping: first), UInt16(clamping: second))
            orderByte = UInt8(clamping: order)
        }

        /// The end that is not `atom`.
        func other(than atom: Int) -> Int { first == atom ? second : first }
    }

    /// The atoms.
    public internal(set) var atoms: [Atom]
    /// The bonds, at most one between two atoms.
    public internal(set) var bonds: [Bond]
    /// Its title in a file; empty for none.
    public var name: String
    /// Whether it had too many bonds when it was drawn, so that some were taken away.
    public internal(set) var isCorrected: Bool

    /// The most atoms of a molecule that files may hold.
    public static let atomLimit = 2000

    /// Makes a molecule.
    ///
    /// - Throws: `GeneraError.software` for more than 65,535 atoms, a bond to an atom that is not there or to itself, a second one between two atoms,
    ///   and one that is not single, double or triple.
    public init(atoms: [Atom], bonds: [Bond], name: String = "", isCorrected: Bool = false) throws {
        guard atoms.count <= Int(UInt16.max) else {
            throw GeneraError.software("A molecule of \(atoms.count) atoms; at most 65535 are kept.")
        }
        var pairs: Set<[Int]> = []
        for bond in bonds {
            guard atoms.indices.contains(bond.first), atoms.indices.contains(bond.second), bond.first != bond.second
            else {
                throw GeneraError.software(
                    "A bond joins atoms \(bond.first) and \(bond.second) of a molecule of \(atoms.count) atoms.")
            }
            guard (1...3).contains(bond.order) else {
                throw GeneraError.software("A bond has the order \(bond.order); 1, 2 or 3 was expected.")
            }
            guard pairs.insert([min(bond.first, bond.second), max(bond.first, bond.second)]).inserted else {
                throw GeneraError.software("Two bonds join atoms \(bond.first) and \(bond.second).")
            }
        }
        self.init(unchecked: atoms, bonds, name: name, isCorrected: isCorrected)
    }

    init(unchecked atoms: [Atom], _ bonds: [Bond], name: String = "", isCorrected: Bool = false) {
        (self.atoms, self.bonds, self.name, self.isCorrected) = (atoms, bonds, name, isCorrected)
    }

    /// The numbers of each atom's bonds, in the bonds' order.
    var incidence: [[Int]] {
        var lists = [[Int]](repeating: [], count: atoms.count)
        for (number, bond) in bonds.enumerated() {
            lists[bond.first].append(number)
            lists[bond.second].append(number)
        }
        return lists
    }

    /// The same molecule with other numbers: atom `i` is the old atom `order[i]`.
    ///
    /// - Precondition: `order` holds each atom once.
    package func renumbered(_ order: [Int]) -> Molecule {
        var place = [Int](repeating: 0, count: atoms.count)
        for (new, old) in order.enumerated() { place[old] = new }
        return Molecule(
            unchecked: order.map { atoms[$0] },
            bonds.map { Bond(place[$0.first], place[$0.second], order: $0.order) }, name: name,
            isCorrected: isCorrected)
    }
}
