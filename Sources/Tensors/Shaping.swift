import CEngine

extension Tensor {
    /// The same elements in another shape; one size may be -1 and is then worked out.
    public func reshaped(_ sizes: [Int], file: StaticString = #fileID, line: UInt = #line) -> Tensor {
        let wide = sizes.map(Int64.init)
        return make("reshape", self, file, line) { api.reshape($0, wide, Int32(wide.count), $1) }
    }

    /// The axes in another order.
    public func permuted(_ axes: [Int], file: StaticString = #fileID, line: UInt = #line) -> Tensor {
        let wide = axes.map(Int64.init)
        return make("permute", self, file, line) { api.permute($0, wide, Int32(wide.count), $1) }
    }

    /// Two axes exchanged, the last two unless stated; a view of the same memory.
    public func transposed(_ a: Int = -2, _ b: Int = -1, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
        ops.transpose([.tensor(self), .int(a), .int(b)], file: file, line: line)
    }

    /// Repeats axes of size 1 up to the shape given, without copying.
    public func expanded(_ sizes: [Int], file: StaticString = #fileID, line: UInt = #line) -> Tensor {
        ops.expand([.tensor(self), .ints(sizes)], file: file, line: line)
    }

    /// A new axis of size 1.
    public func unsqueezed(_ axis: Int, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
        ops.unsqueeze([.tensor(self), .int(axis)], file: file, line: line)
    }

    /// Part of an axis.
    public func narrowed(axis: Int, _ range: Range<Int>, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
        ops.narrow([.tensor(self), .int(axis), .int(range.lowerBound), .int(range.count)], file: file, line: line)
    }

    /// One entry of an axis, which disappears.
    public func selected(axis: Int, _ index: Int, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
        ops.select([.tensor(self), .int(axis), .int(index)], file: file, line: line)
    }

    /// The entries of the first axis named, in that order, as a copy.
    public func gathered(rows: [Int], file: StaticString = #fileID, line: UInt = #line) -> Tensor {
        ops.indexSelect([.tensor(self), .int(0), .tensor(Tensor(rows, device: device))], file: file, line: line)
    }

    /// The entries of an axis named, in that order, as a copy.
    public func gathered(axis: Int, _ indices: [Int], file: StaticString = #fileID, line: UInt = #line) -> Tensor {
        ops.indexSelect([.tensor(self), .int(axis), .tensor(Tensor(indices, device: device))], file: file, line: line)
    }

    /// Cut into equal parts along an axis.
    public func chunked(_ count: Int, axis: Int, file: StaticString = #fileID, line: UInt = #line) -> [Tensor] {
        ops.chunk.all([.tensor(self), .int(count), .int(axis)], file: file, line: line)
    }

    /// Reversed along some axes.
    public func flipped(axes: [Int], file: StaticString = #fileID, line: UInt = #line) -> Tensor {
        ops.flip([.tensor(self), .ints(axes)], file: file, line: line)
    }

    /// Joined along an existing axis.
    public static func concatenated(
        _ tensors: [Tensor], axis: Int = 0, file: StaticString = #fileID, line: UInt = #line
    ) -> Tensor {
        ops.cat([.tensors(tensors), .int(axis)], file: file, line: line)
    }

    /// Joined along a new axis.
    public static func stacked(_ tensors: [Tensor], axis: Int = 0, file: StaticString = #fileID, line: UInt = #line)
        -> Tensor
    {
        ops.stack([.tensors(tensors), .int(axis)], file: file, line: line)
    }

    /// Where `mask` holds this tensor's elements, else the other's.
    public func replaced(where mask: Tensor, with other: Tensor, file: StaticString = #fileID, line: UInt = #line)
        -> Tensor
    {
        ops.select2([.tensor(mask), .tensor(other), .tensor(self)], file: file, line: line)
    }

    /// The same values in row-major memory; self if they already are.
    public func contiguous(file: StaticString = #fileID, line: UInt = #line) -> Tensor {
        ops.contiguous([.tensor(self)], file: file, line: line)
    }

    /// Images `[N, C, H, W]` laid out with channels last in memory, which convolutions in bfloat16 prefer. Same values.
    public func channelsLast(file: StaticString = #fileID, line: UInt = #line) -> Tensor {
        ops.contiguous([.tensor(self), .int(2)], file: file, line: line)
    }

    /// Converted to another element type.
    public func to(_ dtype: DType, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
        dtype == self.dtype ? self : ops.toDType([.tensor(self), .dtype(dtype)], file: file, line: line)
    }

    /// The same elements in the memory of another device; this tensor itself if it is there already.
    public func to(_ device: Device, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
        device == self.device
            ? self : ops.toDevice([.tensor(self), .device(device), .dtype(dtype)], file: file, line: line)
    }

    /// A copy with memory of its own.
    public func cloned(file: StaticString = #fileID, line: UInt = #line) -> Tensor {
        ops.clone([.tensor(self)], file: file, line: line)
    }

    /// The same values, cut off from the derivative graph.
    public func detached(file: StaticString = #fileID, line: UInt = #line) -> Tensor {
        ops.detach([.tensor(self)], file: file, line: line)
    }

    /// Overwrites the elements with those of another tensor of the same shape. Not recorded for derivatives.
    ///
    /// - Throws: the error of whichever is poisoned, or of shapes that do not agree.
    public func copy(from other: Tensor) throws {
        try checked()
        try other.checked()
        _ = try withoutGradients { try ops.copy([.tensor(self), .tensor(other)]).checked() }
    }
}
