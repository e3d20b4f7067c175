import Genera
import GeneraTesting
import PFGMPP
import Testing

@Suite struct ScheduleSearchTests {
    private func search<S: ScheduledSampler>(_ sampler: S, seed: UInt64 = 0, workers: Int = 1) throws -> (
        grid: [Double], before: Double, after: Double, heldOutBefore: Double, heldOutAfter: Double
    ) {
        var search = ScheduleSearch(sampler)
        (search.samples, search.seed, search.workers, search.referenceSteps) = (300, seed, workers, 100)
        search.optimizer.sweeps = 4
        let found = try search.run()
        return (found.grid, found.before, found.after, found.heldOutBefore, found.heldOutAfter)
    }

    private func sampler(_ words: [String]) throws -> any ScheduledSampler {
        let options = try PFGMPPSamplingOptions.parse(["--model", "analytic-points", "--D", "64"] + words)
        return try #require(try PFGMPP.sampler(options, RunContext()) as? any ScheduledSampler)
    }

    @Test(
        "The schedule found is better than the one it began with, on other samples too",
        arguments: ["unipc-3", "dpmpp-3m", "heun"])
    func better(solver: String) throws {
        let found = try search(sampler(["--solver", solver, "--steps", "6", "--sigma-min", "0.02"]))
        #expect(found.after < 0.9 * found.before && found.heldOutAfter < found.heldOutBefore, "\(found)")
        #expect(zip(found.grid, found.grid.dropFirst()).allSatisfy { $0 > $1 })
        #expect(found.grid.first == 80 && found.grid.last == 0 && found.grid.count == 7 && found.grid[5] >= 0.0199)
    }

    @Test("The search is a function of its seed, whatever the threads")
    func deterministic() throws {
        let sampler = try sampler(["--solver", "unipc-2", "--steps", "4", "--sigma-min", "0.1"])
        let one = try search(sampler)
        #expect(try search(sampler, workers: 3) == one)
        #expect(try search(sampler, seed: 1).before != one.before)
    }

    @Test(
        "Samplers that add noise, or have no levels, are refused",
        arguments: [["--S-churn", "5"], ["--solver", "euler-a"], ["--disc", "edm"], ["--alpha", "0.1"]])
    func refused(words: [String]) throws {
        let sampler = try sampler(words)
        #expect(throws: GeneraError.self) { try sampler.reference(steps: 20) }
    }

    @Test("A file of levels keeps them and its facts to the last bit")
    func file() throws {
        let folder = TemporaryFolder()
        let path = folder.file("s.yaml")
        let schedule = ScheduleFile(
            levels: [80, 1.0 / 3, 0.1, 2e-3], facts: [("family", "pfgmpp"), ("error-before", "1e-05")])
        try schedule.write(to: path)
        #expect(try ScheduleFile(path: path) == schedule)
        for (text, message) in [
            ("levels: [1, 2]", "must fall"), ("level: [1]", "did you mean 'levels'"), ("family: pfgmpp", "no 'levels'"),
            ("levels: [1, x]", "'x'"), ("levels: []", "noise level"),
        ] {
            try AtomicFile.write(text, to: path)
            let error = try #require(throws: FormatError.self) { try ScheduleFile(path: path) }
            #expect(error.description.contains(message) && error.description.contains("s.yaml"), "\(error)")
        }
    }
}
