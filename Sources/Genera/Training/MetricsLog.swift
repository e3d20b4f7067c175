import Formats
import Platform

/// The numbers of a few training steps: one line of `metrics.jsonl`.
///
///     {"step": 20, "samples": 640, "loss": 0.12, "lr": 0.001, "seconds": 3.2, "samples_per_second": 210}
///
/// What an assessment comes to has lines of its own, with the numbers under `assessment`.
public struct TrainingMetrics: Sendable, Equatable {
    /// Steps done.
    public var step: Int
    /// Training samples seen.
    public var samples: Int
    /// What the trainer says: of losses the mean since the line before, of others the last.
    public var metrics: [Metric]
    /// Seconds of work so far, in all sittings.
    public var seconds: Double
    /// Training samples a second since the line before.
    public var samplesPerSecond: Double

    /// Keys that a trainer's metrics cannot have.
    static let reserved: Set<String> = ["step", "samples", "seconds", "samples_per_second", "assessment"]

    var json: String {
        JSONLine(step: step, samples: samples).line(
            metrics.map { (JSONText.quote($0.name), JSONLine.number($0.value)) } + [
                ("\"seconds\"", Text.fixed(seconds, 3)), ("\"samples_per_second\"", Text.fixed(samplesPerSecond, 2)),
            ])
    }
}

/// A line of JSON that begins with step and samples.
private struct JSONLine {
    let step: Int
    let samples: Int

    static func number(_ value: Double) -> String { value.isFinite ? "\(value)" : "null" }

    /// The line; names are quoted, values JSON.
    func line(_ members: [(name: String, value: String)]) -> String {
        Self.object([("\"step\"", "\(step)"), ("\"samples\"", "\(samples)")] + members)
    }

    static func object(_ members: [(name: String, value: String)]) -> String {
        "{" + members.map { "\($0.name): \($0.value)" }.joined(separator: ", ") + "}"
    }
}

/// `metrics.jsonl`, to which lines are added.
struct MetricsLog {
    let path: String
    /// Step and numbers of every line.
    private(set) var lines: [(step: Int, numbers: [String: Double])] = []
    /// What the last line that was there at the start told. The kinds are guessed from the names.
    private(set) var last: [Metric] = []
    /// Steps after which an assessment was written down.
    private(set) var assessed: Set<Int> = []

    /// Opens the log of a run that goes on after `step`: later lines, and one cut short, are removed.
    init(path: String, continuingAfter step: Int) throws {
        self.path = path
        guard FileSystem.exists(path), let view = try? MappedFile(path: path).view else { return }
        var kept = ""
        for line in String(decoding: view.array(), as: UTF8.self).split(separator: "\n") {
            let value = try? JSONText.parse(ByteView(line.utf8), file: path)
            guard case let .object(members)? = value, case let .integer(done)? = value?["step"], done <= step else {
                break
            }
            kept += line + "\n"
            guard value?["assessment"] == nil else {
                assessed.insert(done)
                continue
            }
            let numbers = members.compactMap { member in member.value.number.map { (member.key, $0) } }
            lines.append((done, Dictionary(numbers) { $1 }))
            last = numbers.filter { !TrainingMetrics.reserved.contains($0.0) }.map { name, value in
                name.contains("loss") ? .mean(name, value) : .latest(name, value)
            }
        }
        try AtomicFile.write(kept, to: path)
    }

    /// Adds a line of numbers.
    ///
    /// - Throws: `FileError` with the system's reason; `GeneraError.software` for names that lines have themselves.
    mutating func append(_ line: TrainingMetrics) throws {
        let names = line.metrics.map(\.name)
        if let taken = names.first(where: TrainingMetrics.reserved.contains) {
            throw GeneraError.software(
                "A trainer's metric cannot be called '\(taken)': lines of metrics have that themselves.")
        }
        guard Set(names).count == names.count else {
            throw GeneraError.software("A trainer's metrics must differ in name, got \(names.joined(separator: ", ")).")
        }
        lines.append((line.step, Dictionary(line.metrics.map { ($0.name, $0.value) }) { $1 }))
        try FileSystem.append(line: line.json, to: path)
    }

    /// Adds a line of what an assessment came to.
    ///
    /// - Throws: `FileError` with the system's reason.
    mutating func append(assessment: [Metric], step: Int, samples: Int, seconds: Double) throws {
        guard assessed.insert(step).inserted else { return }
        let numbers = assessment.map { (JSONText.quote($0.name), JSONLine.number($0.value)) }
        let line = JSONLine(step: step, samples: samples).line([
            ("\"assessment\"", JSONLine.object(numbers)), ("\"seconds\"", Text.fixed(seconds, 3)),
        ])
        try FileSystem.append(line: line, to: path)
    }

    /// A metric over the steps; nothing where no line has it.
    func curve(_ name: String) -> [(step: Int, value: Double)] {
        lines.compactMap { line in line.numbers[name].map { (line.step, $0) } }
    }
}
