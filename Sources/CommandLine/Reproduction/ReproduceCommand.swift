import ArgumentParser
import Genera
import Imaging

/// `genera reproduce FILE`.
struct ReproduceCommand: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "reproduce",
            abstract: "Make a file again from its own recipe, and compare every pixel or byte.",
            discussion:
                "A picture holds its recipe; that of any other file stands beside it, in FILE.json. The file itself is not touched.\n\n"
                + Examples.text(
                    "genera reproduce emoji.png",
                    "genera reproduce threes/000005.png --checkpoint digits28.safetensors"))
    }

    @Argument(help: "A file that Genera wrote: PNG, APNG, NPY, CSV, text, JSON.", completion: .file())
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
        let recipe = try Recipe(of: file)
        let family = try family(of: recipe)
        warnOfChanges(recipe)
        let difference: FileDifference
        if let verb = recipe.verb {
            difference = try VerbReproduction(recipe: recipe, file: file).difference(family, verb, progress: progress)
        } else {
            guard let family = family as? any SamplingFamily.Type else {
                throw GeneraError.unavailable("\(file): \(family.name) no longer draws samples.")
            }
            let samples = SampleReproduction(
                recipe: recipe, file: file, checkpoint: try checkpointFile(recipe), device: device, workers: workers)
            difference = try samples.difference(family, talk)
        }
        talk.print([difference.sentence], json: difference.json)
        guard !difference.agrees else { return }
        if recipe.genera != Version.current {
            Console.error(
                "\(ProgramName.current): note: the file was made by Genera \(recipe.genera); this is \(Version.current)."
            )
        }
        throw ExitCode(1)
    }

    private var progress: any ProgressSink { TerminalProgress.sink(talk) }

    private func family(of recipe: Recipe) throws -> any ModelFamily.Type {
        let registry = CurrentRegistry.value
        guard !registry.has(recipe.family) else { return try registry.family(named: recipe.family) }
        guard let plugin = recipe.plugin else {
            guard recipe.pluginSHA256 != nil else { return try registry.family(named: recipe.family) }
            throw GeneraError.unavailable(
                "\(file): the family '\(recipe.family)' came from a plugin that was installed then and is not now. "
                    + (PluginHint.sentence(for: recipe.family)
                        ?? "Install it with `\(ProgramName.current) plugin install`."))
        }
        // A file's word alone is no reason to run code.
        throw GeneraError.unavailable(
            "\(file): the family '\(recipe.family)' came from a plugin, \(plugin), which is not loaded. If you trust it: \(ProgramName.current) --plugin \(Text.shellWord(plugin)) reproduce \(Text.shellWord(file))"
        )
    }

    /// Says what is not as it was when the file was made: the plugin, and files that it depends on.
    private func warnOfChanges(_ recipe: Recipe) {
        func warn(_ text: String) { Console.error("\(ProgramName.current): warning: \(text)") }
        if let digest = recipe.pluginSHA256, let path = CurrentRegistry.value.plugin(of: recipe.family),
            let found = try? FileDigest.sha256(file: path), found != digest
        {
            warn(
                "the plugin \(path) is not the one that the file was made with (SHA-256 \(found.prefix(12))..., not \(digest.prefix(12))...)."
            )
        }
        let record = RunRecord()
        for input in recipe.inputs ?? [] {
            guard let found = try? record.digest(of: input.path) else {
                warn("\(input.path), which the file depends on, cannot be read here.")
                continue
            }
            if found != input.sha256 { warn("\(input.path) has changed since the file was made.") }
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
                "\(ProgramName.current): warning: \(path) is not the file the picture was made with (SHA-256 \(found.prefix(12))..., not \(digest.prefix(12))...)."
            )
        }
        return path
    }
}
