import CSplats
import Genera

/// A picture of a scene in floating point, or a band of its rows, with what is known of its pixels.
public struct RenderedView: Sendable {
    /// Columns.
    public let width: Int
    /// Rows.
    public let height: Int
    /// What was composited, over the background, `[3, height, width]`.
    public internal(set) var planes: [Float]
    /// What is left of the light from behind, `[height, width]`; alpha is 1 - transmittance.
    public internal(set) var transmittance: [Float]
    /// See `Rasterizer.Details.last`, `[height, width]`; empty if it was not asked for.
    public internal(set) var last: [Int32]
    /// See `Rasterizer.Details.top`, `[height, width]`, -1 for none; empty if it was not asked for.
    public internal(set) var top: [Int32]
    /// See `Rasterizer.Details.medianDepth`, `[height, width]`, 0 for none; empty if it was not asked for.
    public internal(set) var medianDepth: [Float]
    /// Rows of the picture above the first one.
    public let firstRow: Int
    let background: [Float]

    init(width: Int, rows: Range<Int>, background: [Float], details: Rasterizer.Details) {
        precondition(background.count == 3)
        (self.width, height, firstRow, self.background) = (width, rows.count, rows.lowerBound, background)
        let area = width * height
        planes = Array(repeating: 0, count: 3 * area)
        transmittance = Array(repeating: 0, count: area)
        last = details.contains(.last) ? Array(repeating: 0, count: area) : []
        top = details.contains(.top) ? Array(repeating: -1, count: area) : []
        medianDepth = details.contains(.medianDepth) ? Array(repeating: 0, count: area) : []
    }

    mutating func withPicture<Result>(_ body: (UnsafePointer<SplatPicture>) -> Result) -> Result {
        let background = (background[0], background[1], background[2])
        return planes.withUnsafeMutableBufferPointer { planes in
            transmittance.withUnsafeMutableBufferPointer { transmittance in
                last.withUnsafeMutableBufferPointer { last in
                    top.withUnsafeMutableBufferPointer { top in
                        medianDepth.withUnsafeMutableBufferPointer { median in
                            var picture = SplatPicture(
                                planes: planes.baseAddress, transmittance: transmittance.baseAddress,
                                last: last.isEmpty ? nil : last.baseAddress,
                                median_depth: median.isEmpty ? nil : median.baseAddress,
                                top: top.isEmpty ? nil : top.baseAddress, background: background,
                                first_row: Int32(firstRow), row_count: Int32(height))
                            return body(&picture)
                        }
                    }
                }
            }
        }
    }

    /// The picture in 8 bits, RGB.
    public var image: Image {
        let area = width * height
        var bytes = [UInt8](repeating: 0, count: 3 * area)
        for channel in 0..<3 {
            for pixel in 0..<area { bytes[3 * pixel + channel] = Self.byte(planes[channel * area + pixel]) }
        }
        return Image(width: width, height: height, channels: 3, bytes: bytes)
    }

    /// The picture in 8 bits with straight alpha, RGBA; made over black.
    public var imageWithAlpha: Image {
        let area = width * height
        var bytes = [UInt8](repeating: 0, count: 4 * area)
        for pixel in 0..<area {
            let alpha = 1 - transmittance[pixel]
            for channel in 0..<3 {
                bytes[4 * pixel + channel] = alpha > 0 ? Self.byte(planes[channel * area + pixel] / alpha) : 0
            }
            bytes[4 * pixel + 3] = Self.byte(alpha)
        }
        return Image(width: width, height: height, channels: 4, bytes: bytes)
    }

    static func byte(_ value: Float) -> UInt8 { UInt8(min(max(value * 255 + 0.5, 0), 255)) }
}
