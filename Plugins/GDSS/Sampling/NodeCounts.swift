import Genera

/// How many nodes drawn graphs have.
package enum NodeCounts: Sendable {
    /// As graphs drawn at random from a list have: the places of their nodes among N.
    case like([[Int]], weights: [Int])
    /// Each between two numbers, evenly.
    case between(ClosedRange<Int>)

    /// Counts as a model's training set has them.
    package init(sizes: [[Int]]) {
        self = .like(sizes.map { Array(0..<$0[0]) }, weights: sizes.map { $0[1] })
    }

    /// `12` or `12-20`.
    ///
    /// - Throws: `GeneraError.usage` for other texts and numbers outside 1...limit.
    package init(_ text: String, limit: Int) throws {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
        guard (1...2).contains(parts.count), let low = parts[0], let high = parts[parts.count - 1], low >= 1,
            high >= low
        else {
            throw GeneraError.usage("--nodes takes a number or a range such as 12-20, not '\(text)'.")
        }
        guard high <= limit else {
            throw GeneraError.usage("The model knows graphs of up to \(limit) nodes, not \(high) (--nodes).")
        }
        self = .between(low...high)
    }

    /// The places of each sample's nodes.
    package func places(_ noise: Noise) throws -> [[Int]] {
        let address = DrawAddress.start(draw: 1)
        switch self {
        case let .between(range):
            return try noise.integers(below: range.count, at: address).map { Array(0..<range.lowerBound + $0) }
        case let .like(lists, weights):
            var sums: [Int] = []
            for weight in weights { sums.append((sums.last ?? 0) + weight) }
            return try noise.integers(below: sums.last ?? 0, at: address).map { ticket in
                lists[sums.firstIndex { ticket < $0 } ?? 0]
            }
        }
    }
}
