import Genera

/// The elements that a data set's molecules are made of, in the order of their channels.
public struct AtomSet: Equatable, Sendable {
    /// Its name, for messages.
    public let name: String
    /// The elements; channel `f` of a node is element `f`.
    public let elements: [ChemicalElement]

    /// QM9: C, N, O, F.
    public static let qm9 = AtomSet("QM9", [.carbon, .nitrogen, .oxygen, .fluorine])
    /// ZINC250k: C, N, O, F, P, S, Cl, Br, I.
    public static let zinc250k = AtomSet(
        "ZINC250k",
        [
            .carbon, .nitrogen, .oxygen, .fluorine, .phosphorus, .sulfur, .chlorine, .bromine, .iodine,
        ])
    /// The sets that have names.
    public static let named = [qm9, zinc250k]

    private init(_ name: String, _ elements: [ChemicalElement]) { (self.name, self.elements) = (name, elements) }

    /// A set by its name (`QM9`, `ZINC250k`; case does not matter) or its elements' symbols (`C,N,O`).
    ///
    /// - Throws: `GeneraError.usage` for neither, and for an element that comes twice.
    public init(_ text: String) throws {
        if let known = Self.named.first(where: { $0.name.lowercased() == text.lowercased() }) {
            self = known
            return
        }
        let symbols = text.split { $0 == "," || $0 == " " }
        let elements = symbols.compactMap { ChemicalElement($0) }
        guard !elements.isEmpty, elements.count == symbols.count, Set(elements).count == elements.count else {
            throw GeneraError.usage(
                "'\(text)' is no set of atoms: give \(Self.named.map(\.name).joined(separator: ", ")) or different symbols of elements, such as C,N,O."
            )
        }
        if let known = Self.named.first(where: { $0.elements == elements }) {
            self = known
        } else {
            self.init(elements.map(\.symbol).joined(separator: ","), elements)
        }
    }
}
