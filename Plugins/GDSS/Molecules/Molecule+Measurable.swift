import Genera

extension Molecule: Measurable {
    /// What the method's authors measure, but for the Fréchet ChemNet distance, which needs a network that is not here.
    public static let measures: [Measure<Molecule>] = [
        share("validity", "Share of molecules that had no bonds too many when they were drawn, before any correction.")
        {
            _, molecules in molecules.map(\.wasValid)
        },
        uniqueness,
        novelty,
        share("connected", "Share of molecules of one part.") { _, molecules in molecules.map(\.isConnected) },
        nspdk,
    ]

    /// Whether it had no bonds too many when it was drawn.
    public var wasValid: Bool { !isCorrected && isValid }

    /// The share of drawn molecules that are such.
    private static func share(
        _ name: String, _ summary: String,
        _ flags: @escaping @Sendable (Comparison<Molecule>, [Molecule]) -> [Bool]
    ) -> Measure<Molecule> {
        Measure(name, summary, isLowerBetter: false, range: 0...1) { both, parts in
            let flags = flags(both, both.drawn)
            return parts.map { part in
                part.first.isEmpty ? .nan : Double(part.first.count { flags[$0] }) / Double(part.first.count)
            }
        }
    }

    private static let uniqueness = Measure<Molecule>(
        "uniqueness", "Different molecules, as a share of all.", isLowerBetter: false, range: 0...1
    ) { both, parts in
        let texts = both.drawn.map(\.canonicalText)
        return parts.map { part in
            part.first.isEmpty ? .nan : Double(Set(part.first.map { texts[$0] }).count) / Double(part.first.count)
        }
    }

    private static let novelty = Measure<Molecule>(
        "novelty", "Share of the different molecules that are not among all the real ones given.", isLowerBetter: false,
        range: 0...1
    ) { both, parts in
        let (texts, known) = (both.drawn.map(\.canonicalText), Set(both.real.map(\.canonicalText)))
        return parts.map { part in
            let different = Set(part.first.map { texts[$0] })
            return different.isEmpty ? .nan : Double(different.subtracting(known).count) / Double(different.count)
        }
    }

    private static let nspdk = Measure<Molecule>(
        "nspdk", "Squared MMD under the neighbourhood subgraph pairwise distance kernel, as published (biased).",
        range: 0...2
    ) { both, parts in
        let kernel = NSPDK()
        func features(_ molecules: [Molecule]) -> [NSPDK.Features] {
            molecules.map { kernel.features(of: $0.labelledGraph) }
        }
        return NSPDK.discrepancies(features(both.drawn), features(both.real), over: parts)
    }

    /// Nodes labelled by elements, edges by bonds' orders; aromatic ones, one and a half, count as 1.
    package var labelledGraph: NSPDK.LabelledGraph {
        let isAromatic = aromaticBonds
        return NSPDK.LabelledGraph(
            labels: atoms.map(\.element.symbol),
            edges: bonds.enumerated().map { number, bond in
                .init(bond.first, bond.second, label: isAromatic[number] ? 1 : bond.order)
            })
    }
}
