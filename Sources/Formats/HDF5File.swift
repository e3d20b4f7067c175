import CHDF5
import Platform

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A file of HDF5: groups, data sets of numbers and texts, attributes.
///
///     let file = try HDF5File(path: "cells.h5ad")
///     let names = try file.texts("var/_index")
///
/// HDF5's C library (1.10 or newer) is opened when the first such file is; where it is missing, or to take another, the
/// environment variable `GENERA_HDF5` names it. It works in a process of its own for each open file, because damaged
/// files make it fall: that, too, comes back as an error. Soft links, links to other files and data in other files are
/// refused, and a shape is checked against the bytes that the file has before memory is taken.
public final class HDF5File: @unchecked Sendable {
    // Sound because the C side answers one question at a time.
    private let handle: OpaquePointer
    /// The path as it was given.
    public let path: String

    /// What can stand at a place in the file.
    public enum Kind: Int32, Sendable { case group = 1, dataset, other }

    /// What a data set's elements are.
    public enum Elements: Int32, Sendable {
        case other, integer, float, text
        /// Records with named fields.
        case record
        /// An enumeration over whole numbers, as truth values are written.
        case named

        /// Whether they can be read as numbers.
        public var areNumbers: Bool { self == .integer || self == .float || self == .named }
    }

    /// A data set's shape and elements.
    public struct Layout: Sendable {
        /// Sizes of the axes, slowest first; empty for a single element.
        public let shape: [Int]
        /// What its elements are.
        public let elements: Elements
        /// The fields of a record's elements; empty for others.
        public let fields: [(name: String, elements: Elements)]
        /// Number of rows: the first size, 1 for a single element.
        public var rowCount: Int { shape.first ?? 1 }
        /// Number of elements of a row.
        public var width: Int { shape.dropFirst().reduce(1, *) }
    }

    /// What is written beside an object.
    public enum Attribute: Sendable, Equatable {
        case texts([String])
        case numbers([Double])
    }

    /// Whether the bytes start as an HDF5 file's do.
    public static func isOne(_ view: ByteView) -> Bool {
        view.has([0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A])
    }

    /// Opens the file at `path`.
    ///
    /// - Throws: ``FormatError`` when it is missing or no HDF5 file, or the library is not there.
    public convenience init(path: String) throws {
        try self.init(path: path, library: Environment.value("GENERA_HDF5"))
    }

    init(path: String, library: String?) throws {
        // Said better here than by the library.
        _ = try MappedFile(path: path)
        self.path = path
        var file: OpaquePointer?
        let (status, message) = Self.withMessage { genera_hdf5_open(path, library, &file, $0, $1) }
        guard status == GENERA_HDF5_FINE, let file else {
            throw Self.error(path, "", status, message)
        }
        handle = file
    }

    deinit { genera_hdf5_close(handle) }

    /// What stands at `place`, such as `obs/cell_type`; nil for nothing.
    ///
    /// - Throws: ``FormatError`` for a link that is not followed, and a damaged file.
    public func kind(of place: String) throws -> Kind? {
        let answer = try ask(GENERA_HDF5_KIND, place)
        return answer.withUnsafeBytes { $0.count == 4 ? Kind(rawValue: $0.loadUnaligned(as: Int32.self)) : nil }
    }

    /// The names in a group, in the order of their bytes.
    ///
    /// - Throws: ``FormatError`` when there is no such group.
    public func names(in group: String) throws -> [String] {
        try ask(GENERA_HDF5_NAMES, group).split(separator: 0).map { try text($0, group) }
    }

    /// The shape and elements of a data set.
    ///
    /// - Throws: ``FormatError`` when there is none, it lies in other files, or its shape needs more bytes than the file
    ///   has.
    public func layout(of dataset: String) throws -> Layout {
        let answer = try ask(GENERA_HDF5_LAYOUT, dataset)
        let head = MemoryLayout<genera_hdf5_layout>.size
        guard answer.count >= head else { throw damaged(dataset) }
        let raw = answer.withUnsafeBytes { $0.loadUnaligned(as: genera_hdf5_layout.self) }
        let sizes = withUnsafeBytes(of: raw.shape) { Array($0.bindMemory(to: UInt64.self)) }
        guard (0...32).contains(raw.rank), let elements = Elements(rawValue: raw.kind) else { throw damaged(dataset) }
        let shape = try sizes.prefix(Int(raw.rank)).map { size in
            guard let size = Int(exactly: size) else { throw damaged(dataset) }
            return size
        }
        guard let count = elementCount(of: shape), count <= 1 << 48, shape.dropFirst().allSatisfy({ $0 <= 1 << 48 }),
            elementCount(of: Array(shape.dropFirst())) != nil
        else { throw damaged(dataset) }
        let fields = try answer[head...].split(separator: 0).map { field in
            (
                name: try text(field.dropFirst(), dataset),
                elements: Elements(rawValue: Int32(field[field.startIndex]) - 48) ?? .other
            )
        }
        return Layout(shape: shape, elements: elements, fields: fields)
    }

    /// Numbers of a data set, or of a field of its records, row-major; of all rows or of some.
    ///
    /// - Throws: ``FormatError`` when it holds no numbers, the rows are not there, or they have more than 2^28 elements.
    public func doubles(_ dataset: String, field: String? = nil, rows: Range<Int>? = nil) throws -> [Double] {
        try numbers(GENERA_HDF5_DOUBLES, dataset, field, rows)
    }

    /// The same as whole numbers. Fractions are cut, and what does not fit becomes the nearest that does.
    ///
    /// - Throws: ``FormatError``, as ``doubles(_:field:rows:)``.
    public func integers(_ dataset: String, field: String? = nil, rows: Range<Int>? = nil) throws -> [Int64] {
        try numbers(GENERA_HDF5_INTEGERS, dataset, field, rows)
    }

    /// Texts of a data set, or of a field of its records.
    ///
    /// - Throws: ``FormatError`` when it holds no texts, or they are not UTF-8.
    public func texts(_ dataset: String, field: String? = nil, rows: Range<Int>? = nil) throws -> [String] {
        var result: [String] = []
        try pieces(dataset, rows, elements: 1 << 14) { piece in
            let answer = try ask(GENERA_HDF5_TEXTS, dataset, field, piece)
            result += try texts(in: answer[...], dataset)
        }
        return result
    }

    /// What is written beside an object under `name`; nil where that is missing.
    ///
    /// - Throws: ``FormatError`` when it is neither texts nor numbers.
    public func attribute(_ name: String, of place: String) throws -> Attribute? {
        let answer = try ask(GENERA_HDF5_ATTRIBUTE, place, name)
        guard let tag = answer.first else { return nil }
        let rest = answer.dropFirst()
        if tag == UInt8(ascii: "t") { return .texts(try texts(in: rest, place)) }
        guard tag == UInt8(ascii: "n"), rest.count % 8 == 0 else { throw damaged(place) }
        return .numbers(Self.values(Array(rest)))
    }
}

extension HDF5File {
    private func numbers<Number: BitwiseCopyable>(
        _ question: Int, _ dataset: String, _ field: String?, _ rows: Range<Int>?
    ) throws -> [Number] {
        var result: [Number] = []
        try pieces(dataset, rows, elements: 1 << 22) { piece in
            result += Self.values(try ask(question, dataset, field, piece))
        }
        return result
    }

    /// Cuts rows into pieces of about so many elements.
    private func pieces(
        _ dataset: String, _ rows: Range<Int>?, elements: Int, _ body: (Range<Int>) throws -> Void
    ) throws {
        let layout = try layout(of: dataset)
        let rows = rows ?? 0..<layout.rowCount
        let (count, overflow) = rows.count.multipliedReportingOverflow(by: layout.width)
        guard rows.lowerBound >= 0, rows.upperBound <= layout.rowCount, !overflow, count <= 1 << 28 else {
            throw FormatError(
                file: path, place: dataset,
                reason: "rows \(rows.lowerBound) to \(rows.upperBound) of its shape \(layout.shape) were wanted; "
                    + "at most \(1 << 28) elements are read at once")
        }
        let step = max(1, elements / max(layout.width, 1))
        for first in stride(from: rows.lowerBound, to: rows.upperBound, by: step) {
            try body(first..<min(first + step, rows.upperBound))
        }
    }

    private static func values<Number: BitwiseCopyable>(_ bytes: [UInt8]) -> [Number] {
        bytes.withUnsafeBytes { raw in
            let width = MemoryLayout<Number>.size
            return [Number](unsafeUninitializedCapacity: raw.count / width) { target, count in
                count = raw.count / width
                UnsafeMutableRawBufferPointer(target).copyMemory(
                    from: UnsafeRawBufferPointer(rebasing: raw[..<(count * width)]))
            }
        }
    }

    private func texts(in bytes: ArraySlice<UInt8>, _ place: String) throws -> [String] {
        var rest = bytes
        var result: [String] = []
        while !rest.isEmpty {
            guard rest.count >= 4 else { throw damaged(place) }
            let length = rest.prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
            rest = rest.dropFirst(4)
            guard rest.count >= length else { throw damaged(place) }
            result.append(try text(rest.prefix(length), place))
            rest = rest.dropFirst(length)
        }
        return result
    }

    private func text(_ bytes: ArraySlice<UInt8>, _ place: String) throws -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw FormatError(file: path, place: place, reason: "a text is not UTF-8")
        }
        return text
    }

    private func ask(
        _ question: Int, _ place: String, _ name: String? = nil, _ rows: Range<Int> = 0..<0
    ) throws -> [UInt8] {
        guard !place.utf8.contains(0), name?.utf8.contains(0) != true else {
            throw FormatError(file: path, place: quoted(place), reason: "it is not in the file")
        }
        var answer: UnsafeMutablePointer<UInt8>?
        var size = 0
        let (status, message) = place.withCString { placeWords in
            (name ?? "").withCString { nameWords in
                var request = genera_hdf5_request(
                    question: UInt32(question), path: placeWords, name: name == nil ? nil : nameWords,
                    first: UInt64(rows.lowerBound), count: UInt64(rows.count))
                return Self.withMessage { genera_hdf5_ask(handle, &request, 1 << 28, &answer, &size, $0, $1) }
            }
        }
        guard status == GENERA_HDF5_FINE, let answer else {
            throw Self.error(path, place, status, message)
        }
        defer { free(answer) }
        return Array(UnsafeBufferPointer(start: answer, count: size))
    }

    private func damaged(_ place: String) -> FormatError {
        FormatError(
            file: path, place: place, reason: "HDF5 gives nothing sensible of it", advice: "the file is damaged")
    }

    private static func withMessage(
        _ body: (UnsafeMutablePointer<CChar>, Int) -> Int32
    ) -> (status: Int, message: String) {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 512) { buffer in
            buffer.initialize(repeating: 0)
            let status = body(buffer.baseAddress!, buffer.count)
            return (Int(status), String(cString: buffer.baseAddress!))
        }
    }

    private static func error(_ path: String, _ place: String, _ status: Int, _ message: String) -> FormatError {
        guard status == GENERA_HDF5_UNAVAILABLE else {
            let kind: FailureKind = status == GENERA_HDF5_SYSTEM ? .inputOutput : .data
            return FormatError(file: path, place: place, reason: message, kind: kind)
        }
        return FormatError(
            file: path, reason: "HDF5's library, which reads this file, is not usable: \(message)",
            advice: "apt-get install libhdf5-103-1 (libhdf5-310 on newer systems), or brew install hdf5, "
                + "or name it by GENERA_HDF5", kind: .unavailable)
    }
}
