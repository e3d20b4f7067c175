import Genera

/// A model of the authors' code, or of the works it came from: a folder of a model hub (`config.json` with `model.safetensors` or
/// `pytorch_model.bin`), or what a training saved (`checkpoint.pth`), of RADD, SEDD or MDLM. Nothing in it is executed.
public struct RADDCheckpoint: Sendable {
    /// What the model is.
    public let configuration: RADDConfiguration
    /// Weights under the names of RADD's network, or, for a network that is told the noise level, also those of that.
    public let weights: [(name: String, tensor: RawTensor)]
    /// What is known beside: `radd.network`, and what was assumed (`radd.assumed`).
    public let metadata: [String: String]

    /// Reads a folder, its `config.json`, or a file of weights.
    ///
    /// - Throws: `FormatError` for a file that cannot be read; `GeneraError.badData` for weights of another network, with all keys
    ///   that are missing, unknown or of another shape.
    public init(path: String) throws {
        let file = try Self.weightsFile(of: path)
        let read = try CheckpointWeights(path: file)
        var notes: [String] = []
        let settings = try Self.settings(of: path, weights: file, &notes)
        try self.init(read, settings, notes, file: file)
    }

    /// The file with the weights.
    static func weightsFile(of path: String) throws -> String {
        let isFolder = FileSystem.isFolder(path)
        guard isFolder || FileSystem.name(of: path) == "config.json" else { return path }
        let folder = isFolder ? path : FileSystem.parent(of: path)
        let names = ["model.safetensors", "pytorch_model.bin"]
        guard let name = names.first(where: { FileSystem.exists("\(folder)/\($0)") }) else {
            throw GeneraError.noInput(
                "\(folder) holds no weights.", advice: "Beside config.json lies \(names.joined(separator: " or ")).")
        }
        return "\(folder)/\(name)"
    }

    /// What is said of the model: `config.json` beside the weights, or `.hydra/config.yaml` of the run that saved them.
    private static func settings(of path: String, weights: String, _ notes: inout [String]) throws -> CheckpointSettings
    {
        var folder = FileSystem.parent(of: weights)
        if FileSystem.exists("\(folder)/config.json") { return try .json(path: "\(folder)/config.json") }
        for _ in 0..<3 {
            let file = "\(folder)/.hydra/config.yaml"
            if FileSystem.exists(file) {
                do { return CheckpointSettings(yaml: try YAMLOptions(path: file)) } catch let error as FormatError {
                    // Settings of more than one level, as MDLM's are: the shapes tell what matters.
                    notes.append("\(file) was not read (\(error.reason))")
                    return CheckpointSettings()
                }
            }
            let parent = FileSystem.parent(of: folder)
            guard parent != folder else { break }
            folder = parent
        }
        notes.append("no config.json or .hydra/config.yaml was found")
        return CheckpointSettings()
    }

    /// Puts a model together from tensors and settings.
    init(_ read: CheckpointWeights, _ settings: CheckpointSettings, _ found: [String], file: String) throws {
        var notes = found
        var metadata = read.notes
        if let graph = settings.text("graph.type"), graph != "absorb" {
            throw GeneraError.badData(
                file: settings.file, reason: "'graph.type' is '\(graph)'",
                advice: "only models whose noise masks are read.")
        }
        let c = try Self.configuration(read, settings, &notes, file: file)
        configuration = c
        guard read.hasTime else {
            weights = try NetworkKeys.ordered(read.tensors, c, file: file)
            self.metadata = metadata.merging(Self.told(notes)) { first, _ in first }
            return
        }
        let isScaled = try settings.truth("model.scale_by_sigma") ?? true
        let modulated = try ModulatedWeights(read.tensors, c, isScaledBySigma: isScaled, file: file)
        if try Self.isTimeless(read, settings, &notes) {
            weights = modulated.folded(sigma: 0)
            metadata["radd.origin"] = "MDLM, its time folded in at 0"
        } else {
            weights = modulated.tensors
            metadata["radd.network"] = ModulatedWeights.kind
            metadata["radd.scale_by_sigma"] = "\(isScaled)"
            metadata["radd.origin"] = settings.text("time_conditioning") == nil ? "SEDD" : "MDLM with time"
        }
        self.metadata = metadata.merging(Self.told(notes)) { first, _ in first }
    }

    private static func told(_ notes: [String]) -> [String: String] {
        notes.isEmpty ? [:] : ["radd.assumed": notes.joined(separator: "; ")]
    }

    /// Whether a network with tensors of time is fed zeros in place of it, as MDLM is.
    private static func isTimeless(
        _ read: CheckpointWeights, _ settings: CheckpointSettings, _ notes: inout [String]
    ) throws -> Bool {
        if let isTold = try settings.truth("time_conditioning") { return !isTold }
        if settings.text("parameterization") == "subs" || settings.text("model_type") == "mdlm" { return true }
        if settings.text("graph.type") != nil { return false }
        let isMDLM = read.prefix.hasPrefix("backbone.")
        notes.append(
            isMDLM ? "names that begin with 'backbone.' are MDLM's, without time" : "tensors of time are SEDD's")
        return isMDLM
    }

    private static func configuration(
        _ read: CheckpointWeights, _ settings: CheckpointSettings, _ notes: inout [String], file: String
    ) throws -> RADDConfiguration {
        guard let table = read.shape(CheckpointWeights.mark), table.count == 2 else {
            throw GeneraError.badData(file: file, reason: "'\(CheckpointWeights.mark)' must be [classes, width]")
        }
        let tokens = try settings.whole("tokens") ?? settings.whole("vocab_size").map { $0 &- 1 } ?? table[0] - 1
        let width = try settings.whole("model.hidden_size", "hidden_dim") ?? table[1]
        let blocks = try settings.whole("model.n_blocks", "n_blocks") ?? read.blocks
        var network = RADDConfiguration.Network(
            width: width, heads: try heads(read, settings, width, &notes), blocks: blocks)
        if let length = try settings.whole("model.length", "model_length") {
            network.length = length
        } else {
            notes.append("sequences of \(network.length) tokens")
        }
        if let dropout = try settings.number("model.dropout", "dropout") { network.dropout = dropout }
        if try settings.truth("model.causal") == true { network.isCausal = true }
        let c = RADDConfiguration(
            tokens: tokens, model: network, noise: try settings.noise(), tokenizer: settings.text("tokenizer"),
            vocab: settings.text("vocab"))
        do { try c.check() } catch { throw GeneraError.badData(file: file, reason: "\(error)") }
        guard table[0] == c.classes else {
            throw GeneraError.badData(
                file: file,
                reason:
                    "'\(CheckpointWeights.mark)' is \(table), but \(tokens) tokens and the mask need \([c.classes, width])",
                advice: "the mask is the last class, and no others are behind it.")
        }
        return c
    }

    /// Heads as the settings say, else as the rotary frequencies of each tell, else 64 numbers wide.
    private static func heads(
        _ read: CheckpointWeights, _ settings: CheckpointSettings, _ width: Int, _ notes: inout [String]
    ) throws -> Int {
        if let heads = try settings.whole("model.n_heads", "n_heads") { return heads }
        let count = read.shape(NetworkKeys.frequencies)?.first ?? 0
        if (1...65_536).contains(count), width > 0, width % (2 * count) == 0 {
            return width / (2 * count)
        }
        notes.append("heads 64 numbers wide")
        return max(width / 64, 1)
    }
}
