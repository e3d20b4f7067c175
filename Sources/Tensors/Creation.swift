import CEngine

extension Tensor {
    /// A tensor of the elements given, in row-major order. `values.count` must be the product of `shape`.
    public init<T: TensorElement>(
        _ values: [T], shape: [Int]? = nil, device: Device = .cpu, file: StaticString = #fileID, line: UInt = #line
    ) {
        let shape = shape ?? [values.count]
        guard shape.allSatisfy({ $0 >= 0 }), shape.reduce(1, *) == values.count else {
            let message = "\(values.count) values do not fill the shape \(shape)"
            self.init(poison: TensorError(op: "tensor", message: message, file: file, line: line))
            return
        }
        self = values.withUnsafeBytes {
            Tensor(copying: $0, dtype: T.dtype, shape: shape, device: device, file: file, line: line)
        }
    }

    /// A tensor of `bytes`, copied; they hold the elements in the machine's byte order.
    public init(
        copying bytes: UnsafeRawBufferPointer, dtype: DType, shape: [Int], device: Device = .cpu,
        file: StaticString = #fileID, line: UInt = #line
    ) {
        if let problem = Engine.failure {
            self.init(poison: TensorError(op: "tensor", missing: problem, file: file, line: line))
            return
        }
        guard shape.reduce(1, *) * dtype.byteCount == bytes.count else {
            let message = "\(bytes.count) bytes do not fill \(dtype) \(shape)"
            self.init(poison: TensorError(op: "tensor", message: message, file: file, line: line))
            return
        }
        var out: ge_tensor?
        let sizes = shape.map(Int64.init)
        let status = api.from_memory(bytes.baseAddress, dtype.rawValue, sizes, Int32(sizes.count), device.code, &out)
        if status == 0, let out {
            self.init(out)
        } else {
            self.init(poison: failure("tensor", [], file: file, line: line))
        }
    }

    /// A tensor of one number without axes, shape `[]`, of the type that belongs to `T`.
    public init<T: TensorElement>(
        _ value: T, device: Device = .cpu, file: StaticString = #fileID, line: UInt = #line
    ) {
        self.init([value], shape: [], device: device, file: file, line: line)
    }

    /// A tensor that lives in memory owned by `owner`, which is kept alive as long as the tensor's storage. The memory must
    /// be aligned for `dtype`, hold the shape's elements in row-major order, and not be written by others.
    public init(
        mapping memory: UnsafeMutableRawPointer, dtype: DType, shape: [Int], owner: AnyObject,
        file: StaticString = #fileID, line: UInt = #line
    ) {
        if let problem = Engine.failure {
            self.init(poison: TensorError(op: "tensor", missing: problem, file: file, line: line))
            return
        }
        var out: ge_tensor?
        let sizes = shape.map(Int64.init)
        let context = Unmanaged.passRetained(owner).toOpaque()
        let status = api.map_memory(
            memory, dtype.rawValue, sizes, Int32(sizes.count),
            { Unmanaged<AnyObject>.fromOpaque($0!).release() }, context, &out)
        if status == 0, let out {
            self.init(out)
        } else {
            self.init(poison: failure("tensor", [], file: file, line: line))
        }
    }

    /// A tensor of one value everywhere.
    public static func full(
        _ shape: [Int], _ value: Double, dtype: DType = .float32, device: Device = .cpu,
        file: StaticString = #fileID, line: UInt = #line
    ) -> Tensor {
        ops.full(
            [.ints(shape), .double(value), .dtype(dtype), .none, .device(device)], file: file, line: line)
    }

    /// A tensor of zeros.
    public static func zeros(
        _ shape: [Int], dtype: DType = .float32, device: Device = .cpu, file: StaticString = #fileID, line: UInt = #line
    ) -> Tensor {
        ops.zeros([.ints(shape), .dtype(dtype), .none, .device(device)], file: file, line: line)
    }

    /// A tensor of ones.
    public static func ones(
        _ shape: [Int], dtype: DType = .float32, device: Device = .cpu, file: StaticString = #fileID, line: UInt = #line
    ) -> Tensor {
        ops.ones([.ints(shape), .dtype(dtype), .none, .device(device)], file: file, line: line)
    }

    /// The whole numbers from `start` up to but without `end`.
    public static func arange(
        _ start: Double = 0, _ end: Double, dtype: DType = .float32, device: Device = .cpu,
        file: StaticString = #fileID, line: UInt = #line
    ) -> Tensor {
        ops.arange([.double(start), .double(end), .dtype(dtype), .none, .device(device)], file: file, line: line)
    }

    /// Rows of zeros with a one at each index: `[n] -> [n, classes]`, float32.
    public static func oneHot(_ labels: [Int], classes: Int, device: Device = .cpu) -> Tensor {
        var values = [Float](repeating: 0, count: labels.count * classes)
        for (row, label) in labels.enumerated() where (0..<classes).contains(label) {
            values[row * classes + label] = 1
        }
        return Tensor(values, shape: [labels.count, classes], device: device)
    }

    /// The only element, as a Double.
    ///
    /// - Throws: the tensor's error, or one that says it has more than one element.
    public func item(file: StaticString = #fileID, line: UInt = #line) throws -> Double {
        try array(of: Double.self, expecting: 1, file: file, line: line)[0]
    }

    /// All elements in row-major order, converted to `T`.
    ///
    /// - Throws: the tensor's error.
    public func array<T: TensorElement>(
        of type: T.Type = T.self, file: StaticString = #fileID, line: UInt = #line
    ) throws -> [T] {
        try array(of: type, expecting: nil, file: file, line: line)
    }

    private func array<T: TensorElement>(
        of type: T.Type, expecting: Int?, file: StaticString, line: UInt
    ) throws -> [T] {
        try checked()
        let count = expecting ?? elementCount
        var status: Int32 = 0
        let values = [T](unsafeUninitializedCapacity: max(count, 1)) { buffer, initialized in
            status = api.to_memory(box.handle, T.dtype.rawValue, buffer.baseAddress, Int64(count))
            initialized = status == 0 ? count : 0
        }
        guard status == 0 else { throw failure("array", [self], file: file, line: line) }
        return values
    }
}

/// A Swift type that can be an element of a tensor.
public protocol TensorElement: Sendable {
    /// The element type in LibTorch.
    static var dtype: DType { get }
}

extension Float: TensorElement {
    /// `float32`.
    public static var dtype: DType { .float32 }
}
extension Double: TensorElement {
    /// `float64`.
    public static var dtype: DType { .float64 }
}
extension Int: TensorElement {
    /// `int64`.
    public static var dtype: DType { .int64 }
}
extension Int64: TensorElement {
    /// `int64`.
    public static var dtype: DType { .int64 }
}
extension Int32: TensorElement {
    /// `int32`.
    public static var dtype: DType { .int32 }
}
extension UInt8: TensorElement {
    /// `uint8`.
    public static var dtype: DType { .uint8 }
}
extension Bool: TensorElement {
    /// `bool`.
    public static var dtype: DType { .bool }
}
