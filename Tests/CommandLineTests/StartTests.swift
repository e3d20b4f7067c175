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

    @Test(
        "Every command's help has two examples",
        arguments: [
            "", "list", "sample", "sample pfgmpp", "train", "train pfgmpp", "reproduce", "inspect", "convert", "data",
            "data emoji",
            "data glyphs", "data inspect", "config", "config show", "config check", "config defaults", "doctor", "cite",
        ])
    func examples(command: String) throws {
        let outcome = try run("\(command) --help", in: folder)
        expectSuccess(outcome)
        let lines = outcome.output.split(separator: "\n")
        let start = try #require(lines.firstIndex(of: "EXAMPLES:"), "\(outcome)")
        #expect(lines[start...].dropFirst().prefix(2).allSatisfy { $0.hasPrefix("  genera ") })
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
