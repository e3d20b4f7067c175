import Genera

/// COLMAP's text files.
enum COLMAPText {
    /// `cameras.txt`: number, model, width, height, parameters.
    static func lenses(_ view: ByteView, file: String) throws -> [Int: COLMAPModel.Lens] {
        var lenses: [Int: COLMAPModel.Lens] = [:]
        try lines(view, file: file) { line, _ in
            let id = try line.integer("the number of the camera")
            let name = try line.word("the model")
            guard let model = COLMAPCameraModel.named(name) else {
                throw line.error("there is no camera model '\(name)'", advice: "models of COLMAP 4 and older are known")
            }
            let (width, height) = (try line.size("the width"), try line.size("the height"))
            let parameters = try (0..<model.parameterCount).map { _ in try line.number("a parameter of \(name)") }
            guard line.isAtEnd else {
                throw line.error("\(name) has \(model.parameterCount) parameters, and there are more")
            }
            let lens = COLMAPModel.Lens(id: id, model: model, width: width, height: height, parameters: parameters)
            guard lenses.updateValue(lens, forKey: id) == nil else { throw line.error("camera \(id) comes twice") }
        }
        return lenses
    }

    /// `images.txt`: two lines each, number, quaternion, translation, camera, name; and its points, which may be none.
    static func pictures(_ view: ByteView, file: String) throws -> [COLMAPModel.Picture] {
        var pictures: [COLMAPModel.Picture] = []
        try lines(view, file: file) { line, skipLine in
            let id = try line.integer("the number of the image")
            let turn = try (0..<4).map { _ in try line.number("the quaternion") }
            let move = try (0..<3).map { _ in try line.number("the translation") }
            let lens = try line.integer("the camera")
            let name = line.rest.slashed
            guard !name.isEmpty else { throw line.error("the name is missing") }
            guard let pose = Camera.Pose(quaternion: turn, translation: move) else {
                throw line.error("the quaternion is 0")
            }
            pictures.append(COLMAPModel.Picture(id: id, pose: pose, lens: lens, name: name))
            skipLine = true
        }
        return pictures
    }

    /// `points3D.txt`: number, position, colour, error, track.
    static func points(_ view: ByteView, file: String) throws -> InitialPoints {
        var points = InitialPoints(capacity: 0)
        try lines(view, file: file) { line, _ in
            _ = try line.integer("the number of the point")
            for _ in 0..<3 { points.addCoordinate(try line.number("the position")) }
            for _ in 0..<3 {
                let value = try line.integer("the colour")
                guard let byte = UInt8(exactly: value) else {
                    throw line.error("the colour \(value) is not in 0...255")
                }
                points.addColour(byte)
            }
        }
        return points
    }

    /// Calls `body` with each line that is neither empty nor a comment; it may ask that the line after it is left out.
    private static func lines(
        _ view: ByteView, file: String, _ body: (inout TextLine, inout Bool) throws -> Void
    ) throws {
        try view.withUnsafeBytes { bytes in
            var (start, number, skipsNext) = (0, 0, false)
            while start < bytes.count {
                let end = bytes[start...].firstIndex(of: 0x0A) ?? bytes.count
                number += 1
                var line = TextLine(bytes: bytes, range: start..<end, file: file, number: number)
                start = end + 1
                if skipsNext { skipsNext = false; continue }
                if line.isAtEnd || line.isComment { continue }
                try body(&line, &skipsNext)
            }
        }
    }
}

/// One line of words, from its first to its last.
struct TextLine {
    private let bytes: UnsafeRawBufferPointer
    private var range: Range<Int>
    private let file: String
    private let number: Int

    init(bytes: UnsafeRawBufferPointer, range: Range<Int>, file: String, number: Int) {
        (self.bytes, self.range, self.file, self.number) = (bytes, range, file, number)
        skipSpace()
    }

    var isAtEnd: Bool { range.isEmpty }
    var isComment: Bool { !range.isEmpty && bytes[range.lowerBound] == UInt8(ascii: "#") }

    func error(_ reason: String, advice: String = "") -> FormatError {
        FormatError(file: file, place: "line \(number)", reason: reason, advice: advice)
    }

    private mutating func skipSpace() {
        while let first = range.first, [0x20, 0x09, 0x0D].contains(bytes[first]) { range.removeFirst() }
    }

    private mutating func next() -> Slice<UnsafeRawBufferPointer>? {
        guard !range.isEmpty else { return nil }
        var end = range.lowerBound
        while end < range.upperBound, ![0x20, 0x09, 0x0D].contains(bytes[end]) { end += 1 }
        let word = bytes[range.lowerBound..<end]
        range = end..<range.upperBound
        skipSpace()
        return word
    }

    mutating func word(_ what: String) throws -> String {
        guard let word = next() else { throw error("\(what) is missing") }
        return String(decoding: word.prefix(80), as: UTF8.self)
    }

    mutating func number(_ what: String) throws -> Double {
        let word = try word(what)
        guard let number = Double(word), number.isFinite else {
            throw error("\(what) is '\(word)', a number was expected")
        }
        return number
    }

    mutating func integer(_ what: String) throws -> Int {
        let word = try word(what)
        guard let number = Int(word) else { throw error("\(what) is '\(word)', a whole number was expected") }
        return number
    }

    mutating func size(_ what: String) throws -> Int {
        let size = try integer(what)
        guard (1...65536).contains(size) else { throw error("\(what) is \(size) pixels") }
        return size
    }

    /// All that is left, spaces at the end cut off.
    var rest: String {
        String(decoding: bytes[range], as: UTF8.self).trimmingSuffix(while: \.isWhitespace)
    }
}

extension String {
    fileprivate func trimmingSuffix(while predicate: (Character) -> Bool) -> String {
        var end = endIndex
        while end > startIndex, predicate(self[index(before: end)]) { end = index(before: end) }
        return String(self[..<end])
    }
}
