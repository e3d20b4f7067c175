import Genera
import Synchronization

/// How well sums of components fit curves (Hamdi et al., 2024, section 3.2): every model on every curve, for each
/// number of components and either kind of weights, from several random beginnings.
public struct FitStudy: Sendable {
    /// The curves.
    public var curves: [FitCurve] = [.square, .triangle, .parabola]
    /// The models.
    public var models: [FitModel] = FitModel.allCases
    /// Numbers of components, each 1...256.
    public var counts = [2, 5, 8, 10, 15, 20, 50, 100]
    /// Whether weights are positive: both kinds unless stated.
    public var signs = [true, false]
    /// Beginnings of each setting.
    public var runs = 20
    /// Steps of Adam of each.
    public var steps = 10_000
    /// How spreads are kept.
    public var mode = FitMode.reference
    /// The learning rate.
    public var learningRate: Float = 0.01
    /// What the beginnings are drawn with: run i of a number of components begins alike for every curve and model.
    public var seed: UInt64 = 0

    /// The study of the paper.
    public init() {}

    /// One row: all runs of a setting.
    public struct Row: Sendable {
        /// The curve.
        public let curve: FitCurve
        /// Components.
        public let count: Int
        /// Whether weights are positive.
        public let isPositive: Bool
        /// The model.
        public let model: FitModel
        /// The sums at the end, run by run, with their losses; NaN for one that broke.
        public let ends: [(sum: FitSum, loss: Float)]

        /// Losses that are finite, from the least.
        public var losses: [Double] { ends.map { Double($0.loss) }.filter(\.isFinite).sorted() }
        /// The median of those; NaN where there is none.
        public var median: Double {
            let losses = losses
            guard !losses.isEmpty else { return .nan }
            return (losses[(losses.count - 1) / 2] + losses[losses.count / 2]) / 2
        }
        /// Their mean; NaN where there is none.
        public var mean: Double { losses.isEmpty ? .nan : losses.reduce(0, +) / Double(losses.count) }
        /// Runs that broke.
        public var broken: Int { ends.count - losses.count }
        /// The sum whose loss is the (lower) median.
        public var typical: FitSum? {
            let sorted = ends.filter { $0.loss.isFinite }.sorted { $0.loss < $1.loss }
            return sorted.isEmpty ? nil : sorted[(sorted.count - 1) / 2].sum
        }
    }

    private struct Setting {
        let curve: FitCurve
        let count: Int
        let isPositive: Bool
        let model: FitModel
    }

    /// The study's rows, by curve, number of components, weights and model.
    ///
    /// - Throws: `GeneraError.interrupted` when `stop` asks to end.
    public func rows(
        workers: Int = 1, stop: StopToken = StopToken(), progress: any ProgressSink = SilentProgress()
    ) throws -> [Row] {
        let settings = curves.flatMap { curve in
            counts.flatMap { count in
                signs.flatMap { sign in
                    models.map { Setting(curve: curve, count: count, isPositive: sign, model: $0) }
                }
            }
        }
        let total = settings.count * runs
        progress.report(.began(total: total, unit: "fits"))
        let clock = ContinuousClock()
        let done = Mutex(0)
        let began = clock.now
        let ends = try Parallel.map(total, workers: workers) { job in
            let end = try fit(settings[job / runs], run: job % runs, stop)
            let count = done.withLock {
                $0 += 1; return $0
            }
            let seconds = Double((clock.now - began) / .seconds(1))
            progress.report(.advanced(done: count, total: total, rate: Double(count) / max(seconds, 1e-9), detail: ""))
            return end
        }
        return settings.enumerated().map { number, one in
            Row(
                curve: one.curve, count: one.count, isPositive: one.isPositive, model: one.model,
                ends: Array(ends[number * runs..<(number + 1) * runs]))
        }
    }

    private func fit(_ setting: Setting, run: Int, _ stop: StopToken) throws -> (sum: FitSum, loss: Float) {
        var sum = beginning(setting, run: run)
        sum.learningRate = learningRate
        let (x, y) = (FitCurve.places, setting.curve.heights)
        while sum.steps < steps {
            guard !stop.isStopped else { throw GeneraError.interrupted("The study was stopped; nothing was written.") }
            let wanted = min(500, steps - sum.steps)
            let losses = sum.fit(x, y, steps: wanted)
            guard let last = losses.last, last.isFinite else { return (sum, .nan) }
        }
        return (sum, sum.evaluate(at: x, against: y).loss)
    }

    /// Means and weights N(0, 1), spreads |1 + N(0, 0.1^2)|, betas uniform in 0.5...1.
    private func beginning(_ setting: Setting, run: Int) -> FitSum {
        let source = PhiloxSource(seed: seed)
        let components = Array(0..<setting.count)
        func normal(_ draw: Int) -> [Float] {
            source.normals(at: .step(run, draw: draw), samples: components).map { Float($0) }
        }
        let betas = source.uniforms(at: .step(run, draw: 3), samples: components).map { Float(0.5 + 0.5 * $0) }
        return FitSum(
            setting.model, means: normal(0), spreads: normal(1).map { abs(0.1 * $0 + 1) }, weights: normal(2),
            betas: betas, isPositive: setting.isPositive, mode: mode)
    }
}
