/// An undirected graph of numbered nodes, as files of graphs hold it.
public struct NodePairs: Sendable, Equatable {
    /// Two nodes that are joined.
    public struct Pair: Sendable, Hashable {
        /// One end, from 0.
        public let first: Int
        /// The other end, from 0.
        public let second: Int

        /// Joins two nodes by their numbers, from 0; the order of the two does not count.
        public init(_ first: Int, _ second: Int) { (self.first, self.second) = (first, second) }
    }

    /// How many nodes there are.
    public let nodeCount: Int
    /// Which of them are joined.
    public let pairs: [Pair]

    /// Makes a graph; ends must be in `0..<nodeCount`.
    public init(nodeCount: Int, pairs: [Pair]) { (self.nodeCount, self.pairs) = (nodeCount, pairs) }
}

/// Graphs as lines of printable characters: graph6 and sparse6, as nauty, networkx and SageMath write them.
///
///     let graphs = try Graph6.read(path: "all7.g6")
///
/// Both kinds may stand in one file, with their headers `>>graph6<<` and `>>sparse6<<` or without. Format: B. D. McKay,
/// "Description of graph6, sparse6 and digraph6 encodings", with nauty.
public enum Graph6 {
    /// The most nodes of a graph.
    public static let largestOrder = EdgeList.largestOrder
    /// The largest order in the form of four bytes; larger ones have eight.
    static let largestShortOrder = 258_047
    /// Nodes of all graphs that a file may have beyond eight a byte, as nodes without edges take no room.
    private static let spareNodes = 10_000_000

    /// Maps and reads a file.
    ///
    /// - Throws: ``FormatError``, as `read(_:file:)`, or of the system.
    public static func read(path: String) throws -> [NodePairs] { try read(MappedFile(path: path).view, file: path) }

    /// Reads a file's bytes, a graph a line; `file` names them in messages.
    ///
    /// - Throws: ``FormatError`` with the line: for a graph that is cut short or too long, for characters that do not belong,
    ///   and for directed graphs, multigraphs and incremental sparse6, which are not read.
    public static func read(_ view: ByteView, file: String) throws -> [NodePairs] {
        var graphs: [NodePairs] = []
        var (number, nodes) = (0, 0)
        try view.withUnsafeBytes { bytes in
            for line in bytes.split(separator: 0x0A, omittingEmptySubsequences: false) {
                number += 1
                var rest = line.last == 0x0D ? line.dropLast() : line
                if rest.starts(with: Array(">>".utf8)) { rest = rest.dropFirst(try header(rest, file, number)) }
                if rest.isEmpty { continue }
                let error = { (reason: String, advice: String) in
                    FormatError(file: file, place: "line \(number)", reason: reason, advice: advice)
                }
                graphs.append(try graph(Array(rest), error))
                nodes += graphs[graphs.count - 1].nodeCount
                guard nodes <= spareNodes + 8 * bytes.count else {
                    throw error("graphs of \(nodes) nodes in all", "almost all of them are in no edge; split the file")
                }
            }
        }
        guard !graphs.isEmpty else { throw FormatError(file: file, reason: "holds no graph") }
        return graphs
    }

    /// Whether bytes begin with a header of graph6 or sparse6, or with a line that is a graph.
    public static func recognises(_ view: ByteView) -> Bool {
        if view.has(Array(">>graph6<<".utf8)) || view.has(Array(">>sparse6<<".utf8)) { return true }
        let line = view.withUnsafeBytes { bytes in Array(bytes.prefix(1 << 20).prefix { $0 != 0x0A && $0 != 0x0D }) }
        guard !line.isEmpty, line.allSatisfy({ (58...126).contains($0) }) else { return false }
        return (try? graph(line) { FormatError(file: "", reason: $0, advice: $1) }) != nil
    }

    private static func header(_ line: Slice<UnsafeRawBufferPointer>, _ file: String, _ number: Int) throws -> Int {
        for known in [">>graph6<<", ">>sparse6<<"] where line.starts(with: Array(known.utf8)) { return known.count }
        let name = String(decoding: line.prefix(40), as: UTF8.self)
        throw FormatError(
            file: file, place: "line \(number)", reason: "the header \(quoted(name)) is not one of graph6 or sparse6",
            advice: name.hasPrefix(">>digraph6<<") ? "directed graphs are not read" : "convert the file to graph6")
    }

    private static func graph(_ line: [UInt8], _ error: (String, String) -> FormatError) throws -> NodePairs {
        switch line[0] {
        case UInt8(ascii: "&"): throw error("a directed graph (digraph6)", "only undirected graphs are read")
        case UInt8(ascii: ";"): throw error("a graph in incremental sparse6", "write it as sparse6 or graph6")
        case UInt8(ascii: ":"):
            var bits = try Bits(Array(line.dropFirst()), error)
            return try bits.sparse(error)
        default:
            var bits = try Bits(line, error)
            return try bits.dense(error)
        }
    }

    /// Writes graphs atomically as graph6, a line each, without a header.
    ///
    /// - Throws: ``FormatError`` for a graph with more nodes than `largestOrder`, with a loop, or with two edges between two
    ///   nodes, and of the system.
    public static func write(_ graphs: [NodePairs], to path: String) throws {
        try write(graphs, to: path, "graph6", "simple graphs", line)
    }

    /// Writes graphs atomically as sparse6, a line each, without a header. Loops are kept.
    ///
    /// - Throws: ``FormatError`` for a graph with more nodes than `largestOrder`, or with two edges between two nodes, and of the
    ///   system.
    public static func writeSparse(_ graphs: [NodePairs], to path: String) throws {
        try write(graphs, to: path, "sparse6", "graphs without double edges", sparseLine)
    }

    private static func write(
        _ graphs: [NodePairs], to path: String, _ format: String, _ kind: String, _ line: (NodePairs) -> [UInt8]?
    ) throws {
        let lines = try graphs.enumerated().map { number, graph in
            guard let line = line(graph) else {
                throw FormatError(
                    file: path, place: "graph \(number)", reason: "cannot be written as \(format)",
                    advice: "\(format) is for \(kind) of at most \(largestOrder) nodes")
            }
            return line
        }
        try AtomicFile.write(to: path) { sink in for line in lines { try sink.write(line + [0x0A]) } }
    }

    /// The characters of an order.
    private static func head(_ order: Int) -> [UInt8] {
        if order <= 62 { return [UInt8(order) + 63] }
        let isShort = order <= largestShortOrder
        let shifts = isShort ? [12, 6, 0] : [30, 24, 18, 12, 6, 0]
        return (isShort ? [126] : [126, 126]) + shifts.map { UInt8(order >> $0 & 63) + 63 }
    }

    /// How many bits a node's number takes in sparse6.
    static func width(_ order: Int) -> Int {
        var width = 0
        while 1 << width < order { width += 1 }
        return width
    }

    /// A graph's line of sparse6; nil for one that has double edges or is too large.
    static func sparseLine(_ graph: NodePairs) -> [UInt8]? {
        let order = graph.nodeCount
        guard (0...largestOrder).contains(order) else { return nil }
        let pairs = graph.pairs.map { (low: min($0.first, $0.second), high: max($0.first, $0.second)) }
            .sorted { ($0.high, $0.low) < ($1.high, $1.low) }
        guard pairs.allSatisfy({ $0.low >= 0 && $0.high < order }),
            zip(pairs, pairs.dropFirst()).allSatisfy({ $0 != $1 })
        else { return nil }
        let width = width(order)
        var (bits, current) = ([Bool](), 0)
        func add(_ step: Bool, _ node: Int) {
            bits.append(step)
            for place in (0..<width).reversed() { bits.append(node >> place & 1 == 1) }
        }
        for pair in pairs {
            if pair.high > current + 1 { add(true, pair.high) }
            add(pair.high == current + 1, pair.low)
            current = pair.high
        }
        // Ones at the end would be a loop of the last node where they fill a number and the node before it is the current one.
        let rest = (6 - bits.count % 6) % 6
        if width < 6, order == 1 << width, rest > width, current < order - 1 { bits.append(false) }
        while bits.count % 6 != 0 { bits.append(true) }
        let groups = stride(from: 0, to: bits.count, by: 6).map { start in
            bits[start..<start + 6].reduce(UInt8(0)) { $0 << 1 | ($1 ? 1 : 0) } + 63
        }
        return [UInt8(ascii: ":")] + head(order) + groups
    }

    /// A graph's line; nil for one that is not simple or too large.
    static func line(_ graph: NodePairs) -> [UInt8]? {
        let order = graph.nodeCount
        guard (0...largestOrder).contains(order) else { return nil }
        var line = head(order)
        let start = line.count
        line += [UInt8](repeating: 63, count: (order * max(order - 1, 0) / 2 + 5) / 6)
        for pair in graph.pairs {
            let (low, high) = (min(pair.first, pair.second), max(pair.first, pair.second))
            guard low >= 0, low < high, high < order else { return nil }
            let bit = high * (high - 1) / 2 + low
            let mask = UInt8(32) >> UInt8(bit % 6)
            guard (line[start + bit / 6] - 63) & mask == 0 else { return nil }
            line[start + bit / 6] += mask
        }
        return line
    }
}

/// Characters 63 to 126 as groups of six bits, after the order that they begin with.
private struct Bits {
    private let groups: [UInt8]
    private let order: Int
    /// The next bit.
    private var place = 0

    init(_ line: [UInt8], _ error: (String, String) -> FormatError) throws {
        guard let bad = line.firstIndex(where: { !(63...126).contains($0) }) else {
            let all = line.map { $0 - 63 }
            guard let first = all.first else { throw error("the order is missing", "the line is cut short") }
            guard first == 63 else {
                (order, groups) = (Int(first), Array(all.dropFirst()))
                return
            }
            // One sign before three groups, or two before six.
            let (signs, end) = all.count > 1 && all[1] == 63 ? (2, 8) : (1, 4)
            guard all.count >= end else { throw error("the order is cut short", "\(end) characters were expected") }
            order = all[signs..<end].reduce(0) { $0 << 6 | Int($1) }
            guard order <= Graph6.largestOrder else {
                throw error("a graph of \(order) nodes", "at most \(Graph6.largestOrder) are read")
            }
            groups = Array(all.dropFirst(end))
            return
        }
        throw error(
            "character \(bad + 1) has the code \(line[bad])", "graph6 and sparse6 are made of the characters 63 to 126")
    }

    private mutating func next() -> Int? {
        guard place < 6 * groups.count else { return nil }
        defer { place += 1 }
        return Int(groups[place / 6] >> UInt8(5 - place % 6) & 1)
    }

    /// The upper triangle of the adjacency matrix, column by column.
    mutating func dense(_ error: (String, String) -> FormatError) throws -> NodePairs {
        let needed = (order * max(order - 1, 0) / 2 + 5) / 6
        guard groups.count == needed else {
            throw error(
                "a graph of \(order) nodes needs \(needed) characters after its order, \(groups.count) are there",
                "the line is damaged")
        }
        var pairs: [NodePairs.Pair] = []
        for column in 1..<max(order, 1) {
            for row in 0..<column where next() == 1 { pairs.append(.init(row, column)) }
        }
        return NodePairs(nodeCount: order, pairs: pairs)
    }

    /// Steps of a walk over the nodes: one bit whether the current node goes up by one, then a number that is either an edge
    /// to a smaller node or the next current node.
    mutating func sparse(_ error: (String, String) -> FormatError) throws -> NodePairs {
        let width = Graph6.width(order)
        var (pairs, current) = ([NodePairs.Pair](), 0)
        while let step = next(), let node = number(width) {
            current += step
            if node > current {
                current = node
            } else if current < order {
                pairs.append(.init(node, current))
            }
            if current >= order { break }
        }
        if let twice = Self.repeated(pairs) {
            throw error("a multigraph: nodes \(twice.first) and \(twice.second) are joined twice", "it is not read")
        }
        return NodePairs(nodeCount: order, pairs: pairs)
    }

    /// A number of so many bits; nil if fewer are left, which is padding.
    private mutating func number(_ width: Int) -> Int? {
        var number = 0
        for _ in 0..<width {
            guard let bit = next() else { return nil }
            number = number << 1 | bit
        }
        return number
    }

    private static func repeated(_ pairs: [NodePairs.Pair]) -> NodePairs.Pair? {
        var seen: Set<NodePairs.Pair> = []
        return pairs.first { !seen.insert($0).inserted }
    }
}
