import Formats
import Imaging

extension Graph {
    /// JSON, which keeps all; GraphML, which keeps all but several edges between two nodes; edge lists, which keep edges, weights and
    /// types; graph6 and sparse6, which keep which nodes are joined. Folders of the TU collection are read too.
    public static let formats: [SampleFormat<Graph>] = [
        SampleFormat(
            "json", "JSON with a list 'graphs'",
            recognises: { _, content in ["graphs", "links"].contains { JSONSamples.has($0, content) } },
            read: { SampleList(try readJSON($0), name: $0) },
            write: { try JSONSamples.write($0.map(\.json), as: "graphs", to: $1) }),
        SampleFormat(
            ["edges", "edgelist"], "edge list, a line an edge", holds: { $0.allSatisfy(\.hasSingleEdges) },
            read: { try EdgeListFile($0) },
            write: { samples, path in
                let lists = samples.map { sample in
                    let edges = sample.edges.map {
                        EdgeList.Edge($0.source, $0.target, weight: $0.weight, type: $0.type)
                    }
                    return EdgeList(nodeCount: sample.nodes.count, edges: edges)
                }
                try EdgeList.write(lists, to: path)
            }),
        SampleFormat(
            "g6", "graph6, a line a graph", recognises: { _, content in content.map(Graph6.recognises) ?? false },
            holds: { $0.allSatisfy { $0.hasSingleEdges && $0.edges.allSatisfy { $0.source != $0.target } } },
            read: { try Graph6File($0) }, write: { try Graph6.write($0.map(\.pairs), to: $1) }),
        SampleFormat(
            "s6", "sparse6, a line a graph", holds: { $0.allSatisfy(\.hasSingleEdges) }, read: { try Graph6File($0) },
            write: { try Graph6.writeSparse($0.map(\.pairs), to: $1) }),
        SampleFormat(
            "graphml", "GraphML", recognises: { _, content in content.map(GraphML.recognises) ?? false },
            holds: { $0.allSatisfy(\.hasSingleEdges) },
            read: { SampleList(try GraphML.read(path: $0).map(Graph.init), name: $0) },
            write: { try GraphML.write($0.map(\.graphML), to: $1) }),
        SampleFormat(
            [], "folder NAME_A.txt, NAME_graph_indicator.txt, ... of the TU collection",
            recognises: { path, content in content == nil && TUDataset.name(in: path) != nil },
            read: { try TUFolder($0) }),
    ]

    /// The graph of a GraphML file.
    private init(_ graph: GraphML) throws {
        try self.init(
            nodes: graph.nodes.map { Node(label: $0.label, category: $0.category, color: Color(hexText: $0.color)) },
            edges: graph.edges.map { Edge($0.source, $0.target, weight: $0.weight, type: $0.type) })
    }

    private var graphML: GraphML {
        let nodes = nodes.enumerated().map { number, node in
            GraphML.Node(
                id: "n\(number)", label: node.label, category: node.category, color: node.color?.hexText ?? "")
        }
        let edges = edges.map { EdgeList.Edge($0.source, $0.target, weight: $0.weight, type: $0.type) }
        return GraphML(nodes: nodes, edges: edges)
    }

    /// Which nodes are joined, and no more.
    var pairs: NodePairs {
        NodePairs(nodeCount: nodes.count, pairs: edges.map { NodePairs.Pair($0.source, $0.target) })
    }

    /// Whether no two nodes are joined by more than one edge.
    var hasSingleEdges: Bool {
        Set(edges.map { NodePairs.Pair(min($0.source, $0.target), max($0.source, $0.target)) }).count == edges.count
    }

    /// One line or two of a file's list `graphs`: `nodes` with `label`, `category`, `color` and `features` where they are given, and `edges`
    /// with `source`, `target`, `weight` (null if it is not finite) and `type`.
    private var json: String {
        let nodes = nodes.map { node in
            var members: [String] = []
            if !node.label.isEmpty { members.append("\"label\": \(JSONText.quote(node.label))") }
            if let category = node.category { members.append("\"category\": \(category)") }
            if let color = node.color { members.append("\"color\": \"\(color.hexText)\"") }
            if !node.features.isEmpty {
                let numbers = node.features.map { $0.isFinite ? "\($0)" : "null" }
                members.append("\"features\": [\(numbers.joined(separator: ", "))]")
            }
            return "{\(members.joined(separator: ", "))}"
        }
        let edges = edges.map { edge in
            let weight = edge.weight.isFinite ? "\(edge.weight)" : "null"
            return
                "{\"source\": \(edge.source), \"target\": \(edge.target), \"weight\": \(weight), \"type\": \(edge.type)}"
        }
        return "{\"nodes\": [\(nodes.joined(separator: ", "))],\n \"edges\": [\(edges.joined(separator: ", "))]}"
    }

    /// The most nodes of a file, of which some may be in no edge and so take no room in it.
    private static let nodeLimit = 10_000_000

    /// The graphs of a file: the list `graphs` of an object, or an object that is one graph, as networkx writes it.
    private static func readJSON(_ path: String) throws -> [Graph] {
        if !JSONSamples.has("graphs", try? MappedFile(path: path).view),
            JSONSamples.has("nodes", try? MappedFile(path: path).view)
        {
            let value = try JSONText.parse(MappedFile(path: path).view, file: path)
            do {
                return [try GraphReading.graph(value)]
            } catch let fault as JSONSamples.Fault {
                throw GeneraError.badData(file: path, reason: "its graph cannot be read", advice: fault.text)
            }
        }
        var total = 0
        return try JSONSamples.read("graphs", path) { value in
            let graph = try GraphReading.graph(value)
            total += graph.nodes.count
            guard total <= nodeLimit else { throw JSONSamples.Fault("a file of at most \(nodeLimit) nodes is read") }
            return graph
        }
    }
}

/// The graphs of an edge list.
private struct EdgeListFile: SampleSource {
    let name: String
    private let lists: [EdgeList]

    init(_ path: String) throws { (name, lists) = (path, try EdgeList.read(path: path)) }

    var count: Int { lists.count }

    func samples(_ indices: [Int]) throws -> [Graph] {
        try require(indices)
        return try indices.map { index in
            let list = lists[index]
            let nodes = list.names.map { Graph.Node(label: $0) }
            return try Graph(
                nodes: nodes.isEmpty ? Array(repeating: Graph.Node(), count: list.nodeCount) : nodes,
                edges: list.edges.map { Graph.Edge($0.source, $0.target, weight: $0.weight, type: $0.type) })
        }
    }
}

/// The graphs of a file of graph6 or sparse6.
private struct Graph6File: SampleSource {
    let name: String
    private let graphs: [NodePairs]

    init(_ path: String) throws { (name, graphs) = (path, try Graph6.read(path: path)) }

    var count: Int { graphs.count }

    func samples(_ indices: [Int]) throws -> [Graph] {
        try require(indices)
        return try indices.map { index in
            try Graph(nodeCount: graphs[index].nodeCount, edges: graphs[index].pairs.map { ($0.first, $0.second) })
        }
    }
}

/// The graphs of a folder of the TU collection, in classes by their labels.
private struct TUFolder: SampleSource {
    let name: String
    let classes: [Int]?
    let classNames: [String]?
    private let dataset: TUDataset

    init(_ path: String) throws {
        (name, dataset) = (path, try TUDataset(folder: path))
        let labels = Set(dataset.graphLabels ?? []).sorted()
        let places = Dictionary(uniqueKeysWithValues: zip(labels, labels.indices))
        classes = dataset.graphLabels.map { $0.map { places[$0] ?? 0 } }
        classNames = classes.map { _ in labels.map { "\($0)" } }
    }

    var count: Int { dataset.graphs.count }

    func samples(_ indices: [Int]) throws -> [Graph] {
        try require(indices)
        return try indices.map { index in
            let graph = dataset.graphs[index]
            let nodes = graph.nodeLabels.map { Graph.Node(category: $0) }
            return try Graph(
                nodes: nodes.isEmpty ? Array(repeating: Graph.Node(), count: graph.nodeCount) : nodes,
                edges: graph.edges.map { Graph.Edge($0.source, $0.target, type: $0.type) })
        }
    }
}
