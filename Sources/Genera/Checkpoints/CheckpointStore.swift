import Formats
import Platform

/// Finds checkpoints by the names people use.
///
/// A name is a file, a run directory (its averaged weights), or the name of a model without folder and extension, which is
/// looked for in the folders of `GENERA_MODELS`, the user's data folder, the installation, and `samples/models`.
public struct CheckpointStore: Sendable {
    /// The folders with models, in the order they are searched.
    public let folders: [String]

    /// A store of the folders given.
    public init(folders: [String]) { self.folders = folders }

    /// The folders of this machine and user.
    public static var standard: CheckpointStore {
        CheckpointStore(
            folders: standardFolders(environment: Environment.value, executable: ThisProcess.executable))
    }

    static func standardFolders(environment: (String) -> String?, executable: String?) -> [String] {
        var folders = (environment("GENERA_MODELS") ?? "").split(separator: ":").map(String.init)
        if let data = Environment.dataFolder(environment) { folders.append("\(data)/genera/models") }
        guard let executable else { return folders }
        var folder = FileSystem.parent(of: executable)
        // Installed programs lie in PREFIX/lib/genera.
        let prefix = FileSystem.parent(of: FileSystem.parent(of: folder))
        folders.append("\(prefix)/share/genera/models")
        while true {
            if FileSystem.isFolder("\(folder)/samples/models") { folders.append("\(folder)/samples/models") }
            if folder == "/" || folder == "." { break }
            folder = FileSystem.parent(of: folder)
        }
        // Programs of packages that depend on Genera.
        let sources = "\(Engine.sourceFolder)/samples/models"
        return folders.contains(sources) || !FileSystem.isFolder(sources) ? folders : folders + [sources]
    }

    /// The models that can be named, sorted; of two with one name the first found.
    public var models: [(name: String, path: String)] {
        var found: [String: String] = [:]
        for folder in folders {
            for file in FileSystem.names(in: folder) where file.hasSuffix(".safetensors") {
                let name = String(file.dropLast(".safetensors".count))
                if found[name] == nil { found[name] = "\(folder)/\(file)" }
            }
        }
        return found.sorted { $0.key < $1.key }.map { (name: $0.key, path: $0.value) }
    }

    /// The file of a checkpoint; a folder where that is one of the formats given.
    ///
    /// - Throws: `GeneraError.noInput` that lists the folders searched and the nearest name.
    public func path(of name: String, formats: [ModelFormat] = []) throws -> String {
        if FileSystem.isFolder(name), try formats.contains(where: { try $0.holds(name) }) { return name }
        if FileSystem.isFolder(name), name.contains("/") || models.allSatisfy({ $0.name != name }) {
            let model = "\(name)/model.safetensors"
            guard FileSystem.exists(model) else {
                throw GeneraError.noInput(
                    "\(name) holds no model.safetensors.", searched: [],
                    advice: "Name a run directory whose training has written a checkpoint, or a .safetensors file.")
            }
            return model
        }
        // A folder that is called as a model is does not stand before it: ./NAME is the folder.
        if name.contains("/") || (FileSystem.exists(name) && !FileSystem.isFolder(name)) {
            guard FileSystem.exists(name) else {
                throw GeneraError.noInput(
                    "\(name): there is no such checkpoint.", searched: [], advice: "Check the path.")
            }
            return name
        }
        let models = models
        if let model = models.first(where: { $0.name == name }) { return model.path }
        let known = models.map(\.name)
        let nearest = nearestName(to: name, in: known).map { "Did you mean '\($0)'?" }
        let list =
            known.isEmpty ? "Set GENERA_MODELS to a folder of models." : "Known: \(known.joined(separator: ", "))."
        throw GeneraError.noInput("No checkpoint is called '\(name)'.", searched: folders, advice: nearest ?? list)
    }

    /// Loads a checkpoint by name.
    ///
    /// - Throws: as `path(of:)` and `ModelCheckpoint.load`.
    public func load(_ name: String, family: String? = nil) throws -> ModelCheckpoint {
        try ModelCheckpoint.load(path(of: name), family: family)
    }

    /// The file of the checkpoint with a digest.
    ///
    /// - Parameter name: where to look first.
    /// - Throws: `GeneraError.noInput` if none of the models here has it.
    public func find(sha256: String, name: String? = nil) throws -> String {
        let hint = name.flatMap { try? path(of: $0) }
        for path in [hint].compactMap({ $0 }) + models.map(\.path) where try FileDigest.sha256(file: path) == sha256 {
            return path
        }
        throw GeneraError.noInput(
            "No checkpoint here has the SHA-256 \(sha256)\(name.map { " ('\($0)')" } ?? "").", searched: folders,
            advice: "Get the file the picture was made with and name it with --checkpoint.")
    }
}
