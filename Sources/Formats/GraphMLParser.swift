/// Reads the elements of GraphML.
struct GraphMLParser {
    private var reader: XMLReader
    private var keys: [String: GraphMLKey] = [:]

    init(_ view: ByteView, file: String) throws {
        guard [.xml, .text, .other].contains(FileKind(view)) else {
            throw FormatError(view, isNot: "GraphML", file: file, reason: "is no GraphML")
        }
        reader = try XMLReader(view, file: file)
    }

    /// The graphs of the document.
    ///
    /// - Throws: ``FormatError`` with the line.
    mutating func graphs() throws -> [GraphML] {
        guard case let .start(root, _) = try reader.next(), root.local == "graphml" else {
            throw reader.error("the root element is not 'graphml'", advice: "GraphML was expected")
        }
        var graphs: [GraphML] = []
        while let (name, attributes) = try child() {
            switch name {
            case "key": try takeKey(attributes)
            case "graph": graphs.append(try graph(attributes))
            default: try reader.skip()
            }
        }
        guard case .finished = try reader.next() else { throw reader.error("something follows the graphs") }
        guard !graphs.isEmpty else { throw reader.error("the file holds no graph") }
        return graphs
    }

    /// The next element of GraphML inside the one at hand; nil at its end. Others are passed over.
    private mutating func child() throws -> (name: String, attributes: [String: String])? {
        while true {
            switch try reader.next() {
            case let .start(name, attributes):
                if name.space.isEmpty || name.space.hasPrefix(GraphML.space) { return (name.local, attributes) }
                try reader.skip()
            case let .text(text):
                guard text.allSatisfy(\.isWhitespace) else { throw reader.error("text where elements belong") }
            case .end, .finished: return nil
            }
        }
    }

    private mutating func takeKey(_ attributes: [String: String]) throws {
        guard let id = attributes["id"] else { throw reader.error("a key without 'id'") }
        guard keys[id] == nil else { throw reader.error("the key \(quoted(id)) comes twice") }
        var key = GraphMLKey(owner: attributes["for"] ?? "all", name: (attributes["attr.name"] ?? id).lowercased())
        while let (name, _) = try child() {
            if name == "default" { key.standard = try reader.content() } else { try reader.skip() }
        }
        keys[id] = key
    }

    /// A graph under way.
    private struct Draft {
        var nodes: [GraphML.Node] = []
        var places: [String: Int] = [:]
        var edges: [(ends: [String], edge: EdgeList.Edge)] = []
    }

    private mutating func graph(_ attributes: [String: String]) throws -> GraphML {
        switch attributes["edgedefault"] {
        case "undirected": break
        case "directed": throw reader.error("a directed graph (edgedefault)", advice: "only undirected graphs are read")
        default: throw reader.error("a graph's 'edgedefault' is neither 'undirected' nor 'directed'")
        }
        var draft = Draft()
        while let (name, attributes) = try child() {
            switch name {
            case "node": try takeNode(attributes, &draft)
            case "edge": try takeEdge(attributes, &draft)
            case "hyperedge": throw reader.error("a hyperedge", advice: "only edges between two nodes are read")
            case "locator": throw reader.error("a graph that is kept in another file", advice: "name that file")
            default: try reader.skip()
            }
        }
        return try finished(draft)
    }

    private func finished(_ draft: Draft) throws -> GraphML {
        var pairs: Set<NodePairs.Pair> = []
        let edges = try draft.edges.map { ends, edge in
            let places = try ends.map { end in
                guard let place = draft.places[end] else {
                    throw reader.error("an edge of the graph that ends here leads to \(quoted(end)), which is no node")
                }
                return place
            }
            let pair = NodePairs.Pair(min(places[0], places[1]), max(places[0], places[1]))
            guard pairs.insert(pair).inserted else {
                throw reader.error(
                    "a multigraph: nodes \(quoted(ends[0])) and \(quoted(ends[1])) are joined twice",
                    advice: "it is not read")
            }
            return EdgeList.Edge(places[0], places[1], weight: edge.weight, type: edge.type)
        }
        return GraphML(nodes: draft.nodes, edges: edges)
    }

    private mutating func takeNode(_ attributes: [String: String], _ draft: inout Draft) throws {
        guard let id = attributes["id"] else { throw reader.error("a node without 'id'") }
        guard draft.places.updateValue(draft.nodes.count, forKey: id) == nil else {
            throw reader.error("the node \(quoted(id)) comes twice")
        }
        let data = try data(of: "node")
        var node = GraphML.Node(id: id, label: data["label"] ?? data["name"] ?? "", color: data["color"] ?? "")
        if let text = data["category"] {
            node.category = try whole(text, "the category of node \(quoted(id))")
        } else if let type = data["type"] {
            // Some write a word there, which is a label.
            node.category = Int(type.trimming())
            if node.category == nil, node.label.isEmpty { node.label = type }
        }
        draft.nodes.append(node)
    }

    private mutating func takeEdge(_ attributes: [String: String], _ draft: inout Draft) throws {
        guard let source = attributes["source"], let target = attributes["target"] else {
            throw reader.error("an edge without 'source' and 'target'")
        }
        guard attributes["directed"] != "true" else {
            throw reader.error("a directed edge", advice: "only undirected graphs are read")
        }
        guard attributes["sourceport"] == nil, attributes["targetport"] == nil else {
            throw reader.error("an edge between ports", advice: "only edges between nodes are read")
        }
        let data = try data(of: "edge")
        var edge = EdgeList.Edge(0, 0)
        if let text = data["weight"] {
            guard let weight = decimalNumber(text.trimming()) else {
                throw reader.error("the weight \(quoted(text)) of an edge is not a number")
            }
            edge.weight = weight
        }
        if let text = data["type"] { edge.type = try whole(text, "the type of an edge") }
        draft.edges.append(([source, target], edge))
    }

    private func whole(_ text: String, _ what: String) throws -> Int {
        guard let number = Int(text.trimming()) else {
            throw reader.error("\(what) is \(quoted(text)), no whole number")
        }
        return number
    }

    /// The data inside a node or an edge by the names of their keys, defaults where there is none.
    private mutating func data(of owner: String) throws -> [String: String] {
        let own = keys.filter { $0.value.owner == owner || $0.value.owner == "all" }
        var found: [String: String] = [:]
        for key in own.values { if let text = key.standard { found[key.name] = text } }
        while let (name, attributes) = try child() {
            switch name {
            case "data":
                guard let id = attributes["key"], let key = keys[id] else {
                    throw reader.error("data of a key that is not declared")
                }
                if own[id] != nil, Self.wanted.contains(key.name) {
                    found[key.name] = try reader.content()
                } else {
                    try reader.skip()
                }
            case "graph": throw reader.error("a graph inside of a \(owner)", advice: "nested graphs are not read")
            case "port": throw reader.error("a node with ports", advice: "they are not read")
            default: try reader.skip()
            }
        }
        return found
    }

    /// The names of data that are read.
    private static let wanted: Set = ["label", "name", "category", "type", "color", "weight"]
}

extension String {
    /// Without white space at both ends.
    fileprivate func trimming() -> String {
        var rest = self[...]
        while rest.first?.isWhitespace == true { rest.removeFirst() }
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return String(rest)
    }
}
