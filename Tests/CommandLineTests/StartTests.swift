import ArgumentParser
import Foundation
import Genera
import Testing

@testable import CommandLine

@Suite struct StartTests {
    let folder: Scratch

    init() throws { folder = try Scratch() }

    @Test("The program says its version")
    func version() throws {
        let outcome = try run("--version", in: folder)
        expectSuccess(outcome)
        #expect(outcome.output.hasPrefix("Genera "))
    }

    @Test("Without words it shows its help")
    func help() throws {
        let outcome = try run("", in: folder)
        expectSuccess(outcome)
        #expect(outcome.output.contains("SUBCOMMANDS:") && outcome.error.isEmpty)
    }

    /// Every command with the words that lead to it, from the tree that the program is parsed by.
    private func commands() throws -> [String] {
        let tree = CommandTree(registry: try Registry(builtinFamilies))
        func below(_ command: any ParsableCommand.Type, _ words: [String]) -> [[String]] {
            let name = command.configuration.commandName ?? command._commandName
            let words = words + [name]
            return [words] + command.configuration.subcommands.flatMap { below($0, words) }
        }
        let first = CommandTree.builtin + tree.familyGroups + tree.shortCommands
        let all = try [[]] + first.flatMap { below($0, []) } + familyCommands()
        return all.map { $0.joined(separator: " ") }
    }

    /// What the groups of families hold depends on the registry of the program, which this process has none of.
    private func familyCommands() throws -> [[String]] {
        let tree = CommandTree(registry: try Registry(builtinFamilies))
        return tree.registry.families.flatMap { family in
            tree.words(after: family).flatMap { word in
                let isAction = CommandTree.Action(rawValue: word) != nil
                return [[family.name, word]] + (isAction ? [[word, family.name]] : [])
            }
        }
    }

    @Test("Every command's help has two examples, each on one line")
    func examples() throws {
        let commands = Set(try commands())
        #expect(
            commands.isSuperset(of: [
                "", "pfgmpp optimise-schedule", "render", "plugin build", "sample splat", "classifier train",
            ]))
        for command in commands.sorted() {
            let outcome = try run("\(command) --help", in: folder)
            expectSuccess(outcome)
            let lines = outcome.output.split(separator: "\n")
            let start = try #require(lines.firstIndex(of: "EXAMPLES:"), "\(outcome)")
            let examples = lines[start...].dropFirst().prefix { $0.hasPrefix("  ") || !$0.contains(":") }
            #expect(examples.count >= 2, "\(command)")
            #expect(examples.allSatisfy { $0.hasPrefix("  genera ") && $0.count <= 80 }, "\(command): \(examples)")
        }
    }

    @Test("No option of a built-in family collides with the program's")
    func collisions() throws {
        // Families compiled in are compared here, so that a program need not do it at each start.
        let outcome = try run("doctor --json", in: folder)
        #expect(outcome.output.contains("\"families\""), "\(outcome)")
        #expect(!outcome.output.contains("declares"), "\(outcome)")
    }

    @Test("Defaults stand in the help")
    func defaults() throws {
        let outcome = try run("sample pfgmpp --help", in: folder)
        #expect(outcome.output.contains("(default: 18,") && outcome.output.contains("default: heun"))
    }

    @Test("Families and models are listed", arguments: ["list", "list --json"])
    func list(words: String) throws {
        let folder = try TinyRun.folderWithModel()
        let outcome = try run(words, in: folder)
        expectSuccess(outcome)
        #expect(outcome.output.contains("pfgmpp") && outcome.output.contains("tiny"))
    }

    @Test("BibTeX is printed")
    func cite() throws {
        let outcome = try run("cite pfgmpp", in: folder)
        expectSuccess(outcome)
        #expect(outcome.output.hasPrefix("@inproceedings{") && outcome.output.contains("PFGM++"))
    }

    @Test("Shells get completions", arguments: ["bash", "zsh", "fish"])
    func completions(shell: String) throws {
        let outcome = try run("--generate-completion-script \(shell)", in: folder)
        expectSuccess(outcome)
        #expect(outcome.output.contains("pfgmpp"))
    }

    @Test("The man page's source is valid JSON")
    func dumpedHelp() throws {
        let outcome = try run("--experimental-dump-help", in: folder)
        expectSuccess(outcome)
        #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(outcome.bytes)) }
    }

    @Test(
        "What needs no engine starts without one",
        arguments: ["--version", "--help", "list", "cite pfgmpp", "inspect tiny.safetensors"])
    func noEngine(words: String) throws {
        let folder = try TinyRun.folderWithModel()
        expectSuccess(try run(words, in: folder, environment: ["GENERA_ENGINE": "/nonexistent.so"]))
    }

    @Test("What needs no engine starts at once", arguments: ["--version", "list"])
    func startsFast(words: String) throws {
        let clock = ContinuousClock()
        let times = try (0..<5).map { _ in try clock.measure { _ = try run(words, in: folder) } }
        #expect(try #require(times.min()) < .milliseconds(500), "\(times)")
    }
}
