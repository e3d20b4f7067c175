import Foundation
import Genera

/// How a lens bends straight lines, by the polynomials of OpenCV that COLMAP and nerfstudio use.
public struct LensDistortion: Sendable, Equatable {
    /// What the polynomials are in.
    public enum Kind: Sendable, Equatable {
        /// In the place on a plane before the lens: radial, k1...k6 as a quotient, and tangential, p1 and p2.
        case radialTangential
        /// In the angle from the axis, k1...k4 (Kannala and Brandt, 2006).
        case fisheye
    }

    /// What the polynomials are in.
    public let kind: Kind
    /// k1...k6.
    public let radial: [Double]
    /// p1 and p2.
    public let tangential: [Double]

    /// A lens; coefficients that are left out are 0.
    public init(_ kind: Kind, radial: [Double], tangential: [Double] = []) {
        func filled(_ numbers: [Double], _ count: Int) -> [Double] {
            Array((numbers + [Double](repeating: 0, count: count)).prefix(count))
        }
        (self.kind, self.radial, self.tangential) = (kind, filled(radial, 6), filled(tangential, 2))
    }

    /// Whether it bends nothing.
    public var isNone: Bool { (radial + tangential).allSatisfy { $0 == 0 } }

    /// What can be done about lenses that are not rendered.
    static let advice =
        "undistort the pictures first, for example by COLMAP's image_undistorter, and use the cameras it writes"

    /// Where a lens puts what a camera without distortion sees at (x, y): on the plane at distance 1, or for a fisheye at as many radians
    /// from the axis.
    ///
    /// - Returns: nil beyond the radius from which on the polynomials lead back inwards, where no lens is meant.
    func distorted(_ x: Double, _ y: Double) -> (x: Double, y: Double)? {
        let k = radial
        let r2 = x * x + y * y
        if kind == .fisheye {
            let factor = 1 + r2 * (k[0] + r2 * (k[1] + r2 * (k[2] + r2 * k[3])))
            let slope = 1 + r2 * (3 * k[0] + r2 * (5 * k[1] + r2 * (7 * k[2] + r2 * 9 * k[3])))
            return slope > 0 && r2 <= .pi * .pi ? (x * factor, y * factor) : nil
        }
        let above = 1 + r2 * (k[0] + r2 * (k[1] + r2 * k[2]))
        let below = 1 + r2 * (k[3] + r2 * (k[4] + r2 * k[5]))
        let aboveSlope = k[0] + r2 * (2 * k[1] + r2 * 3 * k[2])
        let belowSlope = k[3] + r2 * (2 * k[4] + r2 * 3 * k[5])
        // d (r above / below) / dr, times below squared.
        let slope = above * below + 2 * r2 * (aboveSlope * below - above * belowSlope)
        guard slope > 0, below > 0 else { return nil }
        let factor = above / below
        let (p1, p2) = (tangential[0], tangential[1])
        return (
            x * factor + 2 * p1 * x * y + p2 * (r2 + 2 * x * x), y * factor + p1 * (r2 + 2 * y * y) + 2 * p2 * x * y
        )
    }
}

/// The camera that took a photograph, with the distortion of its lens.
public struct DistortedCamera: Sendable, Equatable {
    /// The camera, for the photograph as it is stored.
    public var camera: Camera
    /// Its lens.
    public var distortion: LensDistortion

    /// The same for the photograph at another size.
    func resized(width: Int, height: Int) -> DistortedCamera {
        DistortedCamera(camera: camera.resized(width: width, height: height), distortion: distortion)
    }

    /// Planes `[planes, height, width]` of its photograph as `target` sees them, a camera at the same place with a lens that does not
    /// distort, and what of that the photograph shows: 1 or 0, `[height, width]`. Between pixels values are mixed linearly.
    func undistorted(_ values: [Float], planes: Int, for target: Camera) -> (planes: [Float], shown: [Float]) {
        let (width, height) = (target.width, target.height)
        let size = width * height
        var shown = [Float](repeating: 0, count: size)
        let result = [Float](unsafeUninitializedCapacity: planes * size) { out, count in
            out.initialize(repeating: 0)
            count = planes * size
            values.withUnsafeBufferPointer { values in
                for row in 0..<height {
                    for column in 0..<width {
                        let x = (Double(column) + 0.5 - target.cx) / target.fx
                        let y = (Double(row) + 0.5 - target.cy) / target.fy
                        guard let bent = distortion.distorted(x, y) else { continue }
                        let (u, v) = (camera.fx * bent.x + camera.cx, camera.fy * bent.y + camera.cy)
                        guard u >= 0, v >= 0, u <= Double(width), v <= Double(height) else { continue }
                        let pixel = row * width + column
                        shown[pixel] = 1
                        Self.mix(values, planes, width, height, u - 0.5, v - 0.5) { out[$0 * size + pixel] = $1 }
                    }
                }
            }
        }
        return (result, shown)
    }

    /// The values at a place between pixels whose centres are whole numbers.
    @inline(__always)
    private static func mix(
        _ values: UnsafeBufferPointer<Float>, _ planes: Int, _ width: Int, _ height: Int, _ u: Double, _ v: Double,
        _ body: (Int, Float) -> Void
    ) {
        let (left, top) = (min(max(u, 0), Double(width - 1)), min(max(v, 0), Double(height - 1)))
        let (x, y) = (min(Int(left), max(width - 2, 0)), min(Int(top), max(height - 2, 0)))
        let (a, b) = (Float(left - Double(x)), Float(top - Double(y)))
        let (right, down) = (width > 1 ? 1 : 0, height > 1 ? width : 0)
        for plane in 0..<planes {
            let place = (plane * height + y) * width + x
            let upper = values[place] + a * (values[place + right] - values[place])
            let lower = values[place + down] + a * (values[place + down + right] - values[place + down])
            body(plane, upper + b * (lower - upper))
        }
    }
}
