import Foundation
import Genera

extension DotSplat {
    /// Writes a scene, the greatest and most opaque splats first: viewers draw such files while they come in.
    static func write(_ scene: SplatScene, to path: String) throws {
        let splats = scene.splats
        let weights = (0..<splats.count).map { i in
            let size = (0..<3).reduce(0.0) { $0 + Double(splats[Splats.Plane.logScale + $1, i]) }
            return exp(size) * SplatCoding.opacity(splats[Splats.Plane.opacity, i])
        }
        let order = weights.indices.sorted { (weights[$1], $0) < (weights[$0], $1) }
        var bytes = [UInt8](repeating: 0, count: stride * splats.count)
        bytes.withUnsafeMutableBytes { memory in
            for (row, i) in order.enumerated() { pack(splats, i, to: memory.baseAddress! + row * stride) }
        }
        try AtomicFile.write(bytes, to: path)
    }

    private static func pack(_ splats: Splats, _ i: Int, to row: UnsafeMutableRawPointer) {
        func put(_ value: Float, _ index: Int) {
            (row + 4 * index).storeBytes(of: value.bitPattern.littleEndian, as: UInt32.self)
        }
        /// Cut, not rounded, as the format's own converter does.
        func put(byte value: Double, _ offset: Int) {
            (row + offset).storeBytes(of: UInt8(max(0, min(255, value))), as: UInt8.self)
        }
        for axis in 0..<3 {
            put(splats[Splats.Plane.position + axis, i], axis)
            put(exp(splats[Splats.Plane.logScale + axis, i]), 3 + axis)
            put(byte: SplatCoding.colour(splats[Splats.Plane.harmonics + axis, i]) * 255, 24 + axis)
        }
        put(byte: SplatCoding.opacity(splats[Splats.Plane.opacity, i]) * 255, 27)
        let q = (0..<4).map { Double(splats[Splats.Plane.rotation + $0, i]) }
        let length = q.reduce(0) { $0 + $1 * $1 }.squareRoot()
        for part in 0..<4 { put(byte: q[part] / (length > 0 ? length : 1) * 128 + 128, 28 + part) }
    }
}
