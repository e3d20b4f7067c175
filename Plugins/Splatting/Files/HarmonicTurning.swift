import Foundation

/// How coefficients of real spherical harmonics change when what they describe is turned: a matrix for each degree.
struct HarmonicTurning {
    /// For degree l, [2 l + 1, 2 l + 1] by rows.
    let matrices: [[Double]]

    /// The matrices of a rotation, given by its rows.
    ///
    /// The turned function is g(d) = f(R^T d). It has the same degree, so its coefficients follow from its values in a few
    /// directions: with rows of harmonics Y in these directions and Z in the directions turned back, Y c' = Z c.
    init(_ rotation: [Double], degree: Int) {
        let directions = Self.directions(40)
        let back = Splats.transposed(rotation)
        let turned = directions.map { Splats.turned($0, by: back) }
        let y = directions.map { Self.harmonics(of: $0) }
        let z = turned.map { Self.harmonics(of: $0) }
        matrices = (0...degree).map { l in
            let columns = l * l..<(l + 1) * (l + 1)
            let width = columns.count
            var normal = [[Double]](repeating: Array(repeating: 0, count: 2 * width), count: width)
            for (row, a) in columns.enumerated() {
                for (column, b) in columns.enumerated() {
                    for i in y.indices {
                        normal[row][column] += y[i][a] * y[i][b]
                        normal[row][width + column] += y[i][a] * z[i][b]
                    }
                }
            }
            return Self.solved(normal, width)
        }
    }

    /// Directions all over the sphere, none of them special (a spiral by the golden angle).
    static func directions(_ count: Int) -> [[Double]] {
        (0..<count).map { i in
            let z = 1 - (2 * Double(i) + 1) / Double(count)
            let (radius, angle) = ((1 - z * z).squareRoot(), 2.399963229728653 * Double(i) + 0.3)
            return [radius * cos(angle), radius * sin(angle), z]
        }
    }

    /// Solves A X = B for [A | B], A symmetric and positive, by elimination.
    private static func solved(_ rows: [[Double]], _ width: Int) -> [Double] {
        var rows = rows
        for pivot in 0..<width {
            let scale = 1 / rows[pivot][pivot]
            for column in pivot..<2 * width { rows[pivot][column] *= scale }
            for row in 0..<width where row != pivot {
                let factor = rows[row][pivot]
                for column in pivot..<2 * width { rows[row][column] -= factor * rows[pivot][column] }
            }
        }
        return rows.flatMap { $0[width...] }
    }

    /// All 25 harmonics of degree 0 to 4 of a direction of length 1, with the signs that splats have.
    static func harmonics(of d: [Double]) -> [Double] {
        let (x, y, z) = (d[0], d[1], d[2])
        let (xx, yy, zz, xy, yz, xz) = (x * x, y * y, z * z, x * y, y * z, x * z)
        let second: [Double] = [
            1.0925484305920792 * xy, -1.0925484305920792 * yz, 0.31539156525252005 * (2 * zz - xx - yy),
            -1.0925484305920792 * xz, 0.5462742152960396 * (xx - yy),
        ]
        let (a, b, c) = (3 * xx - yy, 4 * zz - xx - yy, xx - 3 * yy)
        let third: [Double] = [
            -0.5900435899266435 * y * a, 2.890611442640554 * xy * z, -0.4570457994644658 * y * b,
            0.3731763325901154 * z * (2 * zz - 3 * xx - 3 * yy), -0.4570457994644658 * x * b,
            1.445305721320277 * z * (xx - yy), -0.5900435899266435 * x * c,
        ]
        let (e, f) = (7 * zz - 1, 7 * zz - 3)
        let zonal: Double = 0.10578554691520431 * (zz * (35 * zz - 30) + 3)
        let last: Double = 0.6258357354491761 * (xx * c - yy * a)
        let fourth: [Double] = [
            2.5033429417967046 * xy * (xx - yy), -1.7701307697799304 * yz * a, 0.9461746957575601 * xy * e,
            -0.6690465435572892 * yz * f, zonal, -0.6690465435572892 * xz * f, 0.47308734787878004 * (xx - yy) * e,
            -1.7701307697799304 * xz * c, last,
        ]
        let first: [Double] = [-0.4886025119029199 * y, 0.4886025119029199 * z, -0.4886025119029199 * x]
        return [Splats.constantHarmonic] + first + second + third + fourth
    }
}
