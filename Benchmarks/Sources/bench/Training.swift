import Foundation
import Genera
import PFGMPP
import Synchronization

/// A step of training the digits model that ships with Genera: both sides in the same precision, 32 images a step, dropout, Adam and
/// moving average included.
func training() throws {
    let threads = 2
    var c = NetworkConfiguration()
    (c.imgResolution, c.imgChannels, c.labelDim, c.dropout) = (28, 1, 10, 0.05)
    (c.modelChannels, c.channelMult, c.numBlocks, c.attnResolutions) = (32, [1, 1, 2], 1, [])
    try Workload.withCheckpoint(c) { path in
        for precision in ["exact", "bf16"] {
            let ours = try Contender(
                "Genera, \(threads) workers", CommandLine.arguments[0], ["trainer", path, "\(threads)", precision])
            let theirs = try Python.contender([path, "\(threads)", "32", precision])
            let contenders = [theirs, ours].compactMap { $0 }
            defer { contenders.forEach { $0.end() } }
            let times = try turns(contenders, "train 8", count: 3)
            let rows = try contenders.indices.map { i in
                (contenders[i].name, times[i], [String(format: "%.0f", try contenders[i]("memory"))])
            }
            printComparison(
                "One step of training digits28, \(precision), 32 images, \(threads) threads", "ms", rows,
                ["peak memory, MiB"], milliseconds)
        }
    }
}

/// Our side of it: the product's own driver. Answers `train N` and `memory`.
struct Trainer {
    private let threads: Int
    private let precision: String
    private let folder: URL

    /// - Parameter arguments: a checkpoint, beside which data and runs are written; threads; precision.
    init(_ arguments: [String]) throws {
        folder = URL(fileURLWithPath: arguments[0]).deletingLastPathComponent()
        (threads, precision) = (Int(arguments[1])!, arguments[2])
        let pixels = (0..<512 * 28 * 28).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 13) }
        try write("train-images-idx3-ubyte", [8, 3], [512, 28, 28], pixels)
        try write("train-labels-idx1-ubyte", [8, 1], [512], (0..<512).map { UInt8($0 % 10) })
    }

    private func write(_ name: String, _ kind: [UInt8], _ sizes: [UInt32], _ bytes: [UInt8]) throws {
        let header = [0, 0] + kind + sizes.flatMap { size in (0..<4).reversed().map { UInt8(size >> (8 * $0) & 255) } }
        try Data(header + bytes).write(to: folder.appending(path: name))
    }

    func serve() throws {
        Worker.answer("ready")
        while let line = readLine() {
            let words = line.split(separator: " ").map(String.init)
            Worker.answer("\(words[0] == "train" ? try secondsOfStep(count: Int(words[1])!) : Worker.peakMemory())")
        }
    }

    private func secondsOfStep(count: Int) throws -> Double {
        let options = try PFGMPPTrainingOptions.parse([
            "--data", folder.appending(path: "train-images-idx3-ubyte").path, "--D", "2048", "--cond", "--cbase", "32",
            "--cres", "1,1,2", "--nblock", "1", "--attn-resolutions", "none", "--dropout", "0.05", "--no-xflip",
            "--batch-size", "32", "--micro-batch", "\(32 / threads)", "--lr", "0.001",
        ])
        // The first half warms up; the rate is that of the second.
        let settings = try TrainingSettings.parse([
            "--steps", "\(count * 2)", "--workers", "\(threads)", "--precision", precision, "--log-every", "\(count)",
            "--preview-every", "0",
        ])
        let run = folder.appending(path: "run-\(getpid())").path
        defer { try? FileManager.default.removeItem(atPath: run) }
        let trainer = try PFGMPP.trainer(options, RunContext(precision: settings.precision, seed: 1))
        let rate = LastRate()
        _ = try TrainingDriver(trainer, settings: settings, family: PFGMPP.name, directory: run, progress: rate)
            .start()
        return 1 / rate.value
    }
}

private final class LastRate: ProgressSink {
    private let rate = Mutex(0.0)
    var value: Double { rate.withLock { $0 } }

    func report(_ event: ProgressEvent) {
        if case let .advanced(_, _, now, _) = event { rate.withLock { $0 = now } }
    }
}
