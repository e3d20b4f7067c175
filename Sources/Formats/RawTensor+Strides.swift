import Tensors

/// The largest copy that a tensor with repeated elements (stride 0) may ask for beyond its storage's own size.
private let repeatedElementLimit = 64 << 20

extension RawTensor {
    /// Makes a tensor of elements that lie in `storage` at `offset + Σ index_i * strides_i`, counted in elements.
    ///
    /// Shares the storage's memory where the elements are contiguous and copies them otherwise.
    /// - Throws: ``FormatError`` when ranks differ, a number is negative, or an element lies outside `storage`.
    public init(
        dtype: DType, shape: [Int], strides: [Int], offset: Int, storage: ByteView, file: String = "",
        place: String = ""
    ) throws {
        func error(_ reason: String) -> FormatError { FormatError(file: file, place: place, reason: reason) }
        let available = storage.count / dtype.byteCount
        let count = try checkExtent(shape: shape, strides: strides, offset: offset, available: available, error)
        if count == 0 { self.init(unchecked: dtype, shape, ByteView([])); return }

        let size = count * dtype.byteCount
        if isContiguous(shape, strides), let view = storage.slice(from: offset * dtype.byteCount, count: size) {
            self = RawTensor(unchecked: dtype, shape, view).aligned()
            return
        }
        guard size <= max(storage.count, repeatedElementLimit) else {
            throw error("shape \(shape) repeats elements into \(size) bytes out of a storage of \(storage.count)")
        }
        let copy = storage.withUnsafeBytes { source in
            Memory(count: size) { gather(dtype.byteCount, shape, strides, offset, from: source, to: $0) }
        }
        self.init(unchecked: dtype, shape, ByteView(copy))
    }
}

/// Checks that every element of a strided tensor is one of `available`, and returns their count.
func checkExtent(
    shape: [Int], strides: [Int], offset: Int, available: Int, _ error: (String) -> FormatError
) throws -> Int {
    guard shape.count == strides.count else {
        throw error("the shape has \(shape.count) dimensions, the strides have \(strides.count)")
    }
    guard shape.count <= 64 else { throw error("\(shape.count) dimensions; at most 64 are read") }
    guard let count = elementCount(of: shape), count <= Int.max / 16 else {
        throw error("the shape \(shape) is negative or too large")
    }
    guard offset >= 0, strides.allSatisfy({ $0 >= 0 }) else {
        throw error("offset \(offset) and strides \(strides) must not be negative")
    }
    if count == 0 { return 0 }
    var last = offset
    for (size, stride) in zip(shape, strides) {
        let (step, overflow) = (size - 1).multipliedReportingOverflow(by: stride)
        let (sum, overflowed) = last.addingReportingOverflow(step)
        guard !overflow, !overflowed else { throw error("strides \(strides) of shape \(shape) are too large") }
        last = sum
    }
    guard last < available else {
        let needed = last == .max ? last : last + 1
        throw error(
            "shape \(shape) with strides \(strides) from element \(offset) on needs \(needed) elements, "
                + "the storage has \(available)")
    }
    return count
}

private func isContiguous(_ shape: [Int], _ strides: [Int]) -> Bool {
    var expected = 1
    for (size, stride) in zip(shape, strides).reversed() where size != 1 {
        if stride != expected { return false }
        expected *= size
    }
    return true
}

/// Copies elements of `width` bytes in row-major order of the index; the caller has checked the extent.
private func gather(
    _ width: Int, _ shape: [Int], _ strides: [Int], _ offset: Int,
    from source: UnsafeRawBufferPointer, to target: UnsafeMutableRawBufferPointer
) {
    let (from, to) = (source.baseAddress!, target.baseAddress!)
    let (inner, step) = (shape.last!, strides.last! * width)
    var index = [Int](repeating: 0, count: shape.count)
    var written = 0
    var position = offset * width
    while true {
        for i in 0..<inner {
            (to + written).copyMemory(from: from + position + i * step, byteCount: width)
            written += width
        }
        var axis = shape.count - 2
        while axis >= 0 {
            index[axis] += 1
            position += strides[axis] * width
            if index[axis] < shape[axis] { break }
            position -= shape[axis] * strides[axis] * width
            index[axis] = 0
            axis -= 1
        }
        if axis < 0 { return }
    }
}
