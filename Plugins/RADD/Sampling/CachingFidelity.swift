import Foundation
import Genera
import Synchronization

/// A network with caches beside itself without: each look is taken twice, and how far the laws are apart is noted. What is drawn is
/// what the caches give.
package struct CachingFidelity: TokenConditional {
    /// What was found so far.
    package struct Finding: Sendable {
        /// Laws that came from keys and values of before, and the sum of their divergences.
        package var (rows, sum) = (0, 0.0)
        /// The largest.
        package var largest = 0.0
        /// Places that looks saw, and how many of them were worked out anew.
        package var places = (seen: 0, worked: 0)

        /// The mean of KL(exact || with caches) over all laws that came from caches, in nats; 0 for none.
        package var mean: Double { rows > 0 ? sum / Double(rows) : 0 }
    }

    private final class Notes: Sendable {
        let finding = Mutex(Finding())
    }

    private let network: any TokenConditional
    private let notes = Notes()

    /// Beside which network.
    package init(_ network: any TokenConditional) { self.network = network }

    /// What was found.
    package var finding: Finding { notes.finding.withLock { $0 } }

    package var vocabulary: Int { network.vocabulary }
    package var keepsCaches: Bool { network.keepsCaches }

    package func map<Value: Sendable>(
        _ queries: [TokenQuery], _ body: @Sendable (Int, Int, UnsafeBufferPointer<Float>) throws -> Value
    ) throws -> [[Value]] {
        notes.finding.withLock { finding in
            for query in queries where !query.rows.isEmpty {
                finding.places.seen += query.tokens.count
                finding.places.worked += query.active?.count ?? query.tokens.count
            }
        }
        let parts = queries.map { query in
            var exact = query
            (exact.rows, exact.active, exact.cache) = (query.active == nil ? [] : query.rows, nil, nil)
            return exact
        }
        guard parts.contains(where: { !$0.rows.isEmpty }) else { return try network.map(queries, body) }
        let exact = try network.map(parts) { _, _, logits in Array(logits) }
        let found = try network.map(queries) { query, row, logits in
            let law = exact[query]
            let distance = try law.isEmpty ? nil : Self.divergence(law[row], logits)
            return (try body(query, row, logits), distance)
        }
        notes.finding.withLock { finding in
            for distance in found.joined().compactMap(\.1) {
                (finding.rows, finding.sum) = (finding.rows + 1, finding.sum + distance)
                finding.largest = max(finding.largest, distance)
            }
        }
        return found.map { $0.map(\.0) }
    }

    /// KL(p || q) in nats of the laws of the real tokens that two rows of logits of all classes are.
    package static func divergence(_ p: [Float], _ q: UnsafeBufferPointer<Float>) throws -> Double {
        let other = UnsafeBufferPointer(rebasing: q[..<max(q.count - 1, 0)])
        return try p.withUnsafeBufferPointer { p in
            let own = UnsafeBufferPointer(rebasing: p[..<max(p.count - 1, 0)])
            let (a, b) = try (CategoricalDraw.logSum(own), CategoricalDraw.logSum(other))
            let sum = zip(own, other).reduce(0.0) { sum, pair in
                let (x, y) = (Double(pair.0) - a, Double(pair.1) - b)
                return sum + exp(x) * (x - y)
            }
            return max(sum, 0)
        }
    }
}
