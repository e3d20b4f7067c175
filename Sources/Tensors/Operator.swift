import CEngine

/// Any operator of LibTorch, called by name.
///
///     let cumsum = Operator("cumsum")
///     let sums = cumsum([.tensor(x), .int(0)])
///
/// Arguments follow the operator's schema in order; those left out at the end, or given as `.standard`, take the schema's
/// defaults, so that LibTorch versions with more arguments keep working.
public struct Operator: @unchecked Sendable {
    /// A value handed to an operator.
    public enum Argument {
        /// The default of the operator's schema.
        case standard
        /// No value, for an argument that may be absent.
        case none
        /// A tensor; one that is poisoned is what the call returns.
        case tensor(Tensor)
        /// An integer; also for arguments that are numbers of any kind, truth values, or lists of one.
        case int(Int)
        /// A floating-point number, for arguments that are numbers.
        case double(Double)
        /// A truth value.
        case bool(Bool)
        /// Integers: sizes, axes, strides.
        case ints([Int])
        /// Floating-point numbers.
        case doubles([Double])
        /// Tensors, for arguments that are lists of them.
        case tensors([Tensor])
        /// Tensors, some of them absent.
        case optionalTensors([Tensor?])
        /// Text, such as the name of a mode.
        case string(String)
        /// An element type.
        case dtype(DType)
        /// A device.
        case device(Device)
    }

    let handle: ge_op?
    let name: String
    let missing: String
    var missingEngine: Engine.LoadError?

    /// Finds an operator, for example `Operator("sum", "dim_IntList")`.
    public init(_ name: String, _ overload: String = "") {
        self.name = name
        var found: ge_op?
        if let failure = Engine.failure {
            handle = nil
            missing = ""
            missingEngine = failure
        } else if api.op_find("aten::" + name, overload, &found) == 0 {
            handle = found
            missing = ""
        } else {
            handle = nil
            missing = String(cString: api.last_error())
        }
    }

    /// Whether this LibTorch has the operator.
    public var exists: Bool { handle != nil }

    /// Calls the operator and returns its first result.
    @discardableResult
    public func callAsFunction(
        _ arguments: [Argument], file: StaticString = #fileID, line: UInt = #line
    ) -> Tensor {
        all(arguments, file: file, line: line).first
            ?? Tensor(poison: TensorError(op: name, message: "returned no tensor", file: file, line: line))
    }

    /// Calls the operator and returns all tensors of its results, lists of tensors included.
    public func all(_ arguments: [Argument], file: StaticString = #fileID, line: UInt = #line) -> [Tensor] {
        let operands = arguments.flatMap(\.tensors)
        // Several results may be expected: repeat the poison so that destructuring by index is safe.
        if let poisoned = operands.first(where: { $0.error != nil }) { return Array(repeating: poisoned, count: 8) }
        func poison(_ message: String) -> [Tensor] {
            let error = TensorError(
                op: name, message: message, operands: operands.map(\.summary), file: file, line: line)
            return Array(repeating: Tensor(poison: error), count: 8)
        }
        if let missingEngine {
            let error = TensorError(op: name, missing: missingEngine, file: file, line: line)
            return Array(repeating: Tensor(poison: error), count: 8)
        }
        guard let handle else { return poison(missing) }
        var results = [ge_arg](repeating: ge_arg(), count: 8)
        var count: Int32 = 0
        let packed = PackedArguments(arguments)
        let status = packed.values.withUnsafeBufferPointer {
            api.call(handle, $0.baseAddress, Int32($0.count), &results, Int32(results.count), &count)
        }
        guard status == 0 else { return poison(String(cString: api.last_error())) }
        return withExtendedLifetime(packed) { results.prefix(Int(count)).flatMap(Self.tensors) }
    }

    private static func tensors(of result: ge_arg) -> [Tensor] {
        switch Int(result.tag) {
        case GE_TENSOR: return result.u.t.map { [Tensor($0)] } ?? []
        case GE_TENSORS:
            defer { api.free_list(result.u.ts) }
            return (0..<Int(result.n)).compactMap { result.u.ts[$0].map { Tensor($0) } }
        case GE_INT, GE_BOOL: return [Tensor(Int(result.u.i))]
        case GE_DOUBLE: return [Tensor(result.u.d)]
        default: return []
        }
    }
}

extension Operator.Argument {
    fileprivate var tensors: [Tensor] {
        switch self {
        case let .tensor(t): [t]
        case let .tensors(list): list
        case let .optionalTensors(list): list.compactMap { $0 }
        default: []
        }
    }
}

/// Arguments in the engine's form, with the memory that their pointers need.
private final class PackedArguments {
    var values: [ge_arg]
    private var memory: [UnsafeMutableRawPointer] = []
    private let kept: [Operator.Argument]

    init(_ arguments: [Operator.Argument]) {
        kept = arguments
        values = []
        values.reserveCapacity(arguments.count)
        for argument in arguments { values.append(pack(argument)) }
    }

    deinit { memory.forEach { $0.deallocate() } }

    private func pack(_ argument: Operator.Argument) -> ge_arg {
        var arg = ge_arg()
        switch argument {
        case .standard: arg.tag = Int32(GE_DEFAULT)
        case .none: arg.tag = Int32(GE_NONE)
        case let .tensor(t):
            arg.tag = Int32(GE_TENSOR)
            arg.u.t = t.box.handle
        case let .int(i):
            arg.tag = Int32(GE_INT)
            arg.u.i = Int64(i)
        case let .dtype(dtype):
            arg.tag = Int32(GE_INT)
            arg.u.i = Int64(dtype.rawValue)
        case let .double(d):
            arg.tag = Int32(GE_DOUBLE)
            arg.u.d = d
        case let .bool(b):
            arg.tag = Int32(GE_BOOL)
            arg.u.i = b ? 1 : 0
        case let .device(device):
            arg.tag = Int32(GE_DEVICE)
            arg.u.i = Int64(device.code)
        case let .ints(list):
            arg.tag = Int32(GE_INTS)
            arg.n = Int32(list.count)
            arg.u.is = UnsafePointer(copy(list.map(Int64.init)))
        case let .doubles(list):
            arg.tag = Int32(GE_DOUBLES)
            arg.n = Int32(list.count)
            arg.u.ds = UnsafePointer(copy(list))
        case let .tensors(list):
            arg.tag = Int32(GE_TENSORS)
            arg.n = Int32(list.count)
            arg.u.ts = UnsafePointer(copy(list.map(\.box.handle)))
        case let .optionalTensors(list):
            arg.tag = Int32(GE_OPTIONAL_TENSORS)
            arg.n = Int32(list.count)
            arg.u.ts = UnsafePointer(copy(list.map { $0?.box.handle }))
        case let .string(text):
            arg.tag = Int32(GE_STRING)
            arg.u.s = UnsafePointer(copy(text.utf8CString.map { $0 }))
        }
        return arg
    }

    private func copy<T>(_ list: [T]) -> UnsafeMutablePointer<T> {
        let raw = UnsafeMutableRawPointer.allocate(
            byteCount: max(1, list.count) * MemoryLayout<T>.stride, alignment: MemoryLayout<T>.alignment)
        memory.append(raw)
        let pointer = raw.bindMemory(to: T.self, capacity: max(1, list.count))
        pointer.initialize(from: list, count: list.count)
        return pointer
    }
}
