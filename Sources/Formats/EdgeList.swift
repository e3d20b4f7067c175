/// Graphs as lists of edges: a line `source target`, with weight and type after it where they are not 1.
///
///     # graph 0: 4 nodes
///     0 1
///     0 2 0.5
///     # graph 1: 2 nodes
///     0 1
///
/// A file without such `# graph` lines, as other programs write it, is one graph; its nodes are what the lines name, in
/// ascending order if all are whole numbers and in the order in which they come otherwise. Numbers may be separated by
/// spaces, tabs or commas; other lines that begin with `#` or `%`, and empty ones, say nothing. An edge that is listed twice,
/// as from either end, counts once, as it is listed last.
public struct EdgeList: Sendable, Equatable {
    /// An edge between two nodes, with a weight and a type.
    public struct Edge: Sendable, Equatable {
        /// One end, from 0.
        public var source: Int
        /// The other end, from 0.
        public var target: Int
        /// How strong it is; 1 where the file says nothing.
        public var weight: Double
        /// The number of its type, such as a bond order; 1 where the file says nothing.
        public var type: Int

        /// Makes an edge.
        public init(_ source: Int, _ target: Int, weight: Double = 1, type: Int = 1) {
            (self.source, self.target, self.weight, self.type) = (source, target, weight, type)
        }
    }

    /// How many nodes there are.
    public let nodeCount: Int
    /// What they are called; empty where they have numbers.
    public let names: [String]
    /// The edges, each once.
    public let edges: [Edge]

    /// A graph of `nodeCount` nodes; the ends of edges must be in `0..<nodeCount`, and names one a node or none.
    public init(nodeCount: Int, names: [String] = [], edges: [Edge]) {
        (self.nodeCount, self.names, self.edges) = (nodeCount, names, edges)
    }

    /// The most nodes that a graph may say it has.
    public static let largestOrder = 1_000_000

    /// Maps and reads a file.
    ///
    /// - Throws: ``FormatError`` with the line of what cannot be read, and of the system.
    public static func read(path: String) throws -> [EdgeList] { try read(MappedFile(path: path).view, file: path) }

    /// Reads a file's bytes; `file` names them in messages.
    ///
    /// - Throws: ``FormatError`` with the line of what cannot be read.
    public static func read(_ view: ByteView, file: String) throws -> [EdgeList] {
        guard let text = view.text() else { throw FormatError(file: file, reason: "the text is not UTF-8") }
        var parser = EdgeListParser(file: file)
        var number = 0
        for line in text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false) {
            number += 1
            try parser.take(Substring(line), number)
        }
        return try parser.finish()
    }

    /// Writes graphs atomically, each after a line `# graph I: N nodes`.
    ///
    /// - Throws: ``FormatError`` of the system.
    public static func write(_ graphs: [EdgeList], to path: String) throws {
        let all = graphs.lazy.flatMap(\.edges)
        let hasTypes = all.contains { $0.type != 1 }
        let hasWeights = hasTypes || all.contains { $0.weight != 1 }
        try AtomicFile.write(to: path) { sink in
            for (number, graph) in graphs.enumerated() {
                try sink.write("# graph \(number): \(graph.nodeCount) nodes\n")
                for edge in graph.edges {
                    let weight = hasWeights ? " \(edge.weight)" : ""
                    try sink.write("\(edge.source) \(edge.target)\(weight)\(hasTypes ? " \(edge.type)" : "")\n")
                }
            }
        }
    }
}

/// Gathers graphs line by line.
private struct EdgeListParser {
    private struct Line {
        var ends: [Substring]
        var weight = 1.0
        var type = 1
        var number: Int
    }

    let file: String
    private var graphs: [EdgeList] = []
    /// The nodes that the graph at hand says it has; nil in a file that does not say.
    private var order: Int?
    private var lines: [Line] = []

    init(file: String) { self.file = file }

    private func error(_ reason: String, _ line: Int, advice: String = "") -> FormatError {
        FormatError(file: file, place: "line \(line)", reason: reason, advice: advice)
    }

    mutating func take(_ line: Substring, _ number: Int) throws {
        let words = line.split { $0 == " " || $0 == "\t" || $0 == "," || $0 == "\r" }
        guard let first = words.first else { return }
        if first.first == "#" || first.first == "%" {
            if let next = try Self.announced(words, { try self.check($0, number) }) {
                if order != nil || !lines.isEmpty { graphs.append(try graph()) }
                (order, lines) = (next, [])
            }
            return
        }
        guard (2...4).contains(words.count) || words.dropFirst(2).first == "{}" else {
            throw error(
                "\(words.count) words; an edge is a source, a target, and where there are any a weight and a type",
                number)
        }
        var edge = Line(ends: Array(words.prefix(2)), number: number)
        if words.count > 2, words[2] != "{}" {
            guard let weight = Double(words[2]) else {
                throw error(
                    "the weight \(quoted(words[2])) is not a number", number, advice: "leave it out, or write a number")
            }
            edge.weight = weight
        }
        if words.count > 3 {
            guard let type = Int(words[3]) else {
                throw error("the type \(quoted(words[3])) is not a whole number", number)
            }
            edge.type = type
        }
        lines.append(edge)
    }

    /// The order in `# graph I: N nodes`; nil for another comment.
    private static func announced(_ words: [Substring], _ check: (Int) throws -> Void) throws -> Int? {
        guard words.count == 5, words[0] == "#", words[1] == "graph", words[4] == "nodes", words[2].hasSuffix(":"),
            let order = Int(words[3])
        else { return nil }
        try check(order)
        return order
    }

    private func check(_ order: Int, _ line: Int) throws {
        guard (0...EdgeList.largestOrder).contains(order) else {
            throw error("a graph of \(order) nodes; at most \(EdgeList.largestOrder) are read", line)
        }
    }

    mutating func finish() throws -> [EdgeList] {
        guard order != nil || !lines.isEmpty else { throw FormatError(file: file, reason: "holds no graph") }
        return try graphs + [graph()]
    }

    /// The graph of the lines so far.
    private func graph() throws -> EdgeList {
        let (count, names, place) = try nodes()
        var edges: [EdgeList.Edge] = []
        var known: [NodePairs.Pair: Int] = [:]
        for line in lines {
            let ends = try line.ends.map { try place($0, line.number) }
            let edge = EdgeList.Edge(ends[0], ends[1], weight: line.weight, type: line.type)
            let pair = NodePairs.Pair(min(ends[0], ends[1]), max(ends[0], ends[1]))
            if let old = known[pair] {
                edges[old] = edge
            } else {
                known[pair] = edges.count
                edges.append(edge)
            }
        }
        return EdgeList(nodeCount: count, names: names, edges: edges)
    }

    /// How many nodes there are, what they are called, and which of them a word means.
    private func nodes() throws -> (count: Int, names: [String], place: (Substring, Int) throws -> Int) {
        if let order {
            return (
                order, [],
                { word, line in
                    guard let node = Int(word), (0..<order).contains(node) else {
                        throw self.error("\(quoted(word)) is no node of a graph of \(order), numbered from 0", line)
                    }
                    return node
                }
            )
        }
        var places: [Substring: Int] = [:]
        var names: [Substring] = []
        for word in lines.flatMap(\.ends) where places.updateValue(0, forKey: word) == nil { names.append(word) }
        let numbers = names.compactMap { Int($0) }
        let areNumbered = numbers.count == names.count
        if areNumbered { names = zip(numbers, names).sorted { $0.0 < $1.0 }.map(\.1) }
        for (place, name) in names.enumerated() { places[name] = place }
        let found = places
        return (names.count, areNumbered ? [] : names.map(String.init), { word, _ in found[word] ?? 0 })
    }
}
