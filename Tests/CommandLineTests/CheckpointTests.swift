import Foundation
import Genera
import Testing

/// Checkpoints that do not fit or are damaged: each is told, and nothing is drawn.
@Suite struct CheckpointTests {
    let folder: Scratch

    init() throws { folder = try TinyRun.folderWithModel() }

    private func draw(_ name: String) throws -> Outcome {
        let outcome = try run("sample pfgmpp --checkpoint ./\(name) --steps 3 --count 2 --out out.png", in: folder)
        #expect(!folder.has("out.png"))
        return outcome
    }

    @Test("A checkpoint of another family is named")
    func otherFamily() throws {
        try TinyRun.rewrite(in: folder, as: "bad.safetensors") { _, metadata in
            metadata[ModelCheckpoint.Key.family] = "otherfamily"
        }
        expectFailure(try draw("bad.safetensors"), 65, "bad.safetensors", "'otherfamily'", "'pfgmpp'")
    }

    @Test("A file without a model is named")
    func notAModel() throws {
        try Safetensors.write([("x", RawTensor([1, 2] as [Float], shape: [2]))], to: folder.file("bad.safetensors"))
        expectFailure(try draw("bad.safetensors"), 65, "bad.safetensors", "genera convert")
    }

    @Test("Missing, unexpected and mis-shaped keys are listed at once")
    func keys() throws {
        try TinyRun.rewrite(in: folder, as: "bad.safetensors") { tensors, _ in
            let missing = tensors.firstIndex { $0.name.hasSuffix("map_layer0.weight") }!
            tensors[missing].name = "model.surprise"
            let misshaped = tensors.firstIndex { $0.name.hasSuffix("map_layer1.bias") }!
            tensors[misshaped].tensor = RawTensor([1, 2, 3] as [Float], shape: [3])
        }
        expectFailure(
            try draw("bad.safetensors"), 65, "bad.safetensors", "1 missing", "map_layer0.weight", "1 unexpected",
            "model.surprise", "map_layer1.bias is [3]")
    }

    @Test("A configuration that is no JSON is told")
    func configuration() throws {
        try TinyRun.rewrite(in: folder, as: "bad.safetensors") { _, metadata in
            metadata[ModelCheckpoint.Key.configuration] = "{"
        }
        expectFailure(try draw("bad.safetensors"), 65, "bad.safetensors")
    }

    @Test("NaN among the weights stops the drawing and names the step")
    func notANumber() throws {
        try TinyRun.rewrite(in: folder, as: "bad.safetensors") { tensors, _ in
            let place = tensors.firstIndex { $0.name.hasSuffix("map_layer1.bias") }!
            let count = tensors[place].tensor.elementCount
            tensors[place].tensor = RawTensor(
                Array(repeating: Float.nan, count: count), shape: tensors[place].tensor.shape)
        }
        expectFailure(try draw("bad.safetensors"), 70, "NaN or infinite at step 1 of 3")
    }

    @Test("A truncated file is told", arguments: [0, 5, 8, 100, 5000, -1])
    func truncated(length: Int) throws {
        let bytes = try TinyRun.model.get()
        try folder.write(length < 0 ? bytes.dropLast() : bytes.prefix(length), to: "bad.safetensors")
        expectFailure(try draw("bad.safetensors"), 65, "bad.safetensors")
        expectFailure(try run("inspect bad.safetensors", in: folder), 65, "bad.safetensors")
    }

    @Test("A header of 2^63 bytes is refused")
    func hugeHeader() throws {
        var bytes = try TinyRun.model.get()
        bytes.replaceSubrange(0..<8, with: [0, 0, 0, 0, 0, 0, 0, 0x80])
        try folder.write(bytes, to: "bad.safetensors")
        expectFailure(try draw("bad.safetensors"), 65, "header", "9223372036854775808")
        expectFailure(try run("inspect bad.safetensors", in: folder), 65, "header")
        expectFailure(try run("convert bad.safetensors out.safetensors", in: folder), 65, "header")
    }

    @Test("A name that is not known is told with the places searched")
    func unknownName() throws {
        expectFailure(
            try run("sample pfgmpp --checkpoint tinny --out out.png", in: folder), 66,
            "No checkpoint is called 'tinny'",
            "Did you mean 'tiny'?", folder.path)
        expectFailure(
            try run("sample pfgmpp --checkpoint ./none.safetensors --out out.png", in: folder), 66, "none.safetensors")
    }

    @Test("A label that the model does not have is told")
    func label() throws {
        expectFailure(
            try run("sample pfgmpp --checkpoint tiny --label 4 --out out.png", in: folder), 64,
            "--label must be from 0 to 3", "got 4")
    }
}
