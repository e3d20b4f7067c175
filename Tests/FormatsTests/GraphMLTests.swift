import Foundation
import Testing

@testable import Formats

@Suite struct GraphMLTests {
    private func read(_ text: String) throws -> [GraphML] {
        try GraphML.read(ByteView(Array(text.utf8)), file: "f.graphml")
    }

    /// A document around a graph's elements.
    private func document(_ inner: String, keys: String = "", attributes: String = "edgedefault=\"undirected\"")
        -> String
    {
        "<graphml xmlns=\"http://graphml.graphdrawing.org/xmlns\">\(keys)\n<graph \(attributes)>\(inner)</graph></graphml>"
    }

    @Test("What networkx writes: ids of any text, keys for nodes and edges")
    func networkx() throws {
        let text = """
            <?xml version='1.0' encoding='utf-8'?>
            <graphml xmlns="http://graphml.graphdrawing.org/xmlns" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://graphml.graphdrawing.org/xmlns http://graphml.graphdrawing.org/xmlns/1.0/graphml.xsd">
              <key id="d3" for="edge" attr.name="type" attr.type="long" />
              <key id="d2" for="edge" attr.name="weight" attr.type="double" />
              <key id="d1" for="node" attr.name="category" attr.type="long" />
              <key id="d0" for="node" attr.name="label" attr.type="string" />
              <graph edgedefault="undirected">
                <node id="Alice &amp; co">
                  <data key="d0">C</data>
                  <data key="d1">1</data>
                </node>
                <node id="&lt;b&gt;">
                  <data key="d0">N</data>
                </node>
                <node id="7" />
                <edge source="Alice &amp; co" target="&lt;b&gt;">
                  <data key="d2">0.5</data>
                  <data key="d3">2</data>
                </edge>
                <edge source="&lt;b&gt;" target="7" />
              </graph>
            </graphml>
            """
        let nodes: [GraphML.Node] = [
            .init(id: "Alice & co", label: "C", category: 1), .init(id: "<b>", label: "N"), .init(id: "7"),
        ]
        #expect(try read(text) == [GraphML(nodes: nodes, edges: [.init(0, 1, weight: 0.5, type: 2), .init(1, 2)])])
    }

    @Test("Prefixes, defaults, comments, other namespaces, edges before nodes, and several graphs")
    func forms() throws {
        let text = """
            <!DOCTYPE graphml>
            <!-- by hand -->
            <g:graphml xmlns:g="http://graphml.graphdrawing.org/xmlns" xmlns:y='http://www.yworks.com/xml/graphml'>
            <g:key id="k" for="all" attr.name="Label"><g:default>x&#65;</g:default></g:key>
            <g:key id="t" for="node" attr.name="type"/>
            <g:graph edgedefault="undirected"><g:edge source="b" target="a"/>
            <g:node id="a"/><g:node id="b"><g:data key="k"><![CDATA[<&]]></g:data><y:ShapeNode><y:Fill color="red"/></y:ShapeNode></g:node>
            <g:node id="c"><g:data key="t"> 3 </g:data></g:node></g:graph>
            <g:graph edgedefault="undirected"/></g:graphml>
            """
        let nodes: [GraphML.Node] = [
            .init(id: "a", label: "xA"), .init(id: "b", label: "<&"), .init(id: "c", label: "xA", category: 3),
        ]
        #expect(try read(text) == [GraphML(nodes: nodes, edges: [.init(1, 0)]), GraphML(nodes: [], edges: [])])
        #expect(GraphML.recognises(ByteView(Array(text.utf8))))
        #expect(!GraphML.recognises(ByteView(Array("<html></html>".utf8))))
    }

    @Test("What is written is read again")
    func writing() throws {
        try Support.withTemporaryFolder { folder in
            let graphs = [
                GraphML(
                    nodes: [
                        .init(id: "a\"<&>\n", label: "é &", category: -2, color: "#ff0000"),
                        .init(id: "", label: "]]>"),
                    ],
                    edges: [.init(0, 1, weight: -0.25, type: 7), .init(1, 1, weight: .infinity)]),
                GraphML(nodes: [], edges: []),
            ]
            try GraphML.write(graphs, to: "\(folder)/a.graphml")
            #expect(try GraphML.read(path: "\(folder)/a.graphml") == graphs)
        }
    }

    @Test(
        "What is not read is refused by name and line",
        arguments: [
            ("<node id='a'/><node id='b'/>\n<edge directed='true' source='a' target='b'/>", "line 3: a directed edge"),
            ("<node id='a'/><edge source='a' target='b'/>", "leads to 'b', which is no node"),
            ("<node id='a'/><node id='a'/>", "the node 'a' comes twice"),
            (
                "<node id='a'/><node id='b'/><edge source='a' target='b'/><edge source='b' target='a'/>",
                "a multigraph: nodes 'b' and 'a'"
            ),
            ("<hyperedge/>", "a hyperedge"), ("<node id='a'><port name='p'/></node>", "a node with ports"),
            ("<node id='a'><graph edgedefault='undirected'/></node>", "a graph inside of a node"),
            ("<node id='a'/><edge source='a' target='a' sourceport='p'/>", "an edge between ports"),
            ("<node id='a'><data key='k'>1</data></node>", "data of a key that is not declared"),
            ("<node/>", "a node without 'id'"), ("<node id='a'/>x", "text where elements belong"),
            ("<node id='&x;'/>", "the entity '&x;' is not known"),
            ("<node id='a' id='b'/>", "an attribute that comes twice"),
            ("<node id=a/>", "is not in quotes"), ("<node id='a'></edge>", "'edge' ends where 'node' is open"),
            ("<z:node/>", "the prefix 'z' is not declared"),
            ("<node id='a'", "a space was expected between attributes"),
            (String(repeating: "<a>", count: 200), "elements in more than 100 others"),
        ])
    func refusals(inner: String, words: String) {
        Support.expectMessage(words) { try read(document(inner)) }
    }

    @Test("Whole documents that are not read")
    func documents() {
        Support.expectMessage("a directed graph (edgedefault)") {
            try read(document("", attributes: "edgedefault='directed'"))
        }
        Support.expectMessage("'edgedefault' is neither") { try read(document("", attributes: "id='g'")) }
        Support.expectMessage("declarations of its own") { try read("<!DOCTYPE a [<!ENTITY b 'c'>]><graphml/>") }
        Support.expectMessage("the file holds no graph") { try read("<graphml/>") }
        Support.expectMessage("the root element is not 'graphml'") { try read("<?xml version='1.0'?><gexf/>") }
        Support.expectMessage("a second root element") { try read(document("") + "<b/>") }
        Support.expectMessage("this is JSON, not GraphML") { try read("{\"graphs\": []}") }
        Support.expectMessage("the encoding is not UTF-8") { try read("<?xml version='1.0' encoding='latin1'?><a/>") }
        let key = "<key id='w' for='edge' attr.name='weight'/>"
        Support.expectMessage("the weight 'x' of an edge is not a number") {
            try read(document("<node id='a'/><edge source='a' target='a'><data key='w'>x</data></edge>", keys: key))
        }
    }
}

@Suite struct TUDatasetTests {
    /// Two graphs: a path of three with labels, and one node and two that are joined.
    private static let files = [
        "A": "1, 2\n2, 1\n2, 3\n3, 2\n5, 6\n6, 5\n", "graph_indicator": "1\n1\n1\n2\n2\n2\n", "graph_labels": "1\n-1\n",
        "node_labels": "3\n0\n3\n1\n1\n2\n", "edge_labels": "2\n2\n0\n0\n1\n1\n",
    ]

    private func with(
        _ changes: [String: String] = [:], without missing: [String] = [], _ body: (String) throws -> Void
    ) throws {
        try Support.withTemporaryFolder { folder in
            for (what, text) in Self.files.merging(changes, uniquingKeysWith: { $1 }) where !missing.contains(what) {
                try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/TOY_\(what).txt"))
            }
            try body(folder)
        }
    }

    @Test("Edges in both directions are one, labels go to nodes, edges and graphs")
    func reading() throws {
        try with { folder in
            let set = try TUDataset(folder: folder)
            #expect(TUDataset.name(in: folder) == "TOY" && set.name == "TOY" && set.graphLabels == [1, -1])
            #expect(set.graphs.map(\.nodeCount) == [3, 3] && set.graphs.map(\.nodeLabels) == [[3, 0, 3], [1, 1, 2]])
            #expect(set.graphs[0].edges == [.init(0, 1, type: 2), .init(1, 2, type: 0)])
            #expect(set.graphs[1].edges == [.init(1, 2, type: 1)])
        }
        try with(without: ["graph_labels", "node_labels", "edge_labels"]) { folder in
            let set = try TUDataset(folder: folder)
            #expect(set.graphLabels == nil && set.graphs[0].nodeLabels.isEmpty && set.graphs[0].edges[1] == .init(1, 2))
        }
    }

    @Test(
        "What does not fit is told by file and line",
        arguments: [
            ("A", "1, 2\n2, 1\n2, 9\n", "TOY_A.txt: line 3: node 9, but there are 6"),
            ("A", "0, 1\n", "line 1: node 0"), ("A", "1, 2\n", "line 1: a directed edge: 1, 2 without 2, 1"),
            ("A", "1, 2\n2, 1\n1, 2\n", "line 3: a multigraph: nodes 1 and 2 are joined on line 1 too"),
            ("A", "3, 4\n4, 3\n", "nodes 3 and 4 are of graphs 1 and 2"),
            ("A", "1 x\n", "line 1: 'x' is not a whole number"),
            ("A", "1, 2, 3\n", "line 1: 3 numbers where 2 are expected"),
            ("graph_indicator", "1\n1\n1\n2\n2\n7\n", "graph_indicator.txt: line 6: graph 7, but there are 2"),
            ("graph_indicator", "0\n1\n1\n2\n2\n2\n", "line 1: graph 0"),
            ("node_labels", "1\n", "TOY_node_labels.txt: 1 labels, but there are 6 nodes"),
            ("edge_labels", "1\n", "TOY_edge_labels.txt: 1 labels, but TOY_A.txt has 6 edges"),
            ("edge_labels", "1\n2\n0\n0\n1\n1\n", "line 1: the label 1, but 2 on line 2 for the other direction"),
        ])
    func faults(file: String, text: String, words: String) throws {
        try with([file: text], without: file == "A" ? ["edge_labels"] : []) { folder in
            Support.expectMessage(words) { try TUDataset(folder: folder) }
        }
    }

    @Test("A number of graphs that no line stands for is refused")
    func hostile() throws {
        try with(["graph_indicator": "1\n1\n1\n1\n1\n999999999999\n"], without: ["graph_labels"]) { folder in
            Support.expectMessage("line 6: graph 999999999999 of at most 6") { try TUDataset(folder: folder) }
        }
        try with(without: ["A"]) { folder in #expect(TUDataset.name(in: folder) == nil) }
    }
}
