import Foundation
import Genera
import GeneraTesting
import Synchronization
import Testing

@Suite("Sampling driver")
struct SamplingTests {
    private func draw(
        _ indices: [Int], batch: Int = 64, workers: Int = 1, sampler: ToySampler = ToySampler()
    ) throws -> [PointCloud] {
        try SamplingDriver().run(sampler, SamplingRequest(indices: indices, seed: 7, batch: batch, workers: workers))
            .samples
    }

    @Test("Samples do not depend on batch, workers, or what else was asked for")
    func invariance() throws {
        let all = try draw(Array(0..<23))
        for (batch, workers) in [(1, 1), (5, 1), (8, 2), (64, 3)] {
            #expect(try draw(Array(0..<23), batch: batch, workers: workers) == all)
        }
        #expect(try draw([20, 3, 7]) == [all[20], all[3], all[7]])
        #expect(try draw([22]) == [all[22]])
    }

    @Test("Shards together are the whole")
    func shards() throws {
        let all = try draw(Array(0..<11))
        let parts = try (0..<3).map { part in
            try SamplingDriver().run(ToySampler(), SamplingRequest(indices: Array(0..<11), seed: 7, shard: (part, 3)))
        }
        for part in parts { for (index, sample) in zip(part.indices, part.samples) { #expect(sample == all[index]) } }
        #expect(parts.flatMap(\.indices).sorted() == Array(0..<11))
    }

    @Test("A sample that stops being finite is named with its step")
    func notFinite() throws {
        let error = #expect(throws: GeneraError.self) {
            try draw(Array(0..<8), workers: 2, sampler: ToySampler(poisonedStep: 2))
        }
        #expect(error == .notFinite(sample: 5, step: 2, of: 5, detail: "sigma 3"))
        #expect(error?.description.hasPrefix("Sample 5 became NaN or infinite at step 3 of 5 (sigma 3).") == true)
    }

    @Test("Of several samples that fail the first is named, whichever thread was faster")
    func firstFailure() throws {
        var sampler = ToySampler(lanes: .alike(1), poisonedStep: 2, poisonedSamples: Set(1..<24))
        sampler.onStep = { step, samples in
            if step == 0, samples == [1] { usleep(50_000) }
        }
        for workers in 1...4 {
            let error = #expect(throws: GeneraError.self) {
                try draw(Array(1..<24), batch: 1, workers: workers, sampler: sampler)
            }
            #expect(error == .notFinite(sample: 1, step: 2, of: 5, detail: "sigma 3"), "\(workers) workers")
        }
    }

    @Test("A stop keeps what is done")
    func cancellation() throws {
        let stop = StopToken()
        let steps = Mutex(0)
        var sampler = ToySampler()
        sampler.onStep = { _, _ in
            steps.withLock { $0 += 1 }
            if steps.withLock({ $0 }) == 8 { stop.stop() }
        }
        let result = try SamplingDriver(stop: stop).run(
            sampler, SamplingRequest(indices: Array(0..<20), seed: 7, batch: 4))
        #expect(result.report.wasStopped)
        #expect(result.indices == [0, 1, 2, 3])
        #expect(result.samples == Array(try draw(Array(0..<20)).prefix(4)))
    }

    @Test("A signal asks to stop")
    func signals() {
        let stop = StopToken.onSignals()
        #expect(!stop.isStopped)
        kill(getpid(), SIGTERM)
        for _ in 0..<500 where !stop.isStopped { usleep(10_000) }
        #expect(stop.isStopped && !StopToken().isStopped)
        signal(SIGTERM, SIG_DFL)
        signal(SIGINT, SIG_DFL)
    }

    @Test("Previews and trajectories show every so many steps, the start and the end")
    func previews() throws {
        let seen = Mutex([Int]())
        let request = SamplingRequest(indices: [4, 9], seed: 7, previewEvery: 2, keepsTrajectory: true)
        let result = try SamplingDriver().run(ToySampler(), request) { preview in
            seen.withLock { $0.append(preview.step) }
        }
        #expect(seen.withLock { $0 } == [-1, 1, 3, 4])
        #expect(result.trajectorySteps == [-1, 1, 3, 4])
        #expect(result.trajectories.map(\.count) == [4, 4])
        #expect(result.trajectories.map(\.last) == result.samples)
    }

    @Test("The report counts evaluations and samples")
    func report() throws {
        let result = try SamplingDriver().run(ToySampler(), SamplingRequest(indices: [0, 1, 2]))
        #expect(result.report.nfe == 9)
        #expect(result.report.samples == 3)
        #expect(!result.report.wasStopped)
    }

    @Test("Requests that make no sense are refused by the option's name")
    func badRequests() {
        for (request, word) in [
            (SamplingRequest(indices: [0], batch: 0), "--batch"),
            (SamplingRequest(indices: [0], workers: 0), "--workers"),
            (SamplingRequest(indices: [-1]), "index"), (SamplingRequest(indices: [0], shard: (3, 3)), "shard"),
        ] {
            let error = #expect(throws: GeneraError.self) { try SamplingDriver().run(ToySampler(), request) }
            #expect(error?.description.contains(word) == true)
            #expect(error?.exitCode == 64)
        }
    }

    @Test("Points are drawn together and kept as an array")
    func points() throws {
        let folder = TemporaryFolder()
        let samples = try draw([0, 1, 2])
        #expect(try PointCloud.picture(of: samples).width > 100)
        try PointCloud.write(samples, to: folder.file("points.npy"))
        #expect(try NPY.read(path: folder.file("points.npy")).shape == [3, 2])
    }
}
