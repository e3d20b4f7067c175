import CCairo

extension Canvas {
    /// Draws a picture of 8 bits into a rectangle: its pixels as even blocks, or smooth.
    public func draw(_ image: Image, in rectangle: Rectangle, isSmooth: Bool = false) {
        guard image.width <= 32767, image.height <= 32767 else {
            let side = min(max(image.width, image.height), 4096)
            let small = image.resized(width: min(image.width, side), height: min(image.height, side), by: .box)
            return draw(small, in: rectangle, isSmooth: isSmooth)
        }
        var pixels = Self.premultiplied(image)
        pixels.withUnsafeMutableBytes { bytes in
            let surface = cairo_image_surface_create_for_data(
                bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), CAIRO_FORMAT_ARGB32, CInt(image.width),
                CInt(image.height), CInt(image.width * 4))
            defer { cairo_surface_destroy(surface) }
            cairo_save(context)
            defer { cairo_restore(context) }
            cairo_rectangle(context, rectangle.x, rectangle.y, rectangle.width, rectangle.height)
            cairo_clip(context)
            cairo_translate(context, rectangle.x, rectangle.y)
            cairo_scale(context, rectangle.width / Double(image.width), rectangle.height / Double(image.height))
            cairo_set_source_surface(context, surface, 0, 0)
            let source = cairo_get_source(context)
            cairo_pattern_set_filter(source, isSmooth ? CAIRO_FILTER_GOOD : CAIRO_FILTER_NEAREST)
            cairo_pattern_set_extend(source, CAIRO_EXTEND_PAD)  // no pale rim
            cairo_paint(context)
            cairo_surface_finish(surface)
        }
    }

    /// A picture's pixels as Cairo wants them: alpha on top, colours multiplied by it.
    private static func premultiplied(_ image: Image) -> [UInt32] {
        guard case let .bytes(bytes) = image.converted(toBitDepth: 8).converted(toChannels: 4).samples else {
            return []
        }
        return (0..<image.width * image.height).map { pixel in
            let alpha = UInt32(bytes[pixel * 4 + 3])
            func part(_ channel: Int) -> UInt32 { (UInt32(bytes[pixel * 4 + channel]) * alpha + 127) / 255 }
            return alpha << 24 | part(0) << 16 | part(1) << 8 | part(2)
        }
    }
}
