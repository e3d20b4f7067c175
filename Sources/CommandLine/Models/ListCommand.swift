import ArgumentParser
import Formats
import Genera

/// `genera list`.
struct ListCommand: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "list", abstract: "List the model families, and the trained models that are here.",
            discussion: Examples.text("genera list", "genera list --json"))
    }

    @Flag(help: "Print the result as JSON.")
    var json = false

    func run() {
        let families = CurrentRegistry.value.families
        let models = ModelEntry.all
        json ? Console.result(json: Self.json(families, models).text) : Console.result(Self.text(families, models))
    }

    private static func text(_ families: [any ModelFamily.Type], _ models: [ModelEntry]) -> String {
        let registry = CurrentRegistry.value
        let familyRows = families.map { [$0.name, $0.summary] + (registry.plugin(of: $0.name).map { [$0] } ?? []) }
        let modelRows = models.map { [$0.name, $0.family ?? "?", $0.size.bytes, $0.path] }
        let none = ["  none; set GENERA_MODELS to a folder of .safetensors files"]
        return
            (["Families"] + FactLines.lines(familyRows, indent: "  ") + ["", "Models"]
            + (models.isEmpty ? none : FactLines.lines(modelRows, indent: "  "))).joined(separator: "\n")
    }

    private static func json(_ families: [any ModelFamily.Type], _ models: [ModelEntry]) -> JSONOutput {
        let families = families.map { family in
            JSONOutput.object([
                ("name", .text(family.name)), ("summary", .text(family.summary)),
                ("defaultCheckpoint", JSONOutput((family as? any SamplingFamily.Type)?.defaultCheckpoint)),
                ("plugin", JSONOutput(CurrentRegistry.value.plugin(of: family.name))),
            ])
        }
        return .object([("families", .list(families)), ("models", .list(models.map(\.json)))])
    }
}

/// A trained model that can be named on the command line.
struct ModelEntry {
    let name: String
    let path: String
    /// The family in the file's metadata; nil if it cannot be read.
    let family: String?
    /// Bytes of the file.
    let size: Int

    /// The models of this machine. Only their headers are read.
    static var all: [ModelEntry] {
        CheckpointStore.standard.models.map { name, path in
            let file = try? MappedFile(path: path)
            let family = file.flatMap { try? Safetensors($0.view, file: path) }?.metadata[ModelCheckpoint.Key.family]
            return ModelEntry(name: name, path: path, family: family, size: file?.count ?? 0)
        }
    }

    /// For programs.
    var json: JSONOutput {
        .object([
            ("name", .text(name)), ("family", JSONOutput(family)), ("bytes", .integer(size)), ("path", .text(path)),
        ])
    }
}
