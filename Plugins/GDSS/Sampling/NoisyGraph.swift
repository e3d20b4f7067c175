import Genera

/// A graph on its way: as many nodes as it has, without padding.
package struct NoisyGraph: Sendable {
    /// The places of its nodes among the N of the data, ascending. Nodes that are not there touch nothing.
    package let places: [Int]
    /// Node features, `[n, F]`.
    package var x: [Float]
    /// Edges, `[n, n]`, symmetric, zero diagonal.
    package var adjacency: [Float]

    package var nodes: Int { places.count }

    package init(places: [Int], x: [Float], adjacency: [Float]) {
        (self.places, self.x, self.adjacency) = (places, x, adjacency)
    }
}

/// The scores of a graph, or any two fields of its shape.
package struct GraphField: Sendable {
    package var x: [Float]
    package var adjacency: [Float]

    package init(x: [Float], adjacency: [Float]) { (self.x, self.adjacency) = (x, adjacency) }

    /// Lengths of both parts as vectors.
    var norms: (x: Float, adjacency: Float) { (x.norm, adjacency.norm) }
}

extension [Float] {
    /// The Euclidean length, summed in double precision.
    var norm: Float {
        withUnsafeBufferPointer { values in
            var sum = 0.0
            for value in values { sum += Double(value) * Double(value) }
            return Float(sum.squareRoot())
        }
    }

    /// a·self + b·other.
    func combined(_ a: Float, _ b: Float, _ other: [Float]) -> [Float] {
        [Float](unsafeUninitializedCapacity: count) { out, done in
            withUnsafeBufferPointer { own in
                other.withUnsafeBufferPointer { other in
                    for i in 0..<own.count { out[i] = a * own[i] + b * other[i] }
                }
            }
            done = count
        }
    }
}
