import Foundation
import Genera
import Testing

/// Results that cannot be written are never passed over, and every failure of a file has its status.
@Suite struct OutputTests {
    let folder: Scratch

    init() throws { folder = try TinyRun.folderWithModel() }

    @Test(
        "A full or closed standard output is told by every command",
        arguments: [
            "--help", "--version", "sample pfgmpp --help", "--generate-completion-script bash", "list", "list --json",
            "cite pfgmpp", "inspect tiny.safetensors", "inspect tiny.safetensors --json",
            "config defaults pfgmpp",
            "config show --sampling draw.yaml", "config check --sampling draw.yaml", "doctor", "plugin list",
            "plugin new moons",
            "sample pfgmpp --checkpoint tiny --steps 2 --count 1 --out a.png",
            "sample pfgmpp --checkpoint tiny --steps 2 --count 1 --out -",
        ])
    func standardOutput(words: String) throws {
        try folder.write("family: pfgmpp\ncheckpoint: tiny\nsteps: 2\n", to: "draw.yaml")
        let full = try runInShell(words, redirection: ">/dev/full", in: folder)
        expectFailure(full, 74, "standard output: cannot write: No space left on device")
        for name in ["a.png", "moons"] { try? FileManager.default.removeItem(atPath: folder.file(name)) }
        let closed = try runInShell(words, redirection: ">&-", in: folder)
        expectFailure(closed, 74, "standard output: cannot write: Bad file descriptor")
    }

    @Test("With standard output closed, results do not end up in the files that are written")
    func closedOutputIsNoFile() throws {
        _ = try runInShell(
            "sample pfgmpp --checkpoint tiny --steps 2 --count 1 --out a.png", redirection: ">&-", in: folder)
        let picture = try folder.bytes("a.png")
        #expect(try PNG.decode(picture).image.width == 8)
    }

    @Test("A picture on standard output goes to the end of the file behind it")
    func appended() throws {
        let words = "sample pfgmpp --checkpoint tiny --steps 2 --count 1 --out"
        try folder.write("before", to: "log")
        expectSuccess(try runInShell("\(words) - ", redirection: ">>log", in: folder))
        #expect(try folder.bytes("log").starts(with: Array("before".utf8) + [0x89, 0x50]))
    }

    @Test("A limit on the size of files is told, and nothing is left")
    func sizeLimit() throws {
        let outcome = try runInShell("convert tiny.safetensors big.safetensors", before: "ulimit -f 1", in: folder)
        expectFailure(outcome, 74, "big.safetensors: cannot write: File too large", "ulimit -f")
        #expect(folder.names() == ["tiny.safetensors"])
    }

    @Test("A file is written through a link, which stays")
    func link() throws {
        try FileManager.default.createDirectory(atPath: folder.file("far"), withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(
            atPath: folder.file("b.safetensors"), withDestinationPath: "far/real.safetensors")
        expectSuccess(try run("convert tiny.safetensors b.safetensors --force", in: folder))
        #expect(folder.names("far") == ["real.safetensors"])
        let target = try FileManager.default.destinationOfSymbolicLink(atPath: folder.file("b.safetensors"))
        #expect(target == "far/real.safetensors")
    }

    @Test("Files that are missing, in the way, or cannot be made have their status")
    func files() throws {
        try folder.write("x", to: "file")
        let cases: [(words: String, status: Int32, told: String)] = [
            ("inspect none.safetensors", 66, "none.safetensors: cannot open: No such file"),
            ("inspect file/inside", 66, "cannot open: Not a directory"),
            ("inspect file", 65, "file"),
            ("sample pfgmpp --checkpoint none --out a.png", 66, "none"),
            ("sample pfgmpp --config none.yaml", 66, "none.yaml"),
            ("sample pfgmpp --checkpoint tiny --steps 2 --count 1 --out file/a.png", 73, "file/a.png"),
            ("convert tiny.safetensors none/b.safetensors", 73, "there is no folder none"),
            ("convert tiny.safetensors /proc/b.safetensors", 73, "/proc/b.safetensors"),
            ("sample pfgmpp --checkpoint tiny --steps 2 --count 1 --out /dev/full", 74, "No space left"),
            ("sample pfgmpp --steps many", 64, "many"),
            ("nonsense", 64, "nonsense"),
        ]
        for (words, status, told) in cases { expectFailure(try run(words, in: folder), status, told) }
        #expect(folder.names() == ["file", "tiny.safetensors"])
    }

    @Test(
        "A request to end removes what is half written, and ends with the number of the signal",
        arguments: [SIGTERM, SIGHUP, SIGINT])
    func signals(number: Int32) throws {
        let folder = try TinyRun.folder()
        let words = "train tiny.yaml --output run --steps 100000 --checkpoint-every 50000".split(separator: " ").map(
            String.init)
        let training = try Program.start(words, in: folder)
        #expect(training.wait(seconds: 30) { (try? folder.text("run/metrics.jsonl"))?.isEmpty == false })
        kill(training.process.processIdentifier, number)
        expectFailure(training.outcome(), 128 + number, "with a checkpoint", "genera train run")
    }
}
