import Formats

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

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
        CheckpointStore(folders: standardFolders(environment: Folder.environment, executable: executablePath))
    }

    static func standardFolders(environment: (String) -> String?, executable: String?) -> [String] {
        var folders = (environment("GENERA_MODELS") ?? "").split(separator: ":").map(String.init)
        let data = environment("XDG_DATA_HOME") ?? environment("HOME").map { "\($0)/.local/share" }
        if let data { folders.append("\(data)/genera/models") }
        guard let executable else { return folders }
        var folder = Folder.parent(of: executable)
        // Installed programs lie in PREFIX/lib/genera.
        let prefix = Folder.parent(of: Folder.parent(of: folder))
        folders.append("\(prefix)/share/genera/models")
        while true {
            if Folder.isFolder("\(folder)/samples/models") { folders.append("\(folder)/samples/models") }
            if folder == "/" || folder == "." { break }
            folder = Folder.parent(of: folder)
        }
        // Programs of packages that depend on Genera.
        let sources = "\(Engine.sourceFolder)/samples/models"
        return folders.contains(sources) || !Folder.isFolder(sources) ? folders : folders + [sources]
    }

    private static var executablePath: String? {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        return count > 0 ? String(decoding: buffer.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self) : nil
    }

    /// The models that can be named, sorted; of two with one name the first found.
    public var models: [(name: String, path: String)] {
        var found: [String: String] = [:]
        for folder in folders {
            for file in Folder.names(in: folder) where file.hasSuffix(".safetensors") {
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
        if Folder.isFolder(name), try formats.contains(where: { try $0.holds(name) }) { return name }
        if Folder.isFolder(name), name.contains("/") || models.allSatisfy({ $0.name != name }) {
            let model = "\(name)/model.safetensors"
            guard Folder.exists(model) else {
                throw GeneraError.noInput(
                    "\(name) holds no model.safetensors.", searched: [],
                    advice: "Name a run directory whose training has written a checkpoint, or a .safetensors file.")
            }
            return model
        }
        if name.contains("/") || Folder.exists(name) {
            guard Folder.exists(name) else {
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
