import Formats
import Platform

/// The numbers of a few training steps: one line of `metrics.jsonl`.
public struct TrainingMetrics: Sendable, Equatable {
    /// Steps done.
    public var step: Int
    /// Training samples seen.
    public var images: Int
    /// Mean loss since the line before.
    public var loss: Double
    /// The learning rate of the last step.
    public var lr: Double
    /// The norm of the last step's gradient, after cleaning and before clipping.
    public var gradientNorm: Double
    /// The decay of the average of weights in the last step.
    public var emaBeta: Double
    /// Seconds of work so far, in all sittings.
    public var seconds: Double
    /// Training samples a second since the line before.
    public var imagesPerSecond: Double

    var json: String {
        func number(_ value: Double) -> String { value.isFinite ? "\(value)" : "null" }
        return "{\"step\": \(step), \"images\": \(images), \"loss\": \(number(loss)), \"lr\": \(number(lr)), "
            + "\"grad_norm\": \(number(gradientNorm)), \"ema_beta\": \(number(emaBeta)), "
            + "\"seconds\": \(Text.fixed(seconds, 3)), \"images_per_second\": \(Text.fixed(imagesPerSecond, 2))}"
    }
}

/// `metrics.jsonl`, to which lines are added.
struct MetricsLog {
    let path: String
    /// Step and loss of every line.
    private(set) var curve: [(step: Int, loss: Double)] = []

    /// Opens the log of a run that goes on after `step`: later lines, and one cut short, are removed.
    init(path: String, continuingAfter step: Int) throws {
        self.path = path
        guard FileSystem.exists(path), let view = try? MappedFile(path: path).view else { return }
        var kept = ""
        for line in String(decoding: view.array(), as: UTF8.self).split(separator: "\n") {
            let value = try? JSONText.parse(ByteView(line.utf8), file: path)
            guard case let .integer(done)? = value?["step"], done <= step else { break }
            kept += line + "\n"
            curve.append((done, value?["loss"]?.double ?? .nan))
        }
        try AtomicFile.write(kept, to: path)
    }

    /// Adds a line.
    ///
    /// - Throws: `FileError` with the system's reason.
    mutating func append(_ metrics: TrainingMetrics) throws {
        curve.append((metrics.step, metrics.loss))
        try FileSystem.append(line: metrics.json, to: path)
    }
}

extension JSONValue {
    /// The number, if this is one.
    var double: Double? {
        switch self {
        case let .integer(value): Double(value)
        case let .number(value): value
        default: nil
        }
    }
}
