import Foundation
import Genera
import Testing

/// Files that are not what their names say, hostile sizes, and names from inside files: the same words from every command.
@Suite struct StrangeFileTests {
    let folder: Scratch

    init() throws { folder = try TinyRun.folderWithModel() }

    /// What every command that reads a file says of it.
    private func complaints(_ name: String) throws -> [String] {
        try [
            "inspect \(name)", "convert \(name) out.safetensors", "data inspect \(name)", "render \(name) --out a.png",
            "sample pfgmpp --checkpoint ./\(name) --count 1 --out a.png",
            "evaluate pfgmpp --checkpoint tiny --steps 2 --count 16 --reference \(name)",
        ].map { words in
            let outcome = try run(words, in: folder)
            #expect(outcome.status == 65, "\(words)\n\(outcome)")
            return outcome.complaint
        }
    }

    @Test(
        "Pointers, web pages and empty files are told by the same sentence everywhere, whatever they are called",
        arguments: [
            (
                "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n",
                "this is a pointer of Git LFS, not the file itself; run `git lfs pull` in its repository"
            ), ("<!DOCTYPE html>\n<html></html>\n", "this is a web page; check the address it was downloaded from"),
            ("", "is empty (0 bytes); was a download or a copy interrupted?"),
            (
                "PK\u{3}\u{4}\u{14}\0\0\0",
                "this is the beginning of a zip archive; was a download or a copy interrupted?"
            ),
        ],
        ["safetensors", "pkl", "png"])
    func harm(file: (text: String, sentence: String), ending: String) throws {
        try folder.write(file.text, to: "x.\(ending)")
        for complaint in try complaints("x.\(ending)") {
            #expect(complaint.hasSuffix("x.\(ending): \(file.sentence)"), "\(complaint)")
        }
    }

    @Test("Text is told as text", arguments: ["safetensors", "pkl", "pth"])
    func text(ending: String) throws {
        try folder.write("Entry not found", to: "x.\(ending)")
        for complaint in try complaints("x.\(ending)") {
            #expect(
                complaint.contains("x.\(ending): this is text, not a ")
                    && complaint.contains("; it may be a server's answer in place of the file"), "\(complaint)")
        }
    }

    /// `_rebuild_tensor_v2` of `[1.5, -2]`, which lie in the storage `0`.
    private var tensor: [UInt8] {
        let id = text("storage") + global("torch", "FloatStorage") + text("0") + text("cpu") + [0x4B, 2]
        return global("torch._utils", "_rebuild_tensor_v2")
            // (('storage', FloatStorage, '0', 'cpu', 2) as a persistent id, 0, (2,), (1,), False, None)
            + [0x28, 0x28] + id + [0x74, 0x51, 0x4B, 0, 0x4B, 2, 0x85, 0x4B, 1, 0x85, 0x89, 0x4E, 0x74, 0x52]
    }

    private func global(_ module: String, _ name: String) -> [UInt8] { Array("c\(module)\n\(name)\n".utf8) }

    @Test(
        "Weights of a training script are found, and the commands say where",
        arguments: [
            ("state_dict", ""), ("model", "module."), ("ema", "_orig_mod."), ("model_state_dict", "module._orig_mod."),
            ("net", "module."), ("params", "ema_model."),
        ])
    func weights(key: String, prefix: String) throws {
        // {"epoch": 1, KEY: {PREFIX + "w": tensor}, "optimizer": {"exp_avg": tensor}}
        let state = [0x7D] + text(prefix + "w") + tensor + [0x73]
        let pickle: [UInt8] =
            [0x80, 2, 0x7D] + text("epoch") + [0x4B, 1, 0x73] + text(key) + state + [0x73] + text("optimizer")
            + [0x7D] + text("exp_avg") + tensor + [0x73, 0x73, 0x2E]
        try ZipWriter.write(to: folder.file("last.ckpt")) { archive in
            try archive.add("last/data.pkl", pickle)
            try archive.add("last/data/0", [0, 0, 0xC0, 0x3F, 0, 0, 0, 0xC0])
        }
        let place = "under '\(key)'" + (prefix.isEmpty ? "" : ", without '\(prefix)'")
        let converted = try run("convert last.ckpt w.safetensors", in: folder)
        expectSuccess(converted)
        #expect(converted.output == "w.safetensors: 1 tensors (\(place) of the file)\n")
        let weights = try Safetensors(path: folder.file("w.safetensors"))
        #expect(try weights.names == ["w"] && weights.tensor("w").floats() == [1.5, -2])
        let inspected = try run("inspect last.ckpt", in: folder)
        expectSuccess(inspected)
        #expect(inspected.output.contains("weights    \(place)"), "\(inspected)")
        #expect(inspected.output.contains("\(key).\(prefix)w") && inspected.output.contains("optimizer.exp_avg"))
        let drawn = try run("sample pfgmpp --checkpoint ./last.ckpt --count 1 --out a.png", in: folder)
        #expect(drawn.status == 65, "\(drawn)")
    }

    @Test("A file without weights says what was looked for, and what it has")
    func noWeights() throws {
        let pickle: [UInt8] =
            [0x80, 2, 0x7D] + text("epoch") + [0x4B, 1, 0x73] + text("net") + [0x7D, 0x73, 0x2E]
        try folder.write(pickle, to: "none.pth")
        expectFailure(
            try run("convert none.pth a.safetensors", in: folder), 65, "none.pth", "there are no tensors",
            "'state_dict'", "'model'", "the top level has 'epoch', 'net'")
        expectFailure(
            try run("sample pfgmpp --checkpoint ./none.pth --count 1 --out a.png", in: folder), 65,
            "a network with its options was looked for under 'ema'", "the file has 'epoch', 'net'")
    }

    private func text(_ text: String) -> [UInt8] { [0x58, UInt8(text.utf8.count), 0, 0, 0] + Array(text.utf8) }

    @Test("Tensors of types that are not read are listed, and cannot be converted")
    func types() throws {
        let header = """
            {"s":{"dtype":"F8_E8M0","shape":[2],"data_offsets":[0,2]},"w":{"dtype":"F8_E4M3","shape":[3],"data_offsets":[2,5]}}
            """
        let head = (0..<8).map { UInt8(truncatingIfNeeded: header.utf8.count >> (8 * $0)) }
        try folder.write(head + Array(header.utf8) + [127, 127, 0x38, 0xC0, 0x7E], to: "x.safetensors")
        let outcome = try run("inspect x.safetensors", in: folder)
        expectSuccess(outcome)
        #expect(outcome.output.contains("2, 5 numbers, 5 bytes"))
        #expect(outcome.output.contains("F8_E8M0  [2]  s") && outcome.output.contains("F8_E4M3  [3]  w"), "\(outcome)")
        expectFailure(
            try run("convert x.safetensors y.safetensors", in: folder), 65, "x.safetensors: 's'", "'F8_E8M0'",
            "can be listed, but not read")
        let whole = try Safetensors(path: folder.file("x.safetensors"))
        #expect(try whole.tensor("w").floats() == [1, -2, 448])
    }

    // MARK: Sizes

    /// Expects an end with a sentence under a limit of memory that the content's 400 MB do not fit into.
    private func expectBounded(_ words: String, _ fragments: String..., at location: SourceLocation = #_sourceLocation)
        throws
    {
        // Resident memory cannot be limited; of the address space the program without tensors takes less than 300 MB.
        let outcome = try runInShell(words, before: "ulimit -v 600000", in: folder)
        #expect(outcome.status == 65, "\(words)\n\(outcome)", sourceLocation: location)
        for fragment in fragments {
            #expect(outcome.complaint.contains(fragment), "wanted '\(fragment)'\n\(outcome)", sourceLocation: location)
        }
    }

    private static let zeros = ByteView([UInt8](repeating: 0, count: 400 << 20))

    @Test("Small files that expand to 400 MB are refused without taking that memory")
    func sizes() throws {
        // A picture of 2x2 with 400 MB behind it, one that is none, a pickle, and an array that announces two pictures.
        let picture = try PNG.encode(Image(width: 2, height: 2, channels: 3))
        let long = ByteView(
            [UInt8](unsafeUninitializedCapacity: picture.count + Self.zeros.count) { memory, count in
                memory.update(repeating: 0)
                for (place, byte) in picture.enumerated() { memory[place] = byte }
                count = memory.count
            })
        try folder.write(DeflatedZip.bytes([("a.png", long)]), to: "long.zip")
        for words in ["data inspect long.zip", "train pfgmpp --data long.zip --dry-run"] {
            try expectBounded(words, "long.zip", "'a.png': it expands to", "at most 64 MB are read")
        }
        try folder.write(DeflatedZip.bytes([("a.png", Self.zeros)]), to: "none.zip")
        try expectBounded("data inspect none.zip", "none.zip", "a.png", "nothing but zeros")
        try folder.write(DeflatedZip.bytes([("archive/data.pkl", Self.zeros)]), to: "x.pt")
        for words in ["inspect x.pt", "convert x.pt y.safetensors"] {
            try expectBounded(words, "'archive/data.pkl': it expands to 419430400 bytes, at most 256 MB are read")
        }
        try folder.write(DeflatedZip.bytes([("x.npy", Self.zeros)]), to: "x.npz")
        try expectBounded("inspect x.npz", "x.npz", "'x.npy'", "nothing but zeros")
        let head: [UInt8] = [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 28, 0, 0, 0, 28]
        let packed = try Gzip.compress(ByteView(head), level: 1) + Gzip.compress(Self.zeros, level: 1)
        try folder.write(packed, to: "x-idx3-ubyte.gz")
        for words in ["data inspect x-idx3-ubyte.gz", "inspect x-idx3-ubyte.gz"] {
            try expectBounded(words, "x-idx3-ubyte.gz: it expands to more than the 1584 bytes announced")
        }
    }

    // MARK: Names

    /// Whether nothing in a text moves a terminal's cursor, and no line of it is a page long.
    private func expectClean(_ outcome: Outcome, at location: SourceLocation = #_sourceLocation) {
        for text in [outcome.output, outcome.error] {
            let controls = text.unicodeScalars.filter { $0.value < 32 && $0 != "\n" || (127..<160).contains($0.value) }
            #expect(controls.isEmpty, "\(outcome)", sourceLocation: location)
            #expect(!text.unicodeScalars.contains("\u{202E}"), sourceLocation: location)
        }
        let longest = outcome.error.split(separator: "\n").map(\.count).max() ?? 0
        #expect(longest <= 2100, "\(longest)", sourceLocation: location)
    }

    private static let evil = "x\u{1B}]0;owned\u{7}\u{1B}[31m\n\u{9B}2J\u{202E}y"
    private static let shown = #"x\u{1B}]0;owned\u{7}\u{1B}[31m\u{A}\u{9B}2J\u{202E}y"#

    @Test("Names inside files reach the terminal as escapes", arguments: [false, true])
    func names(isLong: Bool) throws {
        // A name in an archive has 65,535 bytes at most, and our own writer takes 1,024.
        let name = isLong ? String(repeating: "n", count: 65_000) : Self.evil
        try folder.write(DeflatedZip.bytes([("\(name).png", ByteView(Array("no".utf8)))]), to: "e.zip")
        let data = try run("data inspect e.zip", in: folder)
        #expect(data.status == 65 && data.error.utf8.count < 400, "\(data)")
        #expect(data.error.contains(isLong ? "nnnn…nnnn" : Self.shown), "\(data)")
        expectClean(data)
        let tensor = RawTensor([1] as [Float], shape: [1])
        try Safetensors.write([(name, tensor)], metadata: [name: name], to: folder.file("n.safetensors"))
        let inspected = try run("inspect n.safetensors", in: folder)
        expectSuccess(inspected)
        expectClean(inspected)
        #expect(inspected.output.utf8.count < 5000)
        let json = try run("inspect n.safetensors --json", in: folder)
        let value = try #require(JSONSerialization.jsonObject(with: Data(json.bytes)) as? [String: Any])
        #expect((value["facts"] as? [String: String])?[name] == name)
    }

    @Test("A family's name from a file is cleaned wherever it is told", arguments: [false, true])
    func family(isLong: Bool) throws {
        let name = isLong ? String(repeating: "f ", count: 30_000) : Self.evil
        try TinyRun.rewrite(in: folder, as: "f.safetensors") { $1["genera.family"] = name }
        let inspected = try run("inspect f.safetensors", in: folder)
        expectSuccess(inspected)
        expectClean(inspected)
        #expect(inspected.output.contains(isLong ? "checkpoint of f f f" : "checkpoint of \(Self.shown) (safetensors)"))
        let drawn = try run("sample pfgmpp --checkpoint ./f.safetensors --count 1 --out a.png", in: folder)
        #expect(drawn.status == 65 && drawn.error.utf8.count < 500, "\(drawn)")
        #expect(drawn.error.contains(isLong ? "a checkpoint of 'f f f" : "a checkpoint of '\(Self.shown)'"), "\(drawn)")
        expectClean(drawn)
        expectClean(try run("list", in: folder))
    }
}
