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

    mutating func addCoordinate(_ number: Double) { positions.append(Float(number)) }

    mutating func addColour(_ byte: UInt8) { colours.append(Float(byte) / 255) }

    /// Points evenly spread in a cube around `centre`, nearly mid grey, as the reference implementation begins without a point cloud: a
    /// colour coefficient of u / 255 for u in 0..<1.
    ///
    /// Point i is made of the six numbers that `Noise.uniform([6], at: .start)` gives for sample i.
    public static func random(
        _ count: Int, halfSide: Float = 1.3, centre: [Float] = [0, 0, 0], seed: UInt64
    ) -> InitialPoints {
        let philox = Philox(seed: seed)
        func part(_ word: UInt32) -> Float { Float(word >> 8) * 0x1p-24 }
        var points = InitialPoints(capacity: count)
        for index in 0..<count {
            let (a, b) = (
                philox.words(at: (0, 1 << 24, 0, UInt32(truncatingIfNeeded: index))),
                philox.words(at: (1, 1 << 24, 0, UInt32(truncatingIfNeeded: index)))
            )
            points.positions.append(centre[0] + (2 * part(a.0) - 1) * halfSide)
            points.positions.append(centre[1] + (2 * part(a.1) - 1) * halfSide)
            points.positions.append(centre[2] + (2 * part(a.2) - 1) * halfSide)
            points.colours.append(0.5 + 0.282_094_79 * part(a.3) / 255)
            points.colours.append(0.5 + 0.282_094_79 * part(b.0) / 255)
            points.colours.append(0.5 + 0.282_094_79 * part(b.1) / 255)
        }
        return points
    }
}
