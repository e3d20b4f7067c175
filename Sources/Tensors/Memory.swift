import CEngine

// Elements where they lie, for code in C and for loops of our own.
extension Tensor {
    /// Calls `body` with all elements in row-major order: in the tensor's own memory if they lie there so, else in a copy.
    ///
    /// - Throws: the tensor's error, an error if the elements are not of type `T`, and what `body` throws.
    public func withElements<T: TensorElement, R>(
        of type: T.Type = T.self, file: StaticString = #fileID, line: UInt = #line,
        _ body: (UnsafeBufferPointer<T>) throws -> R
    ) throws -> R {
        try expect(type, file, line)
        let whole = (device.isCPU ? self : to(.cpu)).contiguous(file: file, line: line)
        return try withExtendedLifetime(whole) {
            try body(UnsafeBufferPointer(start: try whole.memory(T.self, file, line), count: elementCount))
        }
    }

    /// Calls `body` with all elements in row-major order, to be written in place. Every tensor over the same memory sees the change, and
    /// derivatives do not know of it: this is for tensors that were just made.
    ///
    /// - Throws: the tensor's error, an error if the elements are not of type `T` or do not lie in row-major order in the processor's
    ///   memory, and what `body` throws.
    public func withMutableElements<T: TensorElement, R>(
        of type: T.Type = T.self, file: StaticString = #fileID, line: UInt = #line,
        _ body: (UnsafeMutableBufferPointer<T>) throws -> R
    ) throws -> R {
        try expect(type, file, line)
        return try withExtendedLifetime(self) {
            try body(UnsafeMutableBufferPointer(start: try memory(T.self, file, line), count: elementCount))
        }
    }

    private func expect<T: TensorElement>(_ type: T.Type, _ file: StaticString, _ line: UInt) throws {
        try checked()
        guard dtype == T.dtype else {
            throw TensorError(
                op: "elements", message: "they are not \(T.dtype)", operands: [summary], file: file, line: line)
        }
    }

    private func memory<T>(_ type: T.Type, _ file: StaticString, _ line: UInt) throws -> UnsafeMutablePointer<T>? {
        try checked()
        var out: UnsafeMutableRawPointer?
        guard api.memory(box.handle, &out) == 0 else { throw failure("elements", [self], file: file, line: line) }
        return out?.assumingMemoryBound(to: T.self)
    }
}
