import Foundation
import Genera
import Splatting

/// The published equations in double precision, a pixel at a time: the twin that the kernels are compared with.
struct PlainRasterizer {
    let camera: Camera
    let rules: RenderRules
    let background: [Double]

    private struct Flat {
        var u, v, a, b, c, opacity, depth, beta: Double
        var color: [Double]
        var tiles: (x: Range<Int>, y: Range<Int>)
    }

    /// `[3, height, width]`.
    func render(_ splats: [[Double]], degree: Int) -> [Double] {
        let flats = splats.compactMap { flat($0, degree) }.enumerated().sorted {
            ($0.element.depth, $0.offset) < ($1.element.depth, $1.offset)
        }
        .map(\.element)
        let area = camera.width * camera.height
        var result = [Double](repeating: 0, count: 3 * area)
        for y in 0..<camera.height {
            for x in 0..<camera.width {
                var through = 1.0, sum = [0.0, 0, 0]
                for f in flats where f.tiles.x.contains(x / 16) && f.tiles.y.contains(y / 16) {
                    let (dx, dy) = (f.u - Double(x), f.v - Double(y))
                    let q = f.a * dx * dx + 2 * f.b * dx * dy + f.c * dy * dy
                    guard q >= 0 else { continue }
                    let alpha = min(Double(rules.alphaMax), f.opacity * exp(-pow(q, f.beta / 2) / 2))
                    guard alpha >= 1 / 255.0 else { continue }
                    let after = through * (1 - alpha)
                    guard after >= 1e-4 else { break }
                    for k in 0..<3 { sum[k] += alpha * through * f.color[k] }
                    through = after
                }
                for k in 0..<3 { result[k * area + y * camera.width + x] = sum[k] + through * background[k] }
            }
        }
        return result
    }

    /// A splat's numbers in the order of the planes.
    private func flat(_ p: [Double], _ degree: Int) -> Flat? {
        let r = camera.rotation, t = camera.translation
        let c = (0..<3).map { i in (0..<3).reduce(t[i]) { $0 + r[3 * i + $1] * p[$1] } }
        guard c[2] > 0.2 else { return nil }
        let (fx, fy) = (camera.fx, camera.fy)
        let limits = (1.3 * Double(camera.width) / (2 * fx), 1.3 * Double(camera.height) / (2 * fy))
        let a = min(max(c[0] / c[2], -limits.0), limits.0), b = min(max(c[1] / c[2], -limits.1), limits.1)
        let jacobian = [fx / c[2], 0, -fx * a / c[2], 0, fy / c[2], -fy * b / c[2]]
        let phi = rules.isExponential ? 1 : rules.shapeStrength.map { 2 / (1 + exp(-Double($0) * p[11])) } ?? 1
        let scales = (3..<6).map { exp(p[$0]) * phi * Double(rules.scaleModifier) }
        let sigma = Covariance.matrix(Array(p[6..<10]), scales: scales)
        var turned = [Double](repeating: 0, count: 6)
        for i in 0..<2 {
            for k in 0..<3 { turned[3 * i + k] = (0..<3).reduce(0) { $0 + jacobian[3 * i + $1] * r[3 * $1 + k] } }
        }
        func product(_ i: Int, _ j: Int) -> Double {
            var sum = 0.0
            for k in 0..<3 { for l in 0..<3 { sum += turned[3 * i + k] * sigma[3 * k + l] * turned[3 * j + l] } }
            return sum
        }
        let bare = (product(0, 0), product(0, 1), product(1, 1)), d = Double(rules.dilation)
        let (xx, xy, yy) = (bare.0 + d, bare.1, bare.2 + d), determinant = xx * yy - xy * xy
        var opacity = 1 / (1 + exp(-p[10]))
        if rules.isAntialiased {
            opacity *= max(2.5e-5, (bare.0 * bare.2 - bare.1 * bare.1) / determinant).squareRoot()
        }
        let middle = (xx + yy) / 2,
            radius = (3 * (middle + max(0.1, middle * middle - determinant).squareRoot()).squareRoot()).rounded(.up)
        let u = fx * c[0] / (c[2] + 1e-7) + Double(camera.width) / 2 - 0.5,
            v = fy * c[1] / (c[2] + 1e-7) + Double(camera.height) / 2 - 0.5
        let grid = ((camera.width + 15) / 16, (camera.height + 15) / 16)
        func clamp(_ x: Double, _ most: Int) -> Int { min(max(Int(x), 0), most) }
        let tiles = (
            x: clamp(
                (u - radius) / 16, grid.0)..<max(
                    clamp((u + radius + 15) / 16, grid.0), clamp((u - radius) / 16, grid.0)),
            y: clamp(
                (v - radius) / 16, grid.1)..<max(
                    clamp((v + radius + 15) / 16, grid.1), clamp((v - radius) / 16, grid.1))
        )
        return Flat(
            u: u, v: v, a: yy / determinant, b: -xy / determinant, c: xx / determinant, opacity: opacity, depth: c[2],
            beta: rules.isExponential ? 2 + p[11] : 2, color: color(p, degree), tiles: tiles)
    }

    private func color(_ p: [Double], _ degree: Int) -> [Double] {
        let centre = camera.centre, d = (0..<3).map { p[$0] - centre[$0] }
        let length = (d[0] * d[0] + d[1] * d[1] + d[2] * d[2]).squareRoot()
        let basis = Self.basis(degree, d[0] / length, d[1] / length, d[2] / length)
        return (0..<3).map { channel in
            max(0, basis.enumerated().reduce(0.5) { $0 + $1.element * p[12 + 3 * $1.offset + channel] })
        }
    }

    /// The basis of real spherical harmonics in the papers' order and signs.
    static func basis(_ degree: Int, _ x: Double, _ y: Double, _ z: Double) -> [Double] {
        var basis = [0.28209479177387814]
        if degree > 0 { basis += [-0.4886025119029199 * y, 0.4886025119029199 * z, -0.4886025119029199 * x] }
        let (xx, yy, zz) = (x * x, y * y, z * z)
        if degree > 1 {
            basis += [
                1.0925484305920792 * x * y, -1.0925484305920792 * y * z, 0.31539156525252005 * (2 * zz - xx - yy),
            ]
            basis += [-1.0925484305920792 * x * z, 0.5462742152960396 * (xx - yy)]
        }
        if degree > 2 {
            basis += [-0.5900435899266435 * y * (3 * xx - yy), 2.890611442640554 * x * y * z]
            basis += [
                -0.4570457994644658 * y * (4 * zz - xx - yy), 0.3731763325901154 * z * (2 * zz - 3 * xx - 3 * yy),
            ]
            basis += [-0.4570457994644658 * x * (4 * zz - xx - yy), 1.445305721320277 * z * (xx - yy)]
            basis += [-0.5900435899266435 * x * (xx - 3 * yy)]
        }
        return basis
    }
}
