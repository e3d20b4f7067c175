import Foundation
import Genera

/// PlayCanvas's SOG scenes: `meta.json` and pictures whose pixels are the numbers of a splat each, in a folder or a zip.
struct SOG {
    /// Decodes a picture: its bytes, a name for messages, and the most pixels that it may have.
    typealias Decoder = @Sendable (ByteView, String, Int) throws -> Image

    private let meta: JSONValue
    private let version: Int
    private let count: Int
    private let file: String
    private let content: (String) throws -> ByteView
    private let decode: Decoder

    /// Whether a folder, or a zip archive, holds a scene.
    static func holds(_ source: SplatFormat.Source) -> Bool {
        guard let view = source.view else { return FileSystem.exists("\(source.path)/meta.json") }
        guard view.count > 4, view[0] == 0x50, view[1] == 0x4B else { return false }
        return (try? ZipArchive(view, file: "").entries.contains { isMeta($0.name) }) ?? false
    }

    private static func isMeta(_ name: String) -> Bool { name == "meta.json" || name.hasSuffix("/meta.json") }

    /// Opens a scene: a folder, a zip archive, or the file `meta.json` of a folder.
    init(_ source: SplatFormat.Source, decode: @escaping Decoder) throws {
        self.decode = decode
        file = source.path
        let metaView: ByteView
        if let view = source.view, view.count > 1, view[0] == 0x50 {
            let archive = try ZipArchive(view, file: source.path)
            guard let name = archive.entries.map(\.name).filter(Self.isMeta).min(by: { $0.count < $1.count }) else {
                throw FormatError(file: source.path, reason: "the archive has no meta.json")
            }
            let prefix = name.dropLast("meta.json".count)
            content = { ByteView(try archive.picture(prefix + $0)) }
            metaView = try archive.data(name, limit: 16 << 20)
        } else {
            let folder = source.view == nil ? source.path : FileSystem.parent(of: source.path)
            content = { try MappedFile(path: "\(folder)/\($0)").view }
            metaView = try source.view ?? MappedFile(path: "\(folder)/meta.json").view
        }
        meta = try JSONText.parse(metaView, file: source.path, place: "meta.json")
        let stated = meta["version"].flatMap(Self.integer)
        guard meta["version"] == nil || stated == 1 || stated == 2 else {
            throw FormatError(
                file: file, place: "meta.json", reason: "version \(meta["version"]!.jsonLine) of SOG is not read",
                advice: "1 and 2 are")
        }
        version = stated ?? 1
        let shape = meta["means"]?["shape"].flatMap(Self.items)?.first
        guard let count = (version == 2 ? meta["count"] : shape ?? meta["count"]).flatMap(Self.integer),
            (0...1 << 28).contains(count)
        else {
            throw FormatError(
                file: file, place: "meta.json", reason: "it gives no number of splats",
                advice: "is it the meta.json of a SOG scene?")
        }
        self.count = count
    }

    /// The scene.
    func scene() throws -> SplatScene {
        try refuseBomb()
        let low = try picture("means", 0)
        let high = try picture("means", 1)
        let (scales, quats, colours) = (
            try picture("scales"), try picture("quats"), try picture("sh0")
        )
        let palette = try Palette(self)
        var splats = Splats(count: count, degree: palette?.degree ?? 0)
        try readMeans(low, high, into: &splats)
        try readVectors(scales, "scales", Splats.Plane.logScale, into: &splats)
        try readVectors(colours, "sh0", Splats.Plane.harmonics, into: &splats)
        try readOpacities(colours, into: &splats)
        try readRotations(quats, into: &splats)
        try palette?.read(into: &splats)
        var scene = SplatScene(splats)
        if case .bool(true)? = meta["antialias"] { scene.isAntialiased = true }
        return scene
    }

    // MARK: Pictures and numbers of meta.json

    /// Pictures of one colour are small at any size; those of a scene take no thousandth of its splats' number.
    private func refuseBomb() throws {
        var bytes = 0
        for part in ["means", "scales", "quats", "sh0"] {
            for name in (meta[part]?["files"].flatMap(Self.items) ?? []).prefix(2) {
                if case .string(let name) = name { bytes += try content(checked(name, part)).count }
            }
        }
        guard count / 1000 <= max(bytes, 1 << 14) else {
            throw error("means", "\(bytes) bytes of pictures cannot hold \(count) splats")
        }
    }

    /// The name of a file of the scene.
    private func checked(_ name: String, _ part: String) throws -> String {
        guard !name.contains("/"), !name.contains("\\"), name != ".." else {
            throw error(part, "the name of its file leaves the scene: '\(name.prefix(80))'")
        }
        return name
    }

    /// The pixels of a picture of a part, four bytes each, at least one a splat.
    private func picture(_ part: String, _ index: Int = 0, least: Int? = nil) throws -> Pixels {
        guard let files = meta[part]?["files"].flatMap(Self.items), files.indices.contains(index),
            case .string(let name) = files[index]
        else { throw error(part, "it names no file \(index + 1)") }
        let image = try decode(content(checked(name, part)), "\(file): \(name)", max(4 * count, 1 << 21))
        guard case .bytes(let bytes) = image.samples, image.channels >= 3 else {
            throw error(
                part, "\(name) has \(image.channels) channels of \(image.bitDepth) bits, at least 3 of 8 were expected")
        }
        guard image.width * image.height >= least ?? count else {
            throw error(
                part, "\(name) has \(image.width * image.height) pixels, at least \(least ?? count) were expected")
        }
        return Pixels(bytes: bytes, channels: image.channels, width: image.width)
    }

    /// Pixels with three or four bytes each.
    private struct Pixels {
        let bytes: [UInt8]
        let channels: Int
        let width: Int
        /// Writers leave an alpha out that is 255 everywhere.
        subscript(pixel: Int, channel: Int) -> UInt8 { channel < channels ? bytes[pixel * channels + channel] : 255 }
    }

    private func error(_ part: String, _ reason: String) -> FormatError {
        FormatError(file: file, place: "meta.json '\(part)'", reason: reason, advice: "the scene is damaged")
    }

    private func numbers(_ part: String, _ key: String, _ wanted: Int) throws -> [Double] {
        let value = meta[part]?[key]
        let items = value.flatMap(Self.items) ?? value.map { [$0] } ?? []
        let numbers = items.compactMap(Self.number)
        guard numbers.count == wanted, items.count == wanted else {
            throw error(part, "'\(key)' must be \(wanted) numbers")
        }
        return numbers
    }

    private static func items(_ value: JSONValue) -> [JSONValue]? {
        if case .array(let items) = value { return items }
        return nil
    }

    private static func number(_ value: JSONValue) -> Double? {
        switch value {
        case .integer(let number): Double(number)
        case .number(let number): number
        default: nil
        }
    }

    private static func integer(_ value: JSONValue) -> Int? { number(value).flatMap { Int(exactly: $0) } }

    /// For each channel the numbers that its 256 bytes stand for: a book of them, or ways between two ends.
    private func tables(_ part: String, channels: Int) throws -> [[Float]] {
        if version == 2 {
            let book = try numbers(part, "codebook", 256).map { Float($0) }
            return Array(repeating: book, count: channels)
        }
        let lows = try numbers(part, "mins", channels)
        let highs = try numbers(part, "maxs", channels)
        return zip(lows, highs).map { low, high in (0..<256).map { Float(low + (high - low) * Double($0) / 255) } }
    }

    // MARK: Planes

    private func readMeans(_ low: Pixels, _ high: Pixels, into splats: inout Splats) throws {
        let (mins, maxs) = (try numbers("means", "mins", 3), try numbers("means", "maxs", 3))
        for axis in 0..<3 {
            let (first, width) = (mins[axis], maxs[axis] - mins[axis])
            splats.withPlane(axis) { plane in
                for i in plane.indices {
                    let way = Double(Int(low[i, axis]) | Int(high[i, axis]) << 8) / 65535
                    let n = first + width * way
                    plane[i] = Float(n < 0 ? 1 - exp(-n) : exp(n) - 1)
                }
            }
        }
    }

    private func readVectors(_ pixels: Pixels, _ part: String, _ first: Int, into splats: inout Splats) throws {
        let tables = try tables(part, channels: version == 1 && part == "sh0" ? 4 : 3)
        for channel in 0..<3 {
            splats.withPlane(first + channel) { plane in
                for i in plane.indices { plane[i] = tables[channel][Int(pixels[i, channel])] }
            }
        }
    }

    private func readOpacities(_ pixels: Pixels, into splats: inout Splats) throws {
        let table = version == 2 ? SplatCoding.logits : try tables("sh0", channels: 4)[3]
        splats.withPlane(Splats.Plane.opacity) { plane in
            for i in plane.indices { plane[i] = table[Int(pixels[i, 3])] }
        }
    }

    private func readRotations(_ pixels: Pixels, into splats: inout Splats) throws {
        let count = count
        let bad = splats.withPlanes { planes in
            for i in 0..<count {
                let dropped = Int(pixels[i, 3]) - 252
                guard dropped >= 0 else { return i as Int? }
                var (rest, channel) = (1.0, 0)
                for part in 0..<4 where part != dropped {
                    let value = (Double(pixels[i, channel]) / 255 - 0.5) * 2.0.squareRoot()
                    planes[Splats.Plane.rotation + part][i] = Float(value)
                    rest -= value * value
                    channel += 1
                }
                planes[Splats.Plane.rotation + dropped][i] = Float(max(0, rest).squareRoot())
            }
            return nil
        }
        if let bad {
            throw error("quats", "the pixel of splat \(bad) has alpha \(pixels[bad, 3]), 252 to 255 were expected")
        }
    }

    /// Harmonics above the first: each splat names a row of a palette.
    private struct Palette {
        let degree: Int
        let labels: Pixels
        let centroids: Pixels
        let table: [Float]
        let scene: SOG

        init?(_ scene: SOG) throws {
            guard let part = scene.meta["shN"] else { return nil }
            self.scene = scene
            labels = try scene.picture("shN", 1)
            centroids = try scene.picture("shN", 0, least: 1)
            table = try scene.tables("shN", channels: 1)[0]
            // 64 rows of the palette lie side by side, each as wide as a splat has coefficients.
            guard centroids.width % 64 == 0, let degree = SplatCoding.degree(rest: centroids.width / 64), degree > 0
            else {
                throw scene.error(
                    "shN", "the palette is \(centroids.width) pixels wide, 192, 512 or 960 were expected")
            }
            if let bands = part["bands"].flatMap(SOG.integer), bands != degree {
                throw scene.error("shN", "it has \(bands) bands, but the palette has \(degree)")
            }
            self.degree = degree
        }

        func read(into splats: inout Splats) throws {
            let rest = (degree + 1) * (degree + 1) - 1
            let rows = centroids.bytes.count / centroids.channels / centroids.width * 64
            let count = splats.count
            let bad = splats.withPlanes { planes in
                for i in 0..<count {
                    let label = Int(labels[i, 0]) | Int(labels[i, 1]) << 8
                    guard label < rows else { return i as Int? }
                    let first = label / 64 * centroids.width + label % 64 * rest
                    for k in 0..<rest {
                        for channel in 0..<3 {
                            planes[Splats.Plane.harmonics + 3 * (k + 1) + channel][i] =
                                table[Int(centroids[first + k, channel])]
                        }
                    }
                }
                return nil
            }
            if let bad { throw scene.error("shN", "splat \(bad) names a row of the palette beyond its \(rows)") }
        }
    }
}

extension SOG {
    /// How pictures are decoded: as WebP, or whatever else of pictures is read.
    static let decodePicture: Decoder = { view, name, limit in
        do {
            return try Image.read(view.array(), file: "", applyOrientation: false, pixelLimit: limit)
        } catch let error as ImagingError {
            throw FormatError(
                file: name, place: error.place ?? "", reason: error.reason, advice: error.advice ?? "", kind: error.kind
            )
        }
    }
}
