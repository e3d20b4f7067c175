import Genera

/// Turns what the networks make into molecules, and molecules into what they learn from.
///
/// A node has a channel for each element, an edge one number, its bond's order; absent atoms and bonds are zeros.
public struct MoleculeDecoder: Sendable {
    /// The elements of the channels.
    public let atoms: AtomSet

    /// Makes a decoder.
    public init(_ atoms: AtomSet) { self.atoms = atoms }

    /// The order of a bond from a number of the adjacency: 3 from 2.5 on, 2 from 1.5, 1 from 0.5, else 0.
    static func order(_ value: Float) -> Int { value >= 2.5 ? 3 : value >= 1.5 ? 2 : value >= 0.5 ? 1 : 0 }

    /// The channel of a node: the first above one half that no other makes less likely than "no atom", nil for no atom.
    ///
    /// Channels become 0 or 1, "no atom" has what is missing to 1, and the first of the largest is taken.
    static func channel(_ values: ArraySlice<Float>) -> Int? {
        values.firstIndex { $0 > 0.5 }.map { $0 - values.startIndex }
    }

    /// A molecule as it was drawn, too many bonds included.
    ///
    /// - Parameters:
    ///   - nodes: `[n, F]`, row by row.
    ///   - edges: `[n, n]`, row by row; the lower triangle is used.
    /// - Throws: `GeneraError.software` if the sizes do not fit.
    public func raw(nodes: [Float], edges: [Float]) throws -> Molecule {
        let features = atoms.elements.count
        let count = nodes.count / features
        guard nodes.count == count * features, edges.count == count * count else {
            throw GeneraError.software(
                "Molecules of \(atoms.name) need nodes [n, \(features)] and edges [n, n], got \(nodes.count) and \(edges.count) numbers."
            )
        }
        let channels = (0..<count).map { Self.channel(nodes[$0 * features..<($0 + 1) * features]) }
        var place = [Int](repeating: 0, count: count)
        var elements: [ChemicalElement] = []
        for (node, channel) in channels.enumerated() {
            guard let channel else { continue }
            place[node] = elements.count
            elements.append(atoms.elements[channel])
        }
        var bonds: [Molecule.Bond] = []
        for row in 0..<count where channels[row] != nil {
            for column in 0..<row where channels[column] != nil {
                let order = Self.order(edges[row * count + column])
                if order > 0 { bonds.append(.init(place[row], place[column], order: order)) }
            }
        }
        return Molecule.built(atoms: elements, bonds: bonds)
    }

    /// What a molecule as it was drawn becomes as a sample: too many bonds taken away, the largest fragment alone.
    ///
    /// - Throws: as `raw(nodes:edges:)`.
    public func molecule(
        nodes: [Float], edges: [Float], keeping size: Molecule.FragmentSize? = .text
    ) throws -> Molecule {
        let corrected = try raw(nodes: nodes, edges: edges).corrected
        return size.map { corrected.largestFragment(by: $0) } ?? corrected
    }

    /// The molecules of nodes `[N, n, F]` and edges `[N, n, n]`, as `molecule(nodes:edges:)` makes them.
    ///
    /// - Throws: `GeneraError.software` if the shapes do not fit, and the tensors' errors.
    public func molecules(
        nodes: Tensor, edges: Tensor, keeping size: Molecule.FragmentSize? = .text
    ) throws -> [Molecule] {
        let (x, a) = (try nodes.checked().shape, try edges.checked().shape)
        guard x.count == 3, a.count == 3, x[0] == a[0], x[1] == a[1], a[1] == a[2], x[2] == atoms.elements.count else {
            throw GeneraError.software(
                "Molecules of \(atoms.name) need nodes [N, n, \(atoms.elements.count)] and edges [N, n, n], got \(nodes.summary) and \(edges.summary)."
            )
        }
        let (xs, entries) = (try nodes.to(.float32).array(of: Float.self), try edges.to(.float32).array(of: Float.self))
        let (row, square) = (x[1] * x[2], x[1] * x[1])
        return try (0..<x[0]).map { number in
            try molecule(
                nodes: Array(xs[number * row..<(number + 1) * row]),
                edges: Array(entries[number * square..<(number + 1) * square]), keeping: size)
        }
    }

    /// Nodes `[size, F]` and edges `[size, size]` of a molecule, row by row, zeros after its last atom. Charges, isotopes and
    /// counts of hydrogens are not in them.
    ///
    /// - Throws: `GeneraError.badData` that names an element without a channel, or a molecule that is larger than `size`.
    public func encoded(
        _ molecule: Molecule, size: Int, file: String = "data"
    ) throws -> (nodes: [Float], edges: [Float]) {
        let title = molecule.name.isEmpty ? "a molecule" : "the molecule '\(molecule.name)'"
        guard molecule.atoms.count <= size else {
            throw GeneraError.badData(
                file: file, reason: "\(title) has \(molecule.atoms.count) atoms, but the model has room for \(size)",
                advice: "leave it out, or make a model with room for \(molecule.atoms.count)")
        }
        let features = atoms.elements.count
        var nodes = [Float](repeating: 0, count: size * features)
        var edges = [Float](repeating: 0, count: size * size)
        for (place, atom) in molecule.atoms.enumerated() {
            guard let channel = atoms.elements.firstIndex(of: atom.element) else {
                throw GeneraError.badData(
                    file: file,
                    reason: "\(title) has an atom of \(atom.element.symbol), which is none of \(atoms.name)",
                    advice: "leave it out, or name the atoms, such as C,N,O,\(atom.element.symbol)")
            }
            nodes[place * features + channel] = 1
        }
        for bond in molecule.bonds {
            edges[bond.first * size + bond.second] = Float(bond.order)
            edges[bond.second * size + bond.first] = Float(bond.order)
        }
        return (nodes, edges)
    }
}
