import Imaging
import Platform
import Tensors

/// The pictures of a training run.
enum TrainingPictures {
    /// Losses over the steps, each with its running mean.
    static func lossPlot(_ curves: [(name: String, points: [(step: Int, value: Double)])], to path: String) throws {
        let curves = curves.filter { $0.points.count > 1 }
        guard !curves.isEmpty else { return }
        let series = curves.map { name, points in
            LinePlot.Series(
                name, x: points.map { Double($0.step) }, y: points.map(\.value), smoothing: smoothing(of: points.count))
        }
        let positive = curves.allSatisfy { $0.points.allSatisfy { $0.value > 0 } }
        let plot = LinePlot(
            series, title: "Training", x: Axis("step"), y: Axis("loss", scale: positive ? .logarithmic : .linear))
        try PNG.write(plot.render(), to: path, text: [PNG.Text("Software", Version.software)])
    }

    /// What a running mean keeps of itself from point to point. It looks back at a tenth of the curve, ten points at most: over a
    /// short curve it would show little but the first loss.
    static func smoothing(of count: Int) -> Double { max(0, min(0.9, 1 - 10 / Double(max(count, 1)))) }

    /// Samples of the model.
    static func preview<S: Sampler>(
        _ sampler: S, count: Int, seed: UInt64, workers: Int, stop: StopToken, to path: String
    ) throws {
        let count = min(count, sampler.sampleCount ?? count)
        let request = SamplingRequest(indices: Array(0..<count), seed: seed, workers: workers)
        let result = try SamplingDriver(stop: stop).run(sampler, request)
        guard !result.report.wasStopped else { return }
        try PNG.write(S.Sample.picture(of: result.samples), to: path, text: [PNG.Text("Software", Version.software)])
    }
}
