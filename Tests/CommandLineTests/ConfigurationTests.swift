import Foundation
import Genera
import Testing

@Suite struct ConfigurationTests {
    let folder: Scratch

    init() throws { folder = try TinyRun.folder() }

    @Test("A configuration is shown with all defaults, and reads back as itself")
    func show() throws {
        let outcome = try run("config show tiny.yaml", in: folder)
        expectSuccess(outcome)
        let options = try YAMLOptions(text: outcome.output, file: "shown")
        #expect(
            options["family"]?.text == "pfgmpp" && options["batch-size"]?.text == "8" && options["lr"]?.text == "0.001")
        try folder.write(outcome.output, to: "full.yaml")
        #expect(try run("config show full.yaml", in: folder).output == outcome.output)
    }

    @Test("The defaults are a configuration", arguments: ["", " --sampling"])
    func defaults(kind: String) throws {
        let outcome = try run("config defaults pfgmpp\(kind)", in: folder)
        expectSuccess(outcome)
        #expect(outcome.output.hasPrefix("family: pfgmpp\n"))
        let text = outcome.output.split(separator: "\n").filter { !$0.hasSuffix("# must be given") }.joined(
            separator: "\n")
        try folder.write(text + "\n" + (kind.isEmpty ? "data: tiny.zip\n" : ""), to: "defaults.yaml")
        expectSuccess(try run("config check defaults.yaml\(kind)", in: folder))
    }

    /// A family's command with its options: of each family that the program has, by its own list.
    static let kinds: [(family: String, option: String)] = (try? listed()) ?? []

    private static func listed() throws -> [(family: String, option: String)] {
        struct List: Decodable {
            struct Family: Decodable { let name: String }
            let families: [Family]
        }
        let list = try JSONDecoder().decode(List.self, from: Data(run("list --json", in: Scratch()).bytes))
        return list.families.flatMap { [($0.name, ""), ($0.name, "--sampling")] }
            .filter { $0.0 != "classifier" || $0.1.isEmpty }
    }

    @Test("The defaults that are printed are those the family has", arguments: kinds)
    func defaultsAreTheFamilys(family: String, option: String) throws {
        let printed = try run("config defaults \(family) \(option)", in: folder)
        expectSuccess(printed)
        let isTraining = option.isEmpty
        let data = ["gdss": "community_small", "radd": "letters.txt"][family] ?? "tiny.zip"
        if family == "radd" { try folder.write(String(repeating: "To be, or not to be. ", count: 200), to: data) }
        try folder.write("family: \(family)\n\(isTraining ? "data: \(data)\n" : "")", to: "none.yaml")
        let text = printed.output.replacing("data:    # must be given", with: "data: \(data)")
        try folder.write(text, to: "defaults.yaml")
        let (none, all) = try (
            run("config show none.yaml \(option)", in: folder), run("config show defaults.yaml \(option)", in: folder)
        )
        expectSuccess(none)
        #expect(all.output == none.output, "\(all)")
        guard isTraining, family != "splat" else { return }
        let words = "train \(family) --data \(data) --dry-run"
        let (bare, given) = try (run(words, in: folder), run("\(words) --config defaults.yaml", in: folder))
        // The classifier wants more images than these, in both cases.
        #expect(bare.status == (family == "classifier" ? 65 : 0), "\(bare)")
        // What memory is free changes from run to run.
        func told(_ outcome: Outcome) -> [Substring] {
            outcome.output.split(separator: "\n").filter { !$0.hasPrefix("memory") }
        }
        #expect(told(given) == told(bare) && given.complaint == bare.complaint, "\(given)")
    }

    @Test("The families are known")
    func families() { #expect(Self.kinds.count == 9 && Self.kinds.contains { $0.family == "splat" }) }

    @Test("A good configuration is called good")
    func check() throws {
        let outcome = try run("config check tiny.yaml", in: folder)
        expectSuccess(outcome)
        #expect(outcome.output.contains("good configuration"))
        expectFailure(try run("config check none.yaml", in: folder), 66, "none.yaml")
    }
}
