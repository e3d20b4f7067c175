import CJPEG
import Platform

/// Reads JPEG (ISO/IEC 10918): baseline and progressive; grey, YCbCr, RGB, CMYK and YCCK.
///
///     let photograph = try JPEG.read(path: "cat.jpg")
public enum JPEG {
    /// Reads a file: grey as one channel, everything else as RGB.
    ///
    /// - Parameter applyOrientation: whether a photograph that says how its camera was held is turned upright. Without it the pixels
    ///   come as they are stored, which is what cameras estimated by photogrammetry belong to.
    /// - Throws: `ImagingError` when the file is damaged, cut short, or has more than `pixelLimit` pixels; `FileError` when it cannot
    ///   be read.
    public static func read(
        path: String, applyOrientation: Bool = true, pixelLimit: Int = PNG.Limits().pixels
    ) throws -> Image {
        try read(
            FileSystem.contents(of: path), file: path, applyOrientation: applyOrientation, pixelLimit: pixelLimit)
    }

    /// Reads a picture in memory: grey as one channel, everything else as RGB.
    ///
    /// - Parameters:
    ///   - file: the name for messages.
    ///   - applyOrientation: whether a photograph that says how its camera was held is turned upright.
    /// - Throws: `ImagingError` when the bytes are damaged, cut short, or a picture of more than `pixelLimit` pixels.
    public static func read(
        _ bytes: [UInt8], file: String = "", applyOrientation: Bool = true, pixelLimit: Int = PNG.Limits().pixels
    ) throws -> Image {
        try naming(file.isEmpty ? nil : file) {
            let image = try decode(bytes, pixelLimit: pixelLimit)
            return applyOrientation ? PictureOrientation(jpeg: bytes).upright(image) : image
        }
    }

    private static func decode(_ bytes: [UInt8], pixelLimit: Int) throws -> Image {
        try bytes.withUnsafeBufferPointer { buffer in
            guard let reader = cjpeg_open(buffer.baseAddress, buffer.count) else {
                throw ImagingError(reason: "memory is out", kind: .unavailable)
            }
            defer { cjpeg_close(reader) }
            try check(reader)
            let header = cjpeg_reader_header(reader)
            let (width, height, channels) = (Int(header.width), Int(header.height), Int(header.channels))
            try PictureSize.check(width, height, limit: pixelLimit)
            try checkPlausible(header, bytes: buffer.count)
            // Coefficients of a progressive file: two bytes each, up to one a sample, in whole blocks.
            let memory = 16 << 20 + 2 * channels * (width + 64) * (height + 64)
            var samples = [UInt8](repeating: 0, count: width * height * channels)
            _ = samples.withUnsafeMutableBufferPointer {
                cjpeg_read_pixels(reader, $0.baseAddress, $0.count, memory)
            }
            try check(reader)
            if channels == 4 { samples = rgb(samples, isInverted: header.is_inverted != 0) }
            return Image(width: width, height: height, channels: min(channels, 3), bytes: samples)
        }
    }

    private static func check(_ reader: OpaquePointer) throws {
        guard let message = cjpeg_message(reader) else { return }
        throw ImagingError(
            reason: "the JPEG data is damaged: \(String(cString: message))", advice: "Copy or download the file again.")
    }

    /// Huffman codes have at least one bit and belong to blocks of 64 samples, of which a component may have a sixteenth: a short file
    /// cannot hold a large picture.
    private static func checkPlausible(_ header: cjpeg_header, bytes: Int) throws {
        guard header.is_arithmetic == 0, Int(header.width) * Int(header.height) > bytes * 8 * 64 * 16 else { return }
        throw ImagingError(
            reason: "\(bytes) bytes cannot hold \(header.width)x\(header.height) pixels; the file is damaged")
    }

    /// Ink laid over white paper, without colour management.
    private static func rgb(_ inks: [UInt8], isInverted: Bool) -> [UInt8] {
        var result = [UInt8](repeating: 0, count: inks.count / 4 * 3)
        let flip: UInt8 = isInverted ? 0 : 255
        for pixel in 0..<inks.count / 4 {
            let light = Int(inks[4 * pixel + 3] ^ flip)
            for channel in 0..<3 {
                result[3 * pixel + channel] = UInt8((Int(inks[4 * pixel + channel] ^ flip) * light + 127) / 255)
            }
        }
        return result
    }
}
