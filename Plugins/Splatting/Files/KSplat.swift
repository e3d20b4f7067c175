import Genera

/// The `.ksplat` files of mkkellogg's viewer, version 0.1: sections of splats at three levels of compression.
struct KSplat {
    static let headerCount = 4096
    static let sectionHeaderCount = 1024

    private struct Section {
        let count: Int
        let degree: Int
        let stride: Int
        let bucketSize: Int
        let fullBuckets: Int
        let scale: Float
        let range: Float
        /// Lengths of the buckets that are not full.
        let lengths: ByteView
        /// Three numbers for each bucket.
        let buckets: ByteView
        let rows: ByteView
    }

    private let view: ByteView
    private let file: String
    private let level: Int
    private let harmonicRange: (low: Float, high: Float)
    private var sections: [Section] = []

    /// Whether the bytes are a file of the version that is read: it has no mark but its numbers of version.
    static func holds(_ view: ByteView) -> Bool {
        guard view.count >= headerCount, view[0] == 0, view[1] >= 1, view[1] < 16, view[2] == 0, view[3] == 0,
            let most = view.integer(at: 4, as: UInt32.self), let sections = view.integer(at: 8, as: UInt32.self),
            let level = view.integer(at: 20, as: UInt16.self)
        else { return false }
        return level <= 2 && sections <= most && most >= 1
            && Int(most) <= (view.count - headerCount) / sectionHeaderCount
    }

    /// Takes a file apart.
    init(_ view: ByteView, file: String) throws {
        func error(_ reason: String, _ advice: String = "the file is cut short or damaged") -> FormatError {
            FormatError(file: file, place: "header", reason: reason, advice: advice)
        }
        guard view.count >= Self.headerCount else {
            throw error("the file has \(view.count) bytes, the header alone \(Self.headerCount)")
        }
        guard view[0] == 0, view[1] == 1 else {
            throw error(
                "version \(view[0]).\(view[1]) of .ksplat is not read",
                "0.1 is; write the scene anew with a newer converter")
        }
        level = Int(view.integer(at: 20, as: UInt16.self)!)
        guard level <= 2 else { throw error("compression level \(level), 0 to 2 were expected") }
        (self.view, self.file) = (view, file)
        func float(_ index: Int) -> Float { Float(bitPattern: view.integer(at: 4 * index, as: UInt32.self)!) }
        // Files without these numbers have zeros for them, and mean -1.5...1.5.
        harmonicRange = (float(9) == 0 ? -1.5 : float(9), float(10) == 0 ? 1.5 : float(10))
        let count = Int(view.integer(at: 4, as: UInt32.self)!)
        guard count <= (view.count - Self.headerCount) / Self.sectionHeaderCount else {
            throw error("\(count) sections do not fit the file's \(view.count) bytes")
        }
        var offset = Self.headerCount + count * Self.sectionHeaderCount
        for index in 0..<count { sections.append(try section(index, &offset)) }
    }

    private func section(_ index: Int, _ offset: inout Int) throws -> Section {
        let base = Self.headerCount + index * Self.sectionHeaderCount
        func whole(_ word: Int) -> Int { Int(view.integer(at: base + 4 * word, as: UInt32.self)!) }
        let degree = Int(view.integer(at: base + 40, as: UInt16.self)!)
        guard degree <= 2 else {
            throw FormatError(
                file: file, place: "section \(index)", reason: "harmonics of degree \(degree), 0 to 2 were expected",
                advice: "the file is damaged")
        }
        let (count, bucketBytes) = (whole(1), Int(view.integer(at: base + 20, as: UInt16.self)!))
        let range = whole(6) == 0 ? (level == 0 ? 1 : 32767) : whole(6)
        let block = Float(bitPattern: UInt32(whole(4)))
        let components = 3 * ((degree + 1) * (degree + 1) - 1)
        let stride = level == 0 ? 44 + 4 * components : 24 + (level == 1 ? 2 : 1) * components
        func take(_ size: Int, _ what: String) throws -> ByteView {
            guard let part = view.slice(from: offset, count: size) else {
                throw FormatError(
                    file: file, place: "section \(index)",
                    reason: "its \(what) need \(size) bytes from byte \(offset) on, the file has \(view.count)",
                    advice: "the file is cut short or damaged")
            }
            offset += size
            return part
        }
        let lengths = try take(4 * whole(9), "lengths of buckets")
        let buckets = try take(bucketBytes * whole(3), "buckets")
        guard level == 0 || bucketBytes == 12 else {
            throw FormatError(
                file: file, place: "section \(index)", reason: "buckets of \(bucketBytes) bytes, 12 were expected")
        }
        return Section(
            count: count, degree: degree, stride: stride, bucketSize: whole(2), fullBuckets: whole(8),
            scale: block / 2 / Float(range), range: Float(range), lengths: lengths, buckets: buckets,
            rows: try take(stride * count, "splats"))
    }

    /// The scene: of the least degree that all sections have.
    func scene() throws -> SplatScene {
        let degree = sections.map(\.degree).min() ?? 0
        var splats = Splats(count: sections.reduce(0) { $0 + $1.count }, degree: degree)
        var first = 0
        for (index, section) in sections.enumerated() {
            try read(section, index, first, into: &splats)
            first += section.count
        }
        return SplatScene(splats)
    }

    private func read(_ section: Section, _ index: Int, _ first: Int, into splats: inout Splats) throws {
        let buckets = level == 0 ? [] : try bucketOfEach(section, index)
        let degree = splats.degree
        splats.withPlanes { planes in
            section.rows.withUnsafeBytes { bytes in
                for i in 0..<section.count {
                    let row = Row(bytes: bytes, start: i * section.stride, level: level)
                    for axis in 0..<3 {
                        var position = row.number(axis)
                        if level > 0 {
                            let corner = section.buckets.integer(at: 12 * buckets[i] + 4 * axis, as: UInt32.self)!
                            position =
                                (Float(row.word(axis)) - section.range) * section.scale + Float(bitPattern: corner)
                        }
                        planes[axis][first + i] = position
                        planes[Splats.Plane.logScale + axis][first + i] = SplatCoding.logScale(row.number(3 + axis))
                        planes[Splats.Plane.harmonics + axis][first + i] = SplatCoding.harmonic(
                            Double(row.colour(axis)) / 255)
                    }
                    for part in 0..<4 { planes[Splats.Plane.rotation + part][first + i] = row.number(6 + part) }
                    planes[Splats.Plane.opacity][first + i] = SplatCoding.logits[Int(row.colour(3))]
                    for k in 1..<max(1, (degree + 1) * (degree + 1)) {
                        for channel in 0..<3 {
                            planes[Splats.Plane.harmonics + 3 * k + channel][first + i] =
                                row.harmonic(k, channel, harmonicRange)
                        }
                    }
                }
            }
        }
    }

    /// Which bucket each splat of a section is in.
    private func bucketOfEach(_ section: Section, _ index: Int) throws -> [Int] {
        func error(_ reason: String) -> FormatError {
            FormatError(file: file, place: "section \(index)", reason: reason, advice: "the file is damaged")
        }
        var result = [Int](repeating: 0, count: section.count)
        guard section.fullBuckets == 0 || section.bucketSize > 0 else { throw error("buckets of no splats") }
        var (next, bucket) = (0, 0)
        func fill(_ length: Int) {
            let end = min(section.count, next + length)
            while next < end {
                result[next] = bucket
                next += 1
            }
            bucket += 1
        }
        while bucket < section.fullBuckets, next < section.count { fill(section.bucketSize) }
        for position in stride(from: 0, to: section.lengths.count, by: 4) where next < section.count {
            fill(Int(section.lengths.integer(at: position, as: UInt32.self)!))
        }
        guard next == section.count else { throw error("its buckets hold \(next) of its \(section.count) splats") }
        guard bucket * 12 <= section.buckets.count else {
            throw error("it names bucket \(bucket - 1), there are \(section.buckets.count / 12)")
        }
        return result
    }

    /// The bytes of a splat.
    private struct Row {
        let bytes: UnsafeRawBufferPointer
        let start: Int
        let level: Int

        func word(_ index: Int) -> UInt16 {
            UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: start + 2 * index, as: UInt16.self))
        }

        private func float(_ offset: Int) -> Float {
            Float(
                bitPattern: UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: start + offset, as: UInt32.self)))
        }

        /// Position, sizes and rotation, ten numbers.
        func number(_ index: Int) -> Float { level == 0 ? float(4 * index) : SPZ.float(half: word(index)) }

        func colour(_ channel: Int) -> UInt8 { bytes[start + (level == 0 ? 40 : 20) + channel] }

        /// Coefficients lie degree by degree, and in a degree channel by channel.
        func harmonic(_ k: Int, _ channel: Int, _ range: (low: Float, high: Float)) -> Float {
            let index = k < 4 ? 3 * channel + k - 1 : 9 + 5 * channel + k - 4
            switch level {
            case 0: return float(44 + 4 * index)
            case 1: return SPZ.float(half: word(12 + index))
            default: return range.low + Float(bytes[start + 24 + index]) / 255 * (range.high - range.low)
            }
        }
    }
}
