import Foundation
import Genera
import Synchronization
import Testing

@Suite("Samples handed over as they are done")
struct DeliveryTests {
    /// Takes a while for some samples, so that workers finish out of order.
    private func uneven() -> ToySampler {
        var sampler = ToySampler(lanes: .alike(1))
        sampler.onStep = { step, samples in if step == 0, samples[0] % 3 == 0 { usleep(3000) } }
        return sampler
    }

    @Test("Deliveries come in the order of the request, on one thread, with the same samples", arguments: [1, 4])
    func order(workers: Int) throws {
        let indices = [3, 1, 2, 30, 7, 6, 5] + Array(40..<60)
        let request = SamplingRequest(indices: indices, seed: 7, batch: 2, workers: workers)
        var got: [Int] = []
        var samples: [PointCloud] = []
        var threads = Set<UInt>()
        let report = try SamplingDriver().run(uneven(), request) { indices, done in
            threads.insert(UInt(pthread_self()))
            got += indices
            samples += done
        }
        #expect(got == indices && threads.count == 1 && report.samples == indices.count && !report.wasStopped)
        #expect(try samples == SamplingDriver().run(ToySampler(), request).samples)
    }

    @Test("The work waits for those who take its samples: only so many lie about")
    func bounded() throws {
        let started = Mutex(0)
        var sampler = ToySampler(lanes: .alike(1))
        sampler.onStep = { step, _ in if step == 0 { started.withLock { $0 += 1 } } }
        var taken = 0
        var most = 0
        let request = SamplingRequest(indices: Array(0..<200), batch: 1, workers: 2)
        _ = try SamplingDriver().run(sampler, request) { indices, _ in
            usleep(1000)
            most = max(most, started.withLock { $0 } - taken)
            taken += indices.count
        }
        #expect(taken == 200 && most <= 8, "\(most)")
    }

    @Test("An error comes after all samples before it, and none after it is handed over")
    func failure() throws {
        var sampler = uneven()
        (sampler.poisonedStep, sampler.poisonedSamples) = (3, [11, 14])
        for workers in [1, 4] {
            var got: [Int] = []
            let request = SamplingRequest(indices: Array(0..<40), batch: 1, workers: workers)
            let error = #expect(throws: GeneraError.self) {
                try SamplingDriver().run(sampler, request) { indices, _ in got += indices }
            }
            #expect(error == .notFinite(sample: 11, step: 3, of: 5, detail: "sigma 2"))
            #expect(got == Array(0..<11))
        }
    }

    @Test("Whoever cannot take any more ends the run with his own error")
    func refusal() throws {
        let started = Mutex(0)
        var sampler = ToySampler(lanes: .alike(1))
        sampler.onStep = { step, _ in if step == 0 { started.withLock { $0 += 1 } } }
        var taken = 0
        let error = #expect(throws: GeneraError.self) {
            try SamplingDriver().run(sampler, SamplingRequest(indices: Array(0..<300), batch: 1, workers: 3)) { _, _ in
                taken += 1
                if taken == 5 { throw GeneraError.inputOutput(file: "disk", reason: "full") }
            }
        }
        #expect(error == .inputOutput(file: "disk", reason: "full") && taken == 5)
        #expect(started.withLock { $0 } <= 5 + 12 + 3)
    }

    @Test("A stop hands over every sample that is finished, those of later batches too")
    func stopped() throws {
        let stop = StopToken()
        var sampler = ToySampler(lanes: .alike(1))
        let finished = Mutex(Set<Int>())
        sampler.onStep = { step, samples in
            // Sample 0 is on its way until the others of the window are done.
            if samples == [0], step == 2 {
                for _ in 0..<1000 where finished.withLock({ $0.count < 5 }) { usleep(2000) }
                stop.stop()
            }
            if step == 4 { finished.withLock { _ = $0.insert(samples[0]) } }
        }
        var got: [Int] = []
        let report = try SamplingDriver(stop: stop).run(
            sampler, SamplingRequest(indices: Array(0..<100), batch: 1, workers: 2)
        ) { indices, _ in got += indices }
        #expect(report.wasStopped && report.samples == got.count)
        #expect(!got.contains(0) && got.prefix(5) == [1, 2, 3, 4, 5] && got.count < 20)
    }
}
