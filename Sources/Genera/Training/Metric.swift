/// A number that a step of training, or an assessment, comes to, under a name.
public struct Metric: Sendable, Equatable {
    /// What a line of `metrics.jsonl` tells of the steps since the line before.
    public enum Kind: Sendable, Equatable {
        /// Their mean. Losses are of this kind: they are drawn in `loss.png`, and one that is not finite stops the run.
        case mean
        /// The last value.
        case latest
    }

    /// The name, a key of the line: `loss`, `x.lr`.
    public let name: String
    /// The number.
    public let value: Double
    /// How several steps become one line.
    public let kind: Kind

    /// A loss: lines tell its mean over the steps since the line before.
    public static func mean(_ name: String, _ value: Double) -> Metric { Metric(name: name, value: value, kind: .mean) }

    /// Anything else, such as a learning rate or a count: lines tell the last one.
    public static func latest(_ name: String, _ value: Double) -> Metric {
        Metric(name: name, value: value, kind: .latest)
    }

    private init(name: String, value: Double, kind: Kind) { (self.name, self.value, self.kind) = (name, value, kind) }
}

/// Metrics of several steps, gathered into one line.
struct MetricWindow {
    private var names: [String] = []
    private var sums: [String: (sum: Double, steps: Int, last: Double, kind: Metric.Kind)] = [:]
    /// Steps gathered.
    private(set) var steps = 0
    /// Samples of these steps.
    private(set) var samples = 0

    /// Adds what a step of so many samples came to.
    mutating func add(_ metrics: [Metric], samples: Int) {
        steps += 1
        self.samples += samples
        for metric in metrics {
            if sums[metric.name] == nil { names.append(metric.name) }
            let before = sums[metric.name] ?? (0, 0, 0, metric.kind)
            sums[metric.name] = (before.sum + metric.value, before.steps + 1, metric.value, metric.kind)
        }
    }

    /// One number a name, in the order in which they first came.
    var metrics: [Metric] {
        names.compactMap { name in
            sums[name].map { $0.kind == .mean ? .mean(name, $0.sum / Double($0.steps)) : .latest(name, $0.last) }
        }
    }
}
