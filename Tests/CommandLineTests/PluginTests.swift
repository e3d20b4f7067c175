import Foundation
import Genera
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
        #expect(made.status == 0 && made.output.contains("genera plugin build --install"), "\(made)")
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

    /// A compiler that says of itself what a script says.
    private func compiler(_ words: String) throws -> [String: String] {
        let place = scratch.file("bin")
        try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
        try scratch.write("#!/bin/sh\necho '\(words)'\n", to: "bin/swiftc")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: "\(place)/swiftc")
        return data.merging(["PATH": "\(place):/usr/bin:/bin"]) { $1 }
    }

    @Test func whatIsMissingForBuildingIsToldInOneSentence() throws {
        let none = try Program.run(
            ["plugin", "build"], in: scratch, environment: data.merging(["PATH": "/nonexistent"]) { $1 })
        expectFailure(none, 69, "There is no swiftc on PATH. Install Swift \(PluginTag.current.swiftVersion)")
        let old = try Program.run(
            ["plugin", "build"], in: scratch, environment: compiler("Swift version 5.9 (swift-5.9-RELEASE)"))
        expectFailure(
            old, 69, "bin/swiftc is Swift 5.9.0, but this program was built by Swift \(PluginTag.current.swiftVersion)")
        let odd = try Program.run(["plugin", "build"], in: scratch, environment: compiler("hello"))
        expectFailure(odd, 69, "is Swift of an unknown version")
        // A program that was copied away from its build has nothing to compile against.
        try FileManager.default.createDirectory(atPath: scratch.file("alone"), withIntermediateDirectories: true)
        for file in ["genera", "libGenera.so"] {
            let from = URL(filePath: Program.path).deletingLastPathComponent().appending(path: file)
            try FileManager.default.copyItem(atPath: from.path, toPath: scratch.file("alone/\(file)"))
        }
        let fitting = try compiler("Swift version \(PluginTag.current.swiftVersion) (swift)")
        let alone = try Program.run(
            ["plugin", "build"], of: scratch.file("alone/genera"), in: scratch, environment: fitting)
        expectFailure(alone, 69, "There is nothing to compile plugins against at", "alone/sdk", "`make build`")
    }

    @Test func aPluginThatIsNotThereIsLookedForInSight() throws {
        let far = try Program.run(["sample", "spirals"], in: scratch, environment: data)
        expectFailure(far, 64, "No model family is called 'spirals'.")
        #expect(!far.complaint.contains("lies here"), "\(far)")
        expectSuccess(try Program.run(["plugin", "new", "spirals"], in: scratch, environment: data))
        let hint = "A package of that name lies here, not built: `genera plugin build spirals --install`."
        expectFailure(try Program.run(["sample", "spirals"], in: scratch, environment: data), 64, hint)
        expectFailure(
            try Program.run(["spirals", "sample"], in: scratch, environment: data), 64, "no command 'spirals'", hint)
        // A library is told by its tag.
        try FileManager.default.createDirectory(
            atPath: scratch.file("spirals/.build/release"), withIntermediateDirectories: true)
        var library: [UInt8] = [0x7F, 0x45, 0x4C, 0x46] + [UInt8](repeating: 0, count: 96)
        library[16] = 3
        try scratch.write(library, to: "spirals/.build/release/libSpirals.so")
        expectFailure(try Program.run(["train", "spirals"], in: scratch, environment: data), 64, hint)
        try scratch.write(
            library + Array("\(PluginTag.current)".utf8) + [0], to: "spirals/.build/release/libSpirals.so")
        expectFailure(
            try Program.run(["train", "spirals"], in: scratch, environment: data), 64,
            "`genera plugin install spirals/.build/release/libSpirals.so`",
            "--plugin spirals/.build/release/libSpirals.so")
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
