import Formats
import Imaging
import Platform
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
    /// LibTorch's version and vector instructions, for example `2.13.0 AVX512`; empty if nothing needed it.
    public var engine: String
    /// How products were computed.
    public var precision: Precision
    /// Where tensors lived: `cpu`, `cuda:0`.
    public var device: String
    /// The file of the plugin that brought the family; nil for one that was compiled in or installed.
    public var plugin: String?
    /// The program's name if it is not `genera` but one with families of its own.
    public var program: String?
    /// The family's verb; nil for `sample`.
    public var verb: String?
    /// The other files that it depends on; nil for none.
    public var inputs: [Input]?
    /// SHA-256 of the plugin's file, installed or not; nil for a family that was compiled in.
    public var pluginSHA256: String?
    /// How many artefacts the verb wrote before this one.
    public var number: Int?

    /// A file that was read.
    public struct Input: Codable, Sendable, Hashable {
        /// As it was named.
        public var path: String
        /// Its SHA-256; of a folder, that of the list of its files with theirs.
        public var sha256: String

        /// Names a file.
        public init(path: String, sha256: String) { (self.path, self.sha256) = (path, sha256) }
    }

    /// Makes a recipe of this program, and of its engine if something has needed that by now.
    public init(
        family: String, options: OptionRecord, seed: UInt64, indices: [Int], checkpoint: String? = nil,
        checkpointSHA256: String? = nil, precision: Precision = .exact, device: Device = .cpu
    ) {
        genera = Version.current
        self.family = family
        self.options = options
        self.seed = seed
        self.indices = IndexList.text(indices)
        self.checkpoint = checkpoint
        self.checkpointSHA256 = checkpointSHA256
        engine = Self.engineInUse
        self.precision = precision
        self.device = "\(device)"
    }

    /// The engine as recipes name it; empty if nothing has needed it so far. A recipe that was made before the work asks again after it.
    public static var engineInUse: String {
        Engine.loadedInformation.map { "\($0.torchVersion) \($0.capability)" } ?? ""
    }

    /// The recipe of a verb's run: its words, the machine, and the digests of what was read so far.
    ///
    /// - Throws: `FormatError` if a file that was read cannot be read again for its digest.
    public init(_ identity: RunIdentity, of run: RunContext) throws {
        let model = run.record.models.first
        self.init(
            family: identity.family, options: identity.options, seed: run.seed, indices: [], checkpoint: model?.name,
            checkpointSHA256: try model.map { try run.record.digest(of: $0.path) }, precision: run.precision,
            device: run.device)
        (verb, plugin, pluginSHA256) = (identity.verb, identity.plugin, identity.pluginSHA256)
        program = identity.program
        try note(run.record)
    }

    /// Takes over the digests of the files that a run has read beside its first model.
    ///
    /// - Throws: `FormatError` if one cannot be read again.
    public mutating func note(_ record: RunRecord) throws {
        let paths = record.models.dropFirst().map(\.path) + record.inputs
        let found = try paths.map { Input(path: $0, sha256: try record.digest(of: $0)) }
        inputs = found.isEmpty ? nil : found
    }

    /// The words of the command that repeats it, after the program's name.
    public var arguments: [String] {
        if let verb { return [family, verb] + options.arguments }
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

    /// The file with the recipe of a file that cannot hold it.
    public static func file(beside path: String) -> String { "\(path).json" }

    /// The recipe inside a PNG file, or beside any other.
    ///
    /// - Throws: `ImagingError` and `FormatError` for files that cannot be read, `GeneraError.badData` without a recipe.
    public init(of path: String) throws {
        let view = try MappedFile(path: path).view
        if view.count > 8, (0..<4).map({ view[$0] }) == [0x89, 0x50, 0x4E, 0x47] {
            try self.init(png: path)
            return
        }
        let beside = Self.file(beside: path)
        guard FileSystem.exists(beside) else {
            throw GeneraError.badData(
                file: path, reason: "holds no recipe, and there is none beside it (\(beside))",
                advice: "what Genera writes can be made again as long as the two stay together")
        }
        try self.init(json: String(decoding: MappedFile(path: beside).view.array(), as: UTF8.self), file: beside)
    }

    /// The recipe inside a PNG file.
    ///
    /// - Throws: `ImagingError` for a file that is no PNG, `GeneraError.badData` for one without a recipe.
    public init(png path: String) throws {
        guard let text = try PNG.text(of: path).first(where: { $0.keyword == Self.textKey }) else {
            throw GeneraError.badData(
                file: path, reason: "holds no recipe",
                advice: "only pictures that Genera wrote can be made again")
        }
        try self.init(json: text.value, file: path)
    }
}
