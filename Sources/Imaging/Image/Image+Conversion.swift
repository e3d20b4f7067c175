extension Image {
    /// The same picture with another number of channels.
    ///
    /// Colour becomes grey by the weights of ITU-R BT.601 (0.299, 0.587, 0.114). Alpha that is dropped is laid over a
    /// `background` of one grey level in 0...1, white by default; alpha that is added is opaque.
    public func converted(toChannels count: Int, background: Double = 1) -> Image {
        precondition((1...4).contains(count), "An image has 1 to 4 channels, not \(count).")
        if count == channels { return self }
        let top = maximum
        let paper = Int((background * Double(top)).rounded())
        let source = self
        return pixelwise(channels: count) { start, write in
            var colour = source.colour(at: start)
            let alpha = source.hasAlpha ? source.samples[start + source.channels - 1] : top
            let keepsAlpha = count == 2 || count == 4
            if !keepsAlpha, alpha < top { colour = colour.map { Self.over($0, paper, alpha: alpha, top: top) } }
            if count <= 2 { colour = [source.channels <= 2 ? colour[0] : Self.luma(colour)] }
            if count >= 3, colour.count == 1 { colour = [colour[0], colour[0], colour[0]] }
            for (channel, value) in colour.enumerated() { write(channel, value) }
            if keepsAlpha { write(count - 1, alpha) }
        }
    }

    /// The same picture with 8 or 16 bits a sample; 255 and 65535 correspond.
    public func converted(toBitDepth depth: Int) -> Image {
        precondition(depth == 8 || depth == 16, "An image has 8 or 16 bits a sample, not \(depth).")
        let converted: Samples
        switch samples {
        case .bytes(let bytes) where depth == 16: converted = .words(bytes.map { UInt16($0) * 257 })
        case .words(let words) where depth == 8:
            converted = .bytes(words.map { UInt8((UInt32($0) * 255 + 32895) >> 16) })
        default: return self
        }
        return Image(width: width, height: height, channels: channels, samples: converted)
    }

    /// Makes a picture from values in 0...1, `[height, width, channels]`; others are clamped, and NaN becomes 0.
    public init(width: Int, height: Int, channels: Int, values: [Float], bitDepth: Int = 8) {
        let top = Float((1 << bitDepth) - 1)
        func level(_ value: Float) -> Float { value > 0 ? (min(value, 1) * top).rounded() : 0 }
        let samples: Samples =
            bitDepth == 8 ? .bytes(values.map { UInt8(level($0)) }) : .words(values.map { UInt16(level($0)) })
        self.init(width: width, height: height, channels: channels, samples: samples)
    }

    /// The samples as values in 0...1, `[height, width, channels]`.
    public var values: [Float] {
        switch samples {
        case .bytes(let bytes): bytes.map { Float($0) / 255 }
        case .words(let words): words.map { Float($0) / 65535 }
        }
    }

    private func colour(at start: Int) -> [Int] {
        channels <= 2 ? [samples[start]] : [samples[start], samples[start + 1], samples[start + 2]]
    }

    private static func over(_ value: Int, _ paper: Int, alpha: Int, top: Int) -> Int {
        (value * alpha + paper * (top - alpha) + top / 2) / top
    }

    private static func luma(_ colour: [Int]) -> Int {
        (colour[0] * 299 + colour[1] * 587 + colour[2] * 114 + 500) / 1000
    }

    private func pixelwise(channels count: Int, _ body: (Int, (Int, Int) -> Void) -> Void) -> Image {
        var result = Image(width: width, height: height, channels: count, bitDepth: bitDepth)
        for pixel in 0..<width * height {
            body(pixel * channels) { channel, value in result.samples[pixel * count + channel] = value }
        }
        return result
    }
}
