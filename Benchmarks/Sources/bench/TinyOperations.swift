import Foundation
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
    let rows = [["`a + b`", String(Int(unboxed))], ["by name", String(Int(boxed))]]
    let native = nativeAddition().map { [["C++, `at::add`", $0]] } ?? []
    printTable("One addition of 8 numbers, inference mode", ["road", "ns"], native + rows)
}

/// What a function whose derivative is our own costs beside an operator of LibTorch, on eight numbers: worked out, and worked out
/// and differentiated.
func ownFunctions() throws {
    let count = 5_000
    let leaf = try Tensor([Float](repeating: 1, count: 8)).requiringGradient()
    let two = Tensor([Float](repeating: 2, count: 8))
    func double(_ x: Tensor) -> Tensor {
        let y = withoutGradients { x * two }
        return Tensor.function(of: [x], output: y) { [$0[0] * two] }
    }
    func nanoseconds(_ body: () throws -> Void) throws -> String {
        String(Int(try median { for _ in 0..<count { try body() } } / Double(count) * 1e9))
    }
    let rows = try [("`a * b`", { (x: Tensor) in x * two }), ("a function of our own", double)].map { name, body in
        let forward = try nanoseconds { _ = try body(leaf).checked() }
        return [name, forward, try nanoseconds { _ = try body(leaf).sum().gradients(of: [leaf]) }]
    }
    printTable("One product of 8 numbers, recorded", ["road", "forward, ns", "with sum and derivative, ns"], rows)
}

/// The same in C++ against the LibTorch at hand, if a compiler and its headers are there.
private func nativeAddition() -> String? {
    guard let engine = try? Engine.information().path else { return nil }
    let libraries = URL(fileURLWithPath: engine).deletingLastPathComponent().path
    let here = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    let source = here.deletingLastPathComponent().appending(path: "reference/tiny.cpp").path
    let program = FileManager.default.temporaryDirectory.appending(path: "genera-tiny-\(getpid())").path
    defer { try? FileManager.default.removeItem(atPath: program) }
    let command = """
        c++ -std=c++20 -O2 -I'\(libraries)/../include' '\(source)' -o '\(program)' -L'\(libraries)' -ltorch_cpu -lc10 \
            -Wl,-rpath,'\(libraries)' && '\(program)'
        """
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", command]
    (process.standardOutput, process.standardError) = (output, FileHandle.nullDevice)
    guard (try? process.run()) != nil else { return nil }
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return process.terminationStatus == 0 ? text.trimmingCharacters(in: .whitespacesAndNewlines) : nil
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
