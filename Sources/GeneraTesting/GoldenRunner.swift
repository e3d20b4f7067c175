import Genera

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Runs all golden cases of a family, each by the handler of its kind.
///
///     let runner = GoldenRunner("pfgmpp", ["network_forward": { try forward($0, &$1) }])
///     exit(try runner.run() ? 0 : 1)
public struct GoldenRunner: Sendable {
    /// Does a case, and compares what comes out by the check it is given.
    public typealias Handler = @Sendable (GoldenCase, inout GoldenCheck) throws -> Void

    /// The family's name, also that of its folder.
    public let family: String
    /// The folder that holds one folder a family.
    public let folder: String
    private let handlers: [String: Handler]

    /// A runner with a handler for each kind of case.
    public init(_ family: String, in folder: String = Golden.folder, _ handlers: [String: Handler]) {
        self.family = family
        self.folder = folder
        self.handlers = handlers
    }

    /// What came of one case.
    public struct Outcome: Sendable, CustomStringConvertible {
        /// The case's name.
        public let name: String
        /// Its kind.
        public let kind: String
        /// Why it failed; nil if it did not.
        public let failure: String?
        /// How far off its worst element is, in tolerances.
        public let worst: Double
        /// The seconds it took.
        public let seconds: Double

        /// One line, for example `ok   net_ddpmpp network_forward worst=0.27 tol 1.32 s`.
        public var description: String {
            let head =
                "\(failure == nil ? "ok  " : "FAIL") \(name) \(kind) worst=\(round(worst, 3)) tol \(round(seconds, 2)) s"
            return failure.map { "\(head)\n     \($0)" } ?? head
        }

        private func round(_ value: Double, _ digits: Int) -> String {
            guard value.isFinite, abs(value) < 1e12 else { return "\(value)" }
            let scale = pow(10, Double(digits))
            return "\((value * scale).rounded() / scale)"
        }
    }

    /// Runs all cases, or those whose name contains `filter`, and prints a line for each.
    ///
    /// - Returns: what came of each. A kind without a handler, and a case that compares nothing, are failures.
    /// - Throws: `FormatError` if the manifest cannot be read.
    public func outcomes(filter: String = "", print: (Outcome) -> Void = { Swift.print($0) }) throws -> [Outcome] {
        try Golden.cases(of: family, in: folder).filter { filter.isEmpty || $0.name.contains(filter) }.map { one in
            let outcome = run(one)
            print(outcome)
            return outcome
        }
    }

    /// Runs all cases and prints a line for each and one for all. Whether none failed.
    ///
    /// - Throws: as `outcomes`.
    public func run(filter: String = "") throws -> Bool {
        let outcomes = try outcomes(filter: filter)
        let failures = outcomes.filter { $0.failure != nil }.count
        print("\(family): \(outcomes.count - failures) of \(outcomes.count) cases pass")
        return failures == 0 && !outcomes.isEmpty
    }

    private func run(_ one: GoldenCase) -> Outcome {
        let began = seconds()
        var check = GoldenCheck(rtol: one.rtol, atol: one.atol)
        do {
            guard let handler = handlers[one.kind] else {
                throw ComparisonFailure("no handler knows the kind '\(one.kind)'")
            }
            try handler(one, &check)
            if check.count == 0 { check.fail("nothing was compared") }
        } catch {
            check.fail(Failure(error).message)
        }
        return Outcome(
            name: one.name, kind: one.kind,
            failure: check.failures.isEmpty ? nil : check.failures.joined(separator: "\n     "),
            worst: check.worst, seconds: seconds() - began)
    }

    private func seconds() -> Double {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        return Double(now.tv_sec) + Double(now.tv_nsec) * 1e-9
    }
}

/// Gathers the comparisons of one case.
public struct GoldenCheck: Sendable {
    /// The case's relative tolerance.
    public let rtol: Double
    /// The case's absolute tolerance.
    public let atol: Double
    /// How far off the worst element of all comparisons is, in tolerances.
    public private(set) var worst = 0.0
    /// How many comparisons were made.
    public private(set) var count = 0
    /// What failed, one sentence each.
    public private(set) var failures: [String] = []

    init(rtol: Double, atol: Double) {
        self.rtol = rtol
        self.atol = atol
    }

    /// Compares two tensors; `rtol` and `atol` win over the case's.
    public mutating func close(
        _ name: String, _ got: Tensor, _ expected: Tensor?, rtol: Double? = nil, atol: Double? = nil
    ) throws {
        count += 1
        guard let expected else { return fail("\(name): the case holds no such tensor") }
        let values = (got: try got.array(of: Double.self), expected: try expected.array(of: Double.self))
        guard got.shape == expected.shape else {
            return fail("\(name): got the shape \(got.shape), expected \(expected.shape)")
        }
        note(
            name,
            Deviation(
                got: values.got, expected: values.expected, shape: expected.shape.sizes, rtol: rtol ?? self.rtol,
                atol: atol ?? self.atol))
    }

    /// Compares two numbers; `rtol` and `atol` win over the case's.
    public mutating func close(
        _ name: String, _ got: Double, _ expected: Double, rtol: Double? = nil, atol: Double? = nil
    ) {
        count += 1
        note(
            name,
            Deviation(got: [got], expected: [expected], shape: [], rtol: rtol ?? self.rtol, atol: atol ?? self.atol))
    }

    /// Compares two values that must be the same.
    public mutating func equal<Value: Equatable>(_ name: String, _ got: Value, _ expected: Value) {
        count += 1
        if got != expected { fail("\(name): got \(got), expected \(expected)") }
    }

    /// Notes a failure.
    public mutating func fail(_ text: String) {
        failures.append(text)
        worst = .infinity
    }

    private mutating func note(_ name: String, _ deviation: Deviation) {
        worst = max(worst, deviation.worst)
        if deviation.worst > 1 { failures.append("\(name): \(deviation)") }
    }
}
