import ArgumentParser
import Formats
import Genera
import Tensors

/// `genera convert IN OUT`.
struct ConvertCommand: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "convert", abstract: "Turn a model of one format into another, for example safetensors.",
            discussion:
                "The format of the file to read is found by its content, that of the file to write by its ending. A file that no "
                + "family knows gives its tensors alone: of a training script's checkpoint the weights under 'ema', 'state_dict', "
                + "'model' and the like, without 'module.' before every name. Where a family can tell, it says what the new file keeps of the model and "
                + "what it loses, which may take a second; --brief leaves that out.\n\n"
                + Examples.text(
                    "genera convert network-snapshot.pkl cifar10.safetensors",
                    "genera convert model.safetensors small.safetensors --half"))
    }

    @Argument(help: "A model, or tensors: safetensors, .pth, .pt, .bin, .pkl or .npz.", completion: .file())
    var input: String

    @Argument(help: "The file to write: .safetensors, or what the family writes.", completion: .file())
    var output: String

    @Option(help: ArgumentHelp("The family it is a model of. (default: the one that recognises it)", valueName: "name"))
    var family: String?

    @Flag(help: "Round weights to float16: half the size.")
    var half = false

    @Flag(help: "Replace what is there.")
    var force = false

    @Flag(help: "Do not look at what the file that was written keeps and loses.")
    var brief = false

    @OptionGroup(title: "Talk") var talk: TalkOptions

    func run() throws {
        try requireKnownEnding()
        let model = try model()
        let writer = try writer(for: model?.family)
        try FileSystem.requireWritable(output, force: force)
        let count: Int
        var source: String?
        var report: [Fact] = []
        if let model {
            try writer(model)
            count = model.weights.count
            if !brief, !talk.quiet || talk.json { report = try facts(of: model) }
        } else {
            (count, source) = try copy()
        }
        var members: [JSONValue.Member] = [
            .init("file", .string(output)), .init("tensors", .integer(count)),
            .init("family", model.map { .string($0.family) } ?? .null),
        ]
        if !report.isEmpty {
            members.append(.init("report", .object(report.map { .init($0.key, $0.value.json) })))
        }
        if let source { members.append(.init("source", .string(source))) }
        let found = source.map { " (\($0) of the file)" } ?? ""
        talk.print(
            ["\(output): \(count) tensors\(found)"]
                + FactLines.lines(report.map { [$0.name, $0.value.text()] }, indent: "  "),
            json: .object(members))
    }

    /// What the family says of the file that was written; nothing where it has nothing to say.
    private func facts(of model: ModelCheckpoint) throws -> [Fact] {
        let formats = (try? CurrentRegistry.value.family(named: model.family))?.modelFormats ?? []
        let ending = FileSystem.fileExtension(of: output)
        let format = formats.first(where: { $0.fileExtensions.contains(ending) && $0.report != nil })
        return try format?.report?(model, output) ?? []
    }

    /// Refuses an ending that nothing here writes, before the file is read.
    private func requireKnownEnding() throws {
        let formats = CurrentRegistry.value.families.flatMap { $0.modelFormats }.filter { $0.write != nil }
        let known = ["safetensors"] + formats.flatMap(\.fileExtensions)
        guard !known.contains(FileSystem.fileExtension(of: output)) else { return }
        throw GeneraError.usage("The file to write must end in .\(known.joined(separator: ", .")), got '\(output)'.")
    }

    /// The model in the file; nil for tensors of no family.
    private func model() throws -> ModelCheckpoint? {
        let registry = CurrentRegistry.value
        if let family { return try registry.family(named: family).model(at: input) }
        let found = try registry.formats(of: input)
        guard found.count < 2 else {
            let names = found.map { $0.family.name }.joined(separator: ", ")
            throw GeneraError.usage(
                "\(input) could be a model of several families (\(names)): say which with --family.")
        }
        if let one = found.first { return try one.format.read(input) }
        return FileReport.isCheckpoint(input) ? try ModelCheckpoint.load(input) : nil
    }

    /// What writes a model of a family into the file, by its ending.
    private func writer(for family: String?) throws -> (ModelCheckpoint) throws -> Void {
        let ending = FileSystem.fileExtension(of: output)
        if ending == "safetensors" { return { try $0.save(to: output, half: half) } }
        let formats = family.flatMap { try? CurrentRegistry.value.family(named: $0) }?.modelFormats ?? []
        let writable = formats.filter { $0.write != nil }
        guard let write = writable.first(where: { $0.fileExtensions.contains(ending) })?.write else {
            let known = ["safetensors"] + writable.flatMap(\.fileExtensions)
            throw GeneraError.usage(
                "The file to write must end in .\(known.joined(separator: ", .")), got '\(output)'.")
        }
        guard !half else { throw GeneraError.usage("--half goes with .safetensors only.") }
        return { try write($0, output) }
    }

    /// Writes the tensors as they are. The metadata of safetensors stay. - Returns: their number, and where they were found.
    private func copy() throws -> (count: Int, source: String?) {
        let content = try read()
        let written = half ? content.tensors.map { (name: $0.name, tensor: $0.tensor.halved()) } : content.tensors
        try Safetensors.write(written, metadata: content.metadata, to: output)
        return (written.count, content.source)
    }

    private struct Content {
        var tensors: [(name: String, tensor: RawTensor)]
        var metadata: [String: String] = [:]
        /// Where in the file they were found, if not at its top.
        var source: String?
    }

    private func read() throws -> Content {
        let view = try MappedFile(path: input).view
        let (kind, ending) = (FileKind(view), FileSystem.fileExtension(of: input))
        if kind == .safetensors || ending == "safetensors" {
            let file = try Safetensors(view, file: input)
            return Content(tensors: try file.tensors, metadata: file.metadata)
        }
        if ending == "npz" {
            let file = try NPZ(view, file: input)
            return Content(tensors: try file.names.map { ($0, try file.tensor($0)) })
        }
        let archive = try TorchArchive(view, file: input)
        do {
            let weights = try archive.weights()
            let isAtTop = weights.path.isEmpty && weights.prefix.isEmpty
            return Content(tensors: weights.tensors, source: isAtTop ? nil : weights.place)
        } catch {
            guard let network = try? EDMPickle(archive).network() else { throw error }
            return Content(tensors: network.tensors)
        }
    }
}
