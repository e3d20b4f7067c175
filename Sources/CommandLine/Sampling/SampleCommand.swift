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
        let job = SampleJob<Family>(
            options: options, indices: try selection.chosen(), seed: selection.source.seed,
            checkpoint: selection.source.checkpoint,
            shard: selection.shard.map { ($0.index, $0.count) } ?? (0, 1), machine: machine)
        let plan = OutputPlan(output.out ?? "\(Family.name)-seed\(selection.source.seed).png")
        try plan.check(indices: job.ownIndices, force: output.force)
        if let trajectory = output.trajectory { try FileSystem.requireWritable(trajectory, force: output.force) }
        guard !job.ownIndices.isEmpty else {
            throw GeneraError.usage("No samples are left for shard \(job.shard.index)/\(job.shard.count).")
        }
        try finish(job.sampler(), job, plan)
    }

    private func finish<S: Sampler>(_ sampler: S, _ job: SampleJob<Family>, _ plan: OutputPlan) throws {
        try plan.check(S.Sample.self, count: job.ownIndices.count)
        let recipe = try job.recipe()
        if output.dryRun { return describe(sampler, recipe, plan) }
        let every = output.trajectory == nil ? nil : output.previewEvery
        let progress = TerminalProgress.sink(talk, detail: "\(sampler.evaluationCount) NFE")
        progress.report(.note("\(recipe.command)"))
        let result = try job.draw(sampler, every: every, progress: progress)
        let writer = SampleWriter(plan: plan, layout: output.layout, recipe: recipe, force: output.force)
        var files = try writer.write(result.samples, indices: result.indices)
        if let trajectory = output.trajectory, let every {
            try writer.write(trajectories: result.trajectories, every: every, to: trajectory)
            files.append(trajectory)
        }
        guard plan != .standardOutput else { return }
        talk.print(files, json: Self.json(recipe, files, result.report))
    }

    private func describe<S: Sampler>(_ sampler: S, _ recipe: Recipe, _ plan: OutputPlan) {
        let facts = [
            ["family", recipe.family], ["checkpoint", recipe.checkpoint ?? "none"], ["samples", recipe.indices],
            ["seed", "\(recipe.seed)"], ["steps", "\(sampler.stepCount)"], ["NFE", "\(sampler.evaluationCount)"],
            ["engine", recipe.engine], ["device", recipe.device], ["output", "\(plan)"], ["command", recipe.command],
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
                ("nfe", .integer(report.nfe)),
                ("seconds", .number(report.seconds)), ("samplesPerSecond", .number(report.perSecond)),
            ])
    }
}
