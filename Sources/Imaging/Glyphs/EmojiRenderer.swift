import Platform

/// A small picture with the character it shows.
public struct NamedImage: Equatable, Sendable {
    /// What it is: "grinning-face", or "DejaVu Sans Bold A".
    public var name: String
    /// The code point that it shows.
    public var character: Unicode.Scalar
    /// The picture.
    public var image: Image

    /// Makes a named picture.
    public init(name: String, character: Unicode.Scalar, image: Image) {
        (self.name, self.character, self.image) = (name, character, image)
    }
}

/// Renders the emoji of the font Noto Color Emoji: a data set of about 1400 pictures that any Linux machine can make.
///
///     let emoji = try EmojiRenderer().render(size: 64)
///
/// Use it from one thread at a time.
public final class EmojiRenderer {
    /// The characters that have a picture, ascending: single code points, without skin tones and flag letters.
    public let characters: [Unicode.Scalar]
    private let face: FontFace

    /// Finds the font through fontconfig.
    ///
    /// - Throws: `ImagingError` when it is not installed or holds no bitmaps.
    public init() throws {
        guard let entry = FontLibrary.list(family: "Noto Color Emoji", scalable: nil).first else {
            throw ImagingError(
                reason: "the font 'Noto Color Emoji' is not installed",
                advice: "Install it: the Debian package is fonts-noto-color-emoji.", kind: .unavailable)
        }
        let face = try FontFace(entry)
        guard face.selectLargestBitmaps() else {
            throw ImagingError(
                file: entry.path, reason: "the font holds no colour bitmaps",
                advice: "Install the one of the Debian package fonts-noto-color-emoji.", kind: .unavailable)
        }
        self.face = face
        characters = face.codePoints().compactMap(Unicode.Scalar.init).filter {
            Self.isEmoji($0) && face.hasColorBitmap($0.value)
        }
    }

    /// Draws every character, or those given, each centred at `size` by `size` pixels.
    ///
    /// - Parameters:
    ///   - size: Pixels a side.
    ///   - characters: Which ones; nil for all.
    ///   - background: The colour behind; nil gives RGBA instead of RGB.
    ///   - margin: The part of the side that stays free at each edge, in 0..<0.5.
    /// - Throws: `ImagingError` when a character has no picture.
    public func render(
        size: Int, characters: [Unicode.Scalar]? = nil, background: Color? = .white, margin: Double = 0
    ) throws -> [NamedImage] {
        try (characters ?? self.characters).map { character in
            guard let bitmap = face.colorBitmap(character.value) else {
                throw ImagingError(place: Self.name(character), reason: "the emoji font has no picture for it")
            }
            let image = Self.fit(bitmap, size: size, margin: margin)
            return NamedImage(
                name: Self.name(character), character: character,
                image: background.map { Self.flatten(image, over: $0) } ?? image)
        }
    }

    private static func isEmoji(_ character: Unicode.Scalar) -> Bool {
        let isFlagLetter = (0x1F1E6...0x1F1FF).contains(character.value)
        return character.value > 0x7F && character.properties.isEmoji && !character.properties.isEmojiModifier
            && !isFlagLetter
    }

    private static func name(_ character: Unicode.Scalar) -> String {
        let name = character.properties.name ?? "u+" + String(character.value, radix: 16)
        return String(name.lowercased().map { $0 == " " ? "-" : $0 })
    }

    /// Scales the longer side to the room and centres the picture on transparency.
    private static func fit(_ bitmap: Image, size: Int, margin: Double) -> Image {
        let room = max(Double(size) * (1 - 2 * margin), 1)
        let scale = room / Double(max(bitmap.width, bitmap.height))
        let width = max(Int((Double(bitmap.width) * scale).rounded()), 1)
        let height = max(Int((Double(bitmap.height) * scale).rounded()), 1)
        let small = bitmap.resized(width: width, height: height, by: .lanczos)
        var sheet = Image(width: size, height: size, channels: 4)
        try? sheet.paste(small, x: (size - width) / 2, y: (size - height) / 2)
        return sheet
    }

    private static func flatten(_ image: Image, over background: Color) -> Image {
        let back = [background.red, background.green, background.blue].map { Int(($0 * 255).rounded()) }
        guard case .bytes(let source) = image.samples else { return image }
        var bytes: [UInt8] = []
        for start in stride(from: 0, to: source.count, by: 4) {
            let alpha = Int(source[start + 3])
            for channel in 0..<3 {
                bytes.append(UInt8((Int(source[start + channel]) * alpha + back[channel] * (255 - alpha) + 127) / 255))
            }
        }
        return Image(width: image.width, height: image.height, channels: 3, bytes: bytes)
    }
}
