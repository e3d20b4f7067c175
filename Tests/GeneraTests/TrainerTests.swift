import Foundation
import Genera
import GeneraTesting
import Testing

/// Two trainers of their own kind: the driver must serve both, and however a run is cut it must end with the same bits.
@Suite("Trainers")
struct TrainerTests {
    enum Kind: String, CaseIterable {
        case twoNetworks, bumps

        func trainer(_ meddle: @escaping @Sendable (Int) throws -> Void = { _ in }) throws -> any Trainer {
            switch self {
            case .twoNetworks: Meddling(try TwoNetworks(), meddle)
            case .bumps: Meddling(try Bumps(), meddle)
            }
        }
    }

    let folder = TemporaryFolder()

    private func driver(
        _ trainer: any Trainer, _ name: String, workers: Int = 1, stop: StopToken = StopToken()
    ) throws -> TrainingDriver {
        TrainingDriver(
            trainer, settings: try Self.settings(workers: workers), family: "toy", directory: folder.file(name),
            stop: stop)
    }

    static func settings(workers: Int = 1) throws -> TrainingSettings {
        try TrainingSettings.with {
            ($0.workers, $0.checkpointEvery, $0.keep, $0.previewEvery, $0.logEvery) = (workers, 7, 3, 0, 7)
            ($0.seed, $0.assessEvery) = (11, 16)
        }
    }

    /// The bits of the last checkpoint and of the model.
    private func bits(_ name: String) throws -> [String: [UInt8]] {
        let run = RunDirectory(folder.file(name))
        var bits: [String: [UInt8]] = [:]
        for file in [run.checkpointFile(step: try #require(run.checkpointSteps.first)), run.modelFile] {
            for (name, tensor) in try Safetensors(path: file).tensors {
                bits["\(file.suffix(12)) \(name)"] = tensor.bytes.array()
            }
        }
        return bits
    }

    /// Metrics without times.
    private func lines(_ name: String) throws -> [String] {
        try String(contentsOfFile: folder.file("\(name)/metrics.jsonl"), encoding: .utf8).split(separator: "\n").map {
            String($0.prefix(upTo: $0.firstRange(of: "\"seconds\"")?.lowerBound ?? $0.endIndex))
        }
    }

    @Test("The losses fall, and metrics and assessments are written down", arguments: Kind.allCases)
    func whole(kind: Kind) throws {
        let report = try driver(kind.trainer(), "run").start()
        #expect(report.step == 40 && report.samples == (kind == .bumps ? 480 : 389))
        let lines = try lines("run")
        let values = try lines.map { line in
            try JSONText.parse(ByteView((line.hasSuffix("{") ? "{}" : line + "\"\": 0}").utf8), file: "line")
        }
        func numbers(_ key: String) -> [Double] { values.compactMap { $0[key]?.number } }
        switch kind {
        case .twoNetworks:
            #expect(["loss-x", "x.ema_beta", "a.lr"].allSatisfy { numbers($0).count == 6 })
            #expect(try #require(numbers("loss-x").last) < 0.7 * numbers("loss-x")[0])
            #expect(try #require(numbers("loss-a").last) < 0.9 * numbers("loss-a")[0])
            #expect(report.metrics.map(\.name).prefix(2) == ["loss-x", "loss-a"] && report.assessment.isEmpty)
        case .bumps:
            let bumps = numbers("bumps").map(Int.init)
            #expect(bumps.first == 2 && bumps.contains(4) && bumps.contains(8) && Set(bumps).count > 3, "\(bumps)")
            #expect(try #require(numbers("loss").last) < 0.8 * numbers("loss")[0])
            let assessed = values.compactMap { $0["assessment"]?["bumps there"]?.number }
            #expect(assessed.count == 3 && assessed[0] == 4)
            #expect(report.assessment == [.latest("bumps there", try #require(assessed.last))])
        }
    }

    @Test("One or three workers give the same bits", arguments: Kind.allCases)
    func workers(kind: Kind) throws {
        _ = try driver(kind.trainer(), "one").start()
        _ = try driver(kind.trainer(), "three", workers: 3).start()
        #expect(try bits("one") == bits("three"))
        #expect(try lines("one") == lines("three"))
    }

    @Test("Stopped and resumed, a run ends with the same bits", arguments: Kind.allCases, [3, 20, 26])
    func stopped(kind: Kind, step: Int) throws {
        _ = try driver(kind.trainer(), "whole").start()
        let stop = StopToken()
        let report = try driver(kind.trainer { if $0 == step { stop.stop() } }, "parts", stop: stop).start()
        // The step in which the stop came was given up: its first part was not begun.
        #expect(report.wasStopped && report.step == step)
        #expect(try driver(kind.trainer(), "parts", workers: 2).resume().step == 40)
        #expect(try bits("parts") == bits("whole"))
    }

    @Test("A run that fails on the way goes on from its last checkpoint to the same bits", arguments: Kind.allCases)
    func abandoned(kind: Kind) throws {
        _ = try driver(kind.trainer(), "whole").start()
        #expect(throws: CancellationError.self) {
            try driver(kind.trainer { if $0 == 33 { throw CancellationError() } }, "parts").start()
        }
        #expect(RunDirectory(folder.file("parts")).checkpointSteps == [28, 21, 14])
        _ = try driver(kind.trainer(), "parts").resume()
        #expect(try bits("parts") == bits("whole"))
        #expect(try lines("parts") == lines("whole"))
    }

    @Test("A process that is killed while it trains is resumed to the same bits", arguments: Kind.allCases)
    func killed(kind: Kind) throws {
        _ = try driver(kind.trainer(), "whole").start()
        let process = Process()
        process.executableURL = URL(
            filePath: try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
        process.arguments = ["--testing-library", "swift-testing", "--filter", "TrainerTests/victim"]
        process.environment = ProcessInfo.processInfo.environment.merging([
            "GENERA_TEST_VICTIM": "\(kind.rawValue) \(folder.file("parts"))"
        ]) { $1 }
        (process.standardOutput, process.standardError) = (FileHandle.nullDevice, FileHandle.nullDevice)
        try process.run()
        let run = RunDirectory(folder.file("parts"))
        let end = Date().addingTimeInterval(120)
        while run.checkpointSteps.first ?? 0 < 21, process.isRunning, Date() < end { usleep(500) }
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        #expect(process.terminationReason == .uncaughtSignal)
        #expect(try #require(run.checkpointSteps.first) < 40)
        _ = try driver(kind.trainer(), "parts").resume()
        #expect(try bits("parts") == bits("whole"))
    }

    @Test(
        "Trains slowly until it is killed",
        .enabled(if: ProcessInfo.processInfo.environment["GENERA_TEST_VICTIM"] != nil))
    func victim() throws {
        let words = (ProcessInfo.processInfo.environment["GENERA_TEST_VICTIM"] ?? "").split(
            separator: " ", maxSplits: 1)
        let kind = try #require(Kind(rawValue: String(words[0])))
        let trainer = try kind.trainer { _ in usleep(20_000) }
        _ = try TrainingDriver(
            trainer, settings: Self.settings(), family: "toy", directory: String(words[1])
        ).start()
    }

    @Test("A state of another trainer is refused by what is missing")
    func otherState() throws {
        _ = try driver(Kind.bumps.trainer(), "run").start()
        let wrong = try TrainingDriver(
            Kind.twoNetworks.trainer(), settings: Self.settings(), family: "toy", directory: folder.file("run"))
        let error = #expect(throws: GeneraError.self) { try wrong.resume() }
        #expect(error?.description.contains("trained on 23 samples, the data set now has 29") == true)
    }

    @Test("A trainer that forgets part of its state is told which")
    func forgotten() throws {
        _ = try driver(Kind.bumps.trainer(), "run").start()
        let error = #expect(throws: GeneraError.self) { try driver(Forgetful(), "run").resume() }
        #expect(error?.description.contains("'bumps.average.height'") == true, "\(error as Any)")
    }
}

/// A trainer with something that happens at the beginning of each step.
private final class Meddling: Trainer {
    let inner: any Trainer
    let meddle: @Sendable (Int) throws -> Void

    init(_ inner: any Trainer, _ meddle: @escaping @Sendable (Int) throws -> Void) {
        (self.inner, self.meddle) = (inner, meddle)
    }

    var configuration: String { inner.configuration }
    var stepCount: Int { inner.stepCount }
    var order: BatchOrder { inner.order }
    var state: [(name: String, tensor: Tensor)] { inner.state }
    func restore(_ state: TrainingState) throws { try inner.restore(state) }
    func model() throws -> ModelCheckpoint { try inner.model() }
    func assess() throws -> [Metric] { try inner.assess() }

    func advance(_ step: TrainingStep) throws -> [Metric] {
        try meddle(step.number)
        return try inner.advance(step)
    }
}

/// Has the bumps' samples and nothing else.
private final class Forgetful: Trainer {
    let configuration = "{}"
    let stepCount = 40
    let order = BatchOrder.endless(samples: 23, batch: 12)
    var state: [(name: String, tensor: Tensor)] { [] }
    func advance(_ step: TrainingStep) -> [Metric] { [] }
    func restore(_ state: TrainingState) {}
    func model() -> ModelCheckpoint { ModelCheckpoint(family: "", configuration: "{}", weights: []) }
}
