import ArgumentParser
import Genera

/// `genera sample`: one subcommand a family.
struct SampleGroup: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "sample", abstract: "Draw samples from a model.",
            discussion: Examples.text(
                "genera sample pfgmpp --count 64 --seed 7 --out emoji.png",
                "genera sample pfgmpp --checkpoint digits28 --label 3 --out threes/"),
            subcommands: CurrentRegistry.value.sampling.map { command(of: $0) })
    }

    /// The command of a family.
    static func command<Family: SamplingFamily>(of family: Family.Type) -> any ParsableCommand.Type {
        SampleCommand<Family>.self
    }
}

/// `genera sample FAMILY`.
struct SampleCommand<Family: SamplingFamily>: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: Family.name, abstract: Family.summary,
            discussion: Examples.text(
                "genera sample \(Family.name) --count 64 --seed 7 --out samples.png",
                "genera sample \(Family.name) --indices 5,17-20 --out samples/"))
    }

    @OptionGroup(title: "Model") var options: Family.SamplingOptions
    @OptionGroup(title: "Samples") var selection: SelectionOptions
    @OptionGroup(title: "Output") var output: PictureOptions
    @OptionGroup(title: "Machine") var machine: MachineOptions
    @OptionGroup(title: "Talk") var talk: TalkOptions
    @OptionGroup(title: "Configuration") var configuration: ConfigurationOption

    func run() throws {
        // What is wrong with the words is told before a model is read.
        let job = SampleJob<Family>(
            options: options, indices: try selection.listed() ?? [], seed: selection.source.seed,
            checkpoint: selection.source.checkpoint, machine: machine, progress: TerminalProgress.sink(talk))
        let plan = OutputPlan(output.out ?? "\(Family.name)-seed\(selection.source.seed).png")
        try plan.check(force: output.force)
        if let trajectory = output.trajectory { try FileSystem.requireWritable(trajectory, force: output.force) }
        try finish(job.sampler(), job, plan)
    }

    private func finish<S: Sampler>(_ sampler: S, _ job: SampleJob<Family>, _ plan: OutputPlan) throws {
        var job = job
        job.indices = try selection.chosen(for: sampler)
        try plan.check(S.Sample.self, indices: job.indices, force: output.force)
        let recipe = try job.recipe()
        if output.dryRun { return describe(sampler, recipe, plan) }
        let progress = TerminalProgress.sink(talk, detail: "\(sampler.evaluationCount) NFE")
        progress.report(.note("\(recipe.command)"))
        var writer = SampleWriter<S.Sample>(
            plan: plan, layout: output.layout, force: output.force, recipe: recipe, indices: job.indices)
        let way = Trajectories<S.Sample>()
        let every = output.trajectory == nil ? nil : output.previewEvery
        let report = try SamplingDriver(progress: progress, stop: .onSignals()).run(
            sampler, job.request(for: sampler, every: every), onPreview: { way.add($0) },
            deliver: {
                // Only now is it known whether tensors were made, and by which engine.
                writer.recipe.engine = Recipe.engineInUse
                try writer.take($0, $1)
            })
        if report.wasStopped, plan == .standardOutput {
            throw writer.interruption(files: [])
        }
        var files = try writer.finish()
        if let trajectory = output.trajectory, let every, report.samples > 0 {
            try writer.write(trajectories: way.all, every: every, to: trajectory)
            files.append(trajectory)
        }
        if report.wasStopped { throw writer.interruption(files: files) }
        guard plan != .standardOutput else { return }
        talk.print(files, json: Self.json(recipe, files, report))
    }

    private func describe<S: Sampler>(_ sampler: S, _ recipe: Recipe, _ plan: OutputPlan) {
        let facts = [
            ["family", recipe.family], ["checkpoint", recipe.checkpoint ?? "none"], ["samples", recipe.indices],
            ["seed", "\(recipe.seed)"], ["steps", "\(sampler.stepCount)"], ["NFE", "\(sampler.evaluationCount)"],
            ["engine", recipe.engine.isEmpty ? "not needed so far" : recipe.engine], ["device", recipe.device],
            ["output", "\(plan)"], ["command", recipe.command],
        ]
        talk.print(
            FactLines.lines(facts),
            json: .object(
                recipe.members + [
                    ("steps", .integer(sampler.stepCount)), ("nfe", .integer(sampler.evaluationCount)),
                ]))
    }

    private static func json(_ recipe: Recipe, _ files: [String], _ report: SamplingReport) -> JSONOutput {
        .object(
            recipe.members + [
                ("files", .list(files.map { .text($0) })), ("samples", .integer(report.samples)),
                ("nfe", report.meanEvaluations),
                ("seconds", .number(report.seconds)), ("samplesPerSecond", .number(report.perSecond)),
            ])
    }
}
