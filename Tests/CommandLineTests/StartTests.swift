import Foundation
import Testing

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

    /// Every command with the words that lead to it, from the program's own description of itself.
    private func commands() throws -> [String] {
        let outcome = try run("--experimental-dump-help", in: folder)
        let dump = try #require(JSONSerialization.jsonObject(with: Data(outcome.bytes)) as? [String: Any])
        func below(_ command: [String: Any], _ words: [String]) -> [[String]] {
            let inner = (command["subcommands"] as? [[String: Any]] ?? []).filter {
                $0["commandName"] as? String != "help"
            }
            return [words] + inner.flatMap { below($0, words + [$0["commandName"] as? String ?? "?"]) }
        }
        return below(try #require(dump["command"] as? [String: Any]), []).map { $0.joined(separator: " ") }
    }

    @Test("Every command's help has two examples")
    func examples() throws {
        let commands = try commands()
        #expect(commands.count > 20 && commands.contains("pfgmpp optimise-schedule") && commands.contains("plugin new"))
        for command in commands {
            let outcome = try run("\(command) --help", in: folder)
            expectSuccess(outcome)
            let lines = outcome.output.split(separator: "\n")
            let start = try #require(lines.firstIndex(of: "EXAMPLES:"), "\(outcome)")
            let examples = lines[start...].dropFirst().prefix(2)
            #expect(examples.count == 2 && examples.allSatisfy { $0.hasPrefix("  genera ") }, "\(command)")
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
