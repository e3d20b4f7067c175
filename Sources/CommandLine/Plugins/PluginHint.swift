import Genera
import Scaffold

/// Where the plugin of a family may be that this program does not have. Files are looked at; nothing in them is run.
enum PluginHint {
    /// What to do about a family that is not there; nil if nothing in sight bears its name.
    static func sentence(for family: String) -> String? {
        let module = Scaffold.module(of: family)
        let packages = [".", family, module]
        let places = packages.flatMap { package in
            ["genera", "release", "debug"].map { ".build/\($0)" }.map { package == "." ? $0 : "\(package)/\($0)" }
        }
        let libraries = (["."] + places).map {
            $0 == "." ? PluginSDK.library(module) : "\($0)/\(PluginSDK.library(module))"
        }
        if let library = libraries.first(where: { (try? PluginFile(path: $0))?.tag != nil }) {
            let install = ProgramName.command(["plugin", "install", library])
            return
                "A plugin of that name lies here, not installed: `\(install)`, or name it with --plugin \(Text.shellWord(library))."
        }
        let package = packages.first {
            FileSystem.exists("\($0)/Package.swift") && FileSystem.isFolder("\($0)/Sources/\(module)")
        }
        return package.map { place in
            let words = ["plugin", "build"] + (place == "." ? [] : [place]) + ["--install"]
            return "A package of that name lies here, not built: `\(ProgramName.command(words))`."
        }
    }
}
