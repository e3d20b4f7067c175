/// A chemical element, by its atomic number.
public struct ChemicalElement: Hashable, Sendable, Comparable {
    private let byte: UInt8

    /// The atomic number, 1...118.
    public var number: Int { Int(byte) }

    /// The element of an atomic number; nil if there is none.
    public init?(number: Int) {
        guard (1...Self.symbols.count).contains(number) else { return nil }
        byte = UInt8(number)
    }

    /// The element of a symbol, for example `Cl`; nil if there is none.
    public init?(_ symbol: some StringProtocol) {
        guard let number = Self.numbers[String(symbol)] else { return nil }
        byte = UInt8(number)
    }

    private init(known number: UInt8) { byte = number }

    /// The symbol.
    public var symbol: String { Self.symbols[number - 1] }

    /// By atomic number.
    public static func < (a: Self, b: Self) -> Bool { a.number < b.number }

    /// Hydrogen.
    public static let hydrogen = Self(known: 1)
    /// Boron.
    public static let boron = Self(known: 5)
    /// Carbon.
    public static let carbon = Self(known: 6)
    /// Nitrogen.
    public static let nitrogen = Self(known: 7)
    /// Oxygen.
    public static let oxygen = Self(known: 8)
    /// Fluorine.
    public static let fluorine = Self(known: 9)
    /// Silicon.
    public static let silicon = Self(known: 14)
    /// Phosphorus.
    public static let phosphorus = Self(known: 15)
    /// Sulfur.
    public static let sulfur = Self(known: 16)
    /// Chlorine.
    public static let chlorine = Self(known: 17)
    /// Arsenic.
    public static let arsenic = Self(known: 33)
    /// Selenium.
    public static let selenium = Self(known: 34)
    /// Bromine.
    public static let bromine = Self(known: 35)
    /// Tellurium.
    public static let tellurium = Self(known: 52)
    /// Iodine.
    public static let iodine = Self(known: 53)

    /// The sums of bond orders, hydrogens included, that an atom of a charge has in ordinary compounds, the least first; empty for
    /// an element that is not in the table, whose atoms are neither checked nor given hydrogens.
    ///
    /// | element | neutral |
    /// |---|---|
    /// | H, F, Cl, Br | 1 |
    /// | B | 3 |
    /// | C, Si | 4 |
    /// | N | 3 |
    /// | O | 2 |
    /// | P, As | 3, 5 |
    /// | S, Se, Te | 2, 4, 6 |
    /// | I | 1, 3, 5 |
    ///
    /// A charge of +1 gives nitrogen's group and those right of it one more bond, carbon's group and boron's one less; −1
    /// takes from the former and from carbon's group one, and gives boron one more.
    public func valences(charge: Int = 0) -> [Int] {
        guard let neutral = Self.neutralValences[number], (-8...8).contains(charge) else { return [] }
        let shift =
            switch self {
            case .carbon, .silicon, .hydrogen: -abs(charge)
            case .boron: -charge
            default: charge
            }
        let shifted = neutral.map { $0 + shift }.filter { $0 >= 0 }
        return shifted.isEmpty ? [0] : shifted
    }

    private static let neutralValences: [Int: [Int]] = [
        1: [1], 5: [3], 6: [4], 7: [3], 8: [2], 9: [1], 14: [4], 15: [3, 5], 16: [2, 4, 6], 17: [1], 33: [3, 5],
        34: [2, 4, 6], 35: [1], 52: [2, 4, 6], 53: [1, 3, 5],
    ]

    /// Electrons of the outer shell, of the elements that can be part of aromatic rings; nil for others.
    var outerElectrons: Int? {
        switch self {
        case .boron: 3
        case .carbon, .silicon: 4
        case .nitrogen, .phosphorus, .arsenic: 5
        case .oxygen, .sulfur, .selenium, .tellurium: 6
        default: nil
        }
    }

    private static let symbols = """
        H He Li Be B C N O F Ne Na Mg Al Si P S Cl Ar K Ca Sc Ti V Cr Mn Fe Co Ni Cu Zn Ga Ge As Se Br Kr Rb Sr Y Zr Nb Mo \
        Tc Ru Rh Pd Ag Cd In Sn Sb Te I Xe Cs Ba La Ce Pr Nd Pm Sm Eu Gd Tb Dy Ho Er Tm Yb Lu Hf Ta W Re Os Ir Pt Au Hg Tl \
        Pb Bi Po At Rn Fr Ra Ac Th Pa U Np Pu Am Cm Bk Cf Es Fm Md No Lr Rf Db Sg Bh Hs Mt Ds Rg Cn Nh Fl Mc Lv Ts Og
        """.split(separator: " ").map(String.init)

    private static let numbers = Dictionary(
        uniqueKeysWithValues: symbols.enumerated().map { ($0.element, $0.offset + 1) })
}
