import CWebP
import Platform

/// Reads WebP (RFC 9649), lossy and lossless.
///
///     let image = try WebP.read(path: "cat.webp")
public enum WebP {
    /// Reads a file: RGB, or RGBA where it has transparency.
    ///
    /// - Throws: `ImagingError` when the file is damaged, an animation, or has more than `pixelLimit` pixels; `FileError` when it
    ///   cannot be read.
    public static func read(path: String, pixelLimit: Int = PNG.Limits().pixels) throws -> Image {
        try read(FileSystem.contents(of: path), file: path, pixelLimit: pixelLimit)
    }

    /// Reads a picture in memory: RGB, or RGBA where it has transparency. Transparent pixels keep the colours that the file gives them.
    ///
    /// - Parameter file: the name for messages.
    /// - Throws: `ImagingError` when the bytes are damaged, an animation, or a picture of more than `pixelLimit` pixels.
    public static func read(
        _ bytes: [UInt8], file: String = "", pixelLimit: Int = PNG.Limits().pixels
    ) throws -> Image {
        try naming(file.isEmpty ? nil : file) {
            var configuration = WebPDecoderConfig()
            guard WebPInitDecoderConfig(&configuration) != 0 else {
                throw ImagingError(
                    reason: "the WebP library here is of another version than the one of this build",
                    advice: "Build Genera again.", kind: .unavailable)
            }
            try check(WebPGetFeatures(bytes, bytes.count, &configuration.input))
            let (width, height) = (Int(configuration.input.width), Int(configuration.input.height))
            guard configuration.input.has_animation == 0 else {
                throw ImagingError(
                    reason: "this WebP file is an animation", advice: "Take a single frame out of it first.")
            }
            try PictureSize.check(width, height, limit: pixelLimit)
            return try decode(bytes, width, height, &configuration)
        }
    }

    private static func decode(
        _ bytes: [UInt8], _ width: Int, _ height: Int, _ configuration: inout WebPDecoderConfig
    ) throws -> Image {
        let channels = configuration.input.has_alpha != 0 ? 4 : 3
        let stride = width * channels
        configuration.output.colorspace = channels == 4 ? MODE_RGBA : MODE_RGB
        configuration.output.is_external_memory = 1
        var status = VP8_STATUS_OK
        let pixels = [UInt8](unsafeUninitializedCapacity: stride * height) { buffer, count in
            // What a failure leaves unwritten is not looked at: it is thrown below.
            buffer.initialize(repeating: 0)
            configuration.output.u.RGBA = WebPRGBABuffer(
                rgba: buffer.baseAddress, stride: Int32(stride), size: buffer.count)
            status = WebPDecode(bytes, bytes.count, &configuration)
            WebPFreeDecBuffer(&configuration.output)
            count = stride * height
        }
        try check(status)
        return Image(width: width, height: height, channels: channels, bytes: pixels)
    }

    private static func check(_ status: VP8StatusCode) throws {
        switch status {
        case VP8_STATUS_OK: return
        case VP8_STATUS_NOT_ENOUGH_DATA, VP8_STATUS_SUSPENDED:
            throw ImagingError(reason: "the WebP file ends too early", advice: "Copy or download the file again.")
        case VP8_STATUS_OUT_OF_MEMORY:
            throw ImagingError(reason: "there is not enough memory for the picture", kind: .unavailable)
        case VP8_STATUS_UNSUPPORTED_FEATURE:
            throw ImagingError(reason: "the WebP file uses something that the library here does not know")
        default: throw ImagingError(reason: "the WebP data is damaged", advice: "Copy or download the file again.")
        }
    }
}
