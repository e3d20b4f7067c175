import Foundation
import Genera
import Testing

@Suite struct TrainingTests {
    let folder: Scratch

    init() throws { folder = try TinyRun.folder() }

    @Test("A file of options is trained into a run directory")
    func fromFile() throws {
        let outcome = try run("train tiny.yaml --output run --preview-every 2 --preview-count 2", in: folder)
        expectSuccess(outcome)
        #expect(outcome.output == "run/model.safetensors\n")
        #expect(
            folder.names("run") == [
                "checkpoints", "config.yaml", "loss.png", "metrics.jsonl", "model.safetensors", "previews",
            ])
        #expect(folder.names("run/previews") == ["step-000002.png"])
        #expect(try folder.text("run/metrics.jsonl").split(separator: "\n").count == 2)
        expectSuccess(try run("config check run/config.yaml", in: folder))
        expectSuccess(try run("sample pfgmpp --checkpoint run --steps 2 --count 1 --out a.png", in: folder))
    }

    @Test("A run that was killed and resumed ends with the same bits")
    func killedAndResumed() throws {
        let options = "--steps 24 --checkpoint-every 2"
        expectSuccess(try run("train tiny.yaml --output whole \(options) -q", in: folder))
        let words = "train tiny.yaml --output broken \(options) -q".split(separator: " ").map(String.init)
        let running = try Program.start(words, in: folder)
        #expect(running.wait(seconds: 30) { folder.has("broken/checkpoints/step-00000006.safetensors") })
        kill(running.process.processIdentifier, SIGKILL)
        _ = running.outcome()
        expectSuccess(try run("train broken -q", in: folder))
        let (a, b) = (
            try Safetensors(path: folder.file("whole/model.safetensors")),
            try Safetensors(path: folder.file("broken/model.safetensors"))
        )
        for (name, tensor) in try a.tensors { #expect(tensor.bytes.array() == b[name]?.bytes.array(), "\(name)") }
    }

    @Test("Ctrl-C stops with a checkpoint and says how to go on")
    func interrupted() throws {
        let words = "train tiny.yaml --output run --steps 100000 --checkpoint-every 50000".split(separator: " ").map(
            String.init)
        let running = try Program.start(words, in: folder)
        #expect(running.wait(seconds: 30) { (try? folder.text("run/metrics.jsonl"))?.isEmpty == false })
        running.process.interrupt()
        expectFailure(running.outcome(), 130, "with a checkpoint", "genera train run")
        #expect(folder.names("run/checkpoints").count == 1 && folder.has("run/model.safetensors"))
    }

    @Test("A folder that holds a run is not overwritten")
    func existing() throws {
        expectSuccess(try run("train tiny.yaml --output run --steps 1 -q", in: folder))
        expectFailure(
            try run("train tiny.yaml --output run", in: folder), 73, "already holds a run", "genera train run")
        expectFailure(try run("train tiny.yaml --output tiny.zip", in: folder), 73, "tiny.zip")
        expectFailure(try run("train tiny.yaml --output tiny.zip/run", in: folder), 73, "tiny.zip")
    }

    @Test("A folder without a run is told")
    func notARun() throws {
        expectFailure(try run("train .", in: folder), 66, "not a run directory")
        expectFailure(try run("train pfgmpp --resume nothing", in: folder), 66, "nothing")
        expectFailure(try run("train nothing.yaml", in: folder), 66, "nothing.yaml")
    }

    @Test("A dry run counts and writes nothing")
    func dryRun() throws {
        let outcome = try run("train tiny.yaml --output run --dry-run --json", in: folder)
        expectSuccess(outcome)
        let value = try #require(JSONSerialization.jsonObject(with: Data(outcome.bytes)) as? [String: Any])
        #expect(value["datasetSize"] as? Int == 12 && value["steps"] as? Int == 2)
        #expect(!folder.has("run"))
    }

    @Test(
        "A wrong file of options is told with its line",
        arguments: [
            ("batch-sise: 8", "line 15", "did you mean 'batch-size'?"), ("lr: fast", "line 15", "--lr"),
            ("xflip: maybe", "line 15", "xflip"), ("seed: [1, 2]", "line 15", "seed"), ("lr: -1", "line 15", "--lr"),
            ("data: other.zip", "line 2", "set twice"), ("  x: [", "line 15", "YAML"),
        ])
    func wrongOptions(line: String, place: String, fragment: String) throws {
        try folder.write(TinyRun.configuration + line + "\n", to: "bad.yaml")
        expectFailure(try run("train bad.yaml --output run", in: folder), 65, "bad.yaml: \(place)", fragment)
        expectFailure(try run("config check bad.yaml", in: folder), 65, "bad.yaml: \(place)", fragment)
        #expect(!folder.has("run"))
    }

    @Test("A file for no family, or for another, is told")
    func otherFamily() throws {
        try folder.write("data: tiny.zip\n", to: "none.yaml")
        expectFailure(try run("train none.yaml", in: folder), 65, "none.yaml", "family")
        try folder.write("data: tiny.zip\nfamily: pfgmp\n", to: "bad.yaml")
        expectFailure(try run("train bad.yaml", in: folder), 64, "Did you mean 'pfgmpp'?")
        expectFailure(try run("train pfgmpp --config bad.yaml", in: folder), 65, "bad.yaml: line 2", "'pfgmp'")
    }

    @Test("Data that will not do is told")
    func data() throws {
        expectFailure(try run("train tiny.yaml --data none.zip --output run", in: folder), 66, "none.zip")
        try folder.write("PK", to: "bad.zip")
        expectFailure(try run("train tiny.yaml --data bad.zip --output run", in: folder), 65, "bad.zip")
        try TinyRun.writeData(to: folder.file("odd.zip"), side: 9)
        expectFailure(try run("train tiny.yaml --data odd.zip --output run", in: folder), 65, "9")
        #expect(!folder.has("run"))
    }
}
