import Platform

/// Renders letters of the installed fonts: a data set in the manner of MNIST that needs no download.
///
///     let letters = try GlyphRenderer().render(size: 28)
public struct GlyphRenderer: Sendable {
    /// The upper and lower case letters of English and the digits.
    public static let alphanumerics = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".unicodeScalars)

    /// The fonts that will be drawn, as "Family Style", in the order of the pictures.
    public var fontNames: [String] { fonts.map(Self.name) }

    private let fonts: [FontLibrary.Entry]

    /// Lists the installed scalable fonts, without those for symbols.
    ///
    /// - Parameter families: Only fonts of these families; nil for all.
    /// - Throws: `ImagingError` when there are none.
    public init(families: [String]? = nil) throws {
        fonts = FontLibrary.list(scalable: true).filter {
            !$0.isSymbol && families?.contains($0.family) ?? true
        }
        guard !fonts.isEmpty else {
            throw ImagingError(
                reason: "no scalable font is installed" + (families.map { " of \($0.joined(separator: ", "))" } ?? ""),
                advice: "Install some, for example the Debian package fonts-dejavu.", kind: .unavailable)
        }
    }

    /// Draws each letter in each font: grey, white on black, centred and scaled to fit.
    ///
    /// The order is font by font, and within a font that of `letters`. A font that lacks a letter is left out as a whole.
    ///
    /// - Parameters:
    ///   - size: Pixels a side.
    ///   - letters: The letters to draw.
    ///   - margin: The part of the side that stays free at each edge, in 0..<0.5; MNIST has 1/7.
    /// - Throws: `ImagingError` when no font has the letters.
    public func render(
        size: Int, letters: [Unicode.Scalar] = GlyphRenderer.alphanumerics, margin: Double = 1.0 / 14
    ) throws -> [NamedImage] {
        let images = fonts.flatMap { font -> [NamedImage] in
            guard let face = try? FontFace(font), face.hasUnicode else { return [] }
            let drawn = letters.compactMap { letter in
                Self.draw(letter, face, size: size, margin: margin).map {
                    NamedImage(name: "\(Self.name(font)) \(letter)", character: letter, image: $0)
                }
            }
            return drawn.count == letters.count ? drawn : []
        }
        guard !images.isEmpty else {
            throw ImagingError(reason: "no installed font has all \(letters.count) letters", kind: .unavailable)
        }
        return images
    }

    private static func name(_ font: FontLibrary.Entry) -> String { "\(font.family) \(font.style)" }

    /// Pixels of the drawing for each pixel of the result.
    private static let oversampling = 4

    private static func draw(_ letter: Unicode.Scalar, _ face: FontFace, size: Int, margin: Double) -> Image? {
        let room = max(Double(size) * (1 - 2 * margin), 1) * Double(oversampling)
        let trial = 256
        guard let measured = face.ink(letter.value, pixels: trial) else { return nil }
        let scale = room / Double(max(measured.width, measured.height))
        let pixels = min(max(Int(Double(trial) * scale), 1), 16 * size * oversampling)
        guard let ink = face.ink(letter.value, pixels: pixels) else { return nil }
        let side = size * oversampling
        var sheet = Image(width: side, height: side, channels: 1)
        try? sheet.paste(ink, x: (side - ink.width) / 2, y: (side - ink.height) / 2)
        return sheet.resized(width: size, height: size, by: .box)
    }
}
