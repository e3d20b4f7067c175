import ArgumentParser
import Genera

/// What the samples of a file can be.
enum SampleKind: String, CaseIterable, ExpressibleByArgument {
    // Of the kinds that share an ending the first is meant by a name: a table is one of points unless its header says curves.
    case images, graphs, points, curves, texts

    /// Their type.
    var type: any Inspectable.Type {
        switch self {
        case .images: Image.self
        case .graphs: Graph.self
        case .curves: Curve.self
        case .texts: TextPage.self
        case .points: PointCloud.self
        }
    }

    /// All of them, for messages.
    static var list: String { allCases.map(\.rawValue).joined(separator: ", ") }
}

/// Samples of which more can be told than how many there are.
protocol Inspectable: Drawable {
    /// What is told of them. `progress` hears how far the looking is, where that takes long.
    ///
    /// - Throws: errors of reading them.
    static func findings(_ source: any SampleSource<Self>, progress: any ProgressSink) throws -> [SampleFinding]
}

/// One thing that is known of samples.
struct SampleFinding {
    /// What it is, for people.
    let name: String
    /// What is known, for people.
    let text: String
    /// The same for programs.
    let members: [JSONValue.Member]

    init(_ name: String, _ text: String, _ members: KeyValuePairs<String, JSONValue>) {
        (self.name, self.text) = (name, text)
        self.members = members.map { JSONValue.Member($0.key, $0.value) }
    }

    /// What is for programs alone.
    init(hidden members: KeyValuePairs<String, JSONValue>) { self.init("", "", members) }

    /// A count.
    init(_ name: String, _ count: Int) { self.init(name, count.grouped, [name: .integer(count)]) }

    /// The least and the greatest of some numbers.
    init(_ name: String, _ range: Spread) { self.init(name, range.text, [name: range.json]) }

    /// What is told of the samples of any type.
    ///
    /// - Throws: errors of reading them.
    static func all<Sample: Drawable>(
        of source: any SampleSource<Sample>, progress: any ProgressSink
    ) throws -> [SampleFinding] {
        func findings<One: Inspectable>(_ type: One.Type) throws -> [SampleFinding]? {
            try (source as? any SampleSource<One>).map { try One.findings($0, progress: progress) }
        }
        if let type = Sample.self as? any Inspectable.Type, let found = try findings(type) { return found }
        let classes = source.classes.map { Set($0).count }
        return [SampleFinding("samples", source.count)] + (classes.map { [SampleFinding("classes", $0)] } ?? [])
    }
}

/// The least and the greatest of numbers that come one after another.
struct Spread {
    private var low = Double.infinity
    private var high = -Double.infinity

    mutating func add(_ number: Double) { (low, high) = (min(low, number), max(high, number)) }
    mutating func add(_ count: Int) { add(Double(count)) }

    /// `3`, `3 to 20`, or `none`.
    var text: String {
        guard low <= high else { return "none" }
        return low == high ? Self.text(low) : "\(Self.text(low)) to \(Self.text(high))"
    }

    var json: JSONValue { low <= high ? [Self.json(low), Self.json(high)] : .null }

    private static func isWhole(_ number: Double) -> Bool { number == number.rounded() && abs(number) < 1e15 }

    private static func text(_ number: Double) -> String {
        isWhole(number) ? Int(number).grouped : Text.significant(number, 4)
    }

    private static func json(_ number: Double) -> JSONValue {
        isWhole(number) ? .integer(Int(number)) : number.isFinite ? .number(number) : .null
    }
}

extension SampleSource {
    /// Calls `body` with each sample, some of which are in memory at a time.
    fileprivate func forEach(_ body: (Sample) throws -> Void) throws {
        for start in stride(from: 0, to: count, by: 1000) {
            try samples(Array(start..<min(start + 1000, count))).forEach(body)
        }
    }
}

extension PointCloud: Inspectable {
    static func findings(_ source: any SampleSource<PointCloud>, progress: any ProgressSink) throws -> [SampleFinding] {
        var (total, sizes, columns) = (0, Spread(), [String]())
        var ranges: [Spread] = []
        try source.forEach { cloud in
            total += cloud.count
            sizes.add(cloud.count)
            if ranges.isEmpty { (columns, ranges) = (cloud.columns, cloud.columns.map { _ in Spread() }) }
            for (place, value) in cloud.values.enumerated() { ranges[place % ranges.count].add(value) }
        }
        let shown = zip(columns, ranges).prefix(20).map { SampleFinding("  \($0)", $1.text, [:]) }
        let rest = columns.count - shown.count
        let details = zip(columns, ranges).map { name, range -> JSONValue in
            ["name": .string(name), "range": range.json]
        }
        return [
            SampleFinding("samples", source.count), SampleFinding("points", total),
            SampleFinding("in a sample", sizes.text, ["sizes": sizes.json]),
            SampleFinding("dimensions", "\(columns.count)", ["columns": .array(details)]),
        ] + shown + (rest > 0 ? [SampleFinding("  ...", "and \(rest) more", [:])] : [])
    }
}

extension Graph: Inspectable {
    static func findings(_ source: any SampleSource<Graph>, progress: any ProgressSink) throws -> [SampleFinding] {
        var (nodes, edges) = (Spread(), Spread())
        var (labels, types) = (Set<String>(), Set<Int>())
        try source.forEach { graph in
            nodes.add(graph.nodes.count)
            edges.add(graph.edges.count)
            labels.formUnion(graph.nodes.map { $0.category.map(String.init) ?? $0.label })
            types.formUnion(graph.edges.map(\.type))
        }
        let (kinds, numbers) = (labels.subtracting([""]).sorted(), types.sorted())
        let classes = source.classes.map { [SampleFinding("classes", Set($0).count)] } ?? []
        return [SampleFinding("graphs", source.count)] + classes + [
            SampleFinding("nodes", nodes), SampleFinding("edges", edges),
            SampleFinding(
                "kinds of nodes", brief(kinds), ["nodeKinds": .array(kinds.prefix(1000).map { .string($0) })]),
            SampleFinding(
                "types of edges", brief(numbers.map(String.init)),
                ["edgeTypes": .array(numbers.prefix(1000).map { .integer($0) })]),
        ]
    }

    private static func brief(_ words: [String]) -> String {
        guard !words.isEmpty else { return "none" }
        let shown = words.prefix(12).joined(separator: ", ")
        return words.count > 12 ? "\(shown) and \(words.count - 12) more" : shown
    }
}

extension TextPage: Inspectable {
    static func findings(_ source: any SampleSource<TextPage>, progress: any ProgressSink) throws -> [SampleFinding] {
        var (bytes, lines) = (Spread(), Spread())
        var symbols: Set<Unicode.Scalar> = []
        try source.forEach { page in
            bytes.add(page.text.utf8.count)
            lines.add(page.text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false).count)
            symbols.formUnion(page.text.unicodeScalars)
        }
        return [
            SampleFinding("texts", source.count), SampleFinding("bytes", bytes), SampleFinding("lines", lines),
            SampleFinding("characters", "\(symbols.count.grouped) different", ["characters": .integer(symbols.count)]),
        ]
    }
}

extension Curve: Inspectable {
    static func findings(_ source: any SampleSource<Curve>, progress: any ProgressSink) throws -> [SampleFinding] {
        var (series, points, places, heights) = (Spread(), Spread(), Spread(), Spread())
        try source.forEach { curve in
            series.add(curve.series.count)
            for one in curve.series {
                points.add(one.x.count)
                one.x.forEach { places.add($0) }
                one.y.filter(\.isFinite).forEach { heights.add($0) }
            }
        }
        return [
            SampleFinding("curves", source.count), SampleFinding("series", series), SampleFinding("points", points),
            SampleFinding("x", places), SampleFinding("y", heights),
        ]
    }
}
