import Foundation
import Tensors
import Testing

@testable import Formats

@Suite struct TorchTests {
    private func archive(
        _ pickle: [UInt8], storage: [UInt8] = [UInt8](repeating: 0, count: 16), extra: [(String, String)] = []
    ) throws -> ByteView {
        var view = ByteView([])
        try Support.withTemporaryFolder { folder in
            try ZipWriter.write(to: folder + "/a.pth") { zip in
                try zip.add("a/data.pkl", pickle)
                try zip.add("a/data/0", storage)
                for (name, text) in extra { try zip.add(name, Array(text.utf8)) }
            }
            view = ByteView(try MappedFile(path: folder + "/a.pth").view.array())
        }
        return view
    }

    @Test(
        "Both formats give every element type, shared, transposed and repeated tensors",
        arguments: ["tiny.pth", "tiny-legacy.pth"])
    func formats(name: String) throws {
        let file = try TorchArchive(path: Support.fixture(name))
        let tensors = try file.stateDictionary(at: ["model"])
        #expect(tensors.map(\.name) == ["w", "wt", "tail", "h", "n", "b", "m", "e", "x"])
        let values = Dictionary(uniqueKeysWithValues: tensors.map { ($0.name, $0.tensor) })
        #expect(values["w"]!.floats() == [0, 1, 2, 3, 4, 5] && values["w"]!.shape == [2, 3])
        #expect(values["wt"]!.floats() == [0, 3, 1, 4, 2, 5] && values["wt"]!.shape == [3, 2])
        #expect(values["tail"]!.floats() == [18, 19, 20, 21, 22, 23])
        #expect(values["h"]!.floats() == [1, -2, 0.5, 65504, 5.9604645e-08, .infinity])
        #expect(values["n"]!.int64s() == [-1, 1 << 40] && values["b"]!.floats() == [1.5, -3])
        #expect(values["m"]!.dtype == .bool && values["m"]!.int64s() == [1, 0, 1])
        #expect(values["e"]!.shape == [0, 4] && values["x"]!.floats() == [5, 5, 5, 5])
        let storages = try ["w", "wt", "tail"].map { try #require(file.root["model"]?[$0]?.tensor).storage }
        #expect(storages[0] === storages[1] && storages[1] === storages[2])
        #expect(file.root["step"]?.int == 7)
        #expect(try file.stateDictionary().map(\.name).suffix(1) == ["shadow.0"])
        Support.expectMessage("did you mean 'model'?") { try file.stateDictionary(at: ["modle"]) }
        Support.expectMessage("there are no tensors, but an integer") { try file.stateDictionary(at: ["step"]) }
        #expect(removingPrefix("w", from: tensors).map(\.name).prefix(2) == ["", "t"])
    }

    @Test(
        "Every cut of a file is refused",
        arguments: ["tiny.pth", "tiny-legacy.pth", "os-system.pkl", "numpy-2.pkl", "numpy-4.pkl", "numpy-5.pkl"])
    func cuts(name: String) throws {
        Support.expectCutsRefused(try Support.view(name).array()) { try TorchArchive($0, file: "f").stateDictionary() }
    }

    @Test("A pickle that calls a program is refused with the name and the byte")
    func malicious() throws {
        let message = Support.message { try TorchArchive(Support.view("os-system.pkl"), file: "evil.pkl") }
        #expect(
            message
                == "evil.pkl: refusing to load class 'posix.system' (byte 13): only tensors and plain containers are read"
        )
        Support.expectMessage("refusing to load class 'posix.system'") {
            try TorchArchive(path: Support.fixture("os-system-4.pkl"))
        }
        let zipped = try archive(Support.view("os-system.pkl").array())
        Support.expectMessage("f: a/data.pkl: refusing to load class 'posix.system' (byte 13)") {
            try TorchArchive(zipped, file: "f")
        }
    }

    @Test(
        "Windows that a storage does not have are refused",
        arguments: [
            ((4, 0, [5], [1]), "needs 5 elements, the storage has 4"), ((4, 1, [4], [1]), "needs 5 elements"),
            ((4, -1, [1], [1]), "must not be negative"), ((4, 0, [2, 2], [1]), "dimensions"),
            ((4, 0, [-1], [1]), "negative or too large"),
            ((4, 0, [2], [-1]), "must not be negative"),
            ((4, 0, [1 << 40, 1 << 40], [0, 0]), "negative or too large"),
            ((5, 0, [1], [1]), "16 bytes, 5 elements of float32 were announced"),
            ((-1, 0, [1], [1]), "a storage of -1 elements"),
            ((.max, 0, [1], [1]), "a storage of"), ((4, 0, [3], [.max]), "too large"),
        ] as [((Int64, Int64, [Int64], [Int64]), String)])
    func windows(window: (Int64, Int64, [Int64], [Int64]), message: String) throws {
        let pickle = PickleBytes.document(
            PickleBytes.tensor(count: window.0, offset: window.1, shape: window.2, strides: window.3))
        Support.expectMessage(message) { try TorchArchive(try archive(pickle), file: "f").stateDictionary() }
    }

    @Test("A storage that the archive lacks, and a wrong byte order, are refused")
    func archives() throws {
        let missing = PickleBytes.document(PickleBytes.tensor(key: "7", count: 1, offset: 0, shape: [1], strides: [1]))
        Support.expectMessage("'a/data/7': the archive has no entry") {
            try TorchArchive(try archive(missing), file: "f")
        }
        let pickle = PickleBytes.document(PickleBytes.int(1))
        Support.expectMessage("the byte order is 'big'") {
            try TorchArchive(try archive(pickle, extra: [("a/byteorder", "big")]), file: "f")
        }
        Support.expectMessage("a TorchScript archive") {
            try TorchArchive(try archive(pickle, extra: [("a/constants.pkl", "")]), file: "f")
        }
        Support.expectMessage("a TorchScript archive") {
            try TorchArchive(try archive(pickle, extra: [("a/code/x.py", "")]), file: "f")
        }
    }

    @Test(
        "Files of other kinds are told apart",
        arguments: [
            ("<!DOCTYPE html>", "this is a web page"), ("version https://git-lfs.github.com", "git lfs pull"),
            ("hello", "this is text"), ("\u{1}hello", "it starts with 1 68 65 6C"),
            ("\u{2}\0\0\0\0\0\0\0{}", "a safetensors file, not a PyTorch file"),
            (String(repeating: "\0", count: 257) + "ustar", "before version 0.1.10"),
            ("PK\u{3}\u{4}", "the beginning of a zip archive"), ("", "an empty file"),
        ])
    func kinds(text: String, message: String) {
        Support.expectMessage(message) { try TorchArchive(ByteView(text.utf8), file: "f") }
    }

    @Test(
        "The seven published GDSS checkpoints give PyTorch's sums", .enabled(if: Support.shared != nil),
        arguments: [
            ("ENZYMES/gdss_enzymes", 756, 772_358, 12814.384131201383),
            ("QM9/gdss_qm9", 154, 32389, 3702.3507319541195),
            ("ZINC250k/gdss_zinc250k", 328, 74302, 3914.2505191580008),
            ("ZINC250k/gdss_zinc250k_v2", 404, 85594, 4246.698548354202),
            ("community_small/gdss_community_small", 524, 413_606, 19637.734632798365),
            ("ego_small/gdss_ego_small", 520, 359_612, 18420.092874731585),
            ("grid/gdss_grid", 756, 746_468, 8230.59348939605),
        ])
    func published(name: String, tensors: Int, elements: Int, sum: Double) throws {
        let file = try TorchArchive(path: "\(try #require(Support.shared))/data/gdss/checkpoints/\(name).pth")
        let all = try file.stateDictionary()
        #expect(all.count == tensors && all.map(\.tensor.elementCount).reduce(0, +) == elements)
        let total = all.reduce(0) { $0 + $1.tensor.doubles().reduce(0) { $0 + abs($1) } }
        #expect(abs(total - sum) < 1e-9 * sum)
        let config = try #require(file.root["model_config"]?.dictionary)
        #expect(Set(config.names).count == config.count && config["data"]?["data"]?.string != nil)
    }
}
