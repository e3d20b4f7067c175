import ArgumentParser
import Imaging

/// How pictures of any sort are made to agree: squares of one size with the same channels, without alpha, of 8 bits.
struct PicturePacking: Sendable {
    /// How a picture becomes a square.
    enum Crop: String, CaseIterable, ExpressibleByArgument, Sendable {
        /// Its middle is cut out.
        case centre
        /// It is squeezed.
        case none
        /// What is missing is filled up with the background.
        case pad

        /// Reads the word in either spelling.
        init?(argument: String) { self.init(rawValue: argument == "center" ? "centre" : argument) }
    }

    /// The channels of all pictures.
    enum Channels: String, CaseIterable, ExpressibleByArgument, Sendable {
        /// Red, green and blue.
        case rgb
        /// One of luma.
        case grey

        /// Reads the word in either spelling.
        init?(argument: String) { self.init(rawValue: argument == "gray" ? "grey" : argument) }
    }

    /// Pixels a side.
    let size: Int
    let crop: Crop
    let channels: Channels
    /// What alpha is laid over and squares are filled up with.
    let background: Color
    let filter: Image.Resampling

    /// The picture as it goes into the set.
    ///
    /// - Throws: `ImagingError` for a picture that cannot be cut.
    func packed(_ image: Image) throws -> Image {
        let scaled: Image
        switch crop {
        case .none: scaled = image.resized(width: size, height: size, by: filter)
        case .centre:
            let side = min(image.width, image.height)
            scaled = try image.cropped(
                x: (image.width - side) / 2, y: (image.height - side) / 2, width: side, height: side
            ).resized(width: size, height: size, by: filter)
        case .pad:
            let side = max(image.width, image.height)
            func length(_ pixels: Int) -> Int { max((pixels * size + side / 2) / side, 1) }
            scaled = image.resized(width: length(image.width), height: length(image.height), by: filter)
        }
        return try squared(finished(scaled))
    }

    private func finished(_ image: Image) -> Image {
        image.laid(over: background).converted(toChannels: channels == .rgb ? 3 : 1).converted(toBitDepth: 8)
    }

    private func squared(_ image: Image) throws -> Image {
        guard image.width != size || image.height != size else { return image }
        let levels = [background.red, background.green, background.blue].map { Int(($0 * 255).rounded()) }
        var square = Image(width: size, height: size, channels: 3, fill: levels).converted(toChannels: image.channels)
        try square.paste(image, x: (size - image.width) / 2, y: (size - image.height) / 2)
        return square
    }
}

/// A colour as it is written: a name or `#rrggbb`.
struct ColourWord: ExpressibleByArgument, Sendable {
    /// The colour.
    let color: Color
    /// As it was written.
    let defaultValueDescription: String

    init?(argument: String) {
        defaultValueDescription = argument
        switch argument.lowercased() {
        case "white": color = .white
        case "black": color = .black
        case "grey", "gray": color = Color(hex: 0x808080)
        case let text:
            guard text.hasPrefix("#"), text.utf8.count == 7, let number = UInt32(text.dropFirst(), radix: 16) else {
                return nil
            }
            color = Color(hex: number)
        }
    }
}
