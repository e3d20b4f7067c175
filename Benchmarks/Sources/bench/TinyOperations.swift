import Genera

/// What one operation on eight numbers costs, by each road into LibTorch.
func tinyOperations() throws {
    let count = 20_000
    let a = Tensor([Float](repeating: 1, count: 8))
    let add = Operator("add", "Tensor")
    func nanoseconds(_ body: (Tensor) -> Tensor) throws -> Double {
        try inferenceMode {
            try median {
                var x = a
                for _ in 0..<count { x = body(x) }
                try x.checked()
            } / Double(count) * 1e9
        }
    }
    let unboxed = try nanoseconds { $0 + a }
    let boxed = try nanoseconds { add([.tensor($0), .tensor(a)]) }
    printTable(
        "One addition of 8 numbers, inference mode", ["road", "ns"],
        [["`a + b`", String(Int(unboxed))], ["by name", String(Int(boxed))]])
}

/// How fast addressed noise comes.
func noise() throws {
    let source = Noise(seed: 1, samples: Array(0..<64))
    let normal = try median { _ = try source.normal([3072], at: .start) }
    let uniform = try median { _ = try source.uniform([3072], at: .start) }
    let numbers = 64 * 3072.0
    printTable(
        "Addressed noise, 64 x 3072 numbers, one thread", ["kind", "million a second"],
        [["normal", String(Int(numbers / normal * 1e-6))], ["uniform", String(Int(numbers / uniform * 1e-6))]])
}
