/// How documents, one behind the other, are cut into blocks.
package enum Packing: String, CaseIterable, Sendable {
    /// From the first token to the last; one remainder is left out.
    case contiguous
    /// As the reference's data loader: eight shards of documents, each in batches of 1000, and a remainder of each left out.
    case reference

    static let shards = 8
    static let batch = 1000

    /// Where blocks begin.
    ///
    /// - Parameters:
    ///   - start: the first token.
    ///   - ends: the places behind the last token of each document, ascending.
    func starts(length: Int, from start: Int, ends: [Int]) -> [Int] {
        switch self {
        case .contiguous: return Self.starts(length, start..<(ends.last ?? start))
        case .reference:
            var starts: [Int] = []
            var first = 0
            for shard in 0..<Self.shards {
                let last = first + ends.count / Self.shards + (shard < ends.count % Self.shards ? 1 : 0)
                for batch in stride(from: first, to: last, by: Self.batch) {
                    let low = batch == 0 ? start : ends[batch - 1]
                    starts += Self.starts(length, low..<ends[min(batch + Self.batch, last) - 1])
                }
                first = last
            }
            return starts
        }
    }

    private static func starts(_ length: Int, _ range: Range<Int>) -> [Int] {
        (0..<range.count / length).map { range.lowerBound + $0 * length }
    }
}
