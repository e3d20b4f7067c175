import ArgumentParser
import Genera

/// `genera evaluate`: one subcommand a family.
struct EvaluateGroup: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "evaluate", abstract: "Measure drawn samples beside real ones.",
            discussion: Examples.text(
                "genera evaluate pfgmpp --reference emoji.zip --count 1000",
                "genera evaluate pfgmpp --model analytic-gmm --sweep steps=5,10,20 --out s.png"),
            subcommands: CurrentRegistry.value.sampling.map { command(of: $0) })
    }

    /// The command of a family.
    static func command<Family: SamplingFamily>(of family: Family.Type) -> any ParsableCommand.Type {
        EvaluateCommand<Family>.self
    }
}

/// `genera evaluate FAMILY`.
struct EvaluateCommand<Family: SamplingFamily>: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: Family.name, abstract: "Measure: \(Family.summary)",
            discussion: Examples.text(
                "genera evaluate \(Family.name) --reference real/ --count 1000",
                "genera evaluate \(Family.name) --checkpoint runs/first --reference training"))
    }

    @OptionGroup(title: "Model") var options: Family.SamplingOptions
    @OptionGroup(title: "Samples") var source: SourceOptions
    @OptionGroup(title: "Measuring") var measuring: MeasuringOptions
    @OptionGroup(title: "Output") var output: ReportOptions
    @OptionGroup(title: "Machine") var machine: MachineOptions
    @OptionGroup(title: "Talk") var talk: TalkOptions
    @OptionGroup(title: "Configuration") var configuration: ConfigurationOption

    func run() throws {
        let points = try EvaluationPoint<Family>.all(options, source, output.sweep)
        let plan = try output.plan()
        if let file = measuring.saveStatistics { try FileSystem.requireWritable(file, force: output.force) }
        let stop = StopToken.onSignals()
        var results: [EvaluationResult] = []
        for point in points {
            let result = try evaluated(point, after: results.last, stop: stop)
            guard results.first.map({ $0.measureNames == result.measureNames }) ?? true else {
                throw GeneraError.usage(
                    "--sweep \(output.sweep?.name ?? "") gives samples of several kinds, which have other measures. Sweep over one kind."
                )
            }
            results.append(result)
        }
        let report = EvaluationReport(
            family: Family.name, command: try command(results[0]), sweep: output.sweep, percent: measuring.percent,
            confidence: measuring.confidence, halves: measuring.bootstrap, results: results)
        try plan?.write(report)
        for caution in report.cautions where !talk.quiet { Console.error("\(ProgramName.current): note: \(caution)") }
        talk.print(report.lines + (plan.map { [$0.path] } ?? []), json: report.json(withPairs: true))
    }

    private func evaluated(_ point: EvaluationPoint<Family>, after last: EvaluationResult?, stop: StopToken) throws
        -> EvaluationResult
    {
        let job = SampleJob<Family>(
            options: point.options, indices: [], seed: point.source.seed, checkpoint: point.source.checkpoint,
            machine: machine)
        func evaluated<S: Sampler>(_ sampler: S) throws -> EvaluationResult {
            guard let type = S.Sample.self as? any Measurable.Type else {
                throw GeneraError.unavailable(
                    "The samples of '\(Family.name)' cannot be measured: their type \(S.Sample.self) has no measures.")
            }
            return try self.evaluated(sampler, of: type, job, point.value, after: last, stop: stop)
        }
        return try evaluated(job.sampler())
    }

    /// Opens a sampler as one of samples that can be measured.
    private func evaluated<Sample: Measurable>(
        _ sampler: any Sampler, of type: Sample.Type, _ job: SampleJob<Family>, _ value: String?,
        after last: EvaluationResult?, stop: StopToken
    ) throws -> EvaluationResult {
        guard let sampler = sampler as? any Sampler<Sample> else {
            throw GeneraError.software("A sampler of '\(Family.name)' is not one of its own samples, \(Sample.self).")
        }
        return try measured(sampler, job, value, after: last, stop: stop)
    }

    private func measured<S: Sampler>(
        _ sampler: S, _ job: SampleJob<Family>, _ value: String?, after last: EvaluationResult?, stop: StopToken
    ) throws -> EvaluationResult where S.Sample: Measurable {
        let settings = try measuring.settings(seed: source.seed, workers: machine.workerCount)
        let isPaired = measuring.paired || (sampler.hasCounterparts && measuring.reference == nil)
        var job = job
        job.indices = Array(0..<(try measuring.count(of: sampler, isPaired: isPaired)))
        let driver = EvaluationDriver<S.Sample>(
            measures: try measuring.chosen(settings, isPaired: isPaired, more: Family.measures(of: S.Sample.self)),
            settings: settings,
            progress: TerminalProgress.sink(talk, detail: value.map { "\(output.sweep?.name ?? "") \($0)" } ?? ""),
            stop: stop)
        let (count, known) = (job.indices.count, last?.samples as? EvaluationReference<S.Sample>)
        let source: (any SampleSource<S.Sample>)? = try measuring.source(
            model: job.record.models.first?.path,
            progress: last == nil ? TerminalProgress.sink(talk) : SilentProgress())
        let real =
            try source.map { try driver.reference(for: count, in: $0, isPaired: measuring.paired, reusing: known) }
            ?? driver.reference(for: count, of: sampler, in: nil, reusing: known)
        if let file = measuring.saveStatistics, last == nil, let source {
            try measuring.statistics(by: driver, in: source).save(to: file)
        }
        let evaluation = try driver.evaluate(sampler, job.request(for: sampler), against: real)
        return EvaluationResult(value: value, recipe: try job.recipe(), evaluation: evaluation, reference: real)
    }

    /// The command that repeats the evaluation, quoted for a shell.
    private func command(_ first: EvaluationResult) throws -> String {
        var measuring = measuring
        measuring.count = first.evaluation.drawnCount
        let record = try OptionRecord(source).appending(OptionRecord(measuring)).appending(OptionRecord(options))
        var words = ["evaluate", Family.name] + record.arguments
        if machine.precision != .exact { words += ["--precision", machine.precision.rawValue] }
        if machine.device != "cpu" { words += ["--device", machine.device] }
        if let sweep = output.sweep { words += ["--sweep", sweep.defaultValueDescription] }
        return ProgramName.command(words)
    }
}
