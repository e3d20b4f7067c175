import Platform

/// Where plugins are looked for: the folders and files of `GENERA_PLUGINS`, separated by colons, then the user's data folder.
public struct PluginFolders: Sendable {
    /// What `GENERA_PLUGINS` names.
    public let named: [String]
    /// The user's own plugins, `$XDG_DATA_HOME/genera/plugins` or `~/.local/share/genera/plugins`; nil without a home.
    public let installed: String?

    /// The places given.
    public init(named: [String], installed: String?) {
        self.named = named
        self.installed = installed
    }

    /// The places of this user.
    public static var standard: PluginFolders {
        PluginFolders(
            named: (Environment.value("GENERA_PLUGINS") ?? "").split(separator: ":").map(String.init),
            installed: Environment.dataFolder().map { "\($0)/genera/plugins" })
    }

    /// The libraries there that are plugins or say that they are, in the order they are loaded, and what was wrong with
    /// folders and files that cannot be looked at. Libraries of other kinds are passed over.
    public func plugins(trustsAll: Bool = false) -> (files: [PluginFile], problems: [PluginError]) {
        var files: [PluginFile] = []
        var problems: [PluginError] = []
        for place in named + (installed.map { [$0] } ?? []) {
            do {
                for path in try Self.libraries(at: place, isNamed: place != installed, trustsAll: trustsAll) {
                    do {
                        let file = try PluginFile(path: path)
                        if file.isPlugin { files.append(file) }
                    } catch { problems.append(Self.problem(error, path)) }
                }
            } catch { problems.append(Self.problem(error, place)) }
        }
        return (files, problems)
    }

    /// Loads all plugins there into a registry. Of several libraries with the same file name the first one is loaded, and one
    /// that was loaded before wins over all: so the plugin one works on, named with `--plugin`, takes the place of the
    /// installed one.
    ///
    /// - Returns: what was wrong with those that were passed over.
    public func load(with loader: PluginLoader, into registry: inout Registry) -> [PluginError] {
        var (files, problems) = plugins(trustsAll: loader.trustsAll)
        for file in files where !registry.plugins.contains(where: { PluginFile.name(of: $0) == file.name }) {
            do { try loader.load(file.path, into: &registry) } catch {
                problems.append(Self.problem(error, file.path))
            }
        }
        return problems
    }

    private static func problem(_ error: any Error, _ path: String) -> PluginError {
        error as? PluginError ?? PluginError(path, Failure(error).message, advice: "")
    }

    private static func libraries(at place: String, isNamed: Bool, trustsAll: Bool) throws -> [String] {
        guard FileSystem.isFolder(place) else {
            if FileSystem.exists(place) { return [place] }
            if !isNamed { return [] }
            throw PluginError(
                place, "there is no such folder or file", advice: "Correct GENERA_PLUGINS.", kind: .noInput)
        }
        if !trustsAll, let reason = PluginFile.distrust(place) {
            throw PluginError(
                place, "\(reason), so that its plugins were not loaded",
                advice: "Take the right away, or load them nevertheless with --trust.", kind: .notPermitted)
        }
        return FileSystem.names(in: place).filter(PluginFile.isLibraryName).map { "\(place)/\($0)" }
    }
}

extension PluginFile {
    /// Whether it is meant to be a plugin, in good order or not. Genera's core itself, which lies beside a plugin in its build
    /// folder, is not, and neither are libraries of other kinds.
    var isPlugin: Bool { tag != nil || sideFile != nil || (hasOwnCore && name != "Genera") }
}
