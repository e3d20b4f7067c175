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

    @Test("A good configuration is called good")
    func check() throws {
        let outcome = try run("config check tiny.yaml", in: folder)
        expectSuccess(outcome)
        #expect(outcome.output.contains("good configuration"))
        expectFailure(try run("config check none.yaml", in: folder), 66, "none.yaml")
    }
}
