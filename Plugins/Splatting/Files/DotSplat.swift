import Foundation
import Genera

/// The `.splat` files of antimatter15's viewer: 32 bytes a splat, no header, colours without direction.
enum DotSplat {
    static let stride = 32

    /// Reads a file's bytes.
    static func read(_ view: ByteView, file: String) throws -> SplatScene {
        guard view.count % stride == 0 else {
            throw FormatError(
                file: file, reason: "its \(view.count) bytes are not a multiple of \(stride), the bytes of one splat",
                advice: "the file is cut short, or not a .splat file")
        }
        var splats = Splats(count: view.count / stride, degree: 0)
        let count = splats.count
        splats.withPlanes { planes in
            view.withUnsafeBytes { bytes in
                for i in 0..<count { unpack(bytes.baseAddress! + i * stride, i, planes) }
            }
        }
        return SplatScene(splats)
    }

    private static func unpack(_ row: UnsafeRawPointer, _ i: Int, _ planes: [UnsafeMutablePointer<Float>]) {
        func float(_ index: Int) -> Float {
            Float(bitPattern: UInt32(littleEndian: (row + 4 * index).loadUnaligned(as: UInt32.self)))
        }
        func byte(_ index: Int) -> UInt8 { (row + index).load(as: UInt8.self) }
        for axis in 0..<3 {
            planes[Splats.Plane.position + axis][i] = float(axis)
            planes[Splats.Plane.logScale + axis][i] = SplatCoding.logScale(float(3 + axis))
            planes[Splats.Plane.harmonics + axis][i] = SplatCoding.harmonic(Double(byte(24 + axis)) / 255)
        }
        planes[Splats.Plane.opacity][i] = SplatCoding.logits[Int(byte(27))]
        let q = SIMD4(Double(byte(28)), Double(byte(29)), Double(byte(30)), Double(byte(31))) * (1 / 128) - 1
        let sum = (q * q).sum()
        let length = sum > 0 ? sum.squareRoot() : 1
        for part in 0..<4 { planes[Splats.Plane.rotation + part][i] = Float(q[part] / length) }
    }
}
