import Imaging

extension ImageDataset {
    /// Decodes the pictures of a set, which must agree, and joins them with their labels. Alpha is laid over white.
    static func pictures(_ set: PictureSet, progress: any ProgressSink) throws -> ImageDataset {
        var pixels: [UInt8] = []
        var shape: PictureCensus.Shape?
        var number = 0
        try set.forEach(progress: progress) { _, image in
            let image = image.laid(over: .white).converted(toBitDepth: 8)
            return (PictureCensus.Shape(image), planes(image))
        } deliver: { found, planes in
            if let shape, shape != found { throw disagreement(set, number, found, shape) }
            if shape == nil {
                shape = found
                try PixelMemory.require(bytes: planes.count, times: set.count, for: set, found)
                pixels.reserveCapacity(planes.count * set.count)
            }
            pixels += planes
            number += 1
        }
        guard let shape else { throw GeneraError.badData(file: set.name, reason: "holds no images") }
        return try ImageDataset(
            name: set.name, pixels: pixels, shape: [shape.channels, shape.height, shape.width], labels: set.labels,
            remarks: set.remarks)
    }

    private static func disagreement(
        _ set: PictureSet, _ number: Int, _ found: PictureCensus.Shape, _ first: PictureCensus.Shape
    ) -> GeneraError {
        let side = min(found.width, found.height, first.width, first.height)
        return GeneraError.badData(
            file: set.name, reason: "\(set.title(number)) is \(found), but \(set.title(0)) is \(first)",
            advice: "all pictures must agree: \(PackAdvice(set.name, side: side).command) makes a set of them")
    }

    private static func planes(_ image: Image) -> [UInt8] {
        guard case let .bytes(bytes) = image.samples else { return [] }
        guard image.channels > 1 else { return bytes }
        let plane = image.width * image.height
        return [UInt8](unsafeUninitializedCapacity: bytes.count) { target, count in
            for channel in 0..<image.channels {
                for pixel in 0..<plane { target[channel * plane + pixel] = bytes[pixel * image.channels + channel] }
            }
            count = bytes.count
        }
    }

    /// Refuses images that are not square, which most networks need.
    ///
    /// - Throws: `GeneraError.badData` with the command that makes a set of squares.
    public func requireSquare() throws {
        guard height != width else { return }
        throw GeneraError.badData(
            file: name, reason: "images are \(width)x\(height); the network needs square ones",
            advice:
                "\(PackAdvice(name, side: min(width, height)).command) cuts them to squares, with --crop pad it fills them up"
        )
    }
}

/// What fits into memory.
private enum PixelMemory {
    /// Refuses pictures that together need more memory than the machine has.
    static func require(bytes: Int, times count: Int, for set: PictureSet, _ shape: PictureCensus.Shape) throws {
        let (total, overflow) = bytes.multipliedReportingOverflow(by: count)
        guard let there = size, overflow || total > there else { return }
        let needed = overflow ? "too much" : "\(total >> 30) GiB of"
        throw GeneraError.unavailable(
            "\(set.name): \(Text.grouped(count)) pictures of \(shape) need \(needed) memory, \(there >> 30) GiB are there. "
                + "\(PackAdvice(set.name, side: min(shape.width, shape.height)).command) makes smaller ones.")
    }

    /// The machine's memory in bytes; nil if it cannot be told.
    private static var size: Int? {
        let line = SystemFile.text("/proc/meminfo")?.split(separator: "\n").first { $0.hasPrefix("MemTotal:") }
        return line.flatMap { Int($0.filter(\.isNumber)) }.map { $0 << 10 }
    }
}
