import Genera

/// The neighbourhood subgraph pairwise distance kernel of Costa and De Grave, ICML 2010, over molecules and other labelled graphs.
///
/// An edge counts as a node of its own between its ends. A feature is a pair of neighbourhoods of up to `radius` steps around two
/// nodes that are up to `distance` apart, both of whose steps count whole edges, and half of such a pair. Counts of
/// features of one radius and distance are a vector of length 1, and all of them together again; the kernel is the vectors'
/// product.
public struct NSPDK: Sendable {
    /// The largest radius of a neighbourhood.
    public var radius = 4
    /// The largest distance of a pair of neighbourhoods.
    public var distance = 4

    /// Makes the kernel.
    public init(radius: Int = 4, distance: Int = 4) { (self.radius, self.distance) = (radius, distance) }

    /// A graph whose nodes and edges have labels.
    public struct LabelledGraph: Sendable, Equatable {
        /// What each node is.
        public var labels: [String]
        /// Two nodes, and what joins them.
        public var edges: [Edge]

        /// An edge.
        public struct Edge: Sendable, Equatable {
            /// The number of the node at one end, from 0.
            public var first: Int
            /// The number of the node at the other end, from 0.
            public var second: Int
            /// What it is.
            public var label: Int

            /// Makes an edge.
            public init(_ first: Int, _ second: Int, label: Int) {
                (self.first, self.second, self.label) = (first, second, label)
            }
        }

        /// Makes a graph; edges to nodes that are not there are left out.
        public init(labels: [String], edges: [Edge]) {
            self.labels = labels
            self.edges = edges.filter { labels.indices.contains($0.first) && labels.indices.contains($0.second) }
        }
    }

    /// Features of a graph and their weights, in the order of the features.
    public struct Features: Sendable, Equatable {
        /// The features' numbers, 64 bits of a hash each, ascending.
        public let keys: [UInt64]
        /// Their weights; the sum of their squares is 1 unless there are none.
        public let weights: [Double]

        /// The kernel of two graphs.
        public func dot(_ other: Features) -> Double {
            var (a, b, sum) = (0, 0, 0.0)
            while a < keys.count, b < other.keys.count {
                if keys[a] == other.keys[b] {
                    sum += weights[a] * other.weights[b]
                    (a, b) = (a + 1, b + 1)
                } else if keys[a] < other.keys[b] {
                    a += 1
                } else {
                    b += 1
                }
            }
            return sum
        }
    }

    // MARK: Hashes

    private static func mixed(_ value: UInt64) -> UInt64 {
        var z = value &+ 0x9E37_79B9_7F4A_7C15
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    private static func hash(_ values: some Sequence<UInt64>) -> UInt64 {
        values.reduce(0x243F_6A88_85A3_08D3) { mixed($0 ^ mixed($1)) }
    }

    private static func hash(_ text: String) -> UInt64 { hash(text.utf8.map(UInt64.init)) }

    // MARK: Features

    /// The features of a graph.
    public func features(of graph: LabelledGraph) -> Features {
        let nodes = graph.labels.count
        var neighbours = [[Int]](repeating: [], count: nodes + graph.edges.count)
        for (number, edge) in graph.edges.enumerated() {
            for end in [edge.first, edge.second] {
                neighbours[end].append(nodes + number)
                neighbours[nodes + number].append(end)
            }
        }
        let labels =
            graph.labels.map(Self.hash) + graph.edges.map { Self.mixed(UInt64(bitPattern: Int64($0.label)) ^ 1) }
        let vertices = neighbours.indices.map { Self.hash([labels[$0], UInt64(neighbours[$0].count)]) }
        let reach = 2 * max(radius, distance)
        let levels = (0..<nodes).map { Self.levels(from: $0, neighbours, upTo: reach) }
        let hoods = levels.map { neighbourhoods($0, vertices) }
        var found = [[UInt64]](repeating: [], count: (radius + 1) * (distance + 1))
        for node in 0..<nodes {
            for step in 0...distance where 2 * step < levels[node].count {
                for other in levels[node][2 * step] where other < nodes {
                    for size in 0...radius {
                        let (one, two) = (hoods[node][size], hoods[other][size])
                        let kind = size * (distance + 1) + step
                        let place = Self.mixed(UInt64(kind))
                        found[kind].append(Self.mixed(Self.mixed(min(one, two) ^ place) ^ max(one, two)))
                        found[kind].append(Self.mixed(one &+ place))
                    }
                }
            }
        }
        return Self.normalised(found)
    }

    /// The vertices at each number of steps from a node.
    private static func levels(from start: Int, _ neighbours: [[Int]], upTo reach: Int) -> [[Int]] {
        var isSeen = [Bool](repeating: false, count: neighbours.count)
        isSeen[start] = true
        var levels = [[start]]
        while levels.count <= reach {
            var next: [Int] = []
            for vertex in levels[levels.count - 1] {
                for other in neighbours[vertex] where !isSeen[other] {
                    isSeen[other] = true
                    next.append(other)
                }
            }
            if next.isEmpty { break }
            levels.append(next)
        }
        return levels
    }

    /// A hash of the neighbourhood of each radius: of the sorted hashes of the vertices at each step, one after another.
    private func neighbourhoods(_ levels: [[Int]], _ vertices: [UInt64]) -> [UInt64] {
        var running = Self.hash([0])
        return (0...radius).map { size in
            // The radius counts whole edges, so that two levels belong to each.
            for level in size == 0 ? [0] : [2 * size - 1, 2 * size] {
                running = Self.hash(
                    [running] + (level < levels.count ? levels[level].map { vertices[$0] }.sorted() : []))
            }
            return running
        }
    }

    /// The numbers of equal features, as vectors of length 1 of each kind, and of length 1 together.
    private static func normalised(_ found: [[UInt64]]) -> Features {
        var all: [(key: UInt64, weight: Double)] = []
        for kind in found where !kind.isEmpty {
            var counts: [(key: UInt64, weight: Double)] = []
            for key in kind.sorted() {
                if counts.last?.key == key { counts[counts.count - 1].weight += 1 } else { counts.append((key, 1)) }
            }
            let length = counts.reduce(0) { $0 + $1.weight * $1.weight }.squareRoot()
            all += counts.map { ($0.key, $0.weight / length) }
        }
        all.sort { $0.key < $1.key }
        // Features of two kinds have one number by chance only.
        let length = Double(found.count { !$0.isEmpty }).squareRoot()
        return Features(keys: all.map(\.key), weights: all.map { $0.weight / length })
    }

    // MARK: Distance

    /// The squared MMD of two sets of graphs under the kernel, each graph paired with itself too, as the method's authors
    /// take it: never below 0, and above 0 for two small sets of one law.
    public static func discrepancy(_ one: [Features], _ two: [Features]) -> Double {
        discrepancies(one, two, over: [.whole(one.count, two.count)])[0]
    }

    /// The same over several parts of two sets; NaN where one of them is empty.
    static func discrepancies(_ one: [Features], _ two: [Features], over parts: [Parts]) -> [Double] {
        // Numbered features make sums of vectors cheap. The kernel is linear, so that its means are products of means.
        var numbers: [UInt64: Int32] = [:]
        func numbered(_ features: [Features]) -> [[(Int32, Double)]] {
            features.map { feature in
                zip(feature.keys, feature.weights).map { key, weight in
                    let next = Int32(truncatingIfNeeded: numbers.count)
                    let number = numbers[key] ?? next
                    if number == next { numbers[key] = next }
                    return (number, weight)
                }
            }
        }
        let (first, second) = (numbered(one), numbered(two))
        return parts.map { part in
            guard !part.first.isEmpty, !part.second.isEmpty else { return .nan }
            var difference = [Double](repeating: 0, count: numbers.count)
            for index in part.first {
                for (key, weight) in first[index] { difference[Int(key)] += weight / Double(part.first.count) }
            }
            for index in part.second {
                for (key, weight) in second[index] { difference[Int(key)] -= weight / Double(part.second.count) }
            }
            return difference.reduce(0) { $0 + $1 * $1 }
        }
    }
}
