import Foundation
import Genera

extension SPZ {
    /// The bits of a fraction that are written where positions are small enough; less where they are not.
    static let usualBits = 12

    /// Writes a scene.
    static func write(_ scene: SplatScene, to path: String, version: Int) throws {
        let splats = scene.splats
        func error(_ reason: String, _ advice: String) -> FormatError {
            FormatError(file: path, reason: "cannot write: \(reason)", advice: advice, kind: .usage)
        }
        guard (2...4).contains(version) else {
            throw error("version \(version) of SPZ is not written", "2, 3 and 4 are")
        }
        guard version > 2 || splats.degree < 4 else {
            throw error("version 2 of SPZ has no harmonics of degree 4", "write version 3 or 4")
        }
        let reach = (0..<3).flatMap { splats.plane($0) }.reduce(0) { max($0, abs($1)) }
        guard reach < 0x1p23 else {
            throw error("a position is \(reach) from the origin, SPZ reaches 8388607", "scale the scene down")
        }
        var bits = usualBits
        while bits > 0, (reach * Float(1 << bits)).rounded() > 0x7FFFFF { bits -= 1 }
        let streams = [
            positions(splats, bits), opacities(splats), colours(splats), sizes(splats),
            version < 3 ? firstThree(splats) : smallestThree(splats), harmonics(splats),
        ]
        var header = little(magic) + little(UInt32(version)) + little(UInt32(splats.count))
        header += [UInt8(splats.degree), UInt8(bits), scene.isAntialiased ? 1 : 0]
        if version == 4 {
            try writeStreams(header, splats.degree > 0 ? streams : Array(streams.dropLast()), to: path)
        } else {
            let content = ByteView(streams.reduce(into: header + [0]) { $0 += $1 })
            try AtomicFile.write(Gzip.compress(content, level: 6, file: path), to: path)
        }
    }

    private static func writeStreams(_ header: [UInt8], _ streams: [[UInt8]], to path: String) throws {
        let packed = try streams.map { try Zstandard.compress(ByteView($0), file: path) }
        try AtomicFile.write(to: path) { sink in
            try sink.write(header + [UInt8(streams.count)] + little(UInt32(32)) + [UInt8](repeating: 0, count: 12))
            for (stream, packed) in zip(streams, packed) {
                try sink.write(little(UInt64(packed.count)) + little(UInt64(stream.count)))
            }
            for stream in packed { try sink.write(stream) }
        }
    }

    private static func little<T: FixedWidthInteger>(_ value: T) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }

    // MARK: Streams

    private static func positions(_ splats: Splats, _ bits: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 9 * splats.count)
        for axis in 0..<3 {
            let unit = Float(1 << bits) * (axis == 0 ? 1 : -1)
            for (i, value) in splats.plane(axis).enumerated() {
                let number = UInt32(bitPattern: Int32((value * unit).rounded()))
                for byte in 0..<3 { bytes[9 * i + 3 * axis + byte] = UInt8(truncatingIfNeeded: number >> (8 * byte)) }
            }
        }
        return bytes
    }

    private static func opacities(_ splats: Splats) -> [UInt8] {
        splats.plane(Splats.Plane.opacity).map { SplatCoding.byte(SplatCoding.opacity($0) * 255) }
    }

    private static func colours(_ splats: Splats) -> [UInt8] {
        triples(splats, Splats.Plane.harmonics) { SplatCoding.byte((Double($0) * 0.15 + 0.5) * 255) }
    }

    private static func sizes(_ splats: Splats) -> [UInt8] {
        triples(splats, Splats.Plane.logScale) { SplatCoding.byte((Double($0) + 10) * 16) }
    }

    private static func triples(_ splats: Splats, _ first: Int, _ code: (Float) -> UInt8) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 3 * splats.count)
        for part in 0..<3 {
            for (i, value) in splats.plane(first + part).enumerated() { bytes[3 * i + part] = code(value) }
        }
        return bytes
    }

    private static func firstThree(_ splats: Splats) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 3 * splats.count) { bytes, filled in
            filled = 3 * splats.count
            splats.eachRotation { i, rotation in
                let q = rotation.w < 0 ? -stored(rotation) : stored(rotation)
                for part in 0..<3 {
                    bytes.initializeElement(at: 3 * i + part, to: SplatCoding.byte(q[part] * 127.5 + 127.5))
                }
            }
        }
    }

    private static func smallestThree(_ splats: Splats) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 4 * splats.count) { bytes, filled in
            filled = 4 * splats.count
            splats.eachRotation { i, rotation in
                let q = stored(rotation)
                var greatest = 0
                for part in 1..<4 where abs(q[part]) > abs(q[greatest]) { greatest = part }
                var word = UInt32(greatest)
                for part in 0..<4 where part != greatest {
                    let size = min(511, UInt32((abs(q[part]) * (511 / 0.5.squareRoot())).rounded()))
                    let isNegative = (q[part] < 0) != (q[greatest] < 0)
                    word = word << 10 | (isNegative ? 512 : 0) | size
                }
                for byte in 0..<4 {
                    bytes.initializeElement(at: 4 * i + byte, to: UInt8(truncatingIfNeeded: word >> (8 * byte)))
                }
            }
        }
    }

    /// x, y, z, w in the axes of the file.
    private static func stored(_ q: SIMD4<Double>) -> SIMD4<Double> { q * SIMD4(1, -1, -1, 1) }

    /// Steps of 8 for the first degree and 16 for the others, as the format's own library takes them: few values pack well.
    private static func harmonics(_ splats: Splats) -> [UInt8] {
        let width = 3 * (splats.coefficientCount - 1)
        let scales = (0..<width).map { Float(128) * signs[1 + $0 / 3] }
        var bytes = [UInt8](repeating: 0, count: width * splats.count)
        let numbers: [Float] = splats.rows(Splats.Plane.harmonics + 3..<splats.planeCount)
        numbers.withUnsafeBufferPointer { numbers in
            for row in 0..<splats.count {
                for column in 0..<width {
                    let value: Float = (numbers[row * width + column] * scales[column]).rounded()
                    let number: Int = Int(max(-1000, min(1000, value))) + 128
                    let step: Int = column < 9 ? 8 : 16
                    let stepped: Int = (number + step / 2) / step * step
                    bytes[row * width + column] = UInt8(max(0, min(255, stepped)))
                }
            }
        }
        return bytes
    }
}

extension Splats {
    /// Calls `body` with each splat's rotation x, y, z, w of length 1.
    func eachRotation(_ body: (Int, SIMD4<Double>) -> Void) {
        storage.withUnsafeBufferPointer { memory in
            guard let base = memory.baseAddress else { return }
            let w = base + Plane.rotation * stride
            let (x, y, z) = (w + stride, w + 2 * stride, w + 3 * stride)
            for i in 0..<count {
                let q = SIMD4(Double(x[i]), Double(y[i]), Double(z[i]), Double(w[i]))
                let length = (q * q).sum().squareRoot()
                body(i, length > 0 ? q / length : SIMD4(0, 0, 0, 1))
            }
        }
    }
}
