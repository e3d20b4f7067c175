import ArgumentParser
import Genera
import Synchronization

/// Runs a verb again and compares one of its artefacts with the file that it made.
struct VerbReproduction {
    let recipe: Recipe
    let file: String

    /// What is not the same. Nothing is written but into a temporary folder.
    ///
    /// - Throws: `GeneraError.badData` for a recipe that does not fit; errors of the verb.
    func difference(_ family: any ModelFamily.Type, _ name: String, progress: any ProgressSink) throws -> FileDifference
    {
        guard let verb = family.verbs.first(where: { $0.name == name }) else {
            throw GeneraError.badData(
                file: file, reason: "was made by `\(family.name) \(name)`, which there is no more",
                advice: "it was written by Genera \(recipe.genera)")
        }
        func again<Family: ModelFamily, V: Verb>(_ family: Family.Type, _ verb: V.Type) throws -> FileDifference {
            let sink = ComparingSink(original: file, number: recipe.number ?? 0)
            let command = try VerbCommand<Family, V>.parse(words(of: V.self))
            _ = try command.outcome(command.context(progress: progress, stop: .onSignals(), sink: sink))
            return try sink.result()
        }
        return try again(family, verb)
    }

    /// The recipe's words. A file that is there already is what it is compared with, and no reason to refuse.
    private func words<V: Verb>(of verb: V.Type) throws -> [String] {
        let words = recipe.options.arguments
        let takesForce = try OptionSchema(V.self).fields.contains { $0.tokens.contains("--force") }
        return takesForce && !words.contains("--force") ? ["--force"] + words : words
    }
}

/// Takes a run's artefacts and compares one of them with a file.
private final class ComparingSink: ArtefactSink {
    private let original: String
    private let number: Int
    private let found = Mutex<FileDifference?>(nil)

    init(original: String, number: Int) { (self.original, self.number) = (original, number) }

    func take(_ artefact: Artefact, path: String, recipe: Recipe?, number: Int) throws {
        guard number == self.number else { return }
        let difference = try TemporaryPlace.using { folder in
            let again = "\(folder)/\(FileSystem.name(of: path))"
            try ArtefactFiles().take(artefact, path: again, recipe: nil, number: number)
            return try FileDifference(original, again)
        }
        found.withLock { $0 = difference }
    }

    func result() throws -> FileDifference {
        guard let found = found.withLock({ $0 }) else {
            throw GeneraError.badData(
                file: original, reason: "was the artefact number \(number + 1) of its run, which makes fewer now",
                advice: "have files changed that it depends on?")
        }
        return found
    }
}
