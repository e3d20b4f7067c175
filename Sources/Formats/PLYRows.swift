/// The rows of an element in a binary PLY file.
struct PLYRows {
    let view: ByteView
    let file: String
    let isSwapped: Bool

    init(_ view: ByteView, file: String, order: PLY.Encoding) {
        (self.view, self.file) = (view, file)
        isSwapped = order == .bigEndian
    }

    /// Where the rows of an element that begin at `start` end.
    func end(of element: PLY.Element, from start: Int) throws -> Int {
        guard let stride = element.stride else {
            return try walk(element, from: start) { _, _, _, _ in }
        }
        let (size, overflow) = stride.multipliedReportingOverflow(by: element.count)
        guard !overflow, size <= view.count - start else {
            throw FormatError(
                file: file, place: "element \(quoted(element.name))",
                reason: "its \(element.count) rows of \(stride) bytes need \(overflow ? "too many" : "\(size)") bytes, "
                    + "\(view.count - start) are there",
                advice: "the file is cut short or damaged")
        }
        return start + size
    }

    /// Copies columns of single numbers.
    func copy<Number: PLYNumber>(_ element: PLY.Element, from start: Int, _ columns: [PLYColumn<Number>]) throws {
        guard let stride = element.stride else {
            return try visit(element, from: start, lists: nil, numbers: columns) { _, _ in }
        }
        let offsets = element.properties.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.type.byteCount) }
        view.withUnsafeBytes { bytes in
            guard element.count > 0, let rows = bytes.baseAddress.map({ $0 + start }) else { return }
            // Few rows at a time, so that they stay in the nearest cache while every column takes its numbers.
            for first in Swift.stride(from: 0, to: element.count, by: 64) {
                let count = min(64, element.count - first)
                for column in columns {
                    let type = element.properties[column.index].type
                    copy(
                        rows + first * stride + offsets[column.index], stride, type, count, to: column.place + first)
                }
            }
        }
    }

    private func copy<Number: PLYNumber>(
        _ source: UnsafeRawPointer, _ stride: Int, _ type: PLY.Scalar, _ count: Int,
        to place: UnsafeMutablePointer<Number>
    ) {
        func whole<T: FixedWidthInteger & BitwiseCopyable>(_: T.Type) {
            for i in 0..<count {
                let raw = (source + i * stride).loadUnaligned(as: T.self)
                place[i] = Number.from(whole: Int(isSwapped ? raw.byteSwapped : T(littleEndian: raw)))
            }
        }
        switch type {
        case .int8: whole(Int8.self)
        case .uint8: whole(UInt8.self)
        case .int16: whole(Int16.self)
        case .uint16: whole(UInt16.self)
        case .int32: whole(Int32.self)
        case .uint32: whole(UInt32.self)
        case .float32:
            for i in 0..<count {
                let raw = (source + i * stride).loadUnaligned(as: UInt32.self)
                place[i] = Number.from(
                    float: Float(bitPattern: isSwapped ? raw.byteSwapped : UInt32(littleEndian: raw)))
            }
        case .float64:
            for i in 0..<count {
                let raw = (source + i * stride).loadUnaligned(as: UInt64.self)
                place[i] = Number.from(
                    double: Double(bitPattern: isSwapped ? raw.byteSwapped : UInt64(littleEndian: raw)))
            }
        }
    }

    /// Reads rows with lists: gives each list of one property to `keep`, and copies columns.
    func visit<Number: PLYNumber>(
        _ element: PLY.Element, from start: Int, lists: Int?, numbers: [PLYColumn<Number>],
        _ keep: (Int, [Double]) -> Void
    ) throws {
        var places = [UnsafeMutablePointer<Number>?](repeating: nil, count: element.properties.count)
        for column in numbers { places[column.index] = column.place }
        try view.withUnsafeBytes { bytes in
            let base = bytes.baseAddress!
            _ = try walk(element, from: start) { row, index, offset, length in
                let type = element.properties[index].type
                if let length {
                    guard index == lists else { return }
                    keep(
                        row,
                        [Double](unsafeUninitializedCapacity: length) { memory, count in
                            memory.initialize(repeating: 0)
                            count = length
                            if let place = memory.baseAddress {
                                copy(base + offset, type.byteCount, type, length, to: place)
                            }
                        })
                } else if let place = places[index] {
                    copy(base + offset, 0, type, 1, to: place + row)
                }
            }
        }
    }

    func visit(
        _ element: PLY.Element, from start: Int, lists: Int?, numbers: Never?, _ keep: (Int, [Double]) -> Void
    ) throws {
        try visit(element, from: start, lists: lists, numbers: [] as [PLYColumn<Double>], keep)
    }

    /// Calls `body` with row, property, place of the first number, and for a list its length. Returns where the rows end.
    private func walk(
        _ element: PLY.Element, from start: Int, _ body: (Int, Int, Int, Int?) throws -> Void
    ) throws -> Int {
        var offset = start
        let count = view.count
        func need(_ size: Int, _ row: Int, _ property: PLY.Property) throws {
            guard size <= count - offset else {
                throw FormatError(
                    file: file, place: "element \(quoted(element.name)) row \(row)",
                    reason: "the property \(quoted(property.name)) needs \(size) bytes, \(count - offset) are left",
                    advice: "the file is cut short or damaged")
            }
        }
        for row in 0..<element.count {
            for (index, property) in element.properties.enumerated() {
                guard let countType = property.countType else {
                    try need(property.type.byteCount, row, property)
                    try body(row, index, offset, nil)
                    offset += property.type.byteCount
                    continue
                }
                try need(countType.byteCount, row, property)
                let length = length(at: offset, countType)
                guard length >= 0 else {
                    throw FormatError(
                        file: file, place: "element \(quoted(element.name)) row \(row)",
                        reason: "the list \(quoted(property.name)) has the length \(length)",
                        advice: "the file is damaged")
                }
                offset += countType.byteCount
                try need(length * property.type.byteCount, row, property)
                try body(row, index, offset, length)
                offset += length * property.type.byteCount
            }
        }
        return offset
    }

    /// The length of a list: at most 2^32, so that its bytes can be counted.
    private func length(at offset: Int, _ type: PLY.Scalar) -> Int {
        var value = 0
        view.withUnsafeBytes { copy($0.baseAddress! + offset, 0, type, 1, to: &value) }
        return value
    }
}
