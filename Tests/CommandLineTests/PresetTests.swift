import Formats
import Foundation
import Genera
import Testing

/// `genera train FAMILY --preset NAME`.
@Suite struct PresetTests {
    let folder: Scratch

    init() throws { folder = try TinyRun.folder() }

    private func facts(_ words: String) throws -> [String: Any] {
        let outcome = try run("train \(words) --dry-run --json", in: folder)
        expectSuccess(outcome)
        return try #require(JSONSerialization.jsonObject(with: Data(outcome.bytes)) as? [String: Any])
    }

    @Test("Without a name the data and the machine decide, which is said with the plan and the time")
    func chosen() throws {
        let outcome = try run("train pfgmpp --data tiny.zip --steps 12 --cbase 4 --cres 1 --out run", in: folder)
        expectSuccess(outcome)
        #expect(outcome.error.contains("8x8 pictures and no GPU asked for: --preset draft ("), "\(outcome.error)")
        for fact in ["parameters", "memory      about", "length      384 samples", "steps a second: about"] {
            #expect(outcome.error.contains(fact), "\(fact) is not in \(outcome.error)")
        }
        let options = try YAMLOptions(path: folder.file("run/config.yaml"))
        #expect(options["preset"]?.text == "draft" && options["cbase"]?.text == "4")
        #expect(options["lr-rampup-kimg"]?.text == "10.0" && options["precision"]?.text == "bf16")
        // What was chosen stands in the file: going on needs no choice, and a quiet run says nothing.
        let resumed = try run("train run --steps 13", in: folder)
        expectSuccess(resumed)
        #expect(!resumed.error.contains("no GPU asked for"))
        let quiet = try run("train pfgmpp --data tiny.zip --steps 1 --cbase 4 --cres 1 --out quiet -q", in: folder)
        expectSuccess(quiet)
        #expect(quiet.error.isEmpty, "\(quiet.error)")
    }

    @Test("Points choose the preset for points")
    func points() throws {
        let facts = try facts("pfgmpp --data eight-gaussians --D 64")
        #expect(facts["network"] as? String == "ToyMLP, width 64" && facts["steps"] as? Int == 2000)
    }

    @Test("Words win over a file, a file over a preset, a preset over defaults")
    func order() throws {
        try folder.write("preset: evening\nbatch-size: 8\nsteps: 77\n", to: "a.yaml")
        let facts = try facts("pfgmpp --config a.yaml --data tiny.zip --steps 5 --cbase 4 --cres 1")
        #expect(facts["steps"] as? Int == 5 && facts["batch"] as? Int == 8)
        let whole = try self.facts("pfgmpp --preset evening --data tiny.zip --cbase 4 --cres 1")
        #expect(whole["steps"] as? Int == 30_000 && whole["batch"] as? Int == 32)
        let published = try self.facts("pfgmpp --preset cifar10 --data tiny.zip --cbase 4 --cres 1 --no-cond")
        #expect(published["steps"] as? Int == 390_625 && published["batch"] as? Int == 512)
    }

    @Test("A name that is none is told with the nearest, and the help lists all")
    func unknown() throws {
        expectFailure(
            try run("train pfgmpp --data tiny.zip --preset draf", in: folder), 64,
            "'draf' is no preset of 'pfgmpp'. Did you mean 'draft'? Known: draft, evening, points, cifar10")
        expectFailure(
            try run("train classifier --data tiny.zip --preset draft", in: folder), 64, "'classifier' has no presets")
        let help = try run("train pfgmpp --help", in: folder)
        #expect(help.output.contains("PRESETS:") && help.output.contains("--preset cifar10"))
    }

    @Test("What cannot fit is refused before the first step, with the sizes")
    func memory() throws {
        let words = "train pfgmpp --preset cifar10 --data tiny.zip --micro-batch 512 --cbase 128 --attn-resolutions 8"
        let outcome = try runInShell(words + " --out big", before: "ulimit -v 3000000", in: folder)
        expectFailure(outcome, 69, "A step takes about", "are free: this training does not fit")
        #expect(!folder.names("big/checkpoints").contains { $0.hasSuffix(".safetensors") })
    }

    @Test(
        "Every preset of every family is made of its options, and fits a line of the help",
        arguments: ["gdss", "pfgmpp", "radd", "splat"])
    func words(family: String) throws {
        let help = try run("train \(family) --help", in: folder).output.split(separator: "\n")
        let lines = help.filter { $0.hasPrefix("  --preset ") && !$0.contains("<name>") }
        #expect(lines.count >= 3 && lines.allSatisfy { $0.count <= 80 }, "\(lines)")
        for name in lines.map({ String($0.split(separator: " ")[1]) }) {
            try folder.write("family: \(family)\npreset: \(name)\ndata: tiny.zip\n", to: "\(name).yaml")
            expectSuccess(try run("config check \(name).yaml", in: folder))
            let shown = try run("config show \(name).yaml", in: folder)
            expectSuccess(shown)
            #expect(shown.output.contains("preset: \(name)\n"))
        }
    }
}
