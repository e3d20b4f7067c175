import CCairo
import Platform

/// A position in pixels or in data units.
public struct Point: Hashable, Sendable {
    /// Horizontal, growing to the right.
    public var x: Double
    /// Vertical; grows downwards on a canvas and upwards in a plot.
    public var y: Double

    /// Makes a point.
    public init(_ x: Double, _ y: Double) {
        self.x = x
        self.y = y
    }
}

/// A rectangle by its corner and size.
public struct Rectangle: Hashable, Sendable {
    /// The left edge, in the units of its use: points on a canvas.
    public var x: Double
    /// The top edge; y grows downwards.
    public var y: Double
    /// From the left edge to the right one.
    public var width: Double
    /// From the top edge to the bottom one.
    public var height: Double

    /// Makes a rectangle.
    public init(x: Double, y: Double, width: Double, height: Double) {
        (self.x, self.y, self.width, self.height) = (x, y, width, height)
    }

    /// Right edge.
    public var maxX: Double { x + width }
    /// Bottom edge.
    public var maxY: Double { y + height }
    /// Centre, horizontally.
    public var midX: Double { x + width / 2 }
    /// Centre, vertically.
    public var midY: Double { y + height / 2 }
}

/// A sheet to draw on with Cairo, antialiased; lengths are points, of `scale` pixels each.
///
///     let canvas = try Canvas(width: 200, height: 100)
///     canvas.fillCircle(at: Point(100, 50), radius: 20, .okabeIto[0])
///     let image = try canvas.image()
///
/// Cairo remembers the first failure; `image()` throws it.
public final class Canvas {
    /// Width in points.
    public let width: Double
    /// Height in points.
    public let height: Double
    let context: OpaquePointer
    private let surface: OpaquePointer
    private let isOpaque: Bool

    /// Makes a sheet of `width` by `height` points.
    ///
    /// - Parameters:
    ///   - scale: Pixels a point.
    ///   - background: Its colour; nil for transparent.
    /// - Throws: `ImagingError` when the size is not 1...32767 pixels a side, or memory is out.
    public init(width: Double, height: Double, scale: Double = 1, background: Color? = .white) throws {
        let (columns, rows) = ((width * scale).rounded(), (height * scale).rounded())
        guard (1...32767).contains(columns), (1...32767).contains(rows) else {
            throw ImagingError(reason: "a canvas has 1 to 32767 pixels a side, not \(columns) by \(rows)")
        }
        let format = background == nil ? CAIRO_FORMAT_ARGB32 : CAIRO_FORMAT_RGB24
        (self.width, self.height) = (width, height)
        surface = cairo_image_surface_create(format, CInt(columns), CInt(rows))
        context = cairo_create(surface)
        isOpaque = background != nil
        try Self.check(cairo_status(context))
        cairo_scale(context, scale, scale)
        cairo_set_line_join(context, CAIRO_LINE_JOIN_ROUND)
        if let background { fill(Rectangle(x: 0, y: 0, width: width, height: height), background) }
    }

    deinit {
        cairo_destroy(context)
        cairo_surface_destroy(surface)
    }

    /// What was drawn: RGB on a background, else RGBA; 8 bits.
    ///
    /// - Throws: `ImagingError` with Cairo's reason when anything drawn failed.
    public func image() throws -> Image {
        try Self.check(cairo_status(context))
        cairo_surface_flush(surface)
        let (columns, rows) = (
            Int(cairo_image_surface_get_width(surface)), Int(cairo_image_surface_get_height(surface))
        )
        let stride = Int(cairo_image_surface_get_stride(surface))
        guard let data = cairo_image_surface_get_data(surface) else {
            throw ImagingError(reason: "the canvas is empty")
        }
        let channels = isOpaque ? 3 : 4
        let bytes = [UInt8](unsafeUninitializedCapacity: columns * rows * channels) { target, count in
            for row in 0..<rows {
                UnsafeRawPointer(data + row * stride).withMemoryRebound(to: UInt32.self, capacity: columns) { pixels in
                    for column in 0..<columns {
                        put(pixels[column], at: (row * columns + column) * channels, in: target)
                    }
                }
            }
            count = columns * rows * channels
        }
        return Image(width: columns, height: rows, channels: channels, bytes: bytes)
    }

    /// Cairo's colours are premultiplied by alpha; ours are not.
    @inline(__always)
    private func put(_ pixel: UInt32, at place: Int, in bytes: UnsafeMutableBufferPointer<UInt8>) {
        let parts = (pixel >> 16 & 255, pixel >> 8 & 255, pixel & 255)
        let alpha = isOpaque ? 255 : pixel >> 24
        func part(_ value: UInt32) -> UInt8 {
            alpha == 255 ? UInt8(value) : alpha == 0 ? 0 : UInt8(min((value * 255 + alpha / 2) / alpha, 255))
        }
        (bytes[place], bytes[place + 1], bytes[place + 2]) = (part(parts.0), part(parts.1), part(parts.2))
        if !isOpaque { bytes[place + 3] = UInt8(alpha) }
    }

    private static func check(_ status: cairo_status_t) throws {
        guard status != CAIRO_STATUS_SUCCESS else { return }
        throw ImagingError(
            reason: "Cairo cannot draw: \(String(cString: cairo_status_to_string(status)))", kind: .software)
    }
}
