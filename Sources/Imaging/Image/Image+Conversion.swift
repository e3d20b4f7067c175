extension Image {
    /// The same picture with another number of channels.
    ///
    /// Colour becomes grey by the weights of ITU-R BT.601 (0.299, 0.587, 0.114). Alpha that is dropped is laid over a
    /// `background` of one grey level in 0...1, white by default; alpha that is added is opaque.
    public func converted(toChannels count: Int, background: Double = 1) -> Image {
        precondition((1...4).contains(count), "An image has 1 to 4 channels, not \(count).")
        if count == channels { return self }
        let converted: Samples =
            switch samples {
            case .bytes(let bytes): .bytes(recolored(bytes, channels: count, background: background))
            case .words(let words): .words(recolored(words, channels: count, background: background))
            }
        return Image(width: width, height: height, channels: count, samples: converted)
    }

    /// The picture laid over a colour, without alpha; as it is where it has none. A grey picture stays grey over a grey.
    public func laid(over background: Color) -> Image {
        guard hasAlpha else { return self }
        let (red, green, blue) = (background.red, background.green, background.blue)
        if red == green, green == blue { return converted(toChannels: channels - 1, background: red) }
        let planes = [red, green, blue].map { converted(toChannels: 4).converted(toChannels: 3, background: $0) }
        var image = planes[0]
        for channel in 1..<3 { image.takeChannel(channel, of: planes[channel]) }
        return image
    }

    private mutating func takeChannel(_ channel: Int, of other: Image) {
        for index in stride(from: channel, to: samples.count, by: channels) { samples[index] = other.samples[index] }
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

    private func recolored<Sample: FixedWidthInteger & UnsignedInteger>(
        _ source: [Sample], channels count: Int, background: Double
    ) -> [Sample] {
        let top = maximum
        let paper = Int((background * Double(top)).rounded())
        let (isGrey, keepsAlpha) = (channels <= 2, count == 2 || count == 4)
        var result: [Sample] = []
        result.reserveCapacity(width * height * count)
        for start in stride(from: 0, to: source.count, by: channels) {
            var (red, green, blue) = (Int(source[start]), Int(source[start]), Int(source[start]))
            if !isGrey { (green, blue) = (Int(source[start + 1]), Int(source[start + 2])) }
            let alpha = hasAlpha ? Int(source[start + channels - 1]) : top
            if !keepsAlpha && alpha < top {
                red = Self.over(red, paper, alpha: alpha, top: top)
                green = Self.over(green, paper, alpha: alpha, top: top)
                blue = Self.over(blue, paper, alpha: alpha, top: top)
            }
            if count <= 2 {
                result.append(Sample(isGrey ? red : (red * 299 + green * 587 + blue * 114 + 500) / 1000))
            } else {
                result.append(Sample(red))
                result.append(Sample(green))
                result.append(Sample(blue))
            }
            if keepsAlpha { result.append(Sample(alpha)) }
        }
        return result
    }

    private static func over(_ value: Int, _ paper: Int, alpha: Int, top: Int) -> Int {
        (value * alpha + paper * (top - alpha) + top / 2) / top
    }
}
