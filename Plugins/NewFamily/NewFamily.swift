import Foundation
import PackagePlugin

/// `swift package new-family NAME`: writes a package for a new family of models into this package's folder.
///
/// The verb is also there in packages that depend on Genera; the new package then gets Genera from where they do.
@main
struct NewFamily: CommandPlugin {
    func performCommand(context: PluginContext, arguments: [String]) async throws {
        let tool = try context.tool(named: "genera-scaffold")
        let process = Process()
        process.executableURL = tool.url
        process.currentDirectoryURL = context.package.directoryURL
        process.arguments = arguments + (arguments.contains("--genera") ? [] : Self.source(for: context.package))
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            Diagnostics.error("No package was written.")
            return
        }
    }

    /// Where a package gets Genera from: its own folder for Genera itself.
    private static func source(for package: Package) -> [String] {
        if FileManager.default.fileExists(atPath: package.directoryURL.appending(path: "Sources/CPlugin").path) {
            return ["--genera", package.directoryURL.path]
        }
        guard let genera = package.dependencies.map(\.package).first(where: { $0.displayName == "Genera" }) else {
            return []
        }
        switch genera.origin {
        case let .repository(url, version, _): return ["--genera", url, "--version", version]
        case let .local(path): return ["--genera", path]
        default: return ["--genera", genera.directoryURL.path]
        }
    }
}
