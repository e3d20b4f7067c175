import Imaging
import Platform
import Tensors

/// The pictures of a training run.
enum TrainingPictures {
    /// The loss over the steps, with its running mean.
    static func lossPlot(_ curve: [(step: Int, loss: Double)], to path: String) throws {
        guard curve.count > 1 else { return }
        let losses = curve.map(\.loss)
        let positive = losses.allSatisfy { $0 > 0 }
        let series = LinePlot.Series("loss", x: curve.map { Double($0.step) }, y: losses, smoothing: 0.9)
        let plot = LinePlot(
            [series], title: "Training", x: Axis("step"), y: Axis("loss", scale: positive ? .logarithmic : .linear))
        try PNG.write(plot.render(), to: path, text: [PNG.Text("Software", Version.software)])
    }

    /// Samples of the averaged weights.
    static func preview<S: Sampler>(
        _ sampler: S, count: Int, seed: UInt64, workers: Int, stop: StopToken, to path: String
    ) throws {
        let request = SamplingRequest(indices: Array(0..<count), seed: seed, workers: workers)
        let result = try SamplingDriver(stop: stop).run(sampler, request)
        guard !result.report.wasStopped else { return }
        try PNG.write(S.Sample.picture(of: result.samples), to: path, text: [PNG.Text("Software", Version.software)])
    }
}
