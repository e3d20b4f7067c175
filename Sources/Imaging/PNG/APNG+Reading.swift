import Platform

extension APNG {
    /// Reads an animated PNG; a plain PNG is an animation of one frame.
    ///
    /// - Throws: `ImagingError` when the file cannot be read, is damaged, or exceeds `limits`.
    public static func read(_ path: String, limits: PNG.Limits = PNG.Limits()) throws -> Animation {
        try naming(path) { try decode(FileSystem.contents(of: path), limits: limits) }
    }

    /// Reads an animated PNG in memory: all frames as they are seen.
    ///
    /// - Throws: `ImagingError` when the bytes are damaged or exceed `limits`.
    public static func decode(_ bytes: [UInt8], limits: PNG.Limits = PNG.Limits()) throws -> Animation {
        let chunks = try PNGChunk.scan(bytes, limits: limits)
        guard let control = chunks.first(where: { $0.type == "acTL" }) else {
            return Animation(frames: [try PNG.decode(bytes, limits: limits).image], delay: 0, loops: 1)
        }
        guard control.data.count == 8 else { throw damaged("acTL has \(control.data.count) bytes instead of 8") }
        let stored = try storedFrames(bytes, chunks)
        let declared = Int(bytes.bigEndian32(at: control.data.lowerBound))
        guard stored.count == declared, declared > 0 else {
            throw damaged("\(declared) frames are announced and \(stored.count) are there")
        }
        return try compose(
            stored, bytes, chunks, limits: limits, loops: Int(bytes.bigEndian32(at: control.data.lowerBound + 4)))
    }

    /// A frame as the file holds it.
    private struct StoredFrame {
        var region: Region
        var delay: Int
        var dispose: UInt8
        var blend: UInt8
        var pixels: [ArraySlice<UInt8>] = []
    }

    private static func storedFrames(_ bytes: [UInt8], _ chunks: [PNGChunk]) throws -> [StoredFrame] {
        var frames: [StoredFrame] = []
        var sequence: UInt32 = 0
        for chunk in chunks {
            let start = chunk.data.lowerBound
            if chunk.type == "fcTL" || chunk.type == "fdAT" {
                guard chunk.data.count >= 4, bytes.bigEndian32(at: start) == sequence else {
                    throw damaged("\(chunk.type) is out of sequence at number \(sequence)", at: start)
                }
                sequence += 1
            }
            switch chunk.type {
            case "fcTL": frames.append(try frameControl(bytes, chunk))
            case "fdAT":
                guard frames.count > 1 else { throw damaged("fdAT comes before its frame", at: start) }
                frames[frames.count - 1].pixels.append(bytes[chunk.data].dropFirst(4))
            case "IDAT" where frames.count == 1: frames[0].pixels.append(bytes[chunk.data])
            default: break
            }
        }
        return frames
    }

    private static func frameControl(_ bytes: [UInt8], _ chunk: PNGChunk) throws -> StoredFrame {
        guard chunk.data.count == 26 else { throw damaged("fcTL has \(chunk.data.count) bytes instead of 26") }
        let start = chunk.data.lowerBound
        let numbers = (1...4).map { Int(bytes.bigEndian32(at: start + 4 * $0)) }
        let region = Region(x: numbers[2], y: numbers[3], width: numbers[0], height: numbers[1])
        let (canvasWidth, canvasHeight) = (Int(bytes.bigEndian32(at: 16)), Int(bytes.bigEndian32(at: 20)))
        let fits =
            region.width > 0 && region.height > 0 && region.x + region.width <= canvasWidth
            && region.y + region.height <= canvasHeight
        guard fits else { throw damaged("a frame reaches outside the image", at: start) }
        let (numerator, denominator) = (bytes.bigEndian16(at: start + 20), bytes.bigEndian16(at: start + 22))
        guard bytes[start + 24] <= 2, bytes[start + 25] <= 1 else {
            throw damaged("a frame has an unknown way to dispose or blend", at: start)
        }
        return StoredFrame(
            region: region, delay: numerator * 1000 / (denominator == 0 ? 100 : denominator),
            dispose: bytes[start + 24], blend: bytes[start + 25])
    }

    private static func compose(
        _ stored: [StoredFrame], _ bytes: [UInt8], _ chunks: [PNGChunk], limits: PNG.Limits, loops: Int
    ) throws -> Animation {
        let (width, height) = (Int(bytes.bigEndian32(at: 16)), Int(bytes.bigEndian32(at: 20)))
        guard width * height <= limits.pixels / stored.count else {
            throw damaged("\(stored.count) frames of \(width)x\(height) exceed the limit of \(limits.pixels) pixels")
        }
        guard stored[0].region == Region(x: 0, y: 0, width: width, height: height) else {
            throw damaged("the first frame does not fill the image")
        }
        // They go into the file of each frame, so that one that is too long for colours would be copied any number of times.
        let head = ["PLTE", "tRNS"].compactMap { type in chunks.first { $0.type == type && $0.data.count <= 768 } }
        var (canvas, frames): (Image?, [Image]) = (nil, [])
        for (index, frame) in stored.enumerated() {
            let part = try naming("frame \(index)") {
                try PNG.decode(standalone(frame, bytes, head), limits: limits).image
            }
            let before = canvas ?? part.cleared()
            var now = before
            try now.paste(
                frame.blend == 1 ? part.composited(over: before, frame.region) : part, x: frame.region.x,
                y: frame.region.y)
            frames.append(now)
            canvas = try dispose(frame, now: now, before: before)
        }
        return Animation(frames: frames, delays: stored.map(\.delay), loops: loops)
    }

    /// A frame as a PNG file of its own.
    private static func standalone(_ frame: StoredFrame, _ bytes: [UInt8], _ head: [PNGChunk]) -> [UInt8] {
        var header: [UInt8] = []
        header.append(bigEndian: UInt32(frame.region.width))
        header.append(bigEndian: UInt32(frame.region.height))
        header += bytes[24..<29]
        var file = PNGChunk.signature
        file.appendChunk("IHDR", header)
        for chunk in head { file.appendChunk(chunk.type, bytes[chunk.data]) }
        for data in frame.pixels { file.appendChunk("IDAT", data) }
        file.appendChunk("IEND", [])
        return file
    }

    private static func dispose(_ frame: StoredFrame, now: Image, before: Image) throws -> Image {
        switch frame.dispose {
        case 1:
            var cleared = now
            let region = frame.region
            let part = try now.cropped(x: region.x, y: region.y, width: region.width, height: region.height)
            try cleared.paste(part.cleared(), x: region.x, y: region.y)
            return cleared
        case 2: return before
        default: return now
        }
    }

    private static func damaged(_ reason: String, at offset: Int? = nil) -> ImagingError {
        ImagingError(place: offset.map { "byte \($0)" }, reason: "the animation is damaged: \(reason)")
    }
}

extension Image {
    /// The same shape, all zeros.
    fileprivate func cleared() -> Image { Image(width: width, height: height, channels: channels, bitDepth: bitDepth) }

    /// This picture over the part of `back` at `region`.
    fileprivate func composited(over back: Image, _ region: APNG.Region) -> Image {
        guard hasAlpha else { return self }
        var result = self
        let top = Double(maximum)
        for y in 0..<height {
            for x in 0..<width {
                let (front, behind) = (self[x, y], back[x + region.x, y + region.y])
                let (alpha, under) = (Double(front[channels - 1]) / top, Double(behind[channels - 1]) / top)
                let total = alpha + under * (1 - alpha)
                guard total > 0 else { continue }
                for channel in 0..<channels - 1 {
                    let mixed = Double(front[channel]) * alpha + Double(behind[channel]) * under * (1 - alpha)
                    result[x, y, channel] = Int((mixed / total).rounded())
                }
                result[x, y, channels - 1] = Int((total * top).rounded())
            }
        }
        return result
    }
}
