/// Reads a view from front to back and says, at the first byte that is missing, what should have been there.
struct ByteCursor {
    let view: ByteView
    let file: String
    /// Text before the offset in messages, for example an entry's name.
    var place = ""
    var offset = 0

    init(_ view: ByteView, file: String, place: String = "", offset: Int = 0) {
        self.view = view
        self.file = file
        self.place = place
        self.offset = offset
    }

    var remaining: Int { view.count - offset }

    func error(_ reason: String, at position: Int? = nil, advice: String = "") -> FormatError {
        let byte = "byte \(position ?? offset)"
        return FormatError(
            file: file, place: place.isEmpty ? byte : "\(place) \(byte)", reason: reason, advice: advice)
    }

    mutating func take(_ count: Int, _ what: String) throws -> ByteView {
        guard let part = view.slice(from: offset, count: count) else {
            throw error(
                "\(what) needs \(count) bytes, \(max(remaining, 0)) are left",
                advice: "the file is cut short or damaged")
        }
        offset += count
        return part
    }

    mutating func integer<T: FixedWidthInteger & BitwiseCopyable>(_ type: T.Type, _ what: String) throws -> T {
        guard let value = view.integer(at: offset, as: type) else {
            throw error(
                "\(what) needs \(MemoryLayout<T>.size) bytes, \(max(remaining, 0)) are left",
                advice: "the file is cut short or damaged")
        }
        offset += MemoryLayout<T>.size
        return value
    }
}
