/// The known name that is closest to what was typed, or nil when none is close enough to be meant.
///
///     nearestName(to: "sigma_mx", in: ["sigma_min", "sigma_max"])  // "sigma_max"
///
/// Counts insertions, deletions, replacements and swaps of neighbours; case and `-` against `_` do not count. A name
/// is close when it needs at most a third of the letters changed. Of equally close names the first one is given.
/// - Complexity: O(letters of the name times letters of all known names), at most 10000 of them and 100 letters each.
public func nearestName(to name: String, in known: [String]) -> String? {
    let wanted = letters(name)
    var best: (name: String, distance: Int)?
    for candidate in known.prefix(10_000) {
        let other = letters(candidate)
        let limit = max(wanted.count, other.count) / 3
        guard abs(wanted.count - other.count) <= limit else { continue }
        let distance = editDistance(wanted, other)
        if distance <= limit, distance < best?.distance ?? .max { best = (candidate, distance) }
    }
    return best?.name
}

private func letters(_ name: String) -> [Character] {
    name.prefix(100).lowercased().map { $0 == "-" ? "_" : $0 }
}

private func editDistance(_ a: [Character], _ b: [Character]) -> Int {
    var (beforeLast, last) = ([Int](), Array(0...b.count))
    for i in 0..<a.count {
        var row = [i + 1]
        for j in 0..<b.count {
            var cost = min(last[j + 1] + 1, row[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
            if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, beforeLast[j - 1] + 1) }
            row.append(cost)
        }
        (beforeLast, last) = (last, row)
    }
    return last[b.count]
}
