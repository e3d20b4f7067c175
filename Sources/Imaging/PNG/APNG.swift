import Platform

/// A sequence of pictures of one shape.
public struct Animation: Equatable, Sendable {
    /// One or more pictures of the same size, channels and bit depth.
    public var frames: [Image]
    /// Milliseconds that each frame stays, one a frame, 0...65535.
    public var delays: [Int]
    /// How often it plays; 0 is forever.
    public var loops: Int

    /// Makes an animation with a delay a frame.
    public init(frames: [Image], delays: [Int], loops: Int = 0) {
        self.frames = frames
        self.delays = delays
        self.loops = loops
    }

    /// Makes an animation of one pace, in milliseconds a frame.
    public init(frames: [Image], delay: Int = 50, loops: Int = 0) {
        self.init(frames: frames, delays: Array(repeating: delay, count: frames.count), loops: loops)
    }
}

/// Reads and writes animated PNG: a file that every PNG reader shows as its first frame.
public enum APNG {
    /// Writes a file as a whole or not at all.
    ///
    /// - Throws: `ImagingError` when the frames do not fit together or the file cannot be written.
    public static func write(_ animation: Animation, to path: String, text: [PNG.Text] = []) throws {
        try naming(path) { try AtomicFile.write(encode(animation, text: text), to: path) }
    }

    /// The bytes of an animated PNG; each frame after the first stores only the rectangle that changed.
    ///
    /// - Throws: `ImagingError` when there are no frames, they differ in shape, or a number is out of range.
    public static func encode(_ animation: Animation, text: [PNG.Text] = []) throws -> [UInt8] {
        try check(animation)
        let first = try PNG.encode(animation.frames[0])
        var bytes = Array(first[..<PNG.headerEnd])
        bytes.append(contentsOf: try PNG.chunks(of: text))
        var control: [UInt8] = []
        control.append(bigEndian: UInt32(animation.frames.count))
        control.append(bigEndian: UInt32(animation.loops))
        bytes.appendChunk("acTL", control)
        var sequence: UInt32 = 0
        for (index, frame) in animation.frames.enumerated() {
            let region = index == 0 ? .all(of: frame) : Region.change(from: animation.frames[index - 1], to: frame)
            bytes.appendChunk("fcTL", frameControl(region, delay: animation.delays[index], sequence: &sequence))
            try appendPixels(of: frame, in: region, isFirst: index == 0, to: &bytes, sequence: &sequence)
        }
        bytes.appendChunk("IEND", [])
        return bytes
    }

    /// The part of a frame that is stored.
    struct Region: Equatable {
        var x: Int, y: Int, width: Int, height: Int

        static func all(of image: Image) -> Region { Region(x: 0, y: 0, width: image.width, height: image.height) }

        /// The smallest rectangle that holds every changed pixel, at least one pixel.
        static func change(from old: Image, to new: Image) -> Region {
            switch (old.samples, new.samples) {
            case (.bytes(let before), .bytes(let after)): change(before, after, new)
            case (.words(let before), .words(let after)): change(before, after, new)
            default: all(of: new)
            }
        }

        private static func change<Sample: Equatable>(_ old: [Sample], _ new: [Sample], _ image: Image) -> Region {
            var (left, right, top, bottom) = (image.width, -1, image.height, -1)
            let stride = image.width * image.channels
            for y in 0..<image.height {
                let row = y * stride..<(y + 1) * stride
                guard let first = row.first(where: { old[$0] != new[$0] }),
                    let last = row.last(where: { old[$0] != new[$0] })
                else { continue }
                (top, bottom) = (min(top, y), y)
                left = min(left, (first - row.lowerBound) / image.channels)
                right = max(right, (last - row.lowerBound) / image.channels)
            }
            if right < 0 { return Region(x: 0, y: 0, width: 1, height: 1) }
            return Region(x: left, y: top, width: right - left + 1, height: bottom - top + 1)
        }
    }

    private static func check(_ animation: Animation) throws {
        guard let first = animation.frames.first else {
            throw ImagingError(reason: "an animation needs at least one frame")
        }
        for (index, frame) in animation.frames.enumerated() where frame.shape != first.shape {
            throw ImagingError(
                place: "frame \(index)", reason: "its shape is \(frame.shape), but the first frame's is \(first.shape)")
        }
        guard animation.delays.count == animation.frames.count else {
            throw ImagingError(reason: "\(animation.frames.count) frames have \(animation.delays.count) delays")
        }
        guard animation.delays.allSatisfy((0...65535).contains), (0...Int(Int32.max)).contains(animation.loops) else {
            throw ImagingError(reason: "delays are 0 to 65535 milliseconds, and loops are not negative")
        }
    }

    private static func frameControl(_ region: Region, delay: Int, sequence: inout UInt32) -> [UInt8] {
        var data: [UInt8] = []
        for value in [Int(sequence), region.width, region.height, region.x, region.y] {
            data.append(bigEndian: UInt32(value))
        }
        data.append(bigEndian: UInt16(delay))
        data.append(bigEndian: UInt16(1000))
        data += [0, 0]  // dispose: none; blend: source
        sequence += 1
        return data
    }

    private static func appendPixels(
        of frame: Image, in region: Region, isFirst: Bool, to bytes: inout [UInt8], sequence: inout UInt32
    ) throws {
        let part = try frame.cropped(x: region.x, y: region.y, width: region.width, height: region.height)
        let encoded = try PNG.encode(part)
        for chunk in try PNGChunk.scan(encoded, limits: PNG.Limits(pixels: .max)) where chunk.type == "IDAT" {
            if isFirst {
                bytes.appendChunk("IDAT", encoded[chunk.data])
            } else {
                var data: [UInt8] = []
                data.append(bigEndian: sequence)
                bytes.appendChunk("fdAT", data + encoded[chunk.data])
                sequence += 1
            }
        }
    }
}
