import Foundation
import Tensors
import Testing

@testable import Formats

@Suite struct UnpicklerTests {
    private func load(_ body: [UInt8]) throws -> PickleValue {
        try Unpickler.value(of: ByteView(PickleBytes.document(body)), file: "f")
    }

    @Test("Plain values and numpy's are read in every protocol", arguments: [2, 4, 5])
    func values(version: Int) throws {
        let root = try TorchArchive(path: Support.fixture("numpy-\(version).pkl")).root
        let a = try #require(root["a"]?.tensor).rawTensor(file: "f")
        let f = try #require(root["f"]?.tensor).rawTensor(file: "f")
        #expect(
            a.shape == [2, 3] && a.floats() == [0, 1, 2, 3, 4, 5] && f.shape == [2, 3] && f.floats() == a.floats())
        #expect(try #require(root["big"]?.tensor).rawTensor(file: "f").int64s() == [1, -2])
        #expect(
            root["s"]?.double == 2.5 && root["i"]?.int == -3 && root["neg"]?.int == -1 << 40
                && root["pi"]?.double == 3.25)
        #expect(
            root["set"]?.items?.compactMap(\.int).sorted() == [1, 2] && root["frozen"]?.items?.first?.string == "x")
        #expect(root["t"]?.bool == true && root["nested"]?.items?.count == 2)
        guard case .bytes(let bytes)? = root["bytes"], case .bytes(let empty)? = root["empty"],
            case .bigInt(let long)? = root["long"]
        else {
            Issue.record("bytes or a long integer are missing")
            return
        }
        #expect(bytes.array() == [0, 255] && empty.count == 0 && long == [0, 0, 0, 0, 0, 0, 0, 0, 64])
    }

    @Test("A container inside itself is read as a mark, not followed")
    func cycle() throws {
        let list = try TorchArchive(path: Support.fixture("cycle.pkl")).root["l"]?.items
        guard case .recursive? = list?.last else { Issue.record("\(String(describing: list))"); return }
    }

    @Test("An EasyDict's attributes do not double its entries, and Namespaces become dictionaries")
    func attributes() throws {
        let dictionary: [UInt8] =
            [0x7D, 0x28] + PickleBytes.text("a") + PickleBytes.int(1) + PickleBytes.text("b") + PickleBytes.int(2) + [
                0x75
            ]
        let items = Array(dictionary.dropFirst())
        let easy = try load(PickleBytes.global("easydict", "EasyDict") + [0x29, 0x81] + items + dictionary + [0x62])
        #expect(easy.dictionary?.names == ["a", "b"] && easy["b"]?.int == 2)
        let namespace = try load(PickleBytes.global("argparse", "Namespace") + [0x29, 0x81] + dictionary + [0x62])
        #expect(namespace["a"]?.int == 1)
        let ordered = try load(
            PickleBytes.global("collections", "OrderedDict") + [0x29, 0x52] + items + dictionary + [0x62])
        #expect(ordered.dictionary?.count == 2)
    }

    @Test(
        "Classes beyond the short list are refused by name",
        arguments: [
            ("os", "system"), ("builtins", "eval"), ("builtins", "getattr"), ("torch", "load"),
            ("torch.nn.modules.conv", "Conv2d"),
            ("numpy", "fromfile"), ("torch_utils.persistence", "other"), ("subprocess", "Popen"), ("a\u{1B}[31m", "x"),
        ])
    func classes(module: String, name: String) {
        let message = Support.message { try load(PickleBytes.global(module, name)) }
        #expect(message.contains("refusing to load class") && message.contains("(byte 2)") && message.contains(name))
        #expect(!message.contains("\u{1B}"))
    }

    @Test(
        "Instructions that make no sense are refused with their byte",
        arguments: [
            ([], "byte 2: the stack is empty"), ([0x52], "the stack is empty"), ([0x75], "no mark is set"),
            ([0x68, 9], "memo 9 is not set"),
            ([0x4B, 1, 0x29, 0x52], "something that is not a class is called"),
            ([0xFF], "instruction 0xff is not read"),
            ([0x5D, 0x4B, 1, 0x4B, 2, 0x73], "items for a container of another kind"),
            ([0x7D, 0x28, 0x4B, 1, 0x75], "a key without a value"),
            ([0x4B, 1, 0x51], "outside of a PyTorch archive"), ([0x8B, 0xFF, 0xFF, 0xFF, 0xFF], "needs -1 bytes"),
            ([0x8D, 0, 0, 0, 0, 0, 0, 0, 0x80], "too large"),
            ([0x58, 0xFF, 0xFF, 0xFF, 0xFF], "needs 4294967295 bytes"),
            ([0x80, 9], "protocol 9 is not read"), ([0x8C, 1, 0xFF], "not UTF-8"),
            ([0x28, 0x4B, 1, 0x62], "the stack is empty"),
        ] as [([UInt8], String)])
    func nonsense(body: [UInt8], message: String) {
        Support.expectMessage(message) { try load(body) }
    }

    @Test("Deep nesting and endless repetition are refused")
    func bounds() throws {
        let deep = [UInt8](repeating: 0x5D, count: 100_000) + [UInt8](repeating: 0x61, count: 99_999)
        Support.expectMessage("nested more than 300 deep") { try load(deep) }
        // A chain that is built from the outside in, so that no container is deep when it is filled.
        var chain: [UInt8] = [0x5D, 0x94]
        for level in 1...50_000 { chain += [0x5D, 0x94, 0x61, 0x30, 0x6A] + little(UInt32(level)) }
        Support.expectMessage("nested more than 300 deep") { try load(chain + [0x30, 0x68, 0]) }
        let list: [UInt8] = [0x5D, 0x94, 0x28] + [UInt8](repeating: 0x4E, count: 50_000) + [0x65, 0x30]
        let copies: [UInt8] = (0..<5000).flatMap { _ -> [UInt8] in
            PickleBytes.global("builtins", "set") + [0x68, 0, 0x85, 0x52]
        }
        Support.expectMessage("repeats its own content") { try load(list + copies) }
        // Ten lists of ten lists of ...: small as shared data, 10^40 items when written out.
        var laughs: [UInt8] = [0x5D, 0x94]
        for level in 0..<40 {
            laughs += [0x5D, 0x94, 0x28] + (0..<10).flatMap { _ -> [UInt8] in [0x68, UInt8(level)] } + [0x65]
        }
        let archive = try TorchArchive(ByteView(PickleBytes.document(laughs)), file: "f")
        Support.expectMessage("more than a million values") { try archive.stateDictionary() }
    }
}
