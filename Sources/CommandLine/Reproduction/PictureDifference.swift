import Genera
import Imaging

/// What is not the same in two pictures or animations.
struct PictureDifference {
    /// Whether they have the same number of frames, of the same size.
    let haveSameShape: Bool
    /// Pixels in all frames.
    let total: Int
    /// Pixels that differ.
    let pixels: Int
    /// The largest difference of a sample.
    let largest: Int
    /// The greatest value that a sample can have.
    let maximum: Int

    /// Compares frame by frame.
    ///
    /// - Throws: `ImagingError` if frames cannot be compared.
    init(_ first: [Image], _ second: [Image]) throws {
        haveSameShape = first.count == second.count && zip(first, second).allSatisfy(Self.sameShape)
        total = first.reduce(0) { $0 + $1.width * $1.height }
        maximum = first.first?.maximum ?? 255
        guard haveSameShape else {
            (pixels, largest) = (total, maximum)
            return
        }
        pixels = try zip(first, second).reduce(0) { try $0 + $1.0.differenceCount(from: $1.1) }
        largest = pixels == 0 ? 0 : zip(first, second).map(Self.largest).max() ?? 0
    }

    private static func sameShape(_ a: Image, _ b: Image) -> Bool {
        a.width == b.width && a.height == b.height && a.channels == b.channels && a.bitDepth == b.bitDepth
    }

    private static func largest(_ a: Image, _ b: Image) -> Int {
        switch (a.samples, b.samples) {
        case let (.bytes(a), .bytes(b)): zip(a, b).map { abs(Int($0) - Int($1)) }.max() ?? 0
        case let (.words(a), .words(b)): zip(a, b).map { abs(Int($0) - Int($1)) }.max() ?? 0
        default: a.maximum
        }
    }

    /// The result in words.
    var sentence: String {
        if !haveSameShape { return "The picture that was drawn again has another size or number of frames." }
        if pixels == 0 { return "All \(total.grouped) pixels agree." }
        return
            "\(pixels.grouped) of \(total.grouped) pixels differ; the largest difference is \(largest) of \(maximum)."
    }

    /// The result for programs.
    var json: JSONOutput {
        .object([
            ("agree", .truth(haveSameShape && pixels == 0)), ("pixels", .integer(total)),
            ("different", .integer(pixels)),
            ("largestDifference", .integer(largest)),
        ])
    }
}
