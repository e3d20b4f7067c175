extension SplatScene {
    /// Turns the scene: positions, the splats themselves, and what of their colours depends on the direction.
    ///
    /// - Precondition: `rotation` is nine numbers, the rows of a rotation (orthonormal, determinant 1).
    public mutating func turn(_ rotation: [Double]) {
        splats.turn(rotation)
        up = up.map { Vector.turned(rotation, $0) }
    }

    /// Gives the scene other axes.
    public mutating func turn(from axes: SplatAxes, to others: SplatAxes) {
        if axes != others { turn(axes.rotation(to: others)) }
    }
}

extension Splats {
    /// Turns all splats about the origin; see `SplatScene.turn(_:)`.
    public mutating func turn(_ rotation: [Double]) {
        precondition(rotation.count == 9)
        let count = count
        if let signs = Self.signs(ofAxes: rotation) { return flip(signs) }
        let (m, q) = (rotation, Self.quaternion(of: rotation))
        withPlanes { planes in
            let (x, y, z) = (planes[0], planes[1], planes[2])
            for i in 0..<count {
                let p = (Double(x[i]), Double(y[i]), Double(z[i]))
                x[i] = Float(m[0] * p.0 + m[1] * p.1 + m[2] * p.2)
                y[i] = Float(m[3] * p.0 + m[4] * p.1 + m[5] * p.2)
                z[i] = Float(m[6] * p.0 + m[7] * p.1 + m[8] * p.2)
            }
            let (w, a, b, c) = (planes[6], planes[7], planes[8], planes[9])
            for i in 0..<count {
                let p = (Double(w[i]), Double(a[i]), Double(b[i]), Double(c[i]))
                w[i] = Float(q[0] * p.0 - q[1] * p.1 - q[2] * p.2 - q[3] * p.3)
                a[i] = Float(q[0] * p.1 + q[1] * p.0 + q[2] * p.3 - q[3] * p.2)
                b[i] = Float(q[0] * p.2 - q[1] * p.3 + q[2] * p.0 + q[3] * p.1)
                c[i] = Float(q[0] * p.3 + q[1] * p.2 - q[2] * p.1 + q[3] * p.0)
            }
        }
        turnHarmonics(rotation)
    }

    private mutating func turnHarmonics(_ rotation: [Double]) {
        guard degree > 0 else { return }
        let matrices = HarmonicTurning(rotation, degree: degree).matrices
        let (degree, count) = (degree, count)
        withPlanes { planes in
            var values = [Double](repeating: 0, count: 9)
            for l in 1...degree {
                let (matrix, width) = (matrices[l], 2 * l + 1)
                for channel in 0..<3 {
                    let band = (0..<width).map { planes[Plane.harmonics + 3 * (l * l + $0) + channel] }
                    for i in 0..<count {
                        for k in 0..<width { values[k] = Double(band[k][i]) }
                        for k in 0..<width {
                            var sum = 0.0
                            for j in 0..<width { sum += matrix[k * width + j] * values[j] }
                            band[k][i] = Float(sum)
                        }
                    }
                }
            }
        }
    }

    /// The signs of a rotation that turns axes round and leaves them in their places; nil for any other.
    private static func signs(ofAxes m: [Double]) -> [Float]? {
        let signs = [m[0], m[4], m[8]]
        let others = [m[1], m[2], m[3], m[5], m[6], m[7]]
        guard signs.allSatisfy({ abs($0) == 1 }), others.allSatisfy({ $0 == 0 }) else { return nil }
        return signs.map { Float($0) }
    }

    /// Half a turn about an axis by signs alone, which is exact and its own inverse.
    private mutating func flip(_ signs: [Float]) {
        func change(_ plane: Int, _ sign: Float) {
            if sign < 0 { withPlane(plane) { for i in $0.indices { $0[i] = -$0[i] } } }
        }
        for axis in 0..<3 {
            change(Plane.position + axis, signs[axis])
            // Of a vector of rotation only the directions across the axis turn round; the splat has no ends to tell apart.
            change(Plane.rotation + 1 + axis, signs[axis])
        }
        for k in 1..<max(1, coefficientCount) {
            let powers = Self.powers[k]
            let sign = zip(powers, signs).reduce(Float(1)) { $1.0 ? $0 * $1.1 : $0 }
            for channel in 0..<3 { change(Plane.harmonics + 3 * k + channel, sign) }
        }
    }

    /// Whether each harmonic is odd in x, y and z.
    private static let powers: [[Bool]] = (0...4).flatMap { l in
        (-l...l).map { m in
            // Of order m >= 0 with cos(m phi), and of m < 0 with sin(|m| phi).
            let order = abs(m)
            let isOddInY = m < 0
            return [(order % 2 == 1) != isOddInY, isOddInY, (l + order) % 2 == 1]
        }
    }

    /// A vector turned by a matrix, given by its rows.
    static func turned(_ v: [Double], by m: [Double]) -> [Double] {
        let x: Double = m[0] * v[0] + m[1] * v[1] + m[2] * v[2]
        let y: Double = m[3] * v[0] + m[4] * v[1] + m[5] * v[2]
        let z: Double = m[6] * v[0] + m[7] * v[1] + m[8] * v[2]
        return [x, y, z]
    }

    /// The product of two matrices, given by their rows.
    static func product(_ a: [Double], _ b: [Double]) -> [Double] {
        let columns = (0..<3).map { column in turned([b[column], b[3 + column], b[6 + column]], by: a) }
        return (0..<3).flatMap { row in columns.map { $0[row] } }
    }

    /// The rows of the transpose.
    static func transposed(_ m: [Double]) -> [Double] { [m[0], m[3], m[6], m[1], m[4], m[7], m[2], m[5], m[8]] }

    /// The determinant of nine numbers, the rows of a matrix.
    static func determinant(of m: [Double]) -> Double {
        let first: Double = m[0] * (m[4] * m[8] - m[5] * m[7])
        let second: Double = m[1] * (m[3] * m[8] - m[5] * m[6])
        let third: Double = m[2] * (m[3] * m[7] - m[4] * m[6])
        return first - second + third
    }

    /// The quaternion w, x, y, z of a rotation.
    static func quaternion(of m: [Double]) -> [Double] {
        // The greatest component first, so that nothing is divided by what is nearly 0 (Shepperd, 1978).
        let squares = [
            1 + m[0] + m[4] + m[8], 1 + m[0] - m[4] - m[8], 1 - m[0] + m[4] - m[8], 1 - m[0] - m[4] + m[8],
        ]
        let greatest = squares.indices.max { squares[$0] < squares[$1] }!
        let root = squares[greatest].squareRoot()
        let half = 0.5 / root
        switch greatest {
        case 0: return [root / 2, (m[7] - m[5]) * half, (m[2] - m[6]) * half, (m[3] - m[1]) * half]
        case 1: return [(m[7] - m[5]) * half, root / 2, (m[1] + m[3]) * half, (m[2] + m[6]) * half]
        case 2: return [(m[2] - m[6]) * half, (m[1] + m[3]) * half, root / 2, (m[5] + m[7]) * half]
        default: return [(m[3] - m[1]) * half, (m[2] + m[6]) * half, (m[5] + m[7]) * half, root / 2]
        }
    }
}
