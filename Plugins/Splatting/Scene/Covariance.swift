/// Sigma = R S S R^T of one splat in double precision (Kerbl et al., 2023, equation 6), beside the kernels' own for tests and tables.
public enum Covariance {
    /// The rotation of a quaternion w, x, y, z of any length but 0, rows of 3.
    public static func rotation(_ quaternion: [Double]) -> [Double] {
        let length = quaternion.reduce(0) { $0 + $1 * $1 }.squareRoot()
        let q = quaternion.map { $0 / length }
        let (w, x, y, z) = (q[0], q[1], q[2], q[3])
        return [
            1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y),
            2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x),
            2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y),
        ]
    }

    /// The covariance, rows of 3; with `power` -1 its inverse.
    public static func matrix(_ quaternion: [Double], scales: [Double], power: Double = 1) -> [Double] {
        let r = rotation(quaternion), s = scales.map { power > 0 ? $0 * $0 : 1 / ($0 * $0) }
        return (0..<9).map { at in
            let row = at / 3 * 3, column = at % 3 * 3
            var sum = 0.0
            for k in 0..<3 { sum += r[row + k] * s[k] * r[column + k] }
            return sum
        }
    }

    /// Derivatives of sum cotangent * covariance by the quaternion as it is given and by the scales.
    public static func gradient(
        _ quaternion: [Double], scales: [Double], cotangent: [Double]
    ) -> (quaternion: [Double], scales: [Double]) {
        let r = rotation(quaternion)
        // dL/dM = (G + G^T) M for M = R S.
        let byM = (0..<9).map { at in
            let (i, j) = (at / 3, at % 3)
            var sum = 0.0
            for k in 0..<3 { sum += (cotangent[3 * i + k] + cotangent[3 * k + i]) * r[3 * k + j] * scales[j] }
            return sum
        }
        let byScale = (0..<3).map { j in (0..<3).reduce(0) { $0 + r[3 * $1 + j] * byM[3 * $1 + j] } }
        let e = byM.enumerated().map { $1 * scales[$0 % 3] }
        let length = quaternion.reduce(0) { $0 + $1 * $1 }.squareRoot()
        let q = quaternion.map { $0 / length }
        let (w, x, y, z) = (q[0], q[1], q[2], q[3])
        let raw = [
            2 * (x * (e[7] - e[5]) + y * (e[2] - e[6]) + z * (e[3] - e[1])),
            2 * (y * (e[3] + e[1]) + z * (e[6] + e[2]) + w * (e[7] - e[5])) - 4 * x * (e[8] + e[4]),
            2 * (x * (e[3] + e[1]) + w * (e[2] - e[6]) + z * (e[7] + e[5])) - 4 * y * (e[8] + e[0]),
            2 * (w * (e[3] - e[1]) + x * (e[6] + e[2]) + y * (e[7] + e[5])) - 4 * z * (e[4] + e[0]),
        ]
        let along = zip(raw, q).reduce(0) { $0 + $1.0 * $1.1 }
        return ((0..<4).map { (raw[$0] - along * q[$0]) / length }, byScale)
    }
}
