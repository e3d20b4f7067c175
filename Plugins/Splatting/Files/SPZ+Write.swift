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
        var bytes: [UInt8] = []
        bytes.reserveCapacity(3 * splats.count)
        for i in 0..<splats.count {
            let q = stored(splats, i)
            let sign = q[3] < 0 ? -127.5 : 127.5
            bytes += q.prefix(3).map { SplatCoding.byte($0 * sign + 127.5) }
        }
        return bytes
    }

    private static func smallestThree(_ splats: Splats) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(4 * splats.count)
        for i in 0..<splats.count {
            let q = stored(splats, i)
            let greatest = q.indices.max { abs(q[$0]) < abs(q[$1]) }!
            var word = UInt32(greatest)
            for part in 0..<4 where part != greatest {
                let size = min(511, UInt32((511 * abs(q[part]) / 0.5.squareRoot()).rounded()))
                let isNegative = (q[part] < 0) != (q[greatest] < 0)
                word = word << 10 | (isNegative ? 512 : 0) | size
            }
            bytes += little(word)
        }
        return bytes
    }

    /// A quaternion x, y, z, w of length 1 in the axes of the file.
    private static func stored(_ splats: Splats, _ i: Int) -> [Double] {
        let q = [1, 2, 3, 0].map { Double(splats[Splats.Plane.rotation + $0, i]) }
        let length = q.reduce(0) { $0 + $1 * $1 }.squareRoot()
        guard length > 0 else { return [0, 0, 0, 1] }
        return [q[0] / length, -q[1] / length, -q[2] / length, q[3] / length]
    }

    /// Steps of 8 for the first degree and 16 for the others, as the format's own library takes them: few values pack well.
    private static func harmonics(_ splats: Splats) -> [UInt8] {
        let width = 3 * (splats.coefficientCount - 1)
        var bytes = [UInt8](repeating: 0, count: width * splats.count)
        for column in 0..<width {
            let (scale, step) = (128 * signs[1 + column / 3], column < 9 ? 8 : 16)
            for (i, value) in splats.plane(Splats.Plane.harmonics + 3 + column).enumerated() {
                let number = Int(max(-1000, min(1000, (value * scale).rounded()))) + 128
                bytes[i * width + column] = UInt8(max(0, min(255, (number + step / 2) / step * step)))
            }
        }
        return bytes
    }
}
