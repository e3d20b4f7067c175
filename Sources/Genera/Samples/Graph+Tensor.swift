import Tensors

extension Graph {
    /// The graphs of a batch of symmetric matrices `[N, n, n]`, whose entries, rounded, are the types of edges; 0 for none.
    ///
    /// - Parameters:
    ///   - categories: The nodes' categories `[N, n]`, whole numbers; those below 0 are not nodes, but padding. Nil if all
    ///     are alike.
    ///   - labels: What the categories are called, for example `["C", "N", "O"]`.
    /// - Throws: the tensors' errors, or one that says their shapes do not do.
    public static func rows(adjacency: Tensor, categories: Tensor? = nil, labels: [String] = []) throws -> [Graph] {
        let shape = try adjacency.checked().shape
        guard shape.count == 3, shape[1] == shape[2],
            try categories?.checked().shape ?? [shape[0], shape[1]] == [shape[0], shape[1]]
        else {
            throw GeneraError.software(
                "Graphs need adjacency [N, n, n] and categories [N, n], got \(adjacency.summary)\(categories.map { " and \($0.summary)" } ?? "")."
            )
        }
        let size = shape[1]
        let entries = try adjacency.array(of: Double.self)
        let kinds = try categories?.to(.int64).array(of: Int.self)
        return try (0..<shape[0]).map { graph in
            let kept = (0..<size).filter { kinds?[graph * size + $0] ?? 0 >= 0 }
            let nodes = kept.map { node -> Node in
                guard let kind = kinds?[graph * size + node] else { return Node() }
                return kind < labels.count ? Node(label: labels[kind]) : Node(category: kind)
            }
            var edges: [Edge] = []
            for (second, column) in kept.enumerated() {
                for (first, row) in kept.prefix(second).enumerated() {
                    let entry = entries[(graph * size + row) * size + column].rounded()
                    if entry != 0, abs(entry) < 1e9 { edges.append(Edge(first, second, type: Int(entry))) }
                }
            }
            return try Graph(nodes: nodes, edges: edges)
        }
    }
}
