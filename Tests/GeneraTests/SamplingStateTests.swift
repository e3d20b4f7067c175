import Foundation
import Genera
import Synchronization
import Testing

/// Draws whole numbers without any tensor: sample i counts up to i % 5 + 1, and is then finished.
private struct CountingSampler: Sampler {
    struct State: BatchState {
        var counts: [Int]
        var goals: [Int]
        var calls = 0
        var decidesItsEnd = true
        var tensors: [Tensor] { [] }
        var isFinished: Bool { counts == goals }
        var evaluations: Int? { calls }
    }

    var stepCount = 5
    var lanes = Lanes.alike(1)
    var sampleCount: Int?
    var decidesItsEnd = true
    var onStep: (@Sendable (Int, [Int]) -> Void)?

    func start(noise: Noise) throws -> State {
        State(
            counts: noise.samples.map { _ in 0 }, goals: noise.samples.map { $0 % 5 + 1 }, decidesItsEnd: decidesItsEnd)
    }

    func advance(_ state: inout State, step: Int, noise: Noise) throws {
        onStep?(step, noise.samples)
        state.counts = zip(state.counts, state.goals).map { min($0 + 1, $1) }
        state.calls += 1
    }

    func finish(_ state: State) throws -> [Curve] { try state.counts.map { try Curve(y: [Double($0)]) } }
}

/// A walk whose samples pull each other to their mean, so that they depend on their company.
private struct FlockSampler: Sampler {
    let stepCount = 3
    var lanes = Lanes.coupled(4)
    var sampleCount: Int?
    var seen: (@Sendable ([Int]) -> Void)?

    func start(noise: Noise) throws -> Tensor {
        seen?(noise.samples)
        return try noise.normal([2], at: .start)
    }

    func advance(_ x: inout Tensor, step: Int, noise: Noise) throws {
        x = x * 0.5 + x.mean(axes: [0], keeping: true) + (try noise.normal([2], at: .step(step))) * 0.1
    }

    func finish(_ x: Tensor) throws -> [PointCloud] { try PointCloud.rows(of: x) }
}

@Suite("States that say when they are finished, and lanes that belong together")
struct SamplingStateTests {
    @Test("A finished state takes no further step, and what it counted is what is reported")
    func finished() throws {
        let steps = Mutex([Int: Int]())
        var sampler = CountingSampler()
        sampler.onStep = { _, samples in steps.withLock { $0[samples[0], default: 0] += 1 } }
        let result = try SamplingDriver().run(sampler, SamplingRequest(indices: Array(0..<10), workers: 2))
        #expect(result.samples.map { $0.series[0].y[0] } == [1, 2, 3, 4, 5, 1, 2, 3, 4, 5])
        #expect(steps.withLock { $0 } == Dictionary(uniqueKeysWithValues: (0..<10).map { ($0, $0 % 5 + 1) }))
        #expect(result.report.nfe == 3 && result.report.largestNFE == 5)
    }

    @Test("A state that decides its end and does not find it is an error, another is not")
    func unfinished() throws {
        var sampler = CountingSampler(stepCount: 3)
        let error = #expect(throws: GeneraError.self) {
            try SamplingDriver().run(sampler, SamplingRequest(indices: Array(0..<5)))
        }
        #expect(
            error?.description
                == "Sample 3 is not finished after 3 steps, the most that there may be. Allow more steps, or looser tolerances."
        )
        #expect(error?.exitCode == 70)
        sampler.decidesItsEnd = false
        let result = try SamplingDriver().run(sampler, SamplingRequest(indices: Array(0..<5)))
        #expect(result.samples.map { $0.series[0].y[0] } == [1, 2, 3, 3, 3])
        sampler = CountingSampler(stepCount: 0, lanes: .alike(2))
        #expect(throws: GeneraError.self) { try SamplingDriver().run(sampler, SamplingRequest(indices: [0, 1])) }
    }

    @Test("Previews of samples that are finished early end with their end")
    func previews() throws {
        let request = SamplingRequest(indices: Array(0..<5), previewEvery: 2, keepsTrajectory: true)
        let result = try SamplingDriver().run(CountingSampler(stepCount: 9), request)
        #expect(result.trajectorySteps == [-1, 1, 3, 4])
        #expect(
            result.trajectories.map { $0.map { $0.series[0].y[0] } } == [
                [0, 1], [0, 2], [0, 2, 3], [0, 2, 4], [0, 2, 4, 5],
            ])
    }

    @Test("Progress comes to its end, whenever samples are finished")
    func progress() throws {
        let sink = Events()
        _ = try SamplingDriver(progress: sink).run(CountingSampler(stepCount: 50), SamplingRequest(indices: [0, 4, 2]))
        let counts = sink.advanced.withLock { $0 }
        #expect(counts.last == 150 && counts == counts.sorted())
    }

    @Test("The loop over steps does part of the way, and stops where it is told to")
    func carry() throws {
        let sampler = ToySampler()
        let noise = Noise(seed: 3, samples: [0, 1, 2, 3])
        var whole = try sampler.start(noise: noise)
        var parts = whole
        #expect(try sampler.carry(&whole, over: 0..<5, noise: noise) == 5)
        #expect(try sampler.carry(&parts, over: 0..<4, noise: noise) { step, _ in step < 1 } == 2)
        #expect(try sampler.carry(&parts, over: 2..<5, noise: noise) == 3)
        #expect(try whole.array(of: Float.self) == parts.array(of: Float.self))
        var counting = try CountingSampler().start(noise: Noise(seed: 0, samples: [1]))
        #expect(try CountingSampler().carry(&counting, over: 0..<5, noise: noise) == 2)
        #expect(try CountingSampler().carry(&counting, over: 3..<5, noise: noise) == 0)
    }

    @Test("Coupled samples go with the others of their block, whatever is asked for")
    func coupled() throws {
        let seen = Mutex(Set<[Int]>())
        var sampler = FlockSampler()
        sampler.seen = { samples in seen.withLock { _ = $0.insert(samples) } }
        func draw(_ indices: [Int], batch: Int = 64, workers: Int = 1, shard: (Int, Int) = (0, 1)) throws
            -> SamplingResult<PointCloud>
        {
            try SamplingDriver().run(
                sampler, SamplingRequest(indices: indices, seed: 7, batch: batch, workers: workers, shard: shard))
        }
        let all = try draw(Array(0..<12)).samples
        for (batch, workers) in [(1, 1), (4, 2), (64, 3)] {
            #expect(try draw(Array(0..<12), batch: batch, workers: workers).samples == all)
        }
        let few = try draw([9, 2, 10, 2])
        #expect(few.indices == [9, 2, 10, 2] && few.samples == [9, 2, 10, 2].map { all[$0] })
        #expect(seen.withLock { $0 } == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]])
        let shards = try (0..<2).map { try draw(Array(1..<11), shard: ($0, 2)) }
        #expect(shards.map(\.indices) == [[1, 2, 3, 8, 9, 10], [4, 5, 6, 7]])
        for part in shards { #expect(part.samples == part.indices.map { all[$0] }) }
        // As they depend on their company, other blocks would give other samples.
        sampler.lanes = .coupled(6)
        #expect(try draw([0]).samples != [all[0]])
    }

    @Test("Where the samples end, so does the last block")
    func lastBlock() throws {
        let seen = Mutex([[Int]]())
        var sampler = FlockSampler(sampleCount: 6)
        sampler.seen = { samples in seen.withLock { $0.append(samples) } }
        _ = try SamplingDriver().run(sampler, SamplingRequest(indices: [5, 0]))
        #expect(seen.withLock { $0 } == [[4, 5], [0, 1, 2, 3]])
    }

    @Test("It is said where more is carried than was asked for")
    func said() throws {
        let sink = Events()
        let driver = SamplingDriver(progress: sink)
        _ = try driver.run(FlockSampler(), SamplingRequest(indices: [2], batch: 3))
        #expect(
            sink.words.withLock { $0 }.prefix(2) == [
                "warning: 4 samples are carried together, which is more than --batch 3",
                "samples belong together in blocks of 4: 4 are drawn for the 1 wanted",
            ])
        sink.words.withLock { $0 = [] }
        _ = try driver.run(FlockSampler(), SamplingRequest(indices: [4, 5, 6, 7]))
        #expect(sink.words.withLock { $0.count } == 1)
    }

    @Test("Samples that do not exist are refused")
    func count() throws {
        let sampler = CountingSampler(sampleCount: 3)
        #expect(try SamplingDriver().run(sampler, SamplingRequest(indices: [2, 0])).indices == [2, 0])
        let error = #expect(throws: GeneraError.self) {
            try SamplingDriver().run(sampler, SamplingRequest(indices: [2, 3]))
        }
        #expect(error?.description == "There are 3 samples, with the indices 0 to 2; got the index 3.")
        #expect(error?.exitCode == 64)
    }

    @Test("A sampler without tensors draws where there is no engine, and asks for none")
    func withoutEngine() async {
        await #expect(processExitsWith: .success) {
            setenv("GENERA_ENGINE", "/nonexistent.so", 1)
            let request = SamplingRequest(indices: Array(0..<9), workers: 2, precision: .bf16)
            let samples = try SamplingDriver().run(CountingSampler(), request).samples
            guard samples.count == 9, !Engine.isLoaded else { exit(1) }
        }
    }

    @Test("Precision is the driver's business, unless the sampler says otherwise")
    func precision() throws {
        struct Product: Sampler {
            typealias Sample = Tensor
            let stepCount = 1
            var appliesPrecision = false
            func start(noise: Noise) throws -> Tensor { Tensor.full([1, 2], 1.0 + 1.0 / 1024) }
            func advance(_ x: inout Tensor, step: Int, noise: Noise) throws {
                x = x.matmul(Tensor.full([2, 2], 0.5)).to(.float32)
            }
        }
        func value(_ sampler: Product, _ precision: Precision) throws -> Double {
            let request = SamplingRequest(indices: [0], precision: precision)
            return try SamplingDriver().run(sampler, request).samples[0].array(of: Double.self)[0]
        }
        #expect(try value(Product(), .exact) == 1.0 + 1.0 / 1024)
        #expect(try value(Product(), .bf16) == 1)
        #expect(try value(Product(appliesPrecision: true), .bf16) == 1.0 + 1.0 / 1024)
    }
}

/// Keeps what a driver says.
private final class Events: ProgressSink {
    let words = Mutex([String]())
    let advanced = Mutex([Int]())

    func report(_ event: ProgressEvent) {
        switch event {
        case let .advanced(done, _, _, _): advanced.withLock { $0.append(done) }
        case let .note(text), let .news(text), let .finished(text): words.withLock { $0.append(text) }
        case let .warning(text): words.withLock { $0.append("warning: \(text)") }
        case .began: break
        }
    }
}
