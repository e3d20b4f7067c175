import CCairo

extension Canvas {
    /// Fills many discs of one radius, in their order, without a path for each.
    ///
    /// - Parameters:
    ///   - centres: Where they are.
    ///   - color: The colour of each, by its place among the centres.
    ///   - area: Only pixels in it are touched; it takes the place of a clip.
    func fillDiscs(at centres: [Point], radius: Double, in area: Rectangle, color: (Int) -> Color) {
        guard let pixels = PixelWindow(self, area: area) else { return }
        let stamps = DiscStamps(radius: radius * pixels.scale)
        for (index, centre) in centres.enumerated() where centre.x.isFinite && centre.y.isFinite {
            stamps.draw(at: Point(centre.x * pixels.scale, centre.y * pixels.scale), color(index), on: pixels)
        }
        pixels.done()
    }
}

/// The pixels of a part of a canvas, for drawing without Cairo.
struct PixelWindow {
    let scale: Double
    let columns: Range<Int>
    let rows: Range<Int>
    private let bytes: UnsafeMutablePointer<UInt8>
    private let stride: Int
    private let surface: OpaquePointer

    init?(_ canvas: Canvas, area: Rectangle) {
        guard let surface = cairo_get_target(canvas.context) else { return nil }
        cairo_surface_flush(surface)
        guard let bytes = cairo_image_surface_get_data(surface) else { return nil }
        let size = (Int(cairo_image_surface_get_width(surface)), Int(cairo_image_surface_get_height(surface)))
        scale = Double(size.0) / canvas.width
        columns = Self.range(area.x * scale, area.maxX * scale, size.0)
        rows = Self.range(area.y * scale, area.maxY * scale, size.1)
        stride = Int(cairo_image_surface_get_stride(surface))
        (self.bytes, self.surface) = (bytes, surface)
    }

    private static func range(_ low: Double, _ high: Double, _ count: Int) -> Range<Int> {
        let first = min(max(Int(low.rounded()), 0), count)
        return first..<max(min(Int(high.rounded()), count), first)
    }

    /// Lays a colour of opacity `alpha` in 0...256 over a pixel.
    @inline(__always)
    func blend(_ color: (blue: Int32, green: Int32, red: Int32), _ alpha: Int32, x: Int, y: Int) {
        let pixel = bytes + y * stride + x * 4
        func over(_ old: UInt8, _ new: Int32) -> UInt8 { UInt8((Int32(old) * (256 - alpha) + new * alpha + 128) >> 8) }
        (pixel[0], pixel[1]) = (over(pixel[0], color.blue), over(pixel[1], color.green))
        (pixel[2], pixel[3]) = (over(pixel[2], color.red), over(pixel[3], 255))
    }

    /// Tells Cairo that its pixels changed.
    func done() { cairo_surface_mark_dirty(surface) }
}

/// A disc as coverages of pixels, for each of 4 by 4 places of its centre within a pixel.
struct DiscStamps {
    private let side: Int
    private let reach: Int
    private let coverages: [UInt16]
    private static let phases = 4

    init(radius: Double) {
        let radius = min(max(radius, 0.3), 64)
        reach = Int(radius.rounded(.up)) + 1
        side = 2 * reach + 1
        var coverages: [UInt16] = []
        for phase in 0..<Self.phases * Self.phases {
            let centre = Point(Self.offset(phase % Self.phases), Self.offset(phase / Self.phases))
            for y in -reach...reach {
                for x in -reach...reach {
                    coverages.append(Self.coverage(of: Point(Double(x) - centre.x, Double(y) - centre.y), radius))
                }
            }
        }
        self.coverages = coverages
    }

    private static func offset(_ phase: Int) -> Double { (Double(phase) + 0.5) / Double(phases) - 0.5 }

    /// The share of a pixel around `place` inside the disc, in 0...256, by 8 by 8 trials.
    private static func coverage(of place: Point, _ radius: Double) -> UInt16 {
        var inside = 0
        for trial in 0..<64 {
            let x = place.x + (Double(trial % 8) + 0.5) / 8 - 0.5
            let y = place.y + (Double(trial / 8) + 0.5) / 8 - 0.5
            if x * x + y * y <= radius * radius { inside += 1 }
        }
        return UInt16(inside * 4)
    }

    /// Draws the disc at a place in pixels.
    func draw(at centre: Point, _ color: Color, on pixels: PixelWindow) {
        guard abs(centre.x) < 1e6, abs(centre.y) < 1e6 else { return }
        let corner = (x: Int(centre.x.rounded(.down)), y: Int(centre.y.rounded(.down)))
        func phase(_ value: Double, _ low: Int) -> Int { min(Int((value - Double(low)) * Double(Self.phases)), 3) }
        let stamp = phase(centre.y, corner.y) * Self.phases + phase(centre.x, corner.x)
        func level(_ part: Double) -> Int32 { Int32((min(max(part, 0), 1) * 255).rounded()) }
        let ink = (blue: level(color.blue), green: level(color.green), red: level(color.red))
        let opacity = Int32((min(max(color.alpha, 0), 1) * 256).rounded())
        let rows = (corner.y - reach..<corner.y + reach + 1).clamped(to: pixels.rows)
        let columns = (corner.x - reach..<corner.x + reach + 1).clamped(to: pixels.columns)
        coverages.withUnsafeBufferPointer { coverages in
            for y in rows {
                let line = (stamp * side + y - corner.y + reach) * side + reach - corner.x
                for x in columns where coverages[line + x] > 0 {
                    pixels.blend(ink, (Int32(coverages[line + x]) * opacity) >> 8, x: x, y: y)
                }
            }
        }
    }
}
