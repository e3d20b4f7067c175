import Formats
import Genera
import Imaging

/// Writes samples with their recipe, as they are done where each has a file of its own.
///
/// Samples are kept in memory only where they go into one picture or one file of data.
struct SampleWriter<Sample: Drawable> {
    let plan: OutputPlan
    let layout: Layout
    let force: Bool
    /// The recipe of all samples that are wanted.
    var recipe: Recipe
    /// Those samples' indices, in the order in which they shall appear.
    let indices: [Int]

    /// The samples that were drawn.
    private(set) var done: Set<Int> = []
    private var kept: [Int: Sample] = [:]

    /// Prepares to write. Nothing is made before there is a sample.
    init(plan: OutputPlan, layout: Layout, force: Bool, recipe: Recipe, indices: [Int]) {
        (self.plan, self.layout, self.force, self.recipe, self.indices) = (plan, layout, force, recipe, indices)
    }

    /// The indices that were drawn, in their order.
    var finished: [Int] { indices.filter(done.contains) }

    /// The indices that were not, in their order.
    var missing: [Int] { indices.filter { !done.contains($0) } }

    /// Takes samples that are done.
    ///
    /// - Throws: errors of drawing and of the system; no file is left half written.
    mutating func take(_ indices: [Int], _ samples: [Sample]) throws {
        if case let .folder(folder) = plan {
            if done.isEmpty { try FileSystem.makeFolder(folder) }
            for (index, sample) in zip(indices, samples) { try writePicture(of: sample, index, in: folder) }
        }
        if plan.holdsOne || !Sample.dataFormats.isEmpty {
            for (index, sample) in zip(indices, samples) { kept[index] = sample }
        }
        done.formUnion(indices)
    }

    /// Writes what all samples share: the picture, or the file of data. The recipe names the samples that are in it.
    ///
    /// - Returns: the files, or the folder.
    /// - Throws: errors of drawing and of the system; no file is left half written.
    func finish() throws -> [String] {
        guard !done.isEmpty else { return [] }
        let samples = finished.compactMap { kept[$0] }
        switch plan {
        case let .picture(path):
            let texts = layout.texts(recipe(of: finished), out: path)
            try AtomicFile.write(PNG.encode(layout.picture(of: samples), text: texts), to: path)
            return [path]
        case .standardOutput:
            let bytes = try PNG.encode(
                layout.picture(of: samples), text: layout.texts(recipe(of: finished), out: "-"))
            Console.result(bytes: bytes)
            return []
        case let .data(path): return try writeData(samples, to: path)
        case let .folder(folder):
            guard let format = Sample.dataFormats.first(where: { $0.holds(samples) }) else { return [folder] }
            let path = OutputPlan.dataFile(format.fileExtension, of: finished, in: folder)
            if !force { try FileSystem.requireWritable(path, force: false) }
            return [folder] + (try writeData(samples, to: path))
        }
    }

    /// Writes the animation of the drawn samples' trajectories.
    ///
    /// - Throws: errors of drawing and of the system.
    func write(trajectories: [Int: [Sample]], every: Int, to path: String) throws {
        var layout = layout
        layout.every = every
        let frames = try layout.animation(of: finished.compactMap { trajectories[$0] })
        try AtomicFile.write(APNG.encode(frames, text: layout.texts(recipe(of: finished), out: path)), to: path)
    }

    /// The recipe of some of the samples.
    func recipe(of indices: [Int]) -> Recipe {
        var recipe = recipe
        recipe.indices = IndexList.text(indices)
        return recipe
    }

    private func writePicture(of sample: Sample, _ index: Int, in folder: String) throws {
        let path = OutputPlan.file(of: index, in: folder)
        let texts = layout.texts(recipe(of: [index]), out: FileSystem.name(of: path))
        try AtomicFile.write(PNG.encode(layout.picture(of: [sample]), text: texts), to: path)
    }

    private func writeData(_ samples: [Sample], to path: String) throws -> [String] {
        try Sample.write(samples, to: path)
        try AtomicFile.write(recipe(of: finished).json + "\n", to: OutputPlan.recipeFile(of: path))
        return [path, OutputPlan.recipeFile(of: path)]
    }
}

extension SampleWriter {
    /// What to tell a person who stopped the run: what is written, and the command that draws the rest.
    func interruption(files: [String]) -> GeneraError {
        let head = "Interrupted when \(done.count) of \(Set(indices).count) samples were finished"
        guard let place = files.first else { return .interrupted("\(head); nothing was written.") }
        let rest = layout.command(recipe(of: missing), out: plan.placeOfRest)
        return .interrupted("\(head); they are in \(place). The rest: \(rest)")
    }
}
