import Formats
import Imaging

extension Graph {
    /// A JSON object with a list `graphs`; each has `nodes`, with `label` and `category` where they are given, and `edges` with
    /// `source`, `target`, `weight` (null if it is not finite) and `type`.
    public static func data(of samples: [Graph]) throws -> SampleData? {
        SampleData(fileExtension: "json") { path in
            try AtomicFile.write(to: path) { sink in
                try sink.write("{\"graphs\": [")
                for (number, sample) in samples.enumerated() {
                    try sink.write((number > 0 ? ",\n" : "\n") + sample.json)
                }
                try sink.write("\n]}\n")
            }
        }
    }

    private var json: String {
        let nodes = nodes.map { node in
            var members: [String] = []
            if !node.label.isEmpty { members.append("\"label\": \(JSONText.quote(node.label))") }
            if let category = node.category { members.append("\"category\": \(category)") }
            return "{\(members.joined(separator: ", "))}"
        }
        let edges = edges.map { edge in
            let weight = edge.weight.isFinite ? "\(edge.weight)" : "null"
            return
                "{\"source\": \(edge.source), \"target\": \(edge.target), \"weight\": \(weight), \"type\": \(edge.type)}"
        }
        return "{\"nodes\": [\(nodes.joined(separator: ", "))],\n \"edges\": [\(edges.joined(separator: ", "))]}"
    }
}
