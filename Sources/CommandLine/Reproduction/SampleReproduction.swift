import ArgumentParser
import Genera
import Imaging

/// Draws samples again and compares them with the file that they are in.
struct SampleReproduction {
    let recipe: Recipe
    let file: String
    let checkpoint: String?
    let device: String?
    let workers: Int?

    /// What is not the same.
    ///
    /// - Throws: `GeneraError.badData` for a recipe that does not fit; errors of the sampler.
    func difference(_ family: any SamplingFamily.Type, _ talk: TalkOptions) throws -> FileDifference {
        func again<Family: SamplingFamily>(_ family: Family.Type) throws -> FileDifference {
            let job = try job(family)
            func draw<S: Sampler>(_ sampler: S) throws -> FileDifference {
                let progress = TerminalProgress.sink(talk, detail: "\(sampler.evaluationCount) NFE")
                let isPicture = try Self.isPicture(file)
                let layout = isPicture ? try layout() : Layout()
                let result = try job.draw(sampler, every: layout.every, progress: progress)
                return isPicture ? try pixels(result, layout) : try bytes(result.samples)
            }
            return try draw(job.sampler())
        }
        return try again(family)
    }

    private static func isPicture(_ file: String) throws -> Bool {
        let view = try MappedFile(path: file).view
        return view.count > 8 && (0..<4).map { view[$0] } == [0x89, 0x50, 0x4E, 0x47]
    }

    private func layout() throws -> Layout {
        let text = try PNG.text(of: file).first { $0.keyword == Layout.textKey }
        guard let layout = Layout(text: text?.value ?? "") else {
            throw GeneraError.badData(
                file: file, reason: "its layout cannot be read", advice: "was it written by another version of Genera?")
        }
        return layout
    }

    private func pixels<Sample: Drawable>(_ result: SamplingResult<Sample>, _ layout: Layout) throws -> FileDifference {
        let frames =
            layout.every == nil
            ? [try layout.picture(of: result.samples)] : try layout.animation(of: result.trajectories).frames
        return .pixels(try PictureDifference(APNG.read(file).frames, frames))
    }

    private func bytes<Sample: Drawable>(_ samples: [Sample]) throws -> FileDifference {
        try TemporaryPlace.using { folder in
            let again = "\(folder)/\(FileSystem.name(of: file))"
            try Sample.write(samples, to: again)
            return try FileDifference(file, again)
        }
    }

    private func job<Family: SamplingFamily>(_ family: Family.Type) throws -> SampleJob<Family> {
        var machine = try MachineOptions.parse([
            "--precision", recipe.precision.rawValue, "--device", device ?? recipe.device,
        ])
        machine.workers = workers
        return SampleJob<Family>(
            options: try options(family), indices: try IndexList.parse(recipe.indices), seed: recipe.seed,
            checkpoint: checkpoint, machine: machine)
    }

    private func options<Family: SamplingFamily>(_ family: Family.Type) throws -> Family.SamplingOptions {
        do {
            return try Family.SamplingOptions.parse(recipe.options.arguments)
        } catch {
            throw GeneraError.badData(
                file: file,
                reason: "its recipe does not fit this version of '\(Family.name)': \(UsageError.sentence(error))",
                advice: "it was written by Genera \(recipe.genera)")
        }
    }
}
