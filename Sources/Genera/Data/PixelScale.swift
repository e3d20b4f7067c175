import Formats

/// How the numbers of an array become levels from 0 to 255.
enum PixelScale: Sendable {
    /// Bytes are levels.
    case bytes
    /// Numbers from 0 to 1: black to white.
    case unit
    /// Numbers from -1 to 1: black to white.
    case signed
    /// Numbers from 0 to 255, the greatest of which is given.
    case levels(greatest: Double)

    /// Numbers that are out of a range by rounding are still in it.
    private static let slack = 0.001

    /// The scale that all numbers of an array fit.
    ///
    /// - Throws: `GeneraError.badData` for a number that is NaN, infinite or outside of all scales, with the image it is in.
    init(of array: RawTensor, imageSize: Int, file: String) throws {
        guard array.dtype != .uint8 else { self = .bytes; return }
        var (least, greatest) = (Double.infinity, -Double.infinity)
        let step = 1 << 18
        for start in stride(from: 0, to: array.elementCount, by: step) {
            for (place, number) in try array.numbers(from: start, count: step, file: file).enumerated() {
                guard number.isFinite else {
                    throw GeneraError.badData(
                        file: file,
                        reason: "sample \((start + place) / imageSize) (counted from 0) holds \(number)",
                        advice: "every number of an image must be finite")
                }
                (least, greatest) = (min(least, number), max(greatest, number))
            }
        }
        if least >= -Self.slack, greatest <= 1 + Self.slack, array.dtype.isFloatingPoint || array.dtype == .bool {
            self = .unit
        } else if least >= -1 - Self.slack, least < 0, greatest <= 1 + Self.slack {
            self = .signed
        } else if least >= 0, greatest <= 255 {
            self = .levels(greatest: greatest)
        } else {
            throw GeneraError.badData(
                file: file,
                reason: "holds the pixel \(least < 0 ? least : greatest) (its numbers go from \(least) to \(greatest))",
                advice: "pixels are bytes, or numbers from 0 to 1, from -1 to 1, or from 0 to 255")
        }
    }

    /// A number as a part of white, in 0...1.
    func light(_ number: Double) -> Double {
        switch self {
        case .unit: min(max(number, 0), 1)
        case .signed: min(max((number + 1) / 2, 0), 1)
        case .bytes, .levels: number / 255
        }
    }

    /// What was decided, for people; nil for bytes, of which nothing is to be decided.
    var remark: ReadingRemark? {
        switch self {
        case .bytes: nil
        case .unit: ReadingRemark("numbers from 0 to 1 are taken as black to white")
        case .signed: ReadingRemark("numbers from -1 to 1 are taken as black to white")
        case .levels(let greatest) where greatest < 16:
            ReadingRemark(
                "numbers from 0 to 255 are taken as black to white, but the greatest is \(greatest): the images are nearly black",
                isWarning: true)
        case .levels: ReadingRemark("numbers from 0 to 255 are taken as black to white")
        }
    }
}

extension RawTensor {
    /// Some of the elements as numbers; fewer than `count` at the end.
    func numbers(from start: Int, count: Int, file: String) throws -> [Double] {
        let count = min(count, elementCount - start)
        guard let part = bytes.slice(from: start * dtype.byteCount, count: count * dtype.byteCount) else { return [] }
        return try RawTensor(dtype: dtype, shape: [count], bytes: part, file: file).doubles()
    }
}
