import ArgumentParser
import Formats
import Genera
import Tensors

/// `genera convert IN OUT`.
struct ConvertCommand: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "convert", abstract: "Turn a checkpoint of another program into safetensors.",
            discussion:
                "Without --family the file holds the tensors alone; with it, a model that can be sampled from.\n\n"
                + Examples.text(
                    "genera convert network-snapshot.pkl cifar10.safetensors --family pfgmpp",
                    "genera convert model.safetensors small.safetensors --half"))
    }

    @Argument(help: "A checkpoint: safetensors, .pth, .pt, .bin, .pkl or .npz.", completion: .file())
    var input: String

    @Argument(help: "The safetensors file to write.", completion: .file(extensions: ["safetensors"]))
    var output: String

    @Option(help: ArgumentHelp("The family it is a model of.", valueName: "name"))
    var family: String?

    @Flag(help: "Round weights to float16: half the size.")
    var half = false

    @Flag(help: "Replace what is there.")
    var force = false

    @OptionGroup(title: "Talk") var talk: TalkOptions

    func validate() throws {
        guard FileSystem.fileExtension(of: output) == "safetensors" else {
            throw ValidationError("The file to write must end in .safetensors, got '\(output)'.")
        }
    }

    func run() throws {
        let family = try family.map { try CurrentRegistry.value.family(named: $0) }
        try FileSystem.requireWritable(output, force: force)
        let count: Int
        if let family {
            let model = try model(of: family)
            try model.save(to: output, half: half)
            count = model.weights.count
        } else {
            count = try copy()
        }
        talk.print(
            ["\(output): \(count) tensors"],
            json: .object([("file", .text(output)), ("tensors", .integer(count)), ("family", JSONOutput(family?.name))])
        )
    }

    private func model(of family: any ModelFamily.Type) throws -> ModelCheckpoint {
        if let format = try family.modelFormats.first(where: { try $0.holds(input) }) { return try format.read(input) }
        return try ModelCheckpoint.load(input, family: family.name)
    }

    /// Writes the tensors as they are. The metadata of safetensors stay. - Returns: their number.
    private func copy() throws -> Int {
        let (tensors, metadata) = try read()
        let written = half ? try tensors.map { ($0.name, try Self.rounded($0.tensor)) } : tensors
        try Safetensors.write(written, metadata: metadata, to: output)
        return written.count
    }

    private func read() throws -> (tensors: [(name: String, tensor: RawTensor)], metadata: [String: String]) {
        let view = try MappedFile(path: input).view
        let isSafetensors = FileSystem.fileExtension(of: input) == "safetensors" || (view.count > 8 && view[8] == 0x7B)
        if isSafetensors {
            let file = try Safetensors(view, file: input)
            return (file.tensors, file.metadata)
        }
        if FileSystem.fileExtension(of: input) == "npz" {
            let file = try NPZ(view, file: input)
            return (try file.names.map { ($0, try file.tensor($0)) }, [:])
        }
        let archive = try TorchArchive(view, file: input)
        do {
            return (try archive.stateDictionary(), [:])
        } catch {
            guard let network = try? EDMPickle(archive).ema() else { throw error }
            return (network.tensors, [:])
        }
    }

    private static func rounded(_ tensor: RawTensor) throws -> RawTensor {
        guard tensor.dtype.isFloatingPoint else { return tensor }
        return try RawTensor(Tensor(tensor).to(.float16).checked())
    }
}
