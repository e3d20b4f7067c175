/// Lists of sample indices as people write them: `0-63`, `3,7,10-12`.
public enum IndexList {
    /// The most indices of one list: a few characters name any number of them.
    public static let limit = 1 << 24

    /// The indices of a text, in its order.
    ///
    /// - Throws: `GeneraError.usage` that says what is wrong, or that there are more than ``limit``.
    public static func parse(_ text: String) throws -> [Int] {
        var indices: [Int] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
            switch (ends.count, ends.first ?? nil, ends.last ?? nil) {
            case let (1, first?, _) where first >= 0: indices.append(first)
            case let (2, first?, last?) where first >= 0 && first <= last:
                guard last - first < limit - indices.count else {
                    throw GeneraError.usage("'\(part)' makes more than \(limit) indices; take fewer at a time.")
                }
                indices += first...last
            default: throw GeneraError.usage("'\(part)' in '\(text)' is not an index or a range such as 10-12.")
            }
        }
        return indices
    }

    /// The shortest text of indices.
    public static func text(_ indices: [Int]) -> String {
        var parts: [ClosedRange<Int>] = []
        for index in indices {
            if let last = parts.last, last.upperBound < index, last.upperBound == index - 1 {
                parts[parts.count - 1] = last.lowerBound...index
            } else {
                parts.append(index...index)
            }
        }
        return parts.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }.joined(
            separator: ",")
    }
}
