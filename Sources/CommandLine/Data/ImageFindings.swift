import Genera
import Imaging

extension Image: Inspectable {
    static func findings(_ source: any SampleSource<Image>, progress: any ProgressSink) throws -> [SampleFinding] {
        guard let set = source as? PictureSet else { return [SampleFinding("images", source.count)] }
        let census = try PictureCensus(set, progress: progress)
        return [SampleFinding("images", set.count)] + shapes(census) + conversions(census, of: set.count)
            + classes(set.labels) + remarks(set) + advice(census, set)
    }

    /// Sizes and channels: one of each, or how often each comes.
    private static func shapes(_ census: PictureCensus) -> [SampleFinding] {
        let sizes = census.counts { Size(width: $0.width, height: $0.height) }
        let channels = census.counts(\.channels)
        let only = sizes.count == 1 ? sizes[0].key : nil
        let listed = sizes.sorted { ($1.count, $0.key) < ($0.count, $1.key) }.prefix(8)
        let more = sizes.count > listed.count ? " and \(sizes.count - listed.count) more sizes" : ""
        let words = listed.map { "\($0.key) (\($0.count.grouped))" }.joined(separator: ", ") + more
        let details = sizes.map { size, count -> JSONValue in
            ["width": .integer(size.width), "height": .integer(size.height), "count": .integer(count)]
        }
        return [
            SampleFinding(
                "size", only?.description ?? words,
                [
                    "width": only.map { .integer($0.width) } ?? .null,
                    "height": only.map { .integer($0.height) } ?? .null, "sizes": .array(details),
                ]),
            SampleFinding(
                "channels",
                channels.count == 1
                    ? "\(channels[0].key)" : channels.map { "\($0.key) (\($0.count.grouped))" }.joined(separator: ", "),
                ["channels": channels.count == 1 ? .integer(channels[0].key) : .null]),
        ]
    }

    /// What becomes of alpha and of 16 bits when the set is learned from.
    private static func conversions(_ census: PictureCensus, of count: Int) -> [SampleFinding] {
        let (alpha, deep) = (census.withAlpha, census.deep)
        let all = count.grouped
        return [
            SampleFinding(
                "alpha", alpha == 0 ? "none" : "in \(alpha.grouped) of \(all); laid over white when learned from",
                ["withAlpha": .integer(alpha)]),
            SampleFinding(
                "bits", deep == 0 ? "8" : "16 in \(deep.grouped) of \(all); rounded to 8 when learned from",
                ["with16Bits": .integer(deep)]),
        ]
    }

    /// The classes with how many pictures are of each.
    private static func classes(_ labels: PictureLabels?) -> [SampleFinding] {
        guard let labels else { return [SampleFinding("classes", "none", ["classes": 0])] }
        var sizes = Array(repeating: 0, count: labels.width)
        for label in labels.classes { sizes[label] += 1 }
        var found = [
            SampleFinding(
                "classes", "\(labels.width)",
                [
                    "classes": .integer(labels.width),
                    "classNames": labels.names.isEmpty ? .null : .array(labels.names.map { .string($0) }),
                ])
        ]
        let shown = Array(zip(labels.names, sizes).prefix(20))
        found += shown.map { SampleFinding("  \($0)", $1.grouped, [:]) }
        if labels.names.count > shown.count {
            found.append(SampleFinding("  ...", "and \(labels.names.count - shown.count) more", [:]))
        }
        guard let least = sizes.min(), let most = sizes.max() else { return found }
        return found + [
            SampleFinding("in a class", "\(least) to \(most)", ["classSizes": .array(sizes.map { .integer($0) })])
        ]
    }

    private static func remarks(_ set: PictureSet) -> [SampleFinding] {
        set.remarks.map { SampleFinding($0.isWarning ? "warning" : "note", $0.text, [:]) } + [
            SampleFinding(
                hidden: [
                    "remarks": .array(set.remarks.map { .string($0.text) }),
                    "leftOut": .array(set.leftOut.map { .string($0) }),
                ])
        ]
    }

    /// How pictures that do not agree, or are no squares, become a set; nothing for others.
    private static func advice(_ census: PictureCensus, _ set: PictureSet) -> [SampleFinding] {
        let shapes = census.shapes.keys
        let side = shapes.map { min($0.width, $0.height) }.min() ?? 0
        let command = PackAdvice(set.name, side: side).command
        let reason =
            shapes.count > 1
            ? "pictures do not agree" : shapes.contains { $0.width != $0.height } ? "pictures are no squares" : nil
        guard let reason else { return [SampleFinding(hidden: ["advice": .null])] }
        return [SampleFinding("advice", "\(reason): \(command) makes a set of them", ["advice": .string(command)])]
    }

    private struct Size: Hashable, Comparable, CustomStringConvertible {
        let width: Int
        let height: Int
        var description: String { "\(width)x\(height)" }
        static func < (a: Size, b: Size) -> Bool { (a.width, a.height) < (b.width, b.height) }
    }
}
