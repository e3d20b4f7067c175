/// Undirected graphs in XML, as networkx, igraph, yEd and Gephi write them.
///
///     let graphs = try GraphML.read(path: "molecules.graphml")
///     graphs[0].nodes[0].label
///
/// Read are nodes and edges with the data that keys named `label` (or `name`), `category` (or a whole `type`) and `color` of nodes, and
/// `weight` and `type` of edges, give them; defaults of keys count. Other data, and elements of other namespaces, are passed over.
/// Directed graphs, multigraphs, hyperedges, ports, nested graphs and data kept elsewhere are refused. Format: Brandes et al., "GraphML
/// progress report", Graph Drawing 2001.
public struct GraphML: Sendable, Equatable {
    /// A node.
    public struct Node: Sendable, Equatable {
        /// What it is called in the file; any text.
        public var id: String
        /// Its label; empty for none.
        public var label: String
        /// Its kind; nil for none.
        public var category: Int?
        /// Its colour as the file writes it, for example `#ff0000`; empty for none.
        public var color: String

        /// Makes a node.
        public init(id: String, label: String = "", category: Int? = nil, color: String = "") {
            (self.id, self.label, self.category, self.color) = (id, label, category, color)
        }
    }

    /// The nodes, whose ids differ.
    public let nodes: [Node]
    /// The edges, by the numbers of nodes; at most one between two nodes.
    public let edges: [EdgeList.Edge]

    /// A graph; ends of edges must be in `nodes.indices`, ids must differ, and no two nodes may be joined twice.
    public init(nodes: [Node], edges: [EdgeList.Edge]) { (self.nodes, self.edges) = (nodes, edges) }

    /// The namespace of its elements.
    static let space = "http://graphml.graphdrawing.org/xmlns"

    /// Maps and reads a file.
    ///
    /// - Throws: ``FormatError`` with the line of what cannot be read, and of the system.
    public static func read(path: String) throws -> [GraphML] { try read(MappedFile(path: path).view, file: path) }

    /// Reads a file's bytes; `file` names them in messages.
    ///
    /// - Throws: ``FormatError`` with the line of what cannot be read.
    public static func read(_ view: ByteView, file: String) throws -> [GraphML] {
        var parser = try GraphMLParser(view, file: file)
        return try parser.graphs()
    }

    /// Whether bytes begin like GraphML.
    public static func recognises(_ view: ByteView) -> Bool {
        guard let head = view.slice(from: 0, count: min(view.count, 1 << 12)) else { return false }
        guard var reader = try? XMLReader(head, file: ""), case let .start(name, _)? = try? reader.next() else {
            return false
        }
        return name.local == "graphml"
    }

    /// Writes graphs atomically into one file.
    ///
    /// - Throws: ``FormatError`` of the system.
    public static func write(_ graphs: [GraphML], to path: String) throws {
        try AtomicFile.write(to: path) { sink in
            try sink.write("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<graphml xmlns=\"\(space)\">\n")
            for (id, owner, name, type) in GraphMLKey.written {
                try sink.write(
                    "  <key id=\"\(id)\" for=\"\(owner)\" attr.name=\"\(name)\" attr.type=\"\(type)\"/>\n")
            }
            for (number, graph) in graphs.enumerated() {
                try sink.write("  <graph id=\"G\(number)\" edgedefault=\"undirected\">\n")
                for node in graph.nodes { try sink.write("    \(node.xml)\n") }
                for edge in graph.edges { try sink.write("    \(graph.xml(edge))\n") }
                try sink.write("  </graph>\n")
            }
            try sink.write("</graphml>\n")
        }
    }

    private func xml(_ edge: EdgeList.Edge) -> String {
        let data =
            (edge.weight == 1 ? "" : GraphMLKey.data("weight", Self.text(edge.weight)))
            + (edge.type == 1 ? "" : GraphMLKey.data("type", "\(edge.type)"))
        let ends = [edge.source, edge.target].map { GraphMLKey.escaped(nodes[$0].id) }
        return "<edge source=\"\(ends[0])\" target=\"\(ends[1])\"\(data.isEmpty ? "/>" : ">\(data)</edge>")"
    }

    /// A number as XML Schema writes it.
    private static func text(_ number: Double) -> String {
        number.isNaN ? "NaN" : number.isInfinite ? (number < 0 ? "-INF" : "INF") : "\(number)"
    }
}

extension GraphML.Node {
    fileprivate var xml: String {
        let data =
            (label.isEmpty ? "" : GraphMLKey.data("label", label))
            + (category.map { GraphMLKey.data("category", "\($0)") } ?? "")
            + (color.isEmpty ? "" : GraphMLKey.data("color", color))
        return "<node id=\"\(GraphMLKey.escaped(id))\"\(data.isEmpty ? "/>" : ">\(data)</node>")"
    }
}

/// A key: the name under which nodes or edges hold data.
struct GraphMLKey {
    /// Whose data it is: node, edge, graph or all.
    let owner: String
    let name: String
    var standard: String?

    /// The keys of files that we write: their ids, whose they are, names and types.
    static let written = [
        ("label", "node", "label", "string"), ("category", "node", "category", "int"),
        ("color", "node", "color", "string"),
        ("weight", "edge", "weight", "double"), ("type", "edge", "type", "int"),
    ]

    static func data(_ key: String, _ text: String) -> String { "<data key=\"\(key)\">\(escaped(text))</data>" }

    /// Text for XML; characters that it cannot hold become U+FFFD.
    static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "\n", "\t", "\r": result += "&#\(scalar.value);"
            case _ where scalar.value < 0x20 || scalar.value == 0xFFFE || scalar.value == 0xFFFF: result += "\u{FFFD}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
