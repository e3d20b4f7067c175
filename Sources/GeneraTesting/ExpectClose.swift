import Genera

/// The farthest of all elements from what was expected, in units of its tolerance.
public struct Deviation: Sendable, CustomStringConvertible {
    /// How many tolerances it is off; above 1 is a failure, infinite for NaN.
    public let worst: Double
    /// Where it is, one number an axis.
    public let index: [Int]
    /// The value there.
    public let got: Double
    /// The value that was expected there.
    public let expected: Double
    /// How many elements are off by more than their tolerance.
    public let failures: Int
    /// How many elements there are.
    public let count: Int

    /// For example `element [1, 2]: got 0.5, expected 0.25, off by 3.1 tolerances; 4 of 12 elements fail`.
    public var description: String {
        "element \(index): got \(got), expected \(expected), off by \(worst) tolerances; \(failures) of \(count) elements fail"
    }

    /// Compares `|got - expected| <= atol + rtol * |expected|` in double precision. Two NaN agree, and so do two equal
    /// infinities; any other pair with one of them is infinitely far.
    ///
    /// - Precondition: both hold the product of `shape` numbers.
    public init(got: [Double], expected: [Double], shape: [Int], rtol: Double, atol: Double) {
        precondition(got.count == expected.count)
        var (worst, place, failures) = (0.0, 0, 0)
        for (position, (g, e)) in zip(got, expected).enumerated() {
            let off = Self.tolerances(g, e, rtol, atol)
            if off > 1 { failures += 1 }
            if off > worst { (worst, place) = (off, position) }
        }
        var index: [Int] = []
        var rest = place
        for size in shape.reversed() where size > 0 {
            index.insert(rest % size, at: 0)
            rest /= size
        }
        self.worst = worst
        self.index = index
        self.got = got.isEmpty ? 0 : got[place]
        self.expected = expected.isEmpty ? 0 : expected[place]
        self.failures = failures
        count = got.count
    }

    private static func tolerances(_ got: Double, _ expected: Double, _ rtol: Double, _ atol: Double) -> Double {
        if got == expected || (got.isNaN && expected.isNaN) { return 0 }
        let off = abs(got - expected) / (atol + rtol * abs(expected))
        return off.isNaN || !expected.isFinite ? .infinity : off
    }
}

/// A comparison that failed.
public struct ComparisonFailure: Error, CustomStringConvertible {
    /// What was compared and how it differs.
    public let description: String

    /// Makes a failure.
    public init(_ description: String) { self.description = description }
}

/// Compares two tensors element by element in double precision.
///
/// - Returns: how far off the worst element is, in tolerances.
/// - Throws: `ComparisonFailure` that names the worst element, or shapes that differ; the tensors' own errors.
@discardableResult
public func expectClose(
    got: Tensor, expected: Tensor, rtol: Double = 1e-5, atol: Double = 1e-6, _ name: String = "tensor"
) throws -> Double {
    let values = (got: try got.array(of: Double.self), expected: try expected.array(of: Double.self))
    guard got.shape == expected.shape else {
        throw ComparisonFailure("\(name): got the shape \(got.shape), expected \(expected.shape)")
    }
    let deviation = Deviation(
        got: values.got, expected: values.expected, shape: expected.shape.sizes, rtol: rtol, atol: atol)
    guard deviation.worst <= 1 else { throw ComparisonFailure("\(name): \(deviation)") }
    return deviation.worst
}

/// Compares two lists of numbers in double precision.
///
/// - Returns: how far off the worst is, in tolerances.
/// - Throws: `ComparisonFailure` that names the worst element, or counts that differ.
@discardableResult
public func expectClose(
    got: [Double], expected: [Double], rtol: Double = 1e-5, atol: Double = 1e-6, _ name: String = "numbers"
) throws -> Double {
    guard got.count == expected.count else {
        throw ComparisonFailure("\(name): got \(got.count) numbers, expected \(expected.count)")
    }
    let deviation = Deviation(got: got, expected: expected, shape: [expected.count], rtol: rtol, atol: atol)
    guard deviation.worst <= 1 else { throw ComparisonFailure("\(name): \(deviation)") }
    return deviation.worst
}
