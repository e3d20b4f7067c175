import CCairo
import Platform

/// A font opened by FreeType. Use it from one thread at a time.
final class FontFace {
    private let library: FT_Library
    private let face: FT_Face

    init(_ entry: FontLibrary.Entry) throws {
        var library: FT_Library?
        guard FT_Init_FreeType(&library) == 0, let library else {
            throw ImagingError(reason: "FreeType cannot start", kind: .unavailable)
        }
        var face: FT_Face?
        let status = FT_New_Face(library, entry.path, FT_Long(entry.index), &face)
        guard status == 0, let face else {
            FT_Done_FreeType(library)
            throw ImagingError(file: entry.path, reason: "FreeType cannot open this font: error \(status)")
        }
        (self.library, self.face) = (library, face)
    }

    deinit {
        FT_Done_Face(face)
        FT_Done_FreeType(library)
    }

    /// Whether the font maps Unicode, not a private set of symbols.
    var hasUnicode: Bool { FT_Select_Charmap(face, FT_ENCODING_UNICODE) == 0 }

    /// Whether the font has a glyph for a code point.
    func hasGlyph(_ code: UInt32) -> Bool { FT_Get_Char_Index(face, FT_ULong(code)) != 0 }

    /// Picks the largest set of colour bitmaps; false when there is none.
    func selectLargestBitmaps() -> Bool {
        guard ccairo_has_color(face) != 0, face.pointee.num_fixed_sizes > 0 else { return false }
        let sizes = (0..<Int(face.pointee.num_fixed_sizes)).map { face.pointee.available_sizes[$0].height }
        let largest = sizes.indices.max { sizes[$0] < sizes[$1] } ?? 0
        return FT_Select_Size(face, FT_Int(largest)) == 0
    }

    /// Every code point that has a glyph, ascending.
    func codePoints() -> [UInt32] {
        var glyph: FT_UInt = 0
        var code = FT_Get_First_Char(face, &glyph)
        var codes: [UInt32] = []
        while glyph != 0 {
            codes.append(UInt32(code))
            code = FT_Get_Next_Char(face, code, &glyph)
        }
        return codes
    }

    /// Whether a code point has a colour bitmap with pixels.
    func hasColorBitmap(_ code: UInt32) -> Bool {
        let glyph = FT_Get_Char_Index(face, FT_ULong(code))
        guard glyph != 0, ccairo_load_color_metrics(face, glyph) == 0 else { return false }
        return face.pointee.glyph.pointee.bitmap.width > 1
    }

    /// The colour bitmap of a code point: RGBA, alpha not premultiplied; nil when there is none.
    func colorBitmap(_ code: UInt32) -> Image? {
        let glyph = FT_Get_Char_Index(face, FT_ULong(code))
        guard glyph != 0, ccairo_load_color(face, glyph) == 0 else { return nil }
        let bitmap = face.pointee.glyph.pointee.bitmap
        guard bitmap.pixel_mode == UInt8(FT_PIXEL_MODE_BGRA.rawValue), bitmap.width > 0, bitmap.rows > 0 else {
            return nil
        }
        var bytes: [UInt8] = []
        for row in 0..<Int(bitmap.rows) {
            for column in 0..<Int(bitmap.width) {
                let pixel = bitmap.buffer + row * Int(bitmap.pitch) + column * 4
                let alpha = Int(pixel[3])
                for part in [2, 1, 0] {
                    bytes.append(alpha == 0 ? 0 : UInt8(min((Int(pixel[part]) * 255 + alpha / 2) / alpha, 255)))
                }
                bytes.append(UInt8(alpha))
            }
        }
        return Image(width: Int(bitmap.width), height: Int(bitmap.rows), channels: 4, bytes: bytes)
    }

    /// The ink of a letter at `pixels` an em, cut to its bounds: grey, white on black; nil when the font has no ink for it.
    func ink(_ code: UInt32, pixels: Int) -> Image? {
        let glyph = FT_Get_Char_Index(face, FT_ULong(code))
        guard glyph != 0, FT_Set_Pixel_Sizes(face, 0, FT_UInt(pixels)) == 0, ccairo_render_plain(face, glyph) == 0
        else {
            return nil
        }
        let bitmap = face.pointee.glyph.pointee.bitmap
        guard bitmap.pixel_mode == UInt8(FT_PIXEL_MODE_GRAY.rawValue), bitmap.width > 0, bitmap.rows > 0 else {
            return nil
        }
        let (width, height) = (Int(bitmap.width), Int(bitmap.rows))
        let bytes = (0..<width * height).map { bitmap.buffer[$0 / width * Int(bitmap.pitch) + $0 % width] }
        return Image(width: width, height: height, channels: 1, bytes: bytes)
    }
}
