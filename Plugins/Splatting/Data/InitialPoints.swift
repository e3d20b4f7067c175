import Genera

/// Points that training begins with: where the first splats are, and their colours.
public struct InitialPoints: Sendable, Equatable {
    /// x, y, z of each, `[count, 3]`.
    public private(set) var positions: [Float]
    /// Red, green, blue of each in 0...1, `[count, 3]`.
    public private(set) var colours: [Float]

    /// How many there are.
    public var count: Int { positions.count / 3 }

    /// Points of positions and colours, `[count, 3]` each.
    public init(positions: [Float], colours: [Float]) {
        precondition(positions.count == colours.count && positions.count % 3 == 0)
        (self.positions, self.colours) = (positions, colours)
    }

    init(capacity: Int) {
        (positions, colours) = ([], [])
        positions.reserveCapacity(3 * capacity)
        colours.reserveCapacity(3 * capacity)
    }

    mutating func add(_ position: [Double], _ colour: [UInt8]) {
        positions.append(contentsOf: position.lazy.map { Float($0) })
        colours.append(contentsOf: colour.lazy.map { Float($0) / 255 })
    }

    /// Points evenly spread in a cube around `centre`, nearly mid grey, as the reference implementation begins without a point cloud: a
    /// colour coefficient of u / 255 for u in 0..<1.
    ///
    /// Point i is made of the six numbers that `Noise.uniform([6], at: .start)` gives for sample i.
    public static func random(
        _ count: Int, halfSide: Float = 1.3, centre: [Float] = [0, 0, 0], seed: UInt64
    ) -> InitialPoints {
        let philox = Philox(seed: seed)
        var points = InitialPoints(capacity: count)
        for index in 0..<count {
            let (a, b) = (
                philox.words(at: (0, 1 << 24, 0, UInt32(truncatingIfNeeded: index))),
                philox.words(at: (1, 1 << 24, 0, UInt32(truncatingIfNeeded: index)))
            )
            let uniform = [a.0, a.1, a.2, a.3, b.0, b.1].map { Float($0 >> 8) * 0x1p-24 }
            for axis in 0..<3 { points.positions.append(centre[axis] + (2 * uniform[axis] - 1) * halfSide) }
            for channel in 3..<6 { points.colours.append(0.5 + 0.282_094_79 * uniform[channel] / 255) }
        }
        return points
    }
}
