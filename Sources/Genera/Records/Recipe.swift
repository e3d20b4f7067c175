import Formats
import Imaging
import Tensors

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// All that is needed to make an artifact again. It travels inside PNG files and beside others.
public struct Recipe: Codable, Sendable, Hashable {
    /// The version of Genera.
    public var genera: String
    /// The family's name.
    public var family: String
    /// The family's options.
    public var options: OptionRecord
    /// The seed.
    public var seed: UInt64
    /// The samples' indices, as `IndexList` writes them.
    public var indices: String
    /// The checkpoint as it was named; nil for a family without one.
    public var checkpoint: String?
    /// SHA-256 of the checkpoint file.
    public var checkpointSHA256: String?
    /// LibTorch's version and vector instructions, for example `2.13.0 AVX512`.
    public var engine: String
    /// How products were computed.
    public var precision: Precision
    /// Where tensors lived: `cpu`, `cuda:0`.
    public var device: String
    /// The file of the plugin that brought the family; nil for one that was compiled in or installed.
    public var plugin: String?
    /// The program's name if it is not `genera` but one with families of its own.
    public var program: String?

    /// Makes a recipe of this program and its engine.
    public init(
        family: String, options: OptionRecord, seed: UInt64, indices: [Int], checkpoint: String? = nil,
        checkpointSHA256: String? = nil, precision: Precision = .exact, device: Device = .cpu
    ) {
        let engine = try? Engine.information()
        genera = Version.current
        self.family = family
        self.options = options
        self.seed = seed
        self.indices = IndexList.text(indices)
        self.checkpoint = checkpoint
        self.checkpointSHA256 = checkpointSHA256
        self.engine = engine.map { "\($0.torchVersion) \($0.capability)" } ?? ""
        self.precision = precision
        self.device = "\(device)"
    }

    /// The words of the command that repeats it, after the program's name.
    public var arguments: [String] {
        var words = ["sample", family, "--seed", "\(seed)"]
        let list = (try? IndexList.parse(indices)) ?? []
        words += list == Array(0..<list.count) ? ["--count", "\(list.count)"] : ["--indices", indices]
        if let checkpoint { words += ["--checkpoint", checkpoint] }
        if precision != .exact { words += ["--precision", precision.rawValue] }
        if device != "cpu" { words += ["--device", device] }
        return words + options.arguments
    }

    /// The command that repeats it, quoted for a shell.
    public var command: String {
        let start = [program ?? "genera"] + (plugin.map { ["--plugin", $0] } ?? [])
        return (start + arguments).map(Text.shellWord).joined(separator: " ")
    }

    /// One line of JSON.
    public var json: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }

    /// Reads JSON; `file` names it in messages.
    ///
    /// - Throws: `GeneraError.badData` if it is not a recipe.
    public init(json: String, file: String) throws {
        do {
            self = try JSONDecoder().decode(Recipe.self, from: Data(json.utf8))
        } catch {
            throw GeneraError.badData(
                file: file, reason: "its recipe cannot be read", advice: "was it written by another version of Genera?")
        }
    }

    /// The key of the recipe among a PNG file's texts.
    public static let textKey = "genera.recipe"

    /// The texts for a PNG file.
    public var texts: [PNG.Text] {
        [
            PNG.Text("Software", "Genera \(genera)"), PNG.Text("Description", command), PNG.Text(Self.textKey, json),
        ]
    }

    /// The recipe inside a PNG file.
    ///
    /// - Throws: `ImagingError` for a file that is no PNG, `GeneraError.badData` for one without a recipe.
    public init(png path: String) throws {
        guard let text = try PNG.text(of: path).first(where: { $0.keyword == Self.textKey }) else {
            throw GeneraError.badData(
                file: path, reason: "holds no recipe",
                advice: "only PNG files written by `genera sample` can be made again")
        }
        try self.init(json: text.value, file: path)
    }
}
