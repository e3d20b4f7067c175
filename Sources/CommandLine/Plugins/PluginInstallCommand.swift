import ArgumentParser
import Formats
import Genera

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// `genera plugin install FILE`.
struct PluginInstallCommand: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "install", abstract: "Copy a plugin to where every run of the program finds it.",
            discussion: Examples.text(
                "genera plugin install .build/release/libMoons.so", "genera plugin install libMoons.so --force"))
    }

    @Argument(help: "The shared library.", completion: .file(extensions: ["so", "dylib"]))
    var file: String

    @Flag(help: "Replace a plugin of the same file name.")
    var force = false

    func run() throws { try Self.install(file, force: force) }

    /// Copies a library that was tried out, with its description.
    ///
    /// - Throws: `PluginError` and `GeneraError` for one that does not fit, or is installed already.
    static func install(_ file: String, force: Bool) throws {
        let plugin = try PluginFile(path: file)
        let folder = try PluginPlace.installed()
        let target = "\(folder)/\(FileSystem.name(of: plugin.path))"
        let families = try triedOut(plugin)
        for family in families where CurrentRegistry.value.has(family.name) {
            throw GeneraError.badData(
                file: plugin.path,
                reason: "brings a model family '\(family.name)', but this program has one of that name",
                advice: "rename one of them")
        }
        try FileSystem.makeFolders(folder)
        if FileSystem.exists(target), !force {
            throw GeneraError.cannotCreate(file: target, reason: "is installed already. Use --force to replace it.")
        }
        // In this order, a reader never finds a description that does not belong to the library: without one, the
        // library's own tag decides.
        let side = PluginSideFile(
            file: FileSystem.name(of: target), bytes: plugin.bytes, tag: .current, families: families)
        if FileSystem.exists(PluginSideFile.path(of: target)) { try FileSystem.remove(PluginSideFile.path(of: target)) }
        let content = try MappedFile(path: plugin.path)
        try AtomicFile.write(to: target) { try $0.write(content.view) }
        try side.write(of: target)
        for family in families { Console.result("installed \(family.name): \(target)") }
    }

    /// Loads the plugin in another process, which it may crash.
    private static func triedOut(_ plugin: PluginFile) throws -> [PluginSideFile.Family] {
        let trust = ProgramOptions.current.trust
        if !trust { try plugin.requireTrusted() }
        if plugin.sideFile == nil, let obstacle = plugin.obstacle() { throw obstacle }
        let words = ["plugin", "info", plugin.path, "--json"] + (trust ? ["--trust"] : [])
        let child = try ChildProcess.run(ThisProcess.executable ?? ProgramName.current, words)
        guard child.signal == 0 else {
            throw GeneraError.software(
                "\(plugin.path): crashed as it was loaded, with signal \(child.signal). Ask its author.")
        }
        guard let report = try? JSONDecoder().decode(Report.self, from: Data(child.output.utf8)), report.fits else {
            // The child has told why.
            throw ExitCode(child.status == 0 ? 70 : child.status)
        }
        return report.families
    }

    /// What `plugin info --json` says.
    private struct Report: Decodable {
        let fits: Bool
        let families: [PluginSideFile.Family]
    }
}
