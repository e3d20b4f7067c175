import Genera

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// How often molecules have how many atoms, hydrogens left out: what the sizes of drawn molecules are drawn from.
public struct MoleculeSizes: Sendable, Equatable {
    /// What it is of, for messages.
    public let name: String
    /// The numbers of atoms there are, ascending.
    public let sizes: [Int]
    /// How often each comes, in any unit.
    public let weights: [Double]

    private init(_ name: String, _ counts: [Int: Double]) {
        self.name = name
        sizes = counts.keys.sorted()
        weights = sizes.map { counts[$0] ?? 0 }
    }

    /// The sizes of some molecules.
    public init(of molecules: [Molecule], name: String = "data") {
        self.init(name, molecules.reduce(into: [:]) { $0[$1.atoms.count, default: 0] += 1 })
    }

    /// A stand-in for QM9 where its molecules are not at hand: the sizes of 10,000 published samples of another model of it.
    public static let qm9StandIn = Self(
        "a stand-in for QM9", [4: 2, 5: 17, 6: 57, 7: 257, 8: 1387, 9: 8280])

    /// A stand-in for ZINC250k where its molecules are not at hand: a normal law of mean 21.1 and standard deviation 4.9, cut to 6...37.
    /// Of published samples of another model only their mean, about 21, and these ends are known.
    public static let zinc250kStandIn = Self(
        "a stand-in for ZINC250k",
        Dictionary(
            uniqueKeysWithValues: (6...37).map { size in
                let offset = (Double(size) - 21.1) / 4.9
                return (size, exp(-offset * offset / 2))
            }))

    /// The stand-in for a set of atoms that has one; nil for others.
    public static func standIn(for atoms: AtomSet) -> MoleculeSizes? {
        atoms == .qm9 ? qm9StandIn : atoms == .zinc250k ? zinc250kStandIn : nil
    }

    /// The mean size.
    public var mean: Double {
        zip(sizes, weights).reduce(0) { $0 + Double($1.0) * $1.1 } / weights.reduce(0, +)
    }

    /// The size at a share of the molecules, the smallest first: drawn evenly in 0..<1 it gives sizes of this law.
    ///
    /// - Precondition: there are sizes.
    public func size(at share: Double) -> Int {
        var left = share * weights.reduce(0, +)
        for (size, weight) in zip(sizes, weights) {
            if left < weight { return size }
            left -= weight
        }
        return sizes[sizes.count - 1]
    }
}
