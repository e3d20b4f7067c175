import Foundation
import Genera
import GeneraTesting
import Synchronization
import Testing

/// What kills, full disks and damaged files leave behind, and what a run that goes on makes of it.
@Suite("Runs that were broken off")
struct TrainingFaultTests {
    let folder = TemporaryFolder()
    var run: RunDirectory { RunDirectory(folder.file("run")) }

    private func driver(
        _ change: (inout TrainingSettings) -> Void = { _ in }, plan: OptimiserPlan = ToyObjective.plan,
        _ name: String = "run", progress: any ProgressSink = SilentProgress()
    ) throws -> TrainingDriver {
        let settings = try TrainingSettings.with {
            ($0.checkpointEvery, $0.keep, $0.previewEvery, $0.previewCount, $0.logEvery) = (10, 2, 10, 4, 5)
            change(&$0)
        }
        return TrainingDriver(
            try ObjectiveTrainer(ToyObjective(), plan), settings: settings, family: "toy", directory: folder.file(name),
            progress: progress)
    }

    private func bits(_ file: String) throws -> [String: [UInt8]] {
        Dictionary(uniqueKeysWithValues: try Safetensors(path: file).tensors.map { ($0.name, $0.tensor.bytes.array()) })
    }

    @Test("A model that is older than the checkpoint, or gone, is written anew", arguments: [true, false])
    func staleModel(isThere: Bool) throws {
        _ = try driver { $0.steps = 20 }.start()
        let old = try Data(contentsOf: URL(filePath: run.modelFile))
        _ = try driver().resume()
        let new = try bits(run.modelFile)
        #expect(try ModelCheckpoint.load(run.modelFile).metadata["genera.step"] == "30")
        try isThere
            ? old.write(to: URL(filePath: run.modelFile)) : FileManager.default.removeItem(atPath: run.modelFile)
        let report = try driver().resume()
        #expect(report.step == 30 && report.metrics.first?.name == "loss")
        #expect(try bits(run.modelFile) == new)
    }

    @Test("Checkpoints too many, a preview that was due, and files half written are seen to when a run goes on")
    func leftovers() throws {
        _ = try driver { $0.keep = 3 }.start()
        #expect(run.checkpointSteps == [30, 20, 10])
        let preview = try Data(contentsOf: URL(filePath: run.previewFile(step: 30)))
        try FileManager.default.removeItem(atPath: run.previewFile(step: 30))
        let halves = [
            "checkpoints/.step-00000040.safetensors.abc.tmp", ".model.safetensors.1x.tmp",
            "previews/.step-000040.png.q.tmp",
        ]
        for name in halves + [".mine.tmp"] { try AtomicFile.write("half", to: "\(run.path)/\(name)") }
        _ = try driver().resume()
        #expect(run.checkpointSteps == [30, 20])
        #expect(try Data(contentsOf: URL(filePath: run.previewFile(step: 30))) == preview)
        let names = try #require(FileManager.default.enumerator(atPath: run.path)?.allObjects as? [String])
        #expect(names.filter { $0.hasSuffix(".tmp") } == [".mine.tmp"])
    }

    @Test("A bit that flipped in a checkpoint is found, and the checkpoint before it taken", arguments: [0.3, 0.9])
    func flippedBit(place: Double) throws {
        let whole = try driver({ _ in }, "whole").start()
        _ = try driver { $0.steps = 20 }.start()
        let file = run.checkpointFile(step: 20)
        var bytes = try [UInt8](Data(contentsOf: URL(filePath: file)))
        let header = Int(bytes[0]) + Int(bytes[1]) << 8
        bytes[8 + header + Int(place * Double(bytes.count - 8 - header))] ^= 4
        try Data(bytes).write(to: URL(filePath: file))
        let heard = HeardWords()
        _ = try driver(progress: heard).resume()
        let warning = try #require(heard.warnings.first)
        #expect(warning.contains("step-00000020.safetensors: '") && warning.contains("its checksum is another"))
        #expect(try bits(run.modelFile) == bits(whole.modelFile))
    }

    @Test("Metadata that changed is found too")
    func changedMetadata() throws {
        _ = try driver { $0.steps = 20 }.start()
        let file = run.checkpointFile(step: 20)
        var bytes = try [UInt8](Data(contentsOf: URL(filePath: file)))
        let old = Array("\"genera.step\":\"20\"".utf8)
        let place = try #require(bytes.indices.first { bytes[$0...].starts(with: old) })
        bytes.replaceSubrange(place..<place + old.count, with: Array("\"genera.step\":\"30\"".utf8))
        try Data(bytes).write(to: URL(filePath: file))
        let heard = HeardWords()
        _ = try driver(progress: heard).resume()
        #expect(heard.warnings.first?.contains("metadata: it is not what was written") == true)
        #expect(try ModelCheckpoint.load(run.modelFile).metadata["genera.step"] == "30")
    }

    @Test("A run does not go on with other data of the same size")
    func otherData() throws {
        let plan = ToyObjective.plan
        func driver(_ digest: String?) throws -> TrainingDriver {
            let settings = try TrainingSettings.with { ($0.steps, $0.previewEvery) = (digest == "a" ? 10 : 20, 0) }
            return TrainingDriver(
                try ObjectiveTrainer(ToyObjective(digest: digest), plan), settings: settings, family: "toy",
                directory: folder.file("run"))
        }
        _ = try driver("a").start()
        let error = #expect(throws: GeneraError.self) { try driver("b").resume() }
        #expect(error?.description.contains("was trained on other data than the data set holds now (a, now b)") == true)
        #expect(error?.description.contains("step-00000010.safetensors") == true)
        // One who cannot tell is believed.
        #expect(try driver(nil).resume().step == 20)
    }

    @Test("A run that another process trains is left alone, and the process is named")
    func locked() throws {
        let heard = Ready()
        let objective = try WaitingObjective(heard)
        let waiting = TrainingDriver(
            try ObjectiveTrainer(objective, ToyObjective.plan),
            settings: try TrainingSettings.with { ($0.previewEvery, $0.steps) = (0, 2) }, family: "toy",
            directory: run.path)
        let thread = Thread {
            _ = try? waiting.start(); heard.ended.signal()
        }
        thread.start()
        heard.began.wait()
        for attempt in [try driver().start, try driver().resume] {
            let error = #expect(throws: GeneraError.self) { try attempt() }
            #expect(error?.exitCode == 69 && error?.description.contains("is being trained by this process") == true)
        }
        heard.mayGoOn.signal()
        heard.ended.wait()
        #expect(try driver().resume().step == 30)
    }

    @Test(
        "Numbers in a checkpoint's metadata that make no sense are told, and the checkpoint before it is taken",
        arguments: [
            ("genera.step", "1e30"), ("genera.step", "nan"), ("genera.step", "-5"), ("genera.seconds", "inf"),
            ("genera.adam-step", "nan"),
        ])
    func senselessNumbers(key: String, value: String) throws {
        _ = try driver().start()
        let whole = try bits(run.modelFile)
        try rewrite(run.checkpointFile(step: 30)) { $1[key] = value }
        _ = try driver().resume()
        #expect(try bits(run.modelFile) == whole)
        for step in run.checkpointSteps { try rewrite(run.checkpointFile(step: step)) { $1[key] = value } }
        let error = #expect(throws: GeneraError.self) { try driver().resume() }
        #expect(error?.exitCode == 66)
    }

    @Test("A state of version 0.2 is gone on from")
    func oldState() throws {
        _ = try driver().start()
        let whole = try bits(run.modelFile)
        _ = try driver({ $0.steps = 20 }, "old").start()
        let old = RunDirectory(folder.file("old"))
        try rewrite(old.checkpointFile(step: 20)) { tensors, metadata in
            tensors = tensors.compactMap { name, tensor in
                if name == "steps" { return nil }
                let isAdams = name.hasPrefix("mean.") || name.hasPrefix("square.")
                return (isAdams ? "adam.\(name)" : name, tensor)
            }
            metadata["genera.adam-step"] = "20"
        }
        _ = try driver({ _ in }, "old").resume()
        #expect(try bits(old.modelFile) == whole)
    }

    @Test("A checkpoint of another family, or of another network, is refused in a sentence")
    func other() throws {
        _ = try driver().start()
        let file = run.checkpointFile(step: 30)
        try rewrite(file) { $1["genera.family"] = "moons" }
        #expect(
            throws: GeneraError.otherFamily(file: file, found: "moons", wanted: "toy")
        ) { try driver().resume() }
        try rewrite(file) { tensors, metadata in
            metadata["genera.family"] = "toy"
            tensors = tensors.map {
                $0.name == "weight.bias" ? ($0.name, RawTensor([1, 2, 3] as [Float], shape: [3])) : $0
            }
        }
        let error = #expect(throws: GeneraError.self) { try driver().resume() }
        #expect(error?.description.contains("'weight.bias' is float32 [3], float32 [2] is needed") == true)
    }

    @Test("A gradient that is not finite stops the run with the parameter and the step")
    func notFiniteGradient() throws {
        let objective = try SteepObjective()
        let error = #expect(throws: GeneraError.self) {
            try TrainingDriver(
                ObjectiveTrainer(objective, ToyObjective.plan), settings: TrainingSettings.with { $0.previewEvery = 0 },
                family: "toy", directory: run.path
            ).start()
        }
        #expect(
            error?.description.hasPrefix("The gradient of 'root' became NaN or infinite at step 1. No checkpoint")
                == true)
        var plan = ToyObjective.plan
        plan.cleaning = 1e5
        let report = try TrainingDriver(
            ObjectiveTrainer(SteepObjective(), plan), settings: TrainingSettings.with { $0.previewEvery = 0 },
            family: "toy", directory: folder.file("cleaned")
        ).start()
        #expect(report.step == 30)
    }

    @Test("Assessments are made every so many steps and at the end, and not twice for a step")
    func assessments() throws {
        let settings = try TrainingSettings.with {
            ($0.assessEvery, $0.previewEvery, $0.checkpointEvery, $0.logEvery) = (10, 0, 10, 100)
        }
        func driver(steps: Int) throws -> TrainingDriver {
            var settings = settings
            settings.steps = steps
            return TrainingDriver(
                try ObjectiveTrainer(AssessedObjective(), ToyObjective.plan), settings: settings, family: "toy",
                directory: run.path)
        }
        let report = try driver(steps: 25).start()
        #expect(report.assessment.map(\.name) == ["sum of weights"])
        #expect(try driver(steps: 25).resume().assessment == report.assessment)
        let text = try String(contentsOfFile: run.metricsFile, encoding: .utf8).split(separator: "\n")
        #expect(text.filter { $0.contains("\"assessment\": {\"sum of weights\": ") }.count == 3)
        #expect(text.count == 4 && text[0].hasPrefix("{\"step\": 10, \"samples\": 120, \"assessment\""))
    }

    @Test("Metrics that take a name of the lines' own are refused")
    func metricNames() throws {
        let error = #expect(throws: GeneraError.self) {
            try TrainingDriver(
                Told([.latest("seconds", 1)]), settings: TrainingSettings.with { $0.logEvery = 1 }, family: "toy",
                directory: run.path
            ).start()
        }
        #expect(error?.description.contains("'seconds'") == true)
        let loss = #expect(throws: GeneraError.self) {
            try TrainingDriver(
                Told([.mean("loss-q", .infinity)]), settings: TrainingSettings.with { $0.logEvery = 1 }, family: "toy",
                directory: folder.file("other")
            ).start()
        }
        #expect(loss == .lossNotFinite(step: 1, loss: .infinity, checkpoint: nil))
    }

    @Test("Where a line of metrics cannot be added, the reason is the system's")
    func limitedFile() throws {
        // A file that may not grow: /dev/full behaves like a full disk.
        _ = try driver { $0.steps = 10 }.start()
        try FileManager.default.removeItem(atPath: run.metricsFile)
        try FileManager.default.createSymbolicLink(atPath: run.metricsFile, withDestinationPath: "/dev/full")
        let error = #expect(throws: FileError.self) { try driver().resume() }
        #expect(error?.file == run.metricsFile && error?.reason == "cannot add a line: No space left on device")
    }

    private func rewrite(
        _ file: String,
        _ change: (inout [(name: String, tensor: RawTensor)], inout [String: String]) throws -> Void
    ) throws {
        let content = try Safetensors(path: file)
        var (tensors, metadata) = (try content.tensors.map { (name: $0.name, tensor: $0.tensor) }, content.metadata)
        // Other numbers have other checksums; without any nothing is compared.
        metadata["genera.sums"] = nil
        try change(&tensors, &metadata)
        try Safetensors.write(tensors, metadata: metadata, to: file)
    }
}

/// Keeps what was said.
final class HeardWords: ProgressSink {
    private let lines = Mutex<(news: [String], warnings: [String])>(([], []))
    var news: [String] { lines.withLock { $0.news } }
    var warnings: [String] { lines.withLock { $0.warnings } }

    func report(_ event: ProgressEvent) {
        switch event {
        case let .news(text): lines.withLock { $0.news.append(text) }
        case let .warning(text): lines.withLock { $0.warnings.append(text) }
        default: break
        }
    }
}

/// Where two threads wait for each other.
private final class Ready: Sendable {
    let (began, mayGoOn, ended) = (
        DispatchSemaphore(value: 0), DispatchSemaphore(value: 0), DispatchSemaphore(value: 0)
    )
}

/// The toy with a change of what it does.
private class ChangedObjective: Objective, @unchecked Sendable {
    let toy: ToyObjective
    init() throws { toy = try ToyObjective() }
    var parameters: [(name: String, tensor: Tensor)] { toy.parameters }
    var buffers: [(name: String, tensor: Tensor)] { toy.buffers }
    var configuration: String { toy.configuration }
    var datasetSize: Int { toy.datasetSize }
    func loss(of batch: Batch) throws -> Tensor { try toy.loss(of: batch) }
    func assessment(weights: [(name: String, tensor: Tensor)]) throws -> [Metric] { [] }
}

/// Waits in its first loss.
private final class WaitingObjective: ChangedObjective, @unchecked Sendable {
    private let ready: Ready
    private let calls = Counter()

    init(_ ready: Ready) throws {
        self.ready = ready
        try super.init()
    }

    override func loss(of batch: Batch) throws -> Tensor {
        if calls.next() == 1 {
            ready.began.signal()
            ready.mayGoOn.wait()
        }
        return try super.loss(of: batch)
    }
}

/// The derivative of the root of |0| is NaN, and its loss is not.
private final class SteepObjective: ChangedObjective, @unchecked Sendable {
    let root: Tensor

    override init() throws {
        root = try Tensor([0] as [Float]).requiringGradient()
        try super.init()
    }

    override var parameters: [(name: String, tensor: Tensor)] { super.parameters + [("root", root)] }
    override func loss(of batch: Batch) throws -> Tensor { try super.loss(of: batch) + root.abs().sqrt().sum() }
}

private final class AssessedObjective: ChangedObjective, @unchecked Sendable {
    override func assessment(weights: [(name: String, tensor: Tensor)]) throws -> [Metric] {
        [.latest("sum of weights", try weights.reduce(0) { try $0 + $1.tensor.sum().item() })]
    }
}

/// Says the same after every step.
private final class Told: Trainer {
    let metrics: [Metric]
    init(_ metrics: [Metric]) { self.metrics = metrics }
    let configuration = "{}"
    let stepCount = 3
    let order = BatchOrder.endless(samples: 5, batch: 2)
    var state: [(name: String, tensor: Tensor)] { [] }
    func advance(_ step: TrainingStep) -> [Metric] { metrics }
    func restore(_ state: TrainingState) {}
    func model() -> ModelCheckpoint { ModelCheckpoint(family: "", configuration: "{}", weights: []) }
}
