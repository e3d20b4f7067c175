import Foundation
import Genera
import Testing

/// `inspect` and `convert` on files of all kinds, hostile ones among them.
@Suite struct FileTests {
    let folder: Scratch

    init() throws { folder = try TinyRun.folderWithModel() }

    /// The pickle of `os.system("touch marker")`.
    private var attack: [UInt8] {
        let command = "touch \(folder.file("marker"))"
        return Array("cos\nsystem\n(V\(command)\ntR.".utf8)
    }

    /// The pickle of `{"a": 1}`, protocol 2.
    private let harmless: [UInt8] =
        [0x80, 2] + Array("}".utf8) + [0x58, 1, 0, 0, 0, 0x61] + Array("K".utf8) + [1] + Array("s.".utf8)

    @Test("A checkpoint is described without the engine")
    func checkpoint() throws {
        let outcome = try run("inspect tiny.safetensors", in: folder, environment: ["GENERA_ENGINE": "/nonexistent.so"])
        expectSuccess(outcome)
        #expect(outcome.output.contains("checkpoint of pfgmpp") && outcome.output.contains("map_layer0.weight"))
        let json = try run("inspect tiny.safetensors --json", in: folder)
        let value = try #require(JSONSerialization.jsonObject(with: Data(json.bytes)) as? [String: Any])
        #expect((value["tensors"] as? [Any])?.isEmpty == false)
    }

    @Test("Arrays, archives and pictures are described")
    func kinds() throws {
        let array = RawTensor([1, 2, 3] as [Float], shape: [3])
        try NPY.write(array, to: folder.file("a.npy"))
        try NPZ.write([("x", array)], to: folder.file("a.npz"))
        try TinyRun.writeData(to: folder.file("a.zip"), side: 8)
        try PNG.write(Image(width: 5, height: 4, channels: 3), to: folder.file("a.png"))
        try folder.write(harmless, to: "a.pkl")
        let wanted = [
            "a.npy": "NumPy array", "a.npz": "NumPy arrays", "a.zip": "zip archive of pictures", "a.png": "5x4, RGB",
            "a.pkl": "PyTorch file",
        ]
        for (name, text) in wanted {
            let outcome = try run("inspect \(name)", in: folder)
            expectSuccess(outcome)
            #expect(outcome.output.contains(text), "\(outcome)")
        }
    }

    @Test("A pickle that calls os.system is refused, and calls nothing", arguments: ["pkl", "pth"])
    func attack(ending: String) throws {
        let bytes = [0x80, 2] + attack
        if ending == "pkl" {
            try folder.write(bytes, to: "bad.pkl")
        } else {
            try ZipWriter.write(to: folder.file("bad.pth")) { archive in
                try archive.add("archive/data.pkl", bytes)
                try archive.add("archive/version", Array("3\n".utf8))
            }
        }
        for words in ["inspect bad.\(ending)", "convert bad.\(ending) out.safetensors"] {
            expectFailure(try run(words, in: folder), 65, "bad.\(ending)", "os.system")
        }
        #expect(!folder.has("marker") && !folder.has("out.safetensors"))
    }

    @Test("Truncated pickles and archives are refused", arguments: ["pkl", "zip", "npz", "npy", "png"])
    func truncated(ending: String) throws {
        let name = "a.\(ending)"
        switch ending {
        case "pkl": try folder.write(harmless, to: name)
        case "zip": try TinyRun.writeData(to: folder.file(name), side: 8)
        case "npz": try NPZ.write([("x", RawTensor([1, 2, 3] as [Float], shape: [3]))], to: folder.file(name))
        case "npy": try NPY.write(RawTensor([1, 2, 3] as [Float], shape: [3]), to: folder.file(name))
        default: try PNG.write(Image(width: 5, height: 4, channels: 3), to: folder.file(name))
        }
        try folder.write(folder.bytes(name).dropLast(3), to: name)
        expectFailure(try run("inspect \(name)", in: folder), 65, name)
    }

    @Test("Files of other kinds, empty files and folders are told")
    func others() throws {
        try folder.write("hello", to: "a.txt")
        expectFailure(try run("inspect a.txt", in: folder), 65, "a.txt")
        try folder.write("", to: "empty.safetensors")
        expectFailure(try run("inspect empty.safetensors", in: folder), 65, "empty.safetensors")
        expectFailure(try run("inspect .", in: folder), 66, "run directory")
        expectFailure(try run("inspect nothing.pth", in: folder), 66, "nothing.pth")
    }

    @Test("Tensors are converted, and halved")
    func convert() throws {
        expectSuccess(try run("convert tiny.safetensors small.safetensors --half", in: folder))
        let (whole, half) = (
            try Safetensors(path: folder.file("tiny.safetensors")),
            try Safetensors(path: folder.file("small.safetensors"))
        )
        #expect(half.names.sorted() == whole.names.sorted() && half.descriptions.allSatisfy { $0.dtype == .float16 })
        expectSuccess(try run("sample pfgmpp --checkpoint small --steps 2 --count 1 --out a.png", in: folder))
        try NPZ.write([("x", RawTensor([1, 2, 3] as [Float], shape: [3]))], to: folder.file("a.npz"))
        expectSuccess(try run("convert a.npz a.safetensors", in: folder))
        #expect(try Safetensors(path: folder.file("a.safetensors")).tensor("x").floats() == [1, 2, 3])
        expectFailure(try run("convert a.npz a.safetensors", in: folder), 73, "a.safetensors", "--force")
        expectFailure(try run("convert none.npz b.safetensors", in: folder), 66, "none.npz")
    }
}
