import Foundation

/// A small square matrix in row-major order: 3x3 for the plane, 4x4 for colours, both homogeneous.
struct Matrix: Equatable {
    let size: Int
    var values: [Double]

    init(_ rows: [[Double]]) { (size, values) = (rows.count, rows.flatMap { $0 }) }

    static func identity(_ size: Int) -> Matrix {
        Matrix((0..<size).map { row in (0..<size).map { $0 == row ? 1 : 0 } })
    }

    subscript(row: Int, column: Int) -> Double { values[row * size + column] }

    static func * (a: Matrix, b: Matrix) -> Matrix {
        let n = a.size
        return Matrix((0..<n).map { i in (0..<n).map { j in (0..<n).reduce(0) { $0 + a[i, $1] * b[$1, j] } } })
    }

    /// Moves points of the plane.
    static func translation(_ x: Double, _ y: Double) -> Matrix { Matrix([[1, 0, x], [0, 1, y], [0, 0, 1]]) }

    /// Scales the plane.
    static func scaling(_ x: Double, _ y: Double) -> Matrix { Matrix([[x, 0, 0], [0, y, 0], [0, 0, 1]]) }

    /// Turns the plane by an angle in radians.
    static func rotation(_ angle: Double) -> Matrix {
        Matrix([[cos(angle), -sin(angle), 0], [sin(angle), cos(angle), 0], [0, 0, 1]])
    }
}

/// Affine maps of colour space. The axis is the luma direction (1, 1, 1) / sqrt(3).
enum ColourMatrix {
    private static let axis = (1.0 / 3).squareRoot()

    static func brightness(_ shift: Double) -> Matrix {
        Matrix([[1, 0, 0, shift], [0, 1, 0, shift], [0, 0, 1, shift], [0, 0, 0, 1]])
    }

    static func contrast(_ factor: Double) -> Matrix {
        Matrix([[factor, 0, 0, 0], [0, factor, 0, 0], [0, 0, factor, 0], [0, 0, 0, 1]])
    }

    /// I - 2 v vᵀ w.
    static func lumaFlip(_ amount: Double) -> Matrix { along(1 - 2 * amount, across: 1) }

    /// v vᵀ + (I - v vᵀ) s.
    static func saturation(_ factor: Double) -> Matrix {
        var matrix = along(1, across: factor)
        matrix.values[15] = factor
        return matrix
    }

    /// Rotation about the luma axis by an angle in radians.
    static func hue(_ angle: Double) -> Matrix {
        let (s, c, rest) = (sin(angle) * axis, cos(angle), (1 - cos(angle)) / 3)
        return Matrix([
            [rest + c, rest - s, rest + s, 0], [rest + s, rest + c, rest - s, 0], [rest - s, rest + s, rest + c, 0],
            [0, 0, 0, 1],
        ])
    }

    private static func along(_ luma: Double, across: Double) -> Matrix {
        let projected = (0..<4).map { row in
            (0..<4).map { column in
                let v = row < 3 && column < 3 ? 1.0 / 3 : 0
                let identity = row == column ? 1.0 : 0
                return v * luma + (identity - v) * across
            }
        }
        return Matrix(projected)
    }
}
