import Foundation
import Genera

extension SPZ {
    /// The signs that a harmonic takes when the axes y and z are turned round: of odd powers of both together.
    static let signs: [Float] = [
        1, -1, -1, 1, -1, 1, 1, -1, 1, -1, 1, -1, -1, 1, -1, 1, -1, 1, -1, 1, 1, -1, 1, -1, 1,
    ]

    /// The scene, its axes right, down, forward.
    func scene() -> SplatScene {
        var splats = Splats(count: count, degree: degree)
        splats.withPlanes { planes in
            unpackPositions(planes)
            unpackOpacityAndColours(planes)
            if version < 3 { unpackFirstThree(planes) } else { unpackSmallestThree(planes) }
            unpackHarmonics(planes)
        }
        return SplatScene(splats, isAntialiased: isAntialiased, remarks: remarks)
    }

    private func unpackPositions(_ planes: [UnsafeMutablePointer<Float>]) {
        let unit = Float(sign: .plus, exponent: -fractionalBits, significand: 1)
        streams[0].withUnsafeBytes { bytes in
            for axis in 0..<3 {
                let (plane, sign) = (planes[axis], Float(axis == 0 ? 1 : -1))
                if version == 1 {
                    for i in 0..<count {
                        let bits = UInt16(
                            littleEndian: bytes.loadUnaligned(fromByteOffset: 6 * i + 2 * axis, as: UInt16.self))
                        plane[i] = sign * Self.float(half: bits)
                    }
                } else {
                    for i in 0..<count {
                        let at = 9 * i + 3 * axis
                        let low = UInt32(bytes[at]) | UInt32(bytes[at + 1]) << 8 | UInt32(bytes[at + 2]) << 16
                        plane[i] = sign * unit * Float(Int32(bitPattern: low << 8) >> 8)
                    }
                }
            }
        }
    }

    /// IEEE 754 half precision, by its bits; `Float16` does not exist on every platform.
    static func float(half bits: UInt16) -> Float {
        let sign: Float = bits & 0x8000 == 0 ? 1 : -1
        let (exponent, fraction) = (Int(bits >> 10) & 31, Float(bits & 0x3FF))
        switch exponent {
        case 0: return sign * fraction * 0x1p-24
        case 31: return fraction == 0 ? sign * .infinity : .nan
        default: return sign * Float(sign: .plus, exponent: exponent - 15, significand: 1 + fraction * 0x1p-10)
        }
    }

    private func unpackOpacityAndColours(_ planes: [UnsafeMutablePointer<Float>]) {
        let colours = (0..<256).map { Float((Double($0) / 255 - 0.5) / 0.15) }
        let sizes = (0..<256).map { Float($0) / 16 - 10 }
        streams[1].withUnsafeBytes { bytes in
            for i in 0..<count { planes[Splats.Plane.opacity][i] = SplatCoding.logits[Int(bytes[i])] }
        }
        for (stream, first, table) in [(2, Splats.Plane.harmonics, colours), (3, Splats.Plane.logScale, sizes)] {
            streams[stream].withUnsafeBytes { bytes in
                for part in 0..<3 {
                    let plane = planes[first + part]
                    for i in 0..<count { plane[i] = table[Int(bytes[3 * i + part])] }
                }
            }
        }
    }

    /// The vector part by eight bits each; w is positive and follows from the length of 1.
    private func unpackFirstThree(_ planes: [UnsafeMutablePointer<Float>]) {
        let (w, x, y, z) = (planes[6], planes[7], planes[8], planes[9])
        streams[4].withUnsafeBytes { bytes in
            for i in 0..<count {
                let a = Double(bytes[3 * i]) / 127.5 - 1
                let b = Double(bytes[3 * i + 1]) / 127.5 - 1
                let c = Double(bytes[3 * i + 2]) / 127.5 - 1
                w[i] = Float(max(0, 1 - a * a - b * b - c * c).squareRoot())
                (x[i], y[i], z[i]) = (Float(a), Float(-b), Float(-c))
            }
        }
    }

    /// Three of x, y, z, w by a sign and nine bits each, the last lowest; the greatest is positive.
    private func unpackSmallestThree(_ planes: [UnsafeMutablePointer<Float>]) {
        // Where x, y, z and w go, and their signs in our axes.
        let places = [planes[7], planes[8], planes[9], planes[6]]
        let signs: [Double] = [1, -1, -1, 1]
        streams[4].withUnsafeBytes { bytes in
            for i in 0..<count {
                var word = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4 * i, as: UInt32.self))
                let greatest = Int(word >> 30)
                var rest = 1.0
                for part in (0..<4).reversed() where part != greatest {
                    let size = Double(word & 511) / 511 * 0.5.squareRoot()
                    let value = word & 512 == 0 ? size : -size
                    rest -= value * value
                    places[part][i] = Float(signs[part] * value)
                    word >>= 10
                }
                places[greatest][i] = Float(signs[greatest] * max(0, rest).squareRoot())
            }
        }
    }

    private func unpackHarmonics(_ planes: [UnsafeMutablePointer<Float>]) {
        let width = 3 * restCount
        streams[5].withUnsafeBytes { bytes in
            for column in 0..<width {
                let plane = planes[Splats.Plane.harmonics + 3 + column]
                let scale = Self.signs[1 + column / 3] / 128
                for i in 0..<count { plane[i] = (Float(bytes[i * width + column]) - 128) * scale }
            }
        }
    }
}
