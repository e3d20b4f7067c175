import Genera

/// COLMAP's binary files, little endian.
enum COLMAPBinary {
    /// `cameras.bin`.
    static func lenses(_ view: ByteView, file: String) throws -> [Int: COLMAPModel.Lens] {
        var cursor = FileCursor(view, file: file)
        let count = try cursor.count("the number of cameras", least: 24)
        var lenses: [Int: COLMAPModel.Lens] = [:]
        for index in 0..<count {
            cursor.place = "camera at place \(index + 1) of \(count)"
            let id = Int(try cursor.integer(UInt32.self, "its number"))
            let number = Int(try cursor.integer(Int32.self, "its model"))
            guard let model = COLMAPCameraModel.numbered(number) else {
                throw cursor.error("there is no camera model \(number)", advice: "models 0 to 17 are known")
            }
            let width = try cursor.size(try cursor.integer(UInt64.self, "its width"), "width")
            let height = try cursor.size(try cursor.integer(UInt64.self, "its height"), "height")
            let parameters = try (0..<model.parameterCount).map { _ in try cursor.double("its parameters") }
            guard parameters.allSatisfy(\.isFinite) else { throw cursor.error("a parameter is not finite") }
            let lens = COLMAPModel.Lens(id: id, model: model, width: width, height: height, parameters: parameters)
            guard lenses.updateValue(lens, forKey: id) == nil else { throw cursor.error("camera \(id) comes twice") }
        }
        return lenses
    }

    /// `images.bin`.
    static func pictures(_ view: ByteView, file: String) throws -> [COLMAPModel.Picture] {
        var cursor = FileCursor(view, file: file)
        let count = try cursor.count("the number of images", least: 73)
        return try (0..<count).map { index in
            cursor.place = "image at place \(index + 1) of \(count)"
            let id = Int(try cursor.integer(UInt32.self, "its number"))
            let turn = try (0..<4).map { _ in try cursor.double("its quaternion") }
            let move = try (0..<3).map { _ in try cursor.double("its translation") }
            let lens = Int(try cursor.integer(UInt32.self, "its camera"))
            let name = try cursor.text("its name")
            cursor.place = "image \(id) (\(name))"
            guard let pose = Camera.Pose(quaternion: turn, translation: move) else {
                throw cursor.error("its quaternion is 0, or a number of its pose is not finite")
            }
            let points = try cursor.integer(UInt64.self, "the number of its points")
            try cursor.skip(points, stride: 24, "its points")
            return COLMAPModel.Picture(
                id: id, pose: pose, lens: lens, name: name.slashed)
        }
    }

    /// `points3D.bin`.
    static func points(_ view: ByteView, file: String) throws -> InitialPoints {
        var cursor = FileCursor(view, file: file)
        let count = try cursor.count("the number of points", least: 51)
        var points = InitialPoints(capacity: count)
        for index in 0..<count {
            cursor.place = "point at place \(index + 1) of \(count)"
            try cursor.skip(8, stride: 1, "its number")
            let place = try (0..<3).map { _ in try cursor.double("its position") }
            guard place.allSatisfy(\.isFinite) else { throw cursor.error("its position is not finite") }
            let colour = try (0..<3).map { _ in try cursor.integer(UInt8.self, "its colour") }
            try cursor.skip(8, stride: 1, "its error")
            points.add(place, colour)
            try cursor.skip(try cursor.integer(UInt64.self, "the length of its track"), stride: 8, "its track")
        }
        return points
    }
}

/// Reads a view from front to back and says, at the first byte that is missing, what should have been there.
struct FileCursor {
    private let view: ByteView
    private let file: String
    private(set) var offset = 0
    /// What is being read, for messages.
    var place = ""

    init(_ view: ByteView, file: String) { (self.view, self.file) = (view, file) }

    func error(_ reason: String, advice: String = "") -> FormatError {
        FormatError(
            file: file, place: place.isEmpty ? "byte \(offset)" : "\(place), byte \(offset)", reason: reason,
            advice: advice)
    }

    private func cut(_ what: String, _ count: String) -> FormatError {
        error(
            "\(what) needs \(count) bytes, \(view.count - offset) are left", advice: "the file is cut short or damaged")
    }

    mutating func integer<T: FixedWidthInteger & BitwiseCopyable>(_ type: T.Type, _ what: String) throws -> T {
        guard let value = view.integer(at: offset, as: type) else { throw cut(what, "\(MemoryLayout<T>.size)") }
        offset += MemoryLayout<T>.size
        return value
    }

    mutating func double(_ what: String) throws -> Double {
        Double(bitPattern: try integer(UInt64.self, what))
    }

    /// A number of things that take at least `least` bytes each.
    mutating func count(_ what: String, least: Int) throws -> Int {
        let count = try integer(UInt64.self, what)
        guard count <= UInt64((view.count - offset) / least) else {
            throw error(
                "\(what) is \(count), which needs more bytes than the \(view.count - offset) that are left",
                advice: "the file is cut short or damaged")
        }
        return Int(count)
    }

    /// A width or height of a picture.
    func size(_ value: UInt64, _ what: String) throws -> Int {
        guard (1...65536).contains(value) else { throw error("its \(what) is \(value) pixels") }
        return Int(value)
    }

    mutating func skip(_ count: UInt64, stride: Int, _ what: String) throws {
        guard count <= UInt64((view.count - offset) / stride) else { throw cut(what, "\(count) x \(stride)") }
        offset += Int(count) * stride
    }

    /// A text that ends with a zero.
    mutating func text(_ what: String) throws -> String {
        let rest = view.slice(from: offset, count: min(view.count - offset, 4096))?.array() ?? []
        guard let end = rest.firstIndex(of: 0) else {
            throw error("\(what) does not end", advice: "the file is damaged")
        }
        guard let text = String(validating: rest[..<end], as: UTF8.self), !text.isEmpty else {
            throw error("\(what) is empty or not UTF-8")
        }
        offset += end + 1
        return text
    }
}
