import Genera

/// The pixels of a photograph, at the size of its camera.
public struct Photograph: Sendable, Equatable {
    /// Columns.
    public let width: Int
    /// Rows.
    public let height: Int
    /// Red, green and blue in 0...1, `[3, height, width]`.
    public let planes: [Float]
    /// How much of each pixel is there, in 0...1, `[height, width]`; nil where the file has no transparency. Where it is there, the
    /// colours have been laid over the background.
    public let alpha: [Float]?
    /// How much each pixel counts, in 0...1, `[height, width]`; nil where all count.
    public let mask: [Float]?

    /// How pixels are read.
    public struct Loading: Sendable, Equatable {
        /// What lies behind transparent pixels: red, green, blue in 0...1.
        public var background: [Double] = [0, 0, 0]
        /// Whether colours laid over the background keep their fractions. Otherwise they are cut to 8 bits, as the reference implementation
        /// does it.
        public var isExact = false
        /// Whether transparency says which pixels count.
        public var takesAlphaAsMask = false

        /// Over black.
        public init(background: [Double] = [0, 0, 0], isExact: Bool = false, takesAlphaAsMask: Bool = false) {
            precondition(background.count == 3)
            (self.background, self.isExact, self.takesAlphaAsMask) = (background, isExact, takesAlphaAsMask)
        }
    }

    /// Reads the photograph of a view, and its mask.
    ///
    /// - Throws: `ImagingError` or `FileError` that names the file.
    public static func read(_ view: View, _ loading: Loading = .init()) throws -> Photograph {
        let image = try Image.read(path: view.imagePath, applyOrientation: false)
        let (width, height) = (view.camera.width, view.camera.height)
        var (planes, count) = (composited(image, loading), 3)
        if image.hasAlpha {
            planes += channel(image, image.channels - 1)
            count += 1
        }
        if let distorted = view.distorted {
            let source = distorted.resized(width: image.width, height: image.height)
            let target = view.camera.resized(width: image.width, height: image.height)
            let (straight, shown) = source.undistorted(planes, planes: count, for: target)
            planes = straight + shown
            count += 1
        }
        planes = AreaResampling.resized(planes, planes: count, from: (image.width, image.height), to: (width, height))
        let size = width * height
        var masks = view.distorted == nil ? [] : [Array(planes.suffix(size))]
        let alpha = image.hasAlpha ? Array(planes[3 * size..<4 * size]) : nil
        if loading.takesAlphaAsMask, let alpha { masks.append(alpha) }
        if let path = view.maskPath { masks.append(try mask(path, view)) }
        return Photograph(
            width: width, height: height, planes: count == 3 ? planes : Array(planes.prefix(3 * size)), alpha: alpha,
            mask: masks.dropFirst().reduce(masks.first) { product, mask in product.map { zip($0, mask).map(*) } })
    }

    /// A file's mask, at the size of the view and without its lens's distortion.
    private static func mask(_ path: String, _ view: View) throws -> [Float] {
        let image = try Image.read(path: path, applyOrientation: false).converted(toChannels: 1, background: 0)
        var plane = channel(image, 0)
        if let distorted = view.distorted {
            let source = distorted.resized(width: image.width, height: image.height)
            plane =
                source.undistorted(plane, planes: 1, for: view.camera.resized(width: image.width, height: image.height))
                .planes
        }
        return AreaResampling.resized(
            plane, planes: 1, from: (image.width, image.height), to: (view.camera.width, view.camera.height))
    }

    private static func channel(_ image: Image, _ channel: Int) -> [Float] {
        [Float](unsafeUninitializedCapacity: image.width * image.height) { out, count in
            copy(image, channel: channel, into: out.baseAddress!)
            count = out.count
        }
    }

    /// Colours over the background, `[3, height, width]`.
    private static func composited(_ image: Image, _ loading: Loading) -> [Float] {
        let size = image.width * image.height
        let isGrey = image.channels <= 2
        return [Float](unsafeUninitializedCapacity: 3 * size) { out, count in
            count = 3 * size
            for channel in 0..<3 {
                let plane = out.baseAddress! + channel * size
                let source = isGrey ? 0 : channel
                if image.hasAlpha {
                    compose(image, channel: source, over: loading.background[channel], loading.isExact, into: plane)
                } else {
                    copy(image, channel: source, into: plane)
                }
            }
        }
    }

    private static func copy(_ image: Image, channel: Int, into out: UnsafeMutablePointer<Float>) {
        let (step, size) = (image.channels, image.width * image.height)
        switch image.samples {
        case .bytes(let bytes):
            bytes.withUnsafeBufferPointer { bytes in
                let start = bytes.baseAddress! + channel
                for pixel in 0..<size { out[pixel] = Float(start[pixel &* step]) / 255 }
            }
        case .words(let words):
            words.withUnsafeBufferPointer { words in
                let start = words.baseAddress! + channel
                for pixel in 0..<size { out[pixel] = Float(start[pixel &* step]) / 65535 }
            }
        }
    }

    /// c a + b (1 - a), cut to 8 bits unless exact. Files of 16 bits are always exact.
    private static func compose(
        _ image: Image, channel: Int, over paper: Double, _ isExact: Bool, into out: UnsafeMutablePointer<Float>
    ) {
        let (step, size) = (image.channels, image.width * image.height)
        func laid(_ colour: Double, _ alpha: Double) -> Double { colour * alpha + paper * (1 - alpha) }
        switch image.samples {
        case .bytes(let bytes):
            bytes.withUnsafeBufferPointer { bytes in
                let (start, end) = (bytes.baseAddress! + channel, bytes.baseAddress! + step - 1)
                for pixel in 0..<size {
                    let value = laid(Double(start[pixel &* step]) / 255, Double(end[pixel &* step]) / 255)
                    out[pixel] = isExact ? Float(value) : Float(Int(value * 255)) / 255
                }
            }
        case .words(let words):
            words.withUnsafeBufferPointer { words in
                let (start, end) = (words.baseAddress! + channel, words.baseAddress! + step - 1)
                for pixel in 0..<size {
                    out[pixel] = Float(laid(Double(start[pixel &* step]) / 65535, Double(end[pixel &* step]) / 65535))
                }
            }
        }
    }
}
