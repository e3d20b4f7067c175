import ArgumentParser
import Formats
import Platform
import Tensors

/// The search for noise levels at which few steps come closest to many, as a verb of any family whose samplers are
/// `ScheduledSampler`s: list `OptimiseSchedule<MyFamily>.self` among its verbs.
public struct OptimiseSchedule<Family: SamplingFamily>: Verb {
    /// `optimise-schedule`.
    public static var name: String { "optimise-schedule" }
    /// One line for lists.
    public static var summary: String { "Find noise levels for a solver and a number of steps." }
    /// How the search goes.
    public static var discussion: String {
        "The search begins from the schedule that the options describe. Levels are moved one by one until the samples come no "
            + "closer to those of many accurate steps."
    }
    /// A search, and what is done with its result.
    public static var examples: [String] {
        [
            "genera \(Family.name) optimise-schedule --steps 8 --out schedule.yaml",
            "genera sample \(Family.name) --schedule schedule.yaml --out samples.png",
        ]
    }
    /// True.
    public static var hasShortForm: Bool { true }

    @OptionGroup(title: "Model") var options: Family.SamplingOptions
    @OptionGroup(title: "Samples") var source: SourceOptions

    @Option(help: ArgumentHelp("Samples that the search looks at; as many others check it.", valueName: "n"))
    var samples = 32

    @Option(help: ArgumentHelp("How often each level is moved at most.", valueName: "n"))
    var sweeps = 12

    @Option(help: ArgumentHelp("Steps of the samples that are compared with.", valueName: "n"))
    var referenceSteps = 64

    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup(title: "Machine") var machine: MachineOptions

    /// For ArgumentParser.
    public init() {}

    /// Refuses values that make no sense, naming the option.
    public func validate() throws {
        func need(_ value: Int, _ name: String, _ limit: Int) throws {
            guard (1...limit).contains(value) else {
                throw ValidationError("--\(name) must be from 1 to \(Text.grouped(limit)), got \(value).")
            }
        }
        try need(samples, "samples", 100_000)
        try need(sweeps, "sweeps", 10_000)
        try need(referenceSteps, "reference-steps", 10_000)
        if let out = output.out, !["yaml", "yml"].contains(FileSystem.fileExtension(of: out)) {
            throw ValidationError("--out takes the name of a YAML file, got '\(out)'.")
        }
    }

    /// Searches, and writes the levels.
    ///
    /// - Throws: `GeneraError` for samplers without a schedule; errors of the model.
    public func run(_ run: RunContext) throws -> Outcome {
        let path = try output.path(or: "\(Family.name)-schedule.yaml")
        guard let sampler = try Family.sampler(options, run) as? any ScheduledSampler else {
            throw GeneraError.unavailable("\(Family.name) has no schedule that could be optimised with these options.")
        }
        return try search(sampler, run, path)
    }

    private func search<S: ScheduledSampler>(_ sampler: S, _ run: RunContext, _ path: String) throws -> Outcome {
        guard sampler.grid.filter({ $0 > 0 }).count > 1 else {
            throw GeneraError.usage("A schedule of one level has nothing to optimise: give --steps 2 or more.")
        }
        var search = ScheduleSearch(sampler)
        (search.samples, search.seed, search.referenceSteps) = (samples, run.seed, referenceSteps)
        (search.workers, search.stop, search.progress) = (run.workers, run.stop, run.progress)
        (search.precision, search.device) = (run.precision, run.device)
        (search.optimizer.sweeps, search.optimizer.seed) = (sweeps, run.seed)
        let found = try search.run()
        let model = run.record.models.first
        let facts: [(String, String?)] = [
            ("family", Family.name), ("model", model?.name),
            ("sha256", try model.map { try run.record.digest(of: $0.path) }),
            ("options", try OptionRecord(options).arguments.joined(separator: " ")),
            ("nfe", "\(sampler.evaluationCount)"), ("error-before", "\(found.before)"),
            ("error-after", "\(found.after)"), ("held-out-before", "\(found.heldOutBefore)"),
            ("held-out-after", "\(found.heldOutAfter)"), ("samples", "\(samples)"), ("seed", "\(run.seed)"),
            ("reference-steps", "\(referenceSteps)"), ("trials", "\(found.trials)"), ("genera", Version.current),
        ]
        let file = ScheduleFile(
            levels: found.grid.filter { $0 > 0 }, facts: facts.compactMap { key, value in value.map { (key, $0) } })
        try run.write(.file { try file.write(to: $0) }, to: path)
        let errors = [
            Fact("nfe", sampler.evaluationCount), Fact("error before", found.before), Fact("error after", found.after),
            Fact("held-out before", found.heldOutBefore), Fact("held-out after", found.heldOutAfter),
            Fact("trials", found.trials),
        ]
        let levels = Table("levels", columns: ["sigma"], rows: file.levels.map { [.number($0)] })
        return Outcome(facts: errors, tables: [levels])
    }
}
