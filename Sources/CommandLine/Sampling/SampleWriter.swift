import Formats
import Genera
import Imaging

/// Writes samples with their recipe.
struct SampleWriter {
    let plan: OutputPlan
    let layout: Layout
    let recipe: Recipe
    let force: Bool

    /// Writes the samples. - Returns: the files, or the folder.
    ///
    /// - Throws: errors of drawing and of the system; no file is left half written.
    func write<Sample: Drawable>(_ samples: [Sample], indices: [Int]) throws -> [String] {
        switch plan {
        case let .picture(path):
            try AtomicFile.write(
                PNG.encode(layout.picture(of: samples), text: layout.texts(recipe, out: path)), to: path)
            return [path]
        case .standardOutput:
            let bytes = try PNG.encode(layout.picture(of: samples), text: layout.texts(recipe, out: "-"))
            Console.result(bytes: bytes)
            return []
        case let .data(path): return try writeData(samples, to: path)
        case let .folder(path): return try writeFolder(samples, indices: indices, to: path)
        }
    }

    /// Writes the animation of trajectories.
    ///
    /// - Throws: errors of drawing and of the system.
    func write<Sample: Drawable>(trajectories: [[Sample]], every: Int, to path: String) throws {
        var layout = layout
        layout.every = every
        try AtomicFile.write(
            APNG.encode(layout.animation(of: trajectories), text: layout.texts(recipe, out: path)), to: path)
    }

    private func writeData<Sample: Drawable>(_ samples: [Sample], to path: String) throws -> [String] {
        try Sample.write(samples, to: path)
        try AtomicFile.write(recipe.json + "\n", to: OutputPlan.recipeFile(of: path))
        return [path, OutputPlan.recipeFile(of: path)]
    }

    private func writeFolder<Sample: Drawable>(_ samples: [Sample], indices: [Int], to folder: String) throws
        -> [String]
    {
        try FileSystem.makeFolder(folder)
        for (index, sample) in zip(indices, samples) {
            var own = recipe
            own.indices = IndexList.text([index])
            let path = OutputPlan.file(of: index, in: folder)
            let texts = layout.texts(own, out: FileSystem.name(of: path))
            try AtomicFile.write(PNG.encode(layout.picture(of: [sample]), text: texts), to: path)
        }
        guard let format = Sample.formats.first(where: { $0.write != nil && $0.holds(samples) }) else {
            return [folder]
        }
        let path = "\(folder)/samples.\(format.fileExtension)"
        if !force { try FileSystem.requireWritable(path, force: false) }
        return [folder] + (try writeData(samples, to: path))
    }
}
