import ArgumentParser
import Genera

/// `genera plugin info FILE`.
struct PluginInfoCommand: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "info", abstract: "Say what a plugin was built for and what it brings; loads it if it fits.",
            discussion: Examples.text(
                "genera plugin info .build/release/libMoons.so", "genera plugin info libMoons.so --json"))
    }

    @Argument(help: "The shared library.", completion: .file(extensions: ["so", "dylib"]))
    var file: String

    @Flag(help: "Print the result as JSON.")
    var json = false

    func run() throws {
        let plugin = try PluginFile(path: file)
        var registry = Registry()
        var problem: (any Error)?
        do { try PluginLoader(trustsAll: ProgramOptions.current.trust).load(file, into: &registry) } catch {
            problem = error
        }
        let families = registry.families.map { PluginSideFile.Family(name: $0.name, summary: $0.summary) }
        json
            ? Console.result(json: Self.json(plugin, families, problem).text)
            : Console.result(Self.text(plugin, families, problem))
        if let problem { throw problem }
    }

    private static func text(_ file: PluginFile, _ families: [PluginSideFile.Family], _ problem: (any Error)?) -> String
    {
        let tag = file.tag
        var rows = [["plugin", file.name], ["file", file.path], ["size", file.bytes.bytes]]
        if let tag {
            rows += [
                ["built for", "Genera \(tag.genera), core \(tag.core.prefix(8)), plugin interface \(tag.abi)"],
                ["compiler", "Swift \(tag.swiftVersion)"], ["system", tag.system],
            ]
        }
        rows.append(["fits", problem == nil ? "yes" : "no"])
        rows += families.map { ["family", "\($0.name): \($0.summary)"] }
        return FactLines.lines(rows).joined(separator: "\n")
    }

    private static func json(_ file: PluginFile, _ families: [PluginSideFile.Family], _ problem: (any Error)?)
        -> JSONOutput
    {
        .object([
            ("name", .text(file.name)), ("path", .text(file.path)), ("bytes", .integer(file.bytes)),
            ("tag", JSONOutput(file.tag?.description)), ("genera", JSONOutput(file.tag?.genera)),
            ("core", JSONOutput(file.tag?.core)),
            ("swift", JSONOutput(file.tag?.swiftVersion)), ("system", JSONOutput(file.tag?.system)),
            ("fits", .truth(problem == nil)),
            ("problem", JSONOutput(problem.map { Failure($0).message })),
            (
                "families",
                .list(families.map { .object([("name", .text($0.name)), ("summary", .text($0.summary))]) })
            ),
        ])
    }
}
