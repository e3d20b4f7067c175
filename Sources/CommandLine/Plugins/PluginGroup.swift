import ArgumentParser
import Genera

/// `genera plugin`: model families that are loaded at run time.
struct PluginGroup: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "plugin", abstract: "Write, look at, and install plugins with model families of your own.",
            discussion: """
                Plugins are loaded from the folders and files of GENERA_PLUGINS (separated by colons), from the user's data \
                folder, where `install` puts them, and from the paths given with --plugin before a command.


                """
                    + Examples.text(
                        "genera plugin new moons", "genera plugin build moons --install",
                        "genera train moons --config moons/train.yaml --out runs/first",
                        "genera sample moons --checkpoint runs/first --count 2000 --out moons.png"),
            subcommands: [
                PluginListCommand.self, PluginInfoCommand.self, PluginNewCommand.self, PluginBuildCommand.self,
                PluginInstallCommand.self, PluginRemoveCommand.self,
            ])
    }
}

/// `genera plugin list`.
struct PluginListCommand: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "list", abstract: "List the plugins in the usual places, without running anything in them.",
            discussion: Examples.text("genera plugin list", "genera plugin list --json"))
    }

    @Flag(help: "Print the result as JSON.")
    var json = false

    func run() {
        let places = PluginFolders.standard
        let (files, problems) = places.plugins()
        if json {
            Console.result(json: Self.json(files, problems).text)
        } else {
            let rows = files.map { [$0.name, Self.families($0), Self.state($0), $0.path] }
            let none = [
                "No plugins. `\(ProgramName.current) plugin install FILE` puts them into \(places.installed ?? "the user's data folder")."
            ]
            for line in rows.isEmpty ? none : FactLines.lines(rows) { Console.result(line) }
        }
        for problem in problems { Console.error("\(ProgramName.current): warning: \(problem)") }
    }

    private static func families(_ file: PluginFile) -> String {
        file.sideFile.map { $0.families.map(\.name).joined(separator: ", ") } ?? "?"
    }

    private static func state(_ file: PluginFile) -> String {
        if let obstacle = file.obstacle() { return obstacle.reason }
        do { try file.requireTrusted() } catch { return "others can change it" }
        return "ready"
    }

    private static func json(_ files: [PluginFile], _ problems: [PluginError]) -> JSONOutput {
        .object([
            (
                "plugins",
                .list(
                    files.map { file in
                        .object([
                            ("name", .text(file.name)), ("path", .text(file.path)), ("state", .text(state(file))),
                            ("genera", JSONOutput(file.tag?.genera)), ("swift", JSONOutput(file.tag?.swiftVersion)),
                            ("families", .list((file.sideFile?.families ?? []).map { .text($0.name) })),
                        ])
                    })
            ),
            ("problems", .list(problems.map { .text($0.description) })),
        ])
    }
}

/// `genera plugin remove NAME`.
struct PluginRemoveCommand: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "remove", abstract: "Remove an installed plugin.",
            discussion: Examples.text("genera plugin remove Moons", "genera plugin list"))
    }

    @Argument(help: "The plugin's name, as `plugin list` shows it.")
    var name: String

    func run() throws {
        let folder = try PluginPlace.installed()
        let files = PluginFolders(named: [], installed: folder).plugins(trustsAll: true).files
        guard let file = files.first(where: { $0.name == name }) else {
            let names = files.map(\.name)
            let nearest = nearestName(to: name, in: names).map { " Did you mean '\($0)'?" } ?? ""
            throw GeneraError.noInput("No plugin '\(name)' is installed in \(folder).\(nearest)")
        }
        for path in [PluginSideFile.path(of: file.path), file.path] where FileSystem.exists(path) {
            try FileSystem.remove(path)
        }
        Console.result("removed \(file.path)")
    }
}

/// Where `install` puts plugins.
enum PluginPlace {
    /// The folder, which need not exist.
    ///
    /// - Throws: `GeneraError.unavailable` for a user without a home.
    static func installed() throws -> String {
        guard let folder = PluginFolders.standard.installed else {
            throw GeneraError.unavailable("There is no data folder: set XDG_DATA_HOME or HOME.")
        }
        return folder
    }
}
