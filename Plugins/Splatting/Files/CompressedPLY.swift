import Genera

/// The compressed PLY files of PlayCanvas and SuperSplat: 16 bytes a splat, in chunks of 256 with common ranges.
enum CompressedPLY {
    /// Splats in a chunk.
    static let chunkSize = 256
    /// The least and greatest of a chunk: positions, logarithms of sizes, and in newer files colours.
    static let ranges = [
        "min_x", "min_y", "min_z", "max_x", "max_y", "max_z", "min_scale_x", "min_scale_y", "min_scale_z",
        "max_scale_x",
        "max_scale_y", "max_scale_z", "min_r", "min_g", "min_b", "max_r", "max_g", "max_b",
    ]
    static let words = ["packed_position", "packed_rotation", "packed_scale", "packed_color"]

    /// Whether a PLY file is of this kind.
    static func holds(_ file: PLY) -> Bool {
        file.element("chunk") != nil && file.element("vertex")?.property("packed_position") != nil
    }

    /// Reads a file.
    static func read(_ file: PLY) throws -> SplatScene {
        let (chunk, vertex) = (file.element("chunk")!, file.element("vertex")!)
        try check(chunk, vertex, file.file)
        let restCount = try restCount(file, vertex)
        let ranges = try Ranges(file, chunk)
        let words = try words.map { try file.words($0, of: "vertex") }
        var splats = Splats(count: vertex.count, degree: SplatCoding.degree(rest: restCount / 3)!)
        splats.withPlanes { planes in
            for start in Swift.stride(from: 0, to: vertex.count, by: chunkSize) {
                let range = start..<min(start + chunkSize, vertex.count)
                ranges.unpack(start / chunkSize, range, words, planes)
            }
        }
        try readHarmonics(file, restCount, into: &splats)
        var scene = SplatScene(splats)
        scene.isAntialiased = InriaPLY.isAntialiased(file.comments)
        let elements = file.elements.map(\.name).filter { !["chunk", "vertex", "sh"].contains($0) }
        if !elements.isEmpty {
            scene.remarks.append("\(elements.count) elements were left aside: \(elements.joined(separator: ", "))")
        }
        return scene
    }

    private static func check(_ chunk: PLY.Element, _ vertex: PLY.Element, _ file: String) throws {
        let wanted = (vertex.count + chunkSize - 1) / chunkSize
        guard chunk.count == wanted else {
            throw FormatError(
                file: file, place: "element 'chunk'",
                reason: "\(vertex.count) splats need \(wanted) chunks of \(chunkSize), there are \(chunk.count)",
                advice: "the file is damaged")
        }
        for word in words {
            guard let property = vertex.property(word) else {
                throw FormatError(file: file, place: "element 'vertex'", reason: "the property '\(word)' is missing")
            }
            guard property.type == .uint32, !property.isList else {
                throw FormatError(
                    file: file, place: "element 'vertex'",
                    reason: "the property '\(word)' is of type \(property.type.rawValue), uint was expected")
            }
        }
    }

    private static func restCount(_ file: PLY, _ vertex: PLY.Element) throws -> Int {
        guard let harmonics = file.element("sh") else { return 0 }
        let count = harmonics.properties.count
        func error(_ reason: String, _ advice: String = "the file is damaged") -> FormatError {
            FormatError(file: file.file, place: "element 'sh'", reason: reason, advice: advice)
        }
        guard harmonics.count == vertex.count else {
            throw error("it has \(harmonics.count) rows, \(vertex.count) were expected, one a splat")
        }
        guard count % 3 == 0, SplatCoding.degree(rest: count / 3) != nil else {
            throw error("it has \(count) properties", "9, 24, 45 and 72 are those of harmonics of degree 1 to 4")
        }
        for (index, property) in harmonics.properties.enumerated() {
            guard property.name == "f_rest_\(index)", property.type == .uint8, !property.isList else {
                throw error("the property \(index) must be 'uchar f_rest_\(index)'")
            }
        }
        return count
    }

    private static func readHarmonics(_ file: PLY, _ restCount: Int, into splats: inout Splats) throws {
        guard restCount > 0 else { return }
        let planes = (0..<restCount).map { splats.plane(ofRest: $0) }
        let count = splats.count
        try splats.withPlanes { memory in
            try file.copy(
                (0..<restCount).map { "f_rest_\($0)" }, of: "sh", to: planes.map { memory[$0] })
            for plane in planes {
                let numbers = memory[plane]
                for i in 0..<count { numbers[i] = numbers[i] * (8 / 255) - 4 }
            }
        }
    }
}

/// The ranges of all chunks, each a column.
private struct Ranges {
    let columns: [[Float]]

    init(_ file: PLY, _ chunk: PLY.Element) throws {
        let names = CompressedPLY.ranges
        let count = chunk.property("min_r") == nil ? 12 : 18
        columns = try names.prefix(count).map { name in
            guard chunk.property(name) != nil else {
                throw FormatError(
                    file: file.file, place: "element 'chunk'", reason: "the property '\(name)' is missing",
                    advice: "it has 12 or 18, from min_x on")
            }
            return try file.floats(name, of: "chunk")
        }
    }

    /// Unpacks the splats of a chunk.
    func unpack(
        _ chunk: Int, _ splats: Range<Int>, _ words: [[UInt32]], _ planes: [UnsafeMutablePointer<Float>]
    ) {
        unpackVectors(first: 0, chunk, splats, words[0], planes, Splats.Plane.position)
        unpackVectors(first: 6, chunk, splats, words[2], planes, Splats.Plane.logScale)
        unpackRotations(splats, words[1], planes)
        unpackColours(chunk, splats, words[3], planes)
    }

    /// Eleven bits, ten and eleven, of a way from the least to the greatest.
    private func unpackVectors(
        first: Int, _ chunk: Int, _ splats: Range<Int>, _ words: [UInt32],
        _ planes: [UnsafeMutablePointer<Float>], _ plane: Int
    ) {
        let (x, y, z) = (planes[plane], planes[plane + 1], planes[plane + 2])
        let low = (0..<3).map { Double(columns[first + $0][chunk]) }
        let high = (0..<3).map { Double(columns[first + 3 + $0][chunk]) }
        let (lx, ly, lz, hx, hy, hz) = (low[0], low[1], low[2], high[0], high[1], high[2])
        words.withUnsafeBufferPointer { words in
            for i in splats {
                let word = words[i]
                let (tx, ty, tz) = (
                    Double(word >> 21) * (1 / 2047), Double((word >> 11) & 1023) * (1 / 1023),
                    Double(word & 2047) * (1 / 2047)
                )
                x[i] = Float(lx * (1 - tx) + hx * tx)
                y[i] = Float(ly * (1 - ty) + hy * ty)
                z[i] = Float(lz * (1 - tz) + hz * tz)
            }
        }
    }

    /// Three of four components by ten bits each; the greatest, which is positive, follows from the length of 1.
    private func unpackRotations(
        _ splats: Range<Int>, _ words: [UInt32], _ planes: [UnsafeMutablePointer<Float>]
    ) {
        let (w, x, y, z) = (planes[6], planes[7], planes[8], planes[9])
        let root = 2.0.squareRoot()
        words.withUnsafeBufferPointer { words in
            for i in splats {
                let word = words[i]
                let a = (Double((word >> 20) & 1023) * (1 / 1023) - 0.5) * root
                let b = (Double((word >> 10) & 1023) * (1 / 1023) - 0.5) * root
                let c = (Double(word & 1023) * (1 / 1023) - 0.5) * root
                let d = max(0, 1 - a * a - b * b - c * c).squareRoot()
                switch word >> 30 {
                case 0: (w[i], x[i], y[i], z[i]) = (Float(d), Float(a), Float(b), Float(c))
                case 1: (w[i], x[i], y[i], z[i]) = (Float(a), Float(d), Float(b), Float(c))
                case 2: (w[i], x[i], y[i], z[i]) = (Float(a), Float(b), Float(d), Float(c))
                default: (w[i], x[i], y[i], z[i]) = (Float(a), Float(b), Float(c), Float(d))
                }
            }
        }
    }

    private func unpackColours(
        _ chunk: Int, _ splats: Range<Int>, _ words: [UInt32], _ planes: [UnsafeMutablePointer<Float>]
    ) {
        let opacity = planes[Splats.Plane.opacity]
        let ranges = (0..<3).map { channel in
            let low = columns.count == 18 ? Double(columns[12 + channel][chunk]) : 0
            let high = columns.count == 18 ? Double(columns[15 + channel][chunk]) : 1
            return (low, high)
        }
        let (red, green, blue) = (
            planes[Splats.Plane.harmonics], planes[Splats.Plane.harmonics + 1], planes[Splats.Plane.harmonics + 2]
        )
        func harmonic(_ byte: UInt32, _ range: (Double, Double)) -> Float {
            let t = Double(byte) * (1 / 255)
            return SplatCoding.harmonic(range.0 * (1 - t) + range.1 * t)
        }
        let (r, g, b) = (ranges[0], ranges[1], ranges[2])
        SplatCoding.logits.withUnsafeBufferPointer { logits in
            words.withUnsafeBufferPointer { words in
                for i in splats {
                    let word = words[i]
                    red[i] = harmonic(word >> 24, r)
                    green[i] = harmonic((word >> 16) & 255, g)
                    blue[i] = harmonic((word >> 8) & 255, b)
                    opacity[i] = logits[Int(word & 255)]
                }
            }
        }
    }
}
