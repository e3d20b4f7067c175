import Platform

/// Weights that do not fit a network: every key that is missing, was not expected, or has another shape.
public struct KeyMismatch: KindedError, Sendable, Equatable {
    /// Bad data.
    public var kind: FailureKind { .data }

    /// A key whose tensor has another shape than the network's.
    public struct Shape: Sendable, Equatable {
        /// The key.
        public let key: String
        /// What the network needs.
        public let expected: [Int]
        /// What the weights hold.
        public let found: [Int]

        /// Notes a key.
        public init(key: String, expected: [Int], found: [Int]) {
            (self.key, self.expected, self.found) = (key, expected, found)
        }
    }

    /// Keys the network needs and the weights lack.
    public let missing: [String]
    /// Keys the weights hold and the network does not know.
    public let unexpected: [String]
    /// Keys of another shape.
    public let misshaped: [Shape]

    /// Lists keys.
    public init(missing: [String], unexpected: [String], misshaped: [Shape]) {
        (self.missing, self.unexpected, self.misshaped) = (missing, unexpected, misshaped)
    }

    /// Up to ten keys of each kind, and how many more there are.
    public var description: String {
        func list(_ title: String, _ items: [String]) -> [String] {
            guard !items.isEmpty else { return [] }
            let more = items.count > 10 ? ", and \(items.count - 10) more" : ""
            return ["\(items.count) \(title): " + items.prefix(10).joined(separator: ", ") + more]
        }
        let shapes = misshaped.map { "\($0.key) is \($0.found), the network needs \($0.expected)" }
        let parts = list("missing", missing) + list("unexpected", unexpected) + list("of another shape", shapes)
        return "The weights do not fit the network. " + parts.joined(separator: "; ") + "."
    }
}

extension KeyMismatch {
    /// Compares the keys of a network with those of a file, for networks that are not built of layers.
    ///
    /// - Parameters:
    ///   - expected: what the network has.
    ///   - found: what the file holds.
    ///   - extras: keys that the file may hold besides.
    /// - Throws: `KeyMismatch` that names every missing, unexpected and mis-shaped key.
    public static func check(
        expected: [(name: String, shape: [Int])], found: [(name: String, shape: [Int])], extras: Set<String> = []
    ) throws {
        let given = Dictionary(found.map { ($0.name, $0.shape) }) { first, _ in first }
        let known = Set(expected.map(\.name)).union(extras)
        let misshaped = expected.compactMap { key -> Shape? in
            guard let shape = given[key.name], shape != key.shape else { return nil }
            return Shape(key: key.name, expected: key.shape, found: shape)
        }
        let missing = expected.map(\.name).filter { given[$0] == nil }
        let unexpected = found.map(\.name).filter { !known.contains($0) }
        guard missing.isEmpty, unexpected.isEmpty, misshaped.isEmpty else {
            throw KeyMismatch(missing: missing, unexpected: unexpected, misshaped: misshaped)
        }
    }
}
