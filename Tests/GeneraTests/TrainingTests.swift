import Foundation
import Genera
import GeneraTesting
import Synchronization
import Testing

@Suite("Training driver")
struct TrainingTests {
    let folder = TemporaryFolder()

    private func settings(_ change: (inout TrainingSettings) -> Void = { _ in }) throws -> TrainingSettings {
        try TrainingSettings.with {
            $0.checkpointEvery = 10
            $0.keep = 2
            $0.previewEvery = 0
            $0.previewCount = 4
            $0.logEvery = 2
            change(&$0)
        }
    }

    private func driver(
        _ objective: any Objective, _ settings: TrainingSettings, _ name: String = "run",
        plan: OptimiserPlan = ToyObjective.plan, progress: any ProgressSink = SilentProgress(),
        stop: StopToken = StopToken()
    ) throws -> TrainingDriver {
        TrainingDriver(
            try ObjectiveTrainer(objective, plan), settings: settings, family: "toy", directory: folder.file(name),
            options: [("steps", .scalar("30"))], progress: progress, stop: stop)
    }

    @Test("The loss falls, and every file of the run is there")
    func wholeRun() throws {
        let objective = try ToyObjective()
        let report = try driver(
            objective,
            settings {
                $0.steps = 300; $0.checkpointEvery = 100; $0.previewEvery = 100
            }
        ).start()
        #expect(report.step == 300 && report.samples == 3600 && !report.wasStopped)
        let run = RunDirectory(folder.file("run"))
        let lines = try lines(of: run.metricsFile)
        #expect(lines.count == 150)
        let losses = try lines.map { try #require(number($0, "loss")) }
        let (first, last) = (losses.prefix(10).reduce(0, +), losses.suffix(10).reduce(0, +))
        #expect(last < 0.5 * first)
        #expect(run.checkpointSteps == [300, 200])
        #expect(try PNG.read(run.lossFile).width > 100)
        #expect(try PNG.read(run.previewFile(step: 100)).width > 100)
        let model = try ModelCheckpoint.load(run.modelFile, family: "toy")
        #expect(model.weights.map(\.name).sorted() == ["bias", "running", "weight"])
        #expect(model.configuration == "{\"width\": 2}")
        #expect(model.metadata["genera.training"]?.contains("family: toy") == true)
        #expect(try run.configuration()["family"] == .scalar("toy"))
    }

    @Test("One or several workers give the same bits", arguments: [2, 3])
    func workers(count: Int) throws {
        let (one, many) = (try ToyObjective(), try ToyObjective())
        _ = try driver(one, settings(), "one").start()
        _ = try driver(many, settings { $0.workers = count }, "many").start()
        #expect(try one.bits() == many.bits())
        #expect(try model("one") == model("many"))
    }

    @Test("A run that is stopped and resumed ends with the same bits", arguments: [3, 10, 17])
    func resume(step: Int) throws {
        let whole = try ToyObjective()
        _ = try driver(whole, settings(), "whole").start()
        let stop = StopToken()
        let stopped = try MeddlingObjective(at: step) { stop.stop() }
        let report = try driver(stopped, settings(), "parts", stop: stop).start()
        #expect(report.wasStopped && report.step == step)
        let resumed = try ToyObjective()
        let end = try driver(resumed, settings(), "parts").resume()
        #expect(end.step == 30 && !end.wasStopped)
        #expect(try resumed.bits() == whole.bits())
        #expect(try model("parts") == model("whole"))
        let steps = try lines(of: folder.file("parts/metrics.jsonl")).compactMap { number($0, "step") }
        #expect(steps == (1...15).map { Double(2 * $0) })
    }

    @Test("Resuming removes metrics that are newer than the checkpoint")
    func truncation() throws {
        _ = try driver(ToyObjective(), settings { $0.steps = 20 }).start()
        let file = folder.file("run/metrics.jsonl")
        let before = try lines(of: file)
        try AtomicFile.write(
            (before + ["{\"step\": 22, \"loss\": 1}", "{\"step\": 2"]).joined(separator: "\n"), to: file)
        _ = try driver(ToyObjective(), settings { $0.steps = 20 }).resume()
        #expect(try lines(of: file) == before)
    }

    @Test("A damaged newest checkpoint is passed over")
    func damagedCheckpoint() throws {
        let whole = try ToyObjective()
        _ = try driver(whole, settings()).start()
        try AtomicFile.write("not a checkpoint", to: folder.file("run/checkpoints/step-00000030.safetensors"))
        let resumed = try ToyObjective()
        #expect(try driver(resumed, settings()).resume().step == 30)
        #expect(try resumed.bits() == whole.bits())
    }

    @Test(
        "A run that was killed before its first checkpoint begins anew; one whose checkpoints are all damaged does not")
    func withoutCheckpoint() throws {
        let whole = try ToyObjective()
        _ = try driver(whole, settings()).start()
        for step in [20, 30] {
            try FileManager.default.removeItem(atPath: folder.file("run/checkpoints/step-000000\(step).safetensors"))
        }
        let again = try ToyObjective()
        #expect(try driver(again, settings()).resume().step == 30)
        #expect(try again.bits() == whole.bits())
        for step in [20, 30] {
            try AtomicFile.write("?", to: folder.file("run/checkpoints/step-000000\(step).safetensors"))
        }
        let error = #expect(throws: GeneraError.self) { try driver(ToyObjective(), settings()).resume() }
        #expect(error?.exitCode == 66)
    }

    @Test("Settings and plans changed to nonsense in code are refused at the start")
    func nonsenseInCode() throws {
        var (settings, plan) = (try settings(), ToyObjective.plan)
        settings.keep = 0
        #expect(throws: GeneraError.usage("--keep must be at least 1, got 0.")) {
            try driver(ToyObjective(), settings).start()
        }
        plan.batch = 0
        #expect(throws: GeneraError.usage("A batch has from 1 to 1000000 samples, got 0.")) {
            try driver(ToyObjective(), self.settings(), plan: plan).start()
        }
        #expect(throws: GeneraError.usage("The data set is empty.")) {
            try driver(ToyObjective(datasetSize: 0), self.settings()).start()
        }
    }

    @Test("A loss that is not finite stops the run and keeps the last checkpoint")
    func notFinite() throws {
        let objective = try ToyObjective(nanAt: 3 * 12)
        let error = #expect(throws: GeneraError.self) { try driver(objective, settings()).start() }
        guard case let .lossNotFinite(step, loss, checkpoint)? = error else {
            Issue.record("\(error as Any)")
            return
        }
        #expect(step == 13 && loss.isNaN)
        #expect(checkpoint == folder.file("run/checkpoints/step-00000010.safetensors"))
        #expect(try driver(ToyObjective(), settings()).resume().step == 30)
    }

    @Test("A folder that cannot be written, or holds a run, is refused in one sentence")
    func badFolders() throws {
        let file = folder.file("file")
        try AtomicFile.write("", to: file)
        let error = #expect(throws: FileError.self) {
            try driver(ToyObjective(), settings(), "file/run").start()
        }
        #expect(error?.exitCode == 73)
        _ = try driver(ToyObjective(), settings()).start()
        let again = #expect(throws: GeneraError.self) { try driver(ToyObjective(), settings()).start() }
        #expect(again?.description.contains("already holds a run") == true)
        let nothing = #expect(throws: GeneraError.self) { try driver(ToyObjective(), settings(), "none").resume() }
        #expect(nothing?.exitCode == 66)
    }

    @Test("A checkpoint that cannot be written stops the run; the model written before stays")
    func unwritable() throws {
        let checkpoints = folder.file("run/checkpoints")
        let objective = try MeddlingObjective(at: 15) {
            try? FileManager.default.removeItem(atPath: checkpoints)
            try? AtomicFile.write("", to: checkpoints)
        }
        let error = #expect(throws: FileError.self) { try driver(objective, settings()).start() }
        #expect(error?.file == folder.file("run/checkpoints/step-00000020.safetensors"))
        #expect(try ModelCheckpoint.load(folder.file("run/model.safetensors")).metadata["genera.step"] == "10")
    }

    @Test("A failing preview is told, and training goes on")
    func failingPreview() throws {
        let heard = HeardProgress()
        let previews = folder.file("run/previews")
        let objective = try MeddlingObjective(at: 2) {
            try? FileManager.default.removeItem(atPath: previews)
            try? AtomicFile.write("", to: previews)
        }
        let report = try driver(objective, settings { $0.previewEvery = 15 }, progress: heard).start()
        #expect(report.step == 30)
        #expect(heard.warnings.count == 2 && heard.warnings[0].hasPrefix("the preview of step 15 failed: "))
    }

    @Test("A run stops with a checkpoint when its minutes are over")
    func clock() throws {
        let report = try driver(ToyObjective(), settings { $0.maxMinutes = 1e-9 }).start()
        #expect(report.wasStopped && report.step == 0)
        let resumed = try ToyObjective()
        _ = try driver(resumed, settings()).resume()
        let whole = try ToyObjective()
        _ = try driver(whole, settings(), "whole").start()
        #expect(try resumed.bits() == whole.bits())
    }

    @Test("A resumed run must have the same data")
    func otherData() throws {
        _ = try driver(ToyObjective(), settings { $0.steps = 10 }).start()
        let error = #expect(throws: GeneraError.self) {
            try driver(ToyObjective(datasetSize: 51), settings()).resume()
        }
        #expect(error?.description.contains("trained on 50 samples, the data set now has 51") == true)
    }

    @Test("Settings that make no sense are refused by the option's name")
    func badSettings() {
        for words in [
            ["--keep", "0"], ["--steps", "0"], ["--steps", "9223372036854775807"], ["--precision", "best"],
            ["--preview-count", "100000000"], ["--workers", "0"], ["--assess-every", "-1"],
        ] {
            let error = #expect(throws: (any Error).self) { try TrainingSettings.parse(words) }
            #expect(error.map { TrainingSettings.message(for: $0).contains(words[0]) } == true)
        }
    }

    private func lines(of file: String) throws -> [String] {
        String(decoding: try MappedFile(path: file).view.array(), as: UTF8.self).split(separator: "\n").map(String.init)
    }

    private func number(_ line: String, _ key: String) -> Double? {
        (try? JSONText.parse(ByteView(line.utf8), file: "line"))?[key]?.number
    }

    private func model(_ name: String) throws -> [[UInt32]] {
        let model = try ModelCheckpoint.load(folder.file("\(name)/model.safetensors"))
        return try model.tensors().map { try $0.tensor.array(of: Float.self).map(\.bitPattern) }
    }
}

/// The toy, with something that happens during a step.
private final class MeddlingObjective: Objective {
    let toy: ToyObjective
    let calls = Counter()
    let last: Int
    let meddle: @Sendable () -> Void

    init(at step: Int, _ meddle: @escaping @Sendable () -> Void) throws {
        toy = try ToyObjective()
        last = step * 3
        self.meddle = meddle
    }

    var parameters: [(name: String, tensor: Tensor)] { toy.parameters }
    var buffers: [(name: String, tensor: Tensor)] { toy.buffers }
    var configuration: String { toy.configuration }
    var datasetSize: Int { toy.datasetSize }

    func loss(of batch: Batch) throws -> Tensor {
        if calls.next() == last { meddle() }
        return try toy.loss(of: batch)
    }

    func previewSampler(weights: [(name: String, tensor: Tensor)]) throws -> (any Sampler)? {
        try toy.previewSampler(weights: weights)
    }
}

private final class HeardProgress: ProgressSink {
    private let heard = Mutex([String]())
    var warnings: [String] { heard.withLock { $0 } }

    func report(_ event: ProgressEvent) {
        if case let .warning(text) = event { heard.withLock { $0.append(text) } }
    }
}
