/// A picture in memory: rows of interleaved samples, top row first.
///
///     var image = Image(width: 2, height: 1, channels: 3)
///     image[1, 0] = [255, 128, 0]
///     try PNG.write(image, to: "dot.png")
///
/// Channels are 1 grey, 2 grey and alpha, 3 RGB, 4 RGBA; alpha is not premultiplied. Samples have 8 bits (0...255) or
/// 16 bits (0...65535).
public struct Image: Equatable, Sendable {
    /// The samples of a picture, by their width.
    public enum Samples: Equatable, Sendable {
        /// Samples of 8 bits, 0...255, `[height, width, channels]` in row-major order.
        case bytes([UInt8])
        /// Samples of 16 bits, 0...65535, `[height, width, channels]` in row-major order.
        case words([UInt16])
    }

    /// Columns, at least 1.
    public let width: Int
    /// Rows, at least 1.
    public let height: Int
    /// Samples a pixel, 1...4.
    public let channels: Int
    /// All samples, `[height, width, channels]` in row-major order.
    public internal(set) var samples: Samples

    /// Makes a picture from its samples.
    ///
    /// - Precondition: sizes are positive, `channels` is 1...4, and there are `width * height * channels` samples.
    public init(width: Int, height: Int, channels: Int, samples: Samples) {
        precondition(width > 0 && height > 0, "An image needs a positive size, not \(width)x\(height).")
        precondition((1...4).contains(channels), "An image has 1 to 4 channels, not \(channels).")
        let expected = width * height * channels
        precondition(
            samples.count == expected,
            "[\(height), \(width), \(channels)] needs \(expected) samples, not \(samples.count).")
        self.width = width
        self.height = height
        self.channels = channels
        self.samples = samples
    }

    /// Makes an 8-bit picture from its samples, `[height, width, channels]`.
    public init(width: Int, height: Int, channels: Int, bytes: [UInt8]) {
        self.init(width: width, height: height, channels: channels, samples: .bytes(bytes))
    }

    /// Makes a 16-bit picture from its samples, `[height, width, channels]`.
    public init(width: Int, height: Int, channels: Int, words: [UInt16]) {
        self.init(width: width, height: height, channels: channels, samples: .words(words))
    }

    /// Makes a picture of one colour: `fill` is one sample a channel, or nil for zeros.
    public init(width: Int, height: Int, channels: Int, bitDepth: Int = 8, fill: [Int]? = nil) {
        precondition(bitDepth == 8 || bitDepth == 16, "An image has 8 or 16 bits a sample, not \(bitDepth).")
        let pixel = fill ?? Array(repeating: 0, count: channels)
        precondition(pixel.count == channels, "\(channels) channels need \(channels) samples, not \(pixel.count).")
        let count = width * height
        let samples: Samples =
            bitDepth == 8
            ? .bytes(Self.filled(pixel.map { UInt8(clamping: $0) }, count: count))
            : .words(Self.filled(pixel.map { UInt16(clamping: $0) }, count: count))
        self.init(width: width, height: height, channels: channels, samples: samples)
    }

    private static func filled<Sample: Equatable>(_ pixel: [Sample], count: Int) -> [Sample] {
        var samples = Array(repeating: pixel[0], count: pixel.count * count)
        for channel in pixel.indices where pixel[channel] != pixel[0] {
            for start in stride(from: channel, to: samples.count, by: pixel.count) { samples[start] = pixel[channel] }
        }
        return samples
    }

    /// Bits a sample: 8 or 16.
    public var bitDepth: Int {
        switch samples {
        case .bytes: 8
        case .words: 16
        }
    }

    /// The greatest sample: 255 or 65535.
    public var maximum: Int { (1 << bitDepth) - 1 }

    /// Whether the last channel is alpha.
    public var hasAlpha: Bool { channels == 2 || channels == 4 }

    /// The sample at a column, row and channel.
    public subscript(x: Int, y: Int, channel: Int) -> Int {
        get { samples[offset(x, y) + checked(channel)] }
        set { samples[offset(x, y) + checked(channel)] = newValue }
    }

    /// The samples of one pixel, one a channel. Setting clamps to the range of the bit depth.
    public subscript(x: Int, y: Int) -> [Int] {
        get {
            let start = offset(x, y)
            return (start..<start + channels).map { samples[$0] }
        }
        set {
            precondition(
                newValue.count == channels, "\(channels) channels need as many samples, not \(newValue.count).")
            let start = offset(x, y)
            for (channel, value) in newValue.enumerated() { samples[start + channel] = value }
        }
    }

    /// How many pixels differ between two pictures of the same shape and bit depth.
    ///
    /// - Throws: `ImagingError` when the shapes differ.
    public func differenceCount(from other: Image) throws -> Int {
        guard shape == other.shape else {
            throw ImagingError(reason: "an image of \(shape) cannot be compared with one of \(other.shape)")
        }
        return switch (samples, other.samples) {
        case (.bytes(let mine), .bytes(let others)): differences(mine, others)
        case (.words(let mine), .words(let others)): differences(mine, others)
        default: width * height
        }
    }

    private func differences<Sample: Equatable>(_ mine: [Sample], _ others: [Sample]) -> Int {
        stride(from: 0, to: mine.count, by: channels).count { start in
            (start..<start + channels).contains { mine[$0] != others[$0] }
        }
    }

    /// The size in words, for messages: "640x480, 3 channels, 8 bits".
    var shape: String { "\(width)x\(height), \(channels) channel\(channels == 1 ? "" : "s"), \(bitDepth) bits" }

    private func offset(_ x: Int, _ y: Int) -> Int {
        precondition(x >= 0 && x < width && y >= 0 && y < height, "Pixel (\(x), \(y)) is outside \(width)x\(height).")
        return (y * width + x) * channels
    }

    private func checked(_ channel: Int) -> Int {
        precondition(channel >= 0 && channel < channels, "Channel \(channel) is outside 0..<\(channels).")
        return channel
    }
}

extension Image.Samples {
    /// How many samples there are.
    public var count: Int {
        switch self {
        case .bytes(let bytes): bytes.count
        case .words(let words): words.count
        }
    }

    /// One sample; setting clamps to the range.
    public subscript(index: Int) -> Int {
        get {
            switch self {
            case .bytes(let bytes): Int(bytes[index])
            case .words(let words): Int(words[index])
            }
        }
        set {
            switch self {
            case .bytes(var bytes):
                self = .bytes([])  // keeps the buffer unique, so that it is not copied
                bytes[index] = UInt8(clamping: newValue)
                self = .bytes(bytes)
            case .words(var words):
                self = .words([])
                words[index] = UInt16(clamping: newValue)
                self = .words(words)
            }
        }
    }
}
