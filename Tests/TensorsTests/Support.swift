import Foundation
import Tensors
import Testing

/// Expects two lists of numbers to agree element by element.
func expectEqual(
    _ got: [Double], _ expected: [Double], tolerance: Double = 1e-6, sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(got.count == expected.count, sourceLocation: sourceLocation)
    for (index, (g, e)) in zip(got, expected).enumerated() where !(abs(g - e) <= tolerance * (1 + abs(e))) {
        Issue.record("element \(index): got \(g), expected \(e)", sourceLocation: sourceLocation)
        return
    }
}

/// The error that `body` throws, as a tensor's error.
func tensorError<R>(_ body: () throws -> R) -> TensorError? {
    do {
        _ = try body()
        return nil
    } catch { return error as? TensorError }
}

extension Tensor {
    var values: [Double] { get throws { try array(of: Double.self) } }
}

/// Numbers that look random and are the same everywhere.
func numbers(_ count: Int, seed: UInt64 = 1) -> [Double] {
    var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
    return (0..<count).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Double(state >> 11) * 0x1p-52 - 1
    }
}

/// Resident memory of this process in bytes.
func residentMemory() throws -> Int {
    let text = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
    return (Int(text.split(separator: " ")[1]) ?? 0) * 4096
}
