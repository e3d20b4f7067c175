import Genera

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// One draw of normal numbers for all graphs of a batch.
package struct GraphDraw: Sendable {
    /// The step; -1 for the prior.
    package let step: Int
    /// Which draw of its kind (nodes, edges) within the step.
    package let ordinal: Int
    /// Draws of each kind a step.
    package let perStep: Int
    /// Its place among all draws of both kinds in the step, in the order of the reference.
    package let place: (nodes: Int, edges: Int)

    static let prior = GraphDraw(step: -1, ordinal: 0, perStep: 1, place: (0, 1))

    /// Its number among all draws of its kind after the prior's.
    var number: Int { step * perStep + ordinal }
}

/// Where a sampler's normal numbers come from.
package protocol GraphNoise: Sendable {
    /// Normal numbers for a graph's node features `[n, F]`, and for its edges `[n, n]`, symmetric with zeros on the diagonal.
    ///
    /// - Parameter row: the graph's place in the batch.
    func callAsFunction(_ draw: GraphDraw, row: Int, _ graph: NoisyGraph, features: Int) throws -> GraphField
}

/// Addressed noise: a graph's numbers depend on the seed and its index alone, and only as many are drawn as it has.
struct AddressedGraphNoise: GraphNoise {
    let noise: Noise

    func callAsFunction(_ draw: GraphDraw, row: Int, _ graph: NoisyGraph, features: Int) throws -> GraphField {
        let n = graph.nodes
        let (nodes, pairs) = (n * features, n * (n - 1) / 2)
        let address =
            draw.step < 0 ? DrawAddress.start(draw: draw.ordinal) : .step(draw.step, draw: draw.ordinal)
        let numbers = try noise.of(samples: [noise.samples[row]]).normal([nodes + pairs], at: address)
        return try numbers.withElements(of: Float.self) { all in
            var edges = [Float](repeating: 0, count: n * n)
            var next = nodes
            for i in 0..<n {
                for j in i + 1..<max(n, i + 1) {
                    edges[i * n + j] = all[next]
                    edges[j * n + i] = all[next]
                    next += 1
                }
            }
            return GraphField(x: Array(all[0..<nodes]), adjacency: edges)
        }
    }
}

/// Draws of padded graphs as the reference makes them, all N·N edge numbers of which the strict upper triangle counts.
protocol PaddedGraphNoise: GraphNoise {
    /// The most nodes, N.
    var padded: Int { get }

    /// Number e of the flattened draw `[B, N, F]` or `[B, N, N]`.
    func number(_ draw: GraphDraw, ofEdges: Bool, at element: Int) throws -> Float
}

extension PaddedGraphNoise {
    package func callAsFunction(_ draw: GraphDraw, row: Int, _ graph: NoisyGraph, features: Int) throws -> GraphField {
        let (n, places) = (graph.nodes, graph.places)
        var field = GraphField(x: [], adjacency: [Float](repeating: 0, count: n * n))
        for place in places {
            for f in 0..<features {
                field.x.append(try number(draw, ofEdges: false, at: (row * padded + place) * features + f))
            }
        }
        for i in 0..<n {
            for j in i + 1..<max(n, i + 1) {
                let element = (row * padded + places[i]) * padded + places[j]
                let value = try number(draw, ofEdges: true, at: element)
                field.adjacency[i * n + j] = value
                field.adjacency[j * n + i] = value
            }
        }
        return field
    }
}

/// A recording of another implementation's draws: `raw_prior_x`, `raw_prior_adj`, `raw_noise_x` and `raw_noise_adj`.
package struct RecordedGraphNoise: PaddedGraphNoise {
    let padded: Int
    private let prior: (x: [Float], adjacency: [Float])
    private let noise: (x: [Float], adjacency: [Float])

    /// - Parameter padded: the most nodes, N, which the recording's draws have.
    package init(
        padded: Int, prior: (x: [Float], adjacency: [Float]), noise: (x: [Float], adjacency: [Float])
    ) {
        (self.padded, self.prior, self.noise) = (padded, prior, noise)
    }

    func number(_ draw: GraphDraw, ofEdges: Bool, at element: Int) throws -> Float {
        let first = ofEdges ? prior.adjacency : prior.x
        let values = draw.step < 0 ? first : ofEdges ? noise.adjacency : noise.x
        let place = draw.step < 0 ? element : draw.number * first.count + element
        guard values.indices.contains(place) else {
            throw GeneraError.usage(
                "The recorded noise ends before draw \(draw.number + 1) of the \(ofEdges ? "edges" : "nodes"). Record as many steps as are drawn."
            )
        }
        return values[place]
    }
}

/// Numbers that are a hash of seed, draw and element: a generator that any implementation can repeat.
package struct CounterGraphNoise: PaddedGraphNoise {
    let padded: Int
    private let base: UInt64

    package init(seed: UInt64, padded: Int) { (self.padded, base) = (padded, Self.mix(seed)) }

    func number(_ draw: GraphDraw, ofEdges: Bool, at element: Int) -> Float {
        let place = ofEdges ? draw.place.edges : draw.place.nodes
        return number(draw.step < 0 ? place : 2 + draw.step * 2 * draw.perStep + place, element)
    }

    /// The normal number of an element of a draw.
    package func number(_ draw: Int, _ element: Int) -> Float {
        let key = UInt64(truncatingIfNeeded: draw) << 32 | UInt64(truncatingIfNeeded: element)
        let (a, b) = (Self.mix(base &+ 2 &* key), Self.mix(base &+ 2 &* key &+ 1))
        let u1 = (Double(a >> 11) + 0.5) * 0x1p-53
        let u2 = Double(b >> 11) * 0x1p-53
        return Float((-2 * log(u1)).squareRoot() * cos(2 * .pi * u2))
    }

    private static func mix(_ seed: UInt64) -> UInt64 {
        var z = seed &+ 0x9E37_79B9_7F4A_7C15
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
