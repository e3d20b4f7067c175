import Genera
import Imaging

/// What is not the same in a file and in the one that was made again.
enum FileDifference {
    /// Pictures and animations, pixel by pixel.
    case pixels(PictureDifference)
    /// Other files, byte by byte: how many the original has, how many the new one, and the first that differs.
    case bytes(original: Int, again: Int, first: Int?)

    /// Compares two files: as pictures if both are PNG, else by their bytes.
    ///
    /// - Throws: `ImagingError` and `FormatError` for files that cannot be read.
    init(_ original: String, _ again: String) throws {
        let (a, b) = (try MappedFile(path: original).view.array(), try MappedFile(path: again).view.array())
        let png: [UInt8] = [0x89, 0x50, 0x4E, 0x47]
        if a.starts(with: png), b.starts(with: png) {
            self = .pixels(try PictureDifference(APNG.read(original).frames, APNG.read(again).frames))
            return
        }
        let first = zip(a, b).enumerated().first { $0.element.0 != $0.element.1 }?.offset
        self = .bytes(
            original: a.count, again: b.count, first: first ?? (a.count == b.count ? nil : min(a.count, b.count)))
    }

    /// Whether nothing differs.
    var agrees: Bool {
        switch self {
        case let .pixels(difference): difference.pixels == 0 && difference.haveSameShape
        case let .bytes(_, _, first): first == nil
        }
    }

    /// The result in words.
    var sentence: String {
        switch self {
        case let .pixels(difference): difference.sentence
        case let .bytes(original, _, nil): "All \(original.grouped) bytes agree."
        case let .bytes(original, again, first?):
            "The file has \(original.grouped) bytes, the new one \(again.grouped); they differ from byte \(first.grouped) on (counted from 0)."
        }
    }

    /// The result for programs.
    var json: JSONOutput {
        switch self {
        case let .pixels(difference): difference.json
        case let .bytes(original, again, first):
            .object([
                ("agree", .truth(first == nil)), ("bytes", .integer(original)), ("bytesAgain", .integer(again)),
                ("firstDifference", first.map { .integer($0) } ?? .null),
            ])
        }
    }
}
