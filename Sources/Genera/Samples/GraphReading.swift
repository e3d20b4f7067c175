import Formats
import Imaging

/// Graphs of JSON, our own and other programs'.
///
/// Nodes are a list of objects, a list of names or numbers, or, as `n` or `nodes`, how many there are. Edges are objects with
/// `source` and `target`, or lists `[source, target]`, both with weight and type where they have any; the list is called
/// `edges` or, by networkx, `links`. Ends are the nodes' `id`s where they have such, else their numbers from 0.
enum GraphReading {
    private typealias Fault = JSONSamples.Fault

    /// The graph of a JSON object.
    ///
    /// - Throws: `JSONSamples.Fault` that says what is wrong with it.
    static func graph(_ value: JSONValue) throws -> Graph {
        guard case .object = value else { throw Fault("a graph is an object with nodes and edges") }
        if value["directed"] == .bool(true) { throw Fault("directed graphs are not read") }
        if value["multigraph"] == .bool(true) { throw Fault("multigraphs are not read") }
        let (nodes, places) = try nodes(value)
        guard case let .array(list)? = value["edges"] ?? value["links"] else {
            throw Fault("a graph needs a list 'edges'")
        }
        let edges = try list.map { item -> Graph.Edge in
            let ends = try [item["source"] ?? entry(item, 0), item["target"] ?? entry(item, 1)].map { end in
                try place(end, count: nodes.count, places)
            }
            return Graph.Edge(
                ends[0], ends[1], weight: try weight(item["weight"] ?? entry(item, 2)),
                type: try type(item["type"] ?? entry(item, 3)))
        }
        do {
            return try Graph(nodes: nodes, edges: edges)
        } catch {
            throw Fault("\(error)")
        }
    }

    private static func entry(_ item: JSONValue, _ place: Int) -> JSONValue? {
        guard case let .array(list) = item, list.indices.contains(place) else { return nil }
        return list[place]
    }

    /// The nodes, and which of them an `id` means; nil where they have none.
    private static func nodes(_ value: JSONValue) throws -> ([Graph.Node], [String: Int]?) {
        switch value["nodes"] ?? value["n"] {
        case let .integer(count)?:
            guard (0...EdgeList.largestOrder).contains(count) else {
                throw Fault("a graph of \(count) nodes; at most \(EdgeList.largestOrder) are read")
            }
            return (Array(repeating: Graph.Node(), count: count), nil)
        case let .array(list)?:
            let nodes = try list.map(node)
            let names = list.compactMap { key($0["id"] ?? $0) }
            guard !names.isEmpty else { return (nodes, nil) }
            guard Set(names).count == list.count else {
                throw Fault("each node needs an 'id' of its own, or none has one")
            }
            return (nodes, Dictionary(uniqueKeysWithValues: zip(names, names.indices)))
        default: throw Fault("a graph needs 'nodes', a list or their number")
        }
    }

    private static func node(_ value: JSONValue) throws -> Graph.Node {
        var node = Graph.Node()
        if case let .string(name) = value { node.label = name }
        guard case .object = value else { return node }
        if let label = value["label"] {
            guard case let .string(text) = label else { throw Fault("a node's label is a text") }
            node.label = text
        }
        if let category = value["category"], category != .null {
            guard case let .integer(number) = category else { throw Fault("a node's category is a whole number") }
            node.category = number
        }
        if let color = value["color"], color != .null {
            guard case let .string(text) = color, let ink = Color(hexText: text) else {
                throw Fault("a node's color is '#rrggbb' or '#rrggbbaa'")
            }
            node.color = ink
        }
        if let features = value["features"], features != .null { node.features = try numbers(features) }
        return node
    }

    /// The features of a node; a null is no number.
    private static func numbers(_ value: JSONValue) throws -> [Float] {
        guard case let .array(items) = value else { throw Fault("a node's features are a list of numbers") }
        return try items.map { item in
            switch item {
            case let .integer(number): Float(number)
            case let .number(number): Float(number)
            case .null: .nan
            default: throw Fault("a node's features are a list of numbers")
            }
        }
    }

    /// What a node is called by edges; nil for an object, which has no name.
    private static func key(_ value: JSONValue) -> String? {
        switch value {
        case let .integer(number): "\(number)"
        case let .string(text): "'\(text)'"
        default: nil
        }
    }

    private static func place(_ end: JSONValue?, count: Int, _ places: [String: Int]?) throws -> Int {
        guard let end, let name = key(end) else {
            throw Fault("an edge is an object with 'source' and 'target', or a list [source, target]")
        }
        if let places {
            guard let place = places[name] else { throw Fault("an edge leads to \(name), which is no node") }
            return place
        }
        guard case let .integer(node) = end, (0..<count).contains(node) else {
            throw Fault("an edge leads to \(name), but the graph has \(count) nodes, numbered from 0")
        }
        return node
    }

    private static func weight(_ value: JSONValue?) throws -> Double {
        switch value {
        case nil: 1
        case .null?: .nan
        case let .integer(number)?: Double(number)
        case let .number(number)?: number
        default: throw Fault("an edge's weight is a number")
        }
    }

    private static func type(_ value: JSONValue?) throws -> Int {
        switch value {
        case nil: 1
        case let .integer(number)?: number
        default: throw Fault("an edge's type is a whole number")
        }
    }
}
