import Foundation
import Genera

extension CompressedPLY {
    /// Writes a scene. Splats are put in the order of a curve through space, so that those of a chunk have ranges in common.
    static func write(_ scene: SplatScene, to path: String) throws {
        let splats = scene.splats.selecting(order(scene.splats))
        let chunkCount = (splats.count + chunkSize - 1) / chunkSize
        var limits = [[Float]](repeating: [Float](repeating: 0, count: chunkCount), count: ranges.count)
        var packed = [[UInt32]](repeating: [UInt32](repeating: 0, count: splats.count), count: words.count)
        let colours = (0..<3).map { splats.plane(Splats.Plane.harmonics + $0).map { Float(SplatCoding.colour($0)) } }
        for chunk in 0..<chunkCount {
            let range = chunk * chunkSize..<min((chunk + 1) * chunkSize, splats.count)
            let positions = (0..<3).map { scaled(splats.plane($0), range) }
            let sizes = (0..<3).map {
                scaled(splats.plane(Splats.Plane.logScale + $0).map { max(-20, min(20, $0)) }[...], range)
            }
            let lights = (0..<3).map { scaled(colours[$0][...], range) }
            for (group, first) in [(positions, 0), (sizes, 6), (lights, 12)] {
                for axis in 0..<3 {
                    limits[first + axis][chunk] = group[axis].low
                    limits[first + 3 + axis][chunk] = group[axis].high
                }
            }
            for (j, i) in range.enumerated() {
                packed[0][i] = vector(positions.map { $0.ways[j] })
                packed[1][i] = rotation((0..<4).map { Double(splats[Splats.Plane.rotation + $0, i]) })
                packed[2][i] = vector(sizes.map { $0.ways[j] })
                let opacity = SplatCoding.opacity(splats[Splats.Plane.opacity, i])
                packed[3][i] =
                    lights.reduce(0) { $0 << 8 | UInt32(SplatCoding.byte(Double($1.ways[j]) * 255)) } << 8
                    | UInt32(SplatCoding.byte(opacity * 255))
            }
        }
        var tables = [
            PLY.Table("chunk", count: chunkCount, zip(ranges, limits).map { .init($0, .floats($1[...])) }),
            PLY.Table("vertex", count: splats.count, zip(words, packed).map { .init($0, .words($1)) }),
        ]
        if splats.degree > 0 { tables.append(harmonics(splats)) }
        try PLY.write(tables, comments: scene.isAntialiased ? ["SplatRenderMode: mip"] : [], to: path)
    }

    /// Numbers of a chunk as ways from the least to the greatest of them, 0...1.
    private static func scaled(_ numbers: ArraySlice<Float>, _ range: Range<Int>) -> (
        low: Float, high: Float, ways: [Float]
    ) {
        let part = numbers[numbers.startIndex + range.lowerBound..<numbers.startIndex + range.upperBound]
        let (low, high) = (part.min() ?? 0, part.max() ?? 0)
        let width = high - low
        return (low, high, part.map { width > 0 ? ($0 - low) / width : 0 })
    }

    private static func vector(_ ways: [Float]) -> UInt32 {
        func bits(_ way: Float, _ greatest: Float) -> UInt32 { UInt32((way * greatest).rounded()) }
        return bits(ways[0], 2047) << 21 | bits(ways[1], 1023) << 11 | bits(ways[2], 2047)
    }

    private static func rotation(_ q: [Double]) -> UInt32 {
        let length = q.reduce(0) { $0 + $1 * $1 }.squareRoot()
        guard length > 0 else { return 0x2008_0200 }
        let greatest = q.indices.max { abs(q[$0]) < abs(q[$1]) }!
        let scale = (q[greatest] < 0 ? -1 : 1) / (length * 2.0.squareRoot())
        return q.indices.filter { $0 != greatest }.reduce(UInt32(greatest)) {
            $0 << 10 | UInt32(max(0, min(1023, ((q[$1] * scale + 0.5) * 1023).rounded())))
        }
    }

    private static func harmonics(_ splats: Splats) -> PLY.Table {
        let columns = (0..<3 * (splats.coefficientCount - 1)).map { index in
            PLY.Column(
                "f_rest_\(index)",
                .bytes(splats.plane(splats.plane(ofRest: index)).map { SplatCoding.byte((Double($0) + 4) * 255 / 8) }))
        }
        return PLY.Table("sh", count: splats.count, columns)
    }

    /// The order in which a curve through the cells of a grid, 1024 a side, meets the splats (Morton, 1966).
    private static func order(_ splats: Splats) -> [Int] {
        var codes = [UInt32](repeating: 0, count: splats.count)
        for axis in 0..<3 {
            let numbers = splats.plane(axis)
            let low = numbers.min() ?? 0
            let width = (numbers.max() ?? 0) - low
            guard width > 0, width.isFinite else { continue }
            for (i, number) in numbers.enumerated() {
                codes[i] |= spread(UInt32(((number - low) / width * 1023).rounded())) << UInt32(axis)
            }
        }
        return codes.indices.sorted { (codes[$0], $0) < (codes[$1], $1) }
    }

    /// Ten bits with two zeros between neighbours.
    private static func spread(_ number: UInt32) -> UInt32 {
        var bits = number & 0x3FF
        bits = (bits | bits << 16) & 0x0300_00FF
        bits = (bits | bits << 8) & 0x0300_F00F
        bits = (bits | bits << 4) & 0x030C_30C3
        return (bits | bits << 2) & 0x0924_9249
    }
}
