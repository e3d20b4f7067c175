import Genera

/// COLMAP's binary files, little endian.
enum COLMAPBinary {
    /// `cameras.bin`.
    static func lenses(_ view: ByteView, file: String) throws -> [Int: COLMAPModel.Lens] {
        try view.withUnsafeBytes { try lenses(FileCursor($0, file: file)) }
    }

    private static func lenses(_ start: FileCursor) throws -> [Int: COLMAPModel.Lens] {
        var cursor = start
        let count = try cursor.count("the number of cameras", least: 24)
        var lenses: [Int: COLMAPModel.Lens] = [:]
        for index in 0..<count {
            cursor.begin("camera", index, of: count)
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
        try view.withUnsafeBytes { try pictures(FileCursor($0, file: file)) }
    }

    private static func pictures(_ start: FileCursor) throws -> [COLMAPModel.Picture] {
        var cursor = start
        let count = try cursor.count("the number of images", least: 73)
        return try (0..<count).map { index in
            cursor.begin("image", index, of: count)
            let id = Int(try cursor.integer(UInt32.self, "its number"))
            let turn = try (0..<4).map { _ in try cursor.double("its quaternion") }
            let move = try (0..<3).map { _ in try cursor.double("its translation") }
            let lens = Int(try cursor.integer(UInt32.self, "its camera"))
            let name = try cursor.text("its name")
            cursor.name = "image \(id) (\(name))"
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
        try view.withUnsafeBytes { try points(FileCursor($0, file: file)) }
    }

    private static func points(_ start: FileCursor) throws -> InitialPoints {
        var cursor = start
        let count = try cursor.count("the number of points", least: 51)
        var points = InitialPoints(capacity: count)
        for index in 0..<count {
            cursor.begin("point", index, of: count)
            try cursor.skip(8, stride: 1, "its number")
            for _ in 0..<3 {
                let number = try cursor.double("its position")
                guard number.isFinite else { throw cursor.error("its position is not finite") }
                points.addCoordinate(number)
            }
            for _ in 0..<3 { points.addColour(try cursor.integer(UInt8.self, "its colour")) }
            try cursor.skip(8, stride: 1, "its error")
            try cursor.skip(try cursor.integer(UInt64.self, "the length of its track"), stride: 8, "its track")
        }
        return points
    }
}

/// Reads bytes from front to back and says, at the first byte that is missing, what should have been there.
struct FileCursor {
    private let bytes: UnsafeRawBufferPointer
    private let file: String
    private(set) var offset = 0
    /// What is being read, for messages; nil while it has no name yet.
    var name: String?
    private var record: (noun: StaticString, index: Int, count: Int)?

    init(_ bytes: UnsafeRawBufferPointer, file: String) { (self.bytes, self.file) = (bytes, file) }

    /// Says that the next of `count` things begins.
    mutating func begin(_ noun: StaticString, _ index: Int, of count: Int) {
        (record, name) = ((noun, index, count), nil)
    }

    func error(_ reason: String, advice: String = "") -> FormatError {
        // Put together here and not before: there are millions of points.
        let place = name ?? record.map { "\($0.noun) \($0.index + 1) of \($0.count)" }
        return FormatError(
            file: file, place: (place.map { "\($0), " } ?? "") + "byte \(offset)", reason: reason, advice: advice)
    }

    private func cut(_ what: String, _ count: String) -> FormatError {
        error(
            "\(what) needs \(count) bytes, \(bytes.count - offset) are left", advice: "the file is cut short or damaged"
        )
    }

    mutating func integer<T: FixedWidthInteger & BitwiseCopyable>(_ type: T.Type, _ what: String) throws -> T {
        let size = MemoryLayout<T>.size
        guard size <= bytes.count - offset else { throw cut(what, "\(size)") }
        defer { offset += size }
        return T(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: T.self))
    }

    mutating func double(_ what: String) throws -> Double {
        Double(bitPattern: try integer(UInt64.self, what))
    }

    /// A number of things that take at least `least` bytes each.
    mutating func count(_ what: String, least: Int) throws -> Int {
        let count = try integer(UInt64.self, what)
        guard count <= UInt64((bytes.count - offset) / least) else {
            throw error(
                "\(what) is \(count), which needs more bytes than the \(bytes.count - offset) that are left",
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
        guard count <= UInt64((bytes.count - offset) / stride) else { throw cut(what, "\(count) x \(stride)") }
        offset += Int(count) * stride
    }

    /// A text that ends with a zero.
    mutating func text(_ what: String) throws -> String {
        let rest = bytes[offset..<min(bytes.count, offset + 4096)]
        guard let end = rest.firstIndex(of: 0) else {
            throw error("\(what) does not end", advice: "the file is damaged")
        }
        guard let text = String(validating: rest[..<end], as: UTF8.self), !text.isEmpty else {
            throw error("\(what) is empty or not UTF-8")
        }
        offset = end + 1
        return text
    }
}
