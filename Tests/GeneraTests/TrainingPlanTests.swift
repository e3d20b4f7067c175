import GeneraTesting
import Testing

@testable import Genera

/// What is said before the first step of a training, and after it.
@Suite("Plans of training") struct TrainingPlanTests {
    let folder = TemporaryFolder()

    @Test("Times are said in the words that people use")
    func durations() {
        let words: [(Double, String)] = [
            (0.4, "0.4 seconds"), (1, "1 second"), (40, "40 seconds"), (100, "100 seconds"), (150, "2.5 minutes"),
            (720, "12 minutes"), (9000, "2.5 hours"), (86_400, "24 hours"), (3 * 86_400, "3 days"),
            (1.6e8, "5.1 years"),
            (1e12, "31688 years"),
        ]
        for (seconds, text) in words { #expect(Text.duration(words: seconds) == text) }
    }

    @Test("How long it will take is a sentence, and a warning from a day on")
    func forecast() {
        #expect(
            StepWatch.forecast(step: 0.2, left: 6000, limit: nil)
                == ("5.0 steps a second: about 20 minutes for the 6,000 steps to come.", false))
        let years = StepWatch.forecast(step: 1148, left: 390_625, limit: nil)
        #expect(years.isWarning && years.text.hasPrefix("1148 s a step: about 14 years for the 390,625 steps to come."))
        let limited = StepWatch.forecast(step: 1148, left: 390_625, limit: 3600)
        #expect(!limited.isWarning && limited.text.hasSuffix("of which 60 minutes will be done."))
    }

    @Test("Memory is tight from nine tenths of what is free, and hopeless from one and a half")
    func memory() {
        func memory(_ parts: Int?, free: Int?) -> TrainingMemory {
            TrainingMemory(held: 50, gradients: 10, parts: parts, free: free)
        }
        #expect(memory(80, free: 100).step == 90 && memory(80, free: 100).total == 140)
        #expect(!memory(80, free: 100).isTight && memory(81, free: 100).isTight && !memory(81, free: 100).isHopeless)
        #expect(!memory(140, free: 100).isHopeless && memory(141, free: 100).isHopeless)
        #expect(!memory(.max, free: nil).isTight && memory(.max, free: 100).total == .max)
    }

    @Test("The plan counts weights, samples, parts and files")
    func plan() throws {
        let settings = try TrainingSettings.with { ($0.steps, $0.workers, $0.keep) = (30, 2, 4) }
        let driver = TrainingDriver(
            try ObjectiveTrainer(ToyObjective(), ToyObjective.plan), settings: settings, family: "toy",
            directory: folder.file("run"))
        let plan = try driver.plan()
        let facts = Dictionary(uniqueKeysWithValues: plan.facts.map { ($0.name, $0.value.text()) })
        let trainer = try ObjectiveTrainer(ToyObjective(), ToyObjective.plan)
        #expect(facts["steps"] == "30" && facts["batch"] == "\(ToyObjective.plan.batch)")
        #expect(facts["parameters"] == "\(try trainer.parameterCount)" && facts["device"] == "cpu, 2 threads")
        let state = trainer.state.reduce(0) { $0 + $1.tensor.elementCount * $1.tensor.dtype.byteCount }
        #expect(facts["files"]?.contains("4 checkpoints of \(Text.bytes(state))") == true, "\(facts)")
        let workers = min(2, trainer.partCount)
        #expect(plan.memory.gradients == (try trainer.parameterCount) * 4 * (workers + 1))
        #expect(plan.memory.held > 1_000_000 && plan.memory.free.map { $0 > 1_000_000 } != false)
    }

    @Test("A run says its plan first, and once how long it will take")
    func said() throws {
        let heard = HeardWords()
        let settings = try TrainingSettings.with { ($0.steps, $0.previewEvery) = (30, 0) }
        let driver = TrainingDriver(
            try ObjectiveTrainer(ToyObjective(), ToyObjective.plan), settings: settings, family: "toy",
            directory: folder.file("run"), progress: heard)
        _ = try driver.start()
        #expect(heard.news.first?.hasPrefix("family") == true)
        #expect(heard.news.filter { $0.contains("steps a second: about") }.count == 1, "\(heard.news)")
        let again = HeardWords()
        let whole = TrainingDriver(
            try ObjectiveTrainer(ToyObjective(), ToyObjective.plan), settings: settings, family: "toy",
            directory: folder.file("run"), progress: again)
        _ = try whole.resume()
        #expect(again.news.isEmpty, "a run that is done has no plan: \(again.news)")
    }

    @Test("Slow steps tell how far they are, from several threads")
    func parts() {
        let heard = HeardWords()
        let watch = StepWatch(heard, total: 10, limit: nil)
        watch.begin(3)
        watch.partIsDone(1, of: 4)
        #expect(heard.news.isEmpty && heard.warnings.isEmpty, "short steps need no word")
    }
}
