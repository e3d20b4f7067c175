import Foundation
import Testing

/// `genera plugin` as far as nothing has to be compiled.
@Suite struct PluginTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private var data: [String: String] { ["XDG_DATA_HOME": scratch.file("data"), "GENERA_PLUGINS": ""] }

    @Test func aNewPackageIsWrittenOnceAndWhole() throws {
        let dry = try Program.run(["plugin", "new", "spirals", "--dry-run"], in: scratch, environment: data)
        #expect(dry.status == 0 && dry.output.contains("would write spirals/Package.swift"), "\(dry)")
        #expect(!FileManager.default.fileExists(atPath: scratch.file("spirals")))

        let made = try Program.run(["plugin", "new", "spirals"], in: scratch, environment: data)
        #expect(made.status == 0 && made.output.contains("swift build -c release"), "\(made)")
        let files = try FileManager.default.subpathsOfDirectory(atPath: scratch.file("spirals"))
        for file in dry.output.split(separator: "\n") {
            #expect(files.contains(String(file.dropFirst("would write spirals/".count))), "\(file)")
        }
        let again = try Program.run(["plugin", "new", "spirals"], in: scratch, environment: data)
        #expect(again.status == 73 && again.complaint.contains("exists already"), "\(again)")
    }

    @Test(arguments: [
        (["plugin", "new", "Spirals"], 64, "for example 'spirals'"),
        (["plugin", "new", "pfgmpp"], 64, "Choose another name"),
        (["plugin", "new", "a", "--genera", "/nowhere"], 64, "There is no folder"),
        (["plugin", "new", "a", "--into", "/proc/a"], 73, "cannot be written"),
        (["plugin", "nwe"], 64, "plugin"), (["plugin", "info", "nothing.so"], 66, "there is no such plugin"),
        (["plugin", "install", "nothing.so"], 66, "there is no such plugin"),
        (["plugin", "remove", "nothing"], 66, "No plugin"),
        (["--plugin"], 64, "needs the path"), (["--plugin", "--trust", "list"], 64, "needs the path"),
        (["--plugin", "nothing.so", "list"], 66, "there is no such plugin"),
        (["list", "--plugin=nothing.so"], 66, "there is no such plugin"),
    ])
    func wrongWordsGetOneSentence(_ words: [String], _ status: Int32, _ part: String) throws {
        let outcome = try Program.run(words, in: scratch, environment: data)
        #expect(outcome.status == status && outcome.complaint.contains(part), "\(outcome)")
        #expect(outcome.error.split(separator: "\n").count == 1, "\(outcome)")
    }

    @Test func nothingInstalledIsSaidPlainly() throws {
        let list = try Program.run(["plugin", "list"], in: scratch, environment: data)
        #expect(list.status == 0 && list.output.contains("No plugins."), "\(list)")
        let json = try Program.run(["plugin", "list", "--json"], in: scratch, environment: data)
        #expect(json.output.contains("\"plugins\": []"), "\(json)")
    }

    @Test func foldersThatAreNotThereAreNamedAndPassedOver() throws {
        let outcome = try Program.run(
            ["list"], in: scratch, environment: data.merging(["GENERA_PLUGINS": "/nowhere"]) { $1 })
        #expect(outcome.status == 0 && outcome.output.contains("pfgmpp"), "\(outcome)")
        #expect(outcome.error.contains("/nowhere: there is no such folder or file"), "\(outcome)")
    }

    @Test func helpShowsTheOptionsOfPlugins() throws {
        let outcome = try Program.run(["--help"], in: scratch, environment: data)
        #expect(outcome.output.contains("--plugin <path>") && outcome.output.contains("--trust"), "\(outcome)")
    }
}
