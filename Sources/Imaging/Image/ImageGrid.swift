/// Many pictures on one sheet.
public enum ImageGrid {
    /// Arranges pictures row by row, each centred in a cell as large as the largest.
    ///
    ///     let sheet = try ImageGrid.arrange(samples)   // 64 pictures: 8 by 8
    ///
    /// - Parameters:
    ///   - images: One or more pictures; the sheet has the richest channels and bit depth among them.
    ///   - columns: Pictures a row; nil for about as many as rows.
    ///   - padding: Pixels between pictures and around the sheet.
    ///   - scale: How many pixels each pixel becomes a side; nil makes small pictures up to 128 pixels large.
    ///   - background: The grey level behind, in 0...1.
    /// - Throws: `ImagingError` when there are no pictures, or the sheet would exceed 400 megapixels.
    public static func arrange(
        _ images: [Image], columns: Int? = nil, padding: Int = 2, scale: Int? = nil, background: Double = 1
    ) throws -> Image {
        guard !images.isEmpty else { throw ImagingError(reason: "a grid needs at least one image") }
        precondition(columns ?? 1 > 0 && padding >= 0 && scale ?? 1 > 0, "A grid has positive columns and scale.")
        let cell = (width: images.map(\.width).max() ?? 1, height: images.map(\.height).max() ?? 1)
        let across = min(columns ?? squarishColumns(images.count), images.count)
        let down = (images.count + across - 1) / across
        let factor = scale ?? automaticScale(max(cell.width, cell.height), count: max(across, down))
        let pitch = (x: cell.width * factor + padding, y: cell.height * factor + padding)
        let size = (width: across * pitch.x + padding, height: down * pitch.y + padding)
        guard size.width.multipliedReportingOverflow(by: size.height).partialValue <= 400_000_000 else {
            throw ImagingError(
                reason: "a grid of \(size.width)x\(size.height) pixels is too large", advice: "Arrange fewer images.")
        }
        let channels = commonChannels(images)
        let depth = images.map(\.bitDepth).max() ?? 8
        var sheet = blank(size.width, size.height, channels: channels, depth: depth, background: background)
        for (index, image) in images.enumerated() {
            let tile = image.converted(toChannels: channels).converted(toBitDepth: depth).enlarged(by: factor)
            let x = padding + index % across * pitch.x + (cell.width * factor - tile.width) / 2
            let y = padding + index / across * pitch.y + (cell.height * factor - tile.height) / 2
            try sheet.paste(tile, x: x, y: y)
        }
        return sheet
    }

    /// Puts pictures one below the other at the left, each in its own size; the sheet is white.
    ///
    /// - Throws: `ImagingError` when there are none.
    static func column(_ images: [Image], padding: Int) throws -> Image {
        guard !images.isEmpty else { throw ImagingError(reason: "a column needs at least one image") }
        let height = images.reduce(padding) { $0 + $1.height + padding }
        let width = (images.map(\.width).max() ?? 1) + 2 * padding
        var sheet = Image(width: width, height: height, channels: 3, fill: [255, 255, 255])
        var top = padding
        for image in images {
            try sheet.paste(image.converted(toChannels: 3).converted(toBitDepth: 8), x: padding, y: top)
            top += image.height + padding
        }
        return sheet
    }

    /// The least number of columns whose square holds `count`.
    static func squarishColumns(_ count: Int) -> Int {
        var columns = max(Int(Double(count).squareRoot()), 1)
        while columns * columns < count { columns += 1 }
        return columns
    }

    private static func automaticScale(_ side: Int, count: Int) -> Int {
        max(1, min(128 / side, 2048 / (side * count), 8))
    }

    private static func commonChannels(_ images: [Image]) -> Int {
        let colour = images.contains { $0.channels >= 3 }
        let alpha = images.contains(where: \.hasAlpha)
        return (colour ? 3 : 1) + (alpha ? 1 : 0)
    }

    private static func blank(_ width: Int, _ height: Int, channels: Int, depth: Int, background: Double) -> Image {
        let top = (1 << depth) - 1
        var fill = Array(repeating: Int((background * Double(top)).rounded()), count: channels)
        if channels == 2 || channels == 4 { fill[channels - 1] = top }
        return Image(width: width, height: height, channels: channels, bitDepth: depth, fill: fill)
    }
}
