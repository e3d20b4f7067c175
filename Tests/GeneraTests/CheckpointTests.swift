import Genera
import GeneraTesting
import Testing

@Suite("Checkpoints")
struct CheckpointTests {
    let folder = TemporaryFolder()

    private func model(_ family: String = "toy") throws -> ModelCheckpoint {
        try ModelCheckpoint(
            family: family, configuration: "{\"width\": 3}",
            tensors: [
                ("a.weight", Tensor([1, 2.5, -3, 4, 5, 6] as [Float], shape: [2, 3])), ("b", Tensor([7, 8] as [Int])),
                ("half", Tensor([0.5] as [Float]).to(.float16)), ("brain", Tensor([0.5] as [Float]).to(.bfloat16)),
            ],
            metadata: ["note": "hello"])
    }

    @Test("A model comes back as it was written")
    func roundTrip() throws {
        let file = folder.file("m.safetensors")
        try model().save(to: file)
        let loaded = try ModelCheckpoint.load(file, family: "toy")
        #expect(
            loaded.family == "toy" && loaded.configuration == "{\"width\": 3}" && loaded.metadata["note"] == "hello")
        #expect(loaded.metadata["genera.version"] == Version.current)
        #expect(loaded["a.weight"]?.floats() == [1, 2.5, -3, 4, 5, 6])
        #expect(loaded["b"]?.int64s() == [7, 8])
        #expect(loaded["half"]?.dtype == .float16 && loaded["brain"]?.dtype == .bfloat16)
        #expect(loaded.sha256 == (try FileDigest.sha256(file: file)) && loaded.sha256.count == 64)
    }

    @Test("A model can be kept in half precision")
    func half() throws {
        let file = folder.file("m.safetensors")
        try model().save(to: file, half: true)
        let loaded = try ModelCheckpoint.load(file)
        #expect(loaded["a.weight"]?.dtype == .float16 && loaded["b"]?.dtype == .int64)
        #expect(loaded["a.weight"]?.floats() == [1, 2.5, -3, 4, 5, 6])
    }

    @Test("SHA-256 agrees with its definition's example")
    func digest() {
        #expect(
            FileDigest.sha256(ByteView("abc".utf8))
                == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }

    @Test("Another family's checkpoint and a stranger's file are told apart")
    func wrongFiles() throws {
        let file = folder.file("m.safetensors")
        try model("gdss").save(to: file)
        let other = #expect(throws: GeneraError.self) { try ModelCheckpoint.load(file, family: "pfgmpp") }
        #expect(other?.description.hasPrefix("\(file) is a checkpoint of 'gdss', not of 'pfgmpp'.") == true)
        #expect(other?.exitCode == 65)
        try Safetensors.write([], to: file)
        #expect(throws: GeneraError.notACheckpoint(file: file)) { try ModelCheckpoint.load(file) }
    }

    @Test("Models are found by name, the first folder wins")
    func search() throws {
        for (name, family) in [("one", "first"), ("two", "second")] {
            try makeFolder(name)
            try model(family).save(to: folder.file("\(name)/digits28.safetensors"))
        }
        try model("only").save(to: folder.file("two/emoji32.safetensors"))
        let store = CheckpointStore(folders: [folder.file("missing"), folder.file("one"), folder.file("two")])
        #expect(try store.load("digits28").family == "first")
        #expect(try store.load("emoji32").family == "only")
        #expect(store.models.map(\.name) == ["digits28", "emoji32"])
        #expect(try store.path(of: folder.file("two/digits28.safetensors")) == folder.file("two/digits28.safetensors"))
        let error = #expect(throws: GeneraError.self) { try store.path(of: "digit28") }
        #expect(error?.description.contains("No checkpoint is called 'digit28'.") == true)
        #expect(error?.description.contains("Did you mean 'digits28'?") == true)
        #expect(error?.description.contains(folder.file("missing")) == true)
        #expect(error?.exitCode == 66)
        #expect(throws: GeneraError.self) { try store.path(of: folder.file("none/x.safetensors")) }
        // A folder here that is called as the model is.
        let here = try #require(
            FileSystem.names(in: ".").sorted().first { FileSystem.isFolder($0) && !$0.hasPrefix(".") })
        try model("here").save(to: folder.file("one/\(here).safetensors"))
        #expect(try store.path(of: here) == folder.file("one/\(here).safetensors"))
        #expect(throws: GeneraError.self) { try store.path(of: "./\(here)") }
    }

    @Test("A run directory stands for its averaged weights, and a digest for its file")
    func runDirectory() throws {
        try makeFolder("run")
        let store = CheckpointStore(folders: [folder.file("run")])
        #expect(throws: GeneraError.self) { try store.path(of: folder.file("run")) }
        try model().save(to: folder.file("run/model.safetensors"))
        #expect(try store.path(of: folder.file("run")) == folder.file("run/model.safetensors"))
        let digest = try store.load("model").sha256
        #expect(try store.find(sha256: digest) == folder.file("run/model.safetensors"))
        #expect(throws: GeneraError.self) { try store.find(sha256: String(repeating: "0", count: 64), name: "model") }
    }

    @Test("All keys that do not fit are listed at once")
    func keyMismatch() throws {
        let names = (0..<12).map { "extra\($0)" }
        let weights = names.map { (name: $0, tensor: Tensor.zeros([1])) } + [(name: "w", tensor: Tensor.zeros([2]))]
        let scope = ParameterScope.loading(weights)
        _ = try scope.parameter("w", [3])
        _ = try scope.parameter("gone", [1])
        let error = #expect(throws: KeyMismatch.self) { try scope.finish() }
        let text = error.map { Failure($0).message } ?? ""
        #expect(text.contains("1 missing: gone") && text.contains("12 unexpected") && text.contains("and 2 more"))
        #expect(text.contains("w is [2], the network needs [3]"))
        #expect(error.map { Failure($0).exitCode } == 65)
    }

    @Test("Initial weights are a function of the seed")
    func initialWeights() throws {
        func weights(_ seed: UInt64) throws -> [Float] {
            let scope = ParameterScope.drawing(seed: seed)
            return try scope.parameter("w", [4, 3], .kaimingNormal(fanIn: 3)).array(of: Float.self)
        }
        #expect(try weights(1) == weights(1))
        #expect(try weights(1) != weights(2))
    }

    @Test("A configuration is the same text in every process")
    func configuration() throws {
        struct Network: Encodable {
            var width = 8, depth = 2, arch = "a/b", zeta = 0.5, beta = [1, 2]
        }
        let text = try ModelCheckpoint.configuration(of: Network())
        #expect(text == #"{"arch":"a/b","beta":[1,2],"depth":2,"width":8,"zeta":0.5}"#)
        #expect(throws: GeneraError.self) { try ModelCheckpoint.configuration(of: ["rate": Double.nan]) }
    }

    private func makeFolder(_ name: String) throws { try makeDirectory(folder.file(name)) }
}
