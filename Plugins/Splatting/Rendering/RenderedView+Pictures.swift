import Genera

extension RenderedView {
    /// How much of the light each pixel takes, in grey.
    var alphaImage: Image {
        Image(width: width, height: height, channels: 1, bytes: transmittance.map { Self.byte(1 - $0) })
    }

    /// A picture in 16 bits of depths, 0 where there are none: near bright, far dark.
    static func depthImage(_ depths: [Float], width: Int, height: Int) -> Image {
        var (near, far) = (Float.infinity, Float(0))
        for depth in depths where depth > 0 { (near, far) = (min(near, depth), max(far, depth)) }
        let span = max(far - near, 1e-6)
        let words = depths.map { depth -> UInt16 in
            guard depth > 0 else { return 0 }
            return UInt16(min(max(65535 - 60000 * (depth - near) / span, 0), 65535))
        }
        return Image(width: width, height: height, channels: 1, words: words)
    }

    /// Normals as colours: right red, up green, towards the camera blue.
    var normalImage: Image {
        let area = width * height
        var bytes = [UInt8](repeating: 0, count: 3 * area)
        for pixel in 0..<area where transmittance[pixel] < 0.5 {
            let n = [planes[pixel], -planes[area + pixel], -planes[2 * area + pixel]]
            let length = max((n[0] * n[0] + n[1] * n[1] + n[2] * n[2]).squareRoot(), 1e-12)
            for k in 0..<3 { bytes[3 * pixel + k] = Self.byte(0.5 + 0.5 * n[k] / length) }
        }
        return Image(width: width, height: height, channels: 3, bytes: bytes)
    }

    /// Splats in colours that tell neighbours apart.
    var topImage: Image {
        var bytes = [UInt8](repeating: 0, count: 3 * width * height)
        for (pixel, splat) in top.enumerated() where splat >= 0 {
            var hash = UInt32(bitPattern: splat) &* 2_654_435_761
            hash ^= hash >> 15
            hash = hash &* 2_246_822_519
            for k in 0..<3 { bytes[3 * pixel + k] = UInt8(55 + (hash >> UInt32(8 * k) & 255) * 200 / 255) }
        }
        return Image(width: width, height: height, channels: 3, bytes: bytes)
    }
}
