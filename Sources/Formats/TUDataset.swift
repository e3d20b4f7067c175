/// Graphs of a folder as the collection of TU Dortmund keeps them: one file for each thing, a line for each edge, node or graph.
///
///     let set = try TUDataset(folder: "MUTAG")
///     set.graphs[0].edges[0].type   // what MUTAG_edge_labels.txt says of it
///
/// `NAME_A.txt` lists the edges of all graphs, each in both directions; `NAME_graph_indicator.txt` says for each node which graph it is
/// in; `NAME_node_labels.txt`, `NAME_edge_labels.txt` and `NAME_graph_labels.txt` may be there. Numbers count from 1. Attributes are not
/// read. Format: Morris et al., "TUDataset: a collection of benchmark datasets for learning with graphs" (2020).
public struct TUDataset: Sendable {
    /// One of the graphs.
    public struct Graph: Sendable, Equatable {
        /// Each node's label; empty where there are none.
        public internal(set) var nodeLabels: [Int] = []
        /// How many nodes it has.
        public internal(set) var nodeCount = 0
        /// Its edges, each once; types are what the file of edges' labels says, else 1.
        public internal(set) var edges: [EdgeList.Edge] = []
    }

    /// What the files' names begin with.
    public let name: String
    /// The graphs, in order.
    public let graphs: [Graph]
    /// Each graph's label; nil where there are none.
    public let graphLabels: [Int]?

    /// What the names of a folder's files begin with; nil for another folder.
    public static func name(in folder: String) -> String? {
        guard FileSystem.isFolder(folder) else { return nil }
        let names = FileSystem.names(in: folder)
        let heads = names.filter { $0.hasSuffix("_A.txt") }.map { String($0.dropLast(6)) }
        return heads.first { names.contains("\($0)_graph_indicator.txt") }
    }

    /// Reads a folder.
    ///
    /// - Throws: ``FormatError`` that names the file and the line of what cannot be read or does not fit, and of the system.
    public init(folder: String) throws {
        guard let name = Self.name(in: folder) else {
            throw FormatError(
                file: folder, reason: "has no files NAME_A.txt and NAME_graph_indicator.txt",
                advice: "give the folder that they are in")
        }
        func file(_ what: String) throws -> Column? {
            let path = "\(folder)/\(name)_\(what).txt"
            return FileSystem.exists(path) ? try Column(path, numbers: what == "A" ? 2 : 1) : nil
        }
        guard let ends = try file("A"), let indicator = try file("graph_indicator") else {
            throw FormatError(file: folder, reason: "its files went away while they were read")
        }
        let labels = try file("graph_labels")
        var builder = try TUBuilder(indicator, graphs: labels?.count)
        try builder.take(nodeLabels: file("node_labels"), indicator)
        try builder.take(ends: ends, labels: file("edge_labels"))
        (self.name, graphs, graphLabels) = (name, builder.graphs, labels?.numbers)
    }

    /// The whole numbers of a file, one or two a line.
    struct Column {
        let path: String
        let width: Int
        private(set) var numbers: [Int] = []

        var count: Int { numbers.count / width }

        init(_ path: String, numbers width: Int) throws {
            (self.path, self.width) = (path, width)
            let view = try MappedFile(path: path).view
            try view.withUnsafeBytes { bytes in
                var line = 0
                for words in bytes.split(separator: 0x0A, omittingEmptySubsequences: false) {
                    line += 1
                    try take(words, line, isLast: words.endIndex == bytes.endIndex)
                }
            }
        }

        func error(_ reason: String, line: Int, advice: String = "") -> FormatError {
            FormatError(file: path, place: "line \(line)", reason: reason, advice: advice)
        }

        private mutating func take(_ line: Slice<UnsafeRawBufferPointer>, _ number: Int, isLast: Bool) throws {
            let words = line.split { $0 == UInt8(ascii: ",") || $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }
            if words.isEmpty, isLast { return }
            guard words.count == width else {
                throw error(
                    "\(words.count) numbers where \(width) \(width == 1 ? "is" : "are") expected", line: number)
            }
            for word in words {
                let text = String(decoding: word.prefix(40), as: UTF8.self)
                guard let value = Int(text) else { throw error("\(quoted(text)) is not a whole number", line: number) }
                numbers.append(value)
            }
        }
    }
}

/// Puts nodes, labels and edges into the graphs that they belong to.
private struct TUBuilder {
    var graphs: [TUDataset.Graph]
    /// Each node's graph, and its number there.
    private let homes: [(graph: Int, place: Int)]

    init(_ indicator: TUDataset.Column, graphs wanted: Int?) throws {
        let count = wanted ?? indicator.numbers.max() ?? 0
        // Without labels of graphs, a number so large would make as many graphs without nodes.
        guard wanted != nil || count <= max(indicator.count, 1) else {
            let line = 1 + (indicator.numbers.firstIndex(of: count) ?? 0)
            throw indicator.error("graph \(count) of at most \(indicator.count)", line: line)
        }
        var graphs = [TUDataset.Graph](repeating: .init(), count: max(count, 0))
        homes = try indicator.numbers.enumerated().map { node, number in
            guard (1...max(count, 1)).contains(number), count > 0 else {
                throw indicator.error(
                    "graph \(number), but there are \(count)", line: node + 1, advice: "graphs count from 1")
            }
            defer { graphs[number - 1].nodeCount += 1 }
            return (number - 1, graphs[number - 1].nodeCount)
        }
        guard count > 0 else { throw FormatError(file: indicator.path, reason: "holds no graph") }
        self.graphs = graphs
    }

    mutating func take(nodeLabels labels: TUDataset.Column?, _ indicator: TUDataset.Column) throws {
        guard let labels else { return }
        guard labels.count == homes.count else {
            throw FormatError(
                file: labels.path, reason: "\(labels.count) labels, but there are \(homes.count) nodes",
                advice: "each line of \(FileSystem.name(of: indicator.path)) is a node")
        }
        for (label, home) in zip(labels.numbers, homes) { graphs[home.graph].nodeLabels.append(label) }
    }

    /// The line on which each direction of an edge stands.
    private func lines(of ends: TUDataset.Column) throws -> [NodePairs.Pair: Int] {
        var lines: [NodePairs.Pair: Int] = [:]
        for line in 0..<ends.count {
            let (first, second) = (ends.numbers[2 * line], ends.numbers[2 * line + 1])
            for node in [first, second] where !(1...max(homes.count, 1)).contains(node) || homes.isEmpty {
                throw ends.error(
                    "node \(node), but there are \(homes.count)", line: line + 1, advice: "nodes count from 1")
            }
            guard homes[first - 1].graph == homes[second - 1].graph else {
                throw ends.error(
                    "nodes \(first) and \(second) are of graphs \(homes[first - 1].graph + 1) and \(homes[second - 1].graph + 1)",
                    line: line + 1)
            }
            if let old = lines.updateValue(line, forKey: .init(first, second)), first != second {
                throw ends.error(
                    "a multigraph: nodes \(first) and \(second) are joined on line \(old + 1) too", line: line + 1)
            }
        }
        return lines
    }

    mutating func take(ends: TUDataset.Column, labels: TUDataset.Column?) throws {
        let lines = try lines(of: ends)
        if let labels, labels.count != ends.count {
            throw FormatError(
                file: labels.path,
                reason: "\(labels.count) labels, but \(FileSystem.name(of: ends.path)) has \(ends.count) edges")
        }
        for line in 0..<ends.count {
            let (first, second) = (ends.numbers[2 * line], ends.numbers[2 * line + 1])
            guard let back = lines[.init(second, first)] else {
                throw ends.error(
                    "a directed edge: \(first), \(second) without \(second), \(first)", line: line + 1,
                    advice: "edges stand there in both directions")
            }
            let label = labels?.numbers[line] ?? 1
            if let labels, labels.numbers[back] != label {
                throw labels.error(
                    "the label \(label), but \(labels.numbers[back]) on line \(back + 1) for the other direction",
                    line: line + 1)
            }
            guard first < second || first == second && back == line else { continue }
            let (home, other) = (homes[first - 1], homes[second - 1])
            graphs[home.graph].edges.append(EdgeList.Edge(home.place, other.place, type: label))
        }
    }
}
