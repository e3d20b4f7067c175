import ArgumentParser
import Genera
import Imaging

/// `genera reproduce FILE.png`.
struct ReproduceCommand: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "reproduce", abstract: "Draw a picture again from its own recipe, and compare every pixel.",
            discussion: Examples.text(
                "genera reproduce emoji.png", "genera reproduce threes/000005.png --checkpoint digits28.safetensors"))
    }

    @Argument(help: "A PNG file that `genera sample` wrote.", completion: .file(extensions: ["png"]))
    var file: String

    @Option(help: ArgumentHelp("The checkpoint, where it is not among the models here.", valueName: "name|path"))
    var checkpoint: String?

    @Option(help: "Where tensors live, if not where the recipe says.")
    var device: String?

    @Option(help: ArgumentHelp("Threads that work on samples. (default: one a processor)", valueName: "n"))
    var workers: Int?

    @OptionGroup(title: "Talk") var talk: TalkOptions

    func validate() throws {
        if let workers, !(1...1024).contains(workers) {
            throw ValidationError("--workers must be from 1 to 1,024, got \(workers).")
        }
    }

    func run() throws {
        let original = try APNG.read(file)
        let recipe = try Recipe(png: file)
        let text = try PNG.text(of: file).first { $0.keyword == Layout.textKey }
        guard let layout = Layout(text: text?.value ?? "") else {
            throw GeneraError.badData(
                file: file, reason: "its layout cannot be read", advice: "was it written by another version of Genera?")
        }
        try compare(original, with: frames(family(of: recipe), recipe, layout))
    }

    private func family(of recipe: Recipe) throws -> any SamplingFamily.Type {
        let registry = CurrentRegistry.value
        guard !registry.has(recipe.family), let plugin = recipe.plugin else {
            return try registry.sampling(named: recipe.family)
        }
        // A picture's word alone is no reason to run code.
        throw GeneraError.unavailable(
            "\(file): the family '\(recipe.family)' came from a plugin, \(plugin), which is not loaded. If you trust it: \(ProgramName.current) --plugin \(Text.shellWord(plugin)) reproduce \(Text.shellWord(file))"
        )
    }

    private func frames<Family: SamplingFamily>(_ family: Family.Type, _ recipe: Recipe, _ layout: Layout) throws
        -> [Image]
    {
        var machine = try MachineOptions.parse([
            "--precision", recipe.precision.rawValue, "--device", device ?? recipe.device,
        ])
        machine.workers = workers
        let job = SampleJob<Family>(
            options: try options(family, recipe), indices: try IndexList.parse(recipe.indices), seed: recipe.seed,
            checkpoint: try checkpointFile(recipe), shard: (0, 1), machine: machine)
        func draw<S: Sampler>(_ sampler: S) throws -> [Image] {
            let progress = TerminalProgress.sink(talk, detail: "\(sampler.evaluationCount) NFE")
            let result = try job.draw(sampler, every: layout.every, progress: progress)
            return layout.every == nil
                ? [try layout.picture(of: result.samples)] : try layout.animation(of: result.trajectories).frames
        }
        return try draw(job.sampler())
    }

    private func options<Family: SamplingFamily>(_ family: Family.Type, _ recipe: Recipe) throws
        -> Family.SamplingOptions
    {
        do {
            return try Family.SamplingOptions.parse(recipe.options.arguments)
        } catch {
            throw GeneraError.badData(
                file: file,
                reason: "its recipe does not fit this version of '\(Family.name)': \(UsageError.sentence(error))",
                advice: "it was written by Genera \(recipe.genera)")
        }
    }

    /// The checkpoint with the recipe's digest: the one that was named, or any of the models here.
    private func checkpointFile(_ recipe: Recipe) throws -> String? {
        guard let digest = recipe.checkpointSHA256 else { return checkpoint ?? recipe.checkpoint }
        guard let checkpoint else { return try CheckpointStore.standard.find(sha256: digest, name: recipe.checkpoint) }
        let path = try CheckpointStore.standard.path(of: checkpoint)
        let found = try FileDigest.sha256(file: path)
        if found != digest {
            Console.error(
                "genera: warning: \(path) is not the file the picture was made with (SHA-256 \(found.prefix(12))..., not \(digest.prefix(12))...)."
            )
        }
        return path
    }

    private func compare(_ original: Animation, with frames: [Image]) throws {
        let difference = try PictureDifference(original.frames, frames)
        talk.print([difference.sentence], json: difference.json)
        if difference.pixels > 0 || !difference.haveSameShape { throw ExitCode(1) }
    }
}
