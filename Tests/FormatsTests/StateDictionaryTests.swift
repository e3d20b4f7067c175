import Tensors
import Testing

@testable import Formats

/// Weights are found wherever training scripts put them.
@Suite struct StateDictionaryTests {
    /// The pickle of a dictionary; values are pickles.
    private func dictionary(_ items: [(String, [UInt8])]) -> [UInt8] {
        [UInt8(ascii: "}"), UInt8(ascii: "(")] + items.flatMap { PickleBytes.text($0.0) + $0.1 } + [UInt8(ascii: "u")]
    }

    /// The tensor `[offset]` of the storage `[0, 1, 2, 3]`.
    private func tensor(_ offset: Int64) -> [UInt8] {
        PickleBytes.tensor(count: 4, offset: offset, shape: [1], strides: [1])
    }

    private func archive(_ root: [UInt8]) throws -> TorchArchive {
        var view = ByteView([])
        let storage = [0, 1, 2, 3].flatMap { little(Float($0).bitPattern) }
        try Support.withTemporaryFolder { folder in
            try ZipWriter.write(to: folder + "/a.pth") { zip in
                try zip.add("a/data.pkl", PickleBytes.document(root))
                try zip.add("a/data/0", storage)
            }
            view = ByteView(try MappedFile(path: folder + "/a.pth").view.array())
        }
        return try TorchArchive(view, file: "f")
    }

    private func expect(
        _ root: [UInt8], _ wanted: [(String, Float)], place: String, _ location: SourceLocation = #_sourceLocation
    ) throws {
        let archive = try archive(root)
        let weights = try archive.weights()
        #expect(weights.tensors.map(\.name) == wanted.map(\.0), sourceLocation: location)
        #expect(weights.tensors.map { $0.tensor.floats()[0] } == wanted.map(\.1), sourceLocation: location)
        #expect(weights.place == place && archive.weightsPlace == place, sourceLocation: location)
    }

    private var weights: [UInt8] { dictionary([("w", tensor(1)), ("b", tensor(2))]) }

    @Test("Under each of the usual keys", arguments: StateDictionary.keys)
    func keys(key: String) throws {
        let optimiser = dictionary([("exp_avg", tensor(0))])
        try expect(
            dictionary([("epoch", PickleBytes.int(3)), ("optimizer", optimiser), (key, weights)]),
            [("w", 1), ("b", 2)], place: "under '\(key)'")
    }

    @Test("At the top, under several keys, and beside single tensors")
    func places() throws {
        try expect(weights, [("w", 1), ("b", 2)], place: "at the top")
        try expect(
            dictionary([("model", dictionary([("state_dict", weights)]))]), [("w", 1), ("b", 2)],
            place: "under 'model', 'state_dict'")
        try expect(
            dictionary([("step", tensor(3)), ("state_dict", weights)]), [("w", 1), ("b", 2)],
            place: "under 'state_dict'")
        // Modules by name, each a dictionary of its own.
        try expect(
            dictionary([("model", dictionary([("encoder", weights), ("decoder", weights)]))]),
            [("encoder.w", 1), ("encoder.b", 2), ("decoder.w", 1), ("decoder.b", 2)], place: "under 'model'")
    }

    @Test("Averaged weights come before the others; an average without names is passed over")
    func averages() throws {
        let other = dictionary([("w", tensor(0))])
        try expect(
            dictionary([("model", other), ("ema", weights)]), [("w", 1), ("b", 2)], place: "under 'ema'")
        let shadows = [UInt8(ascii: "]"), UInt8(ascii: "(")] + tensor(3) + [UInt8(ascii: "e")]
        try expect(
            dictionary([
                ("ema", dictionary([("decay", PickleBytes.int(1)), ("shadow_params", shadows)])), ("model", other),
            ]),
            [("w", 0)], place: "under 'model'")
    }

    @Test(
        "What wrapping puts before every name is left out",
        arguments: [
            "module.", "_orig_mod.", "module._orig_mod.", "_orig_mod.module.", "ema_model.", "model.",
            "ema_model._orig_mod.",
        ])
    func prefixes(prefix: String) throws {
        let state = dictionary([(prefix + "a.w", tensor(1)), (prefix + "b", tensor(2))])
        try expect(
            dictionary([("state_dict", state)]), [("a.w", 1), ("b", 2)],
            place: "under 'state_dict', without '\(prefix)'")
    }

    @Test("A beginning that not all names share stays")
    func mixed() throws {
        try expect(
            dictionary([("module.w", tensor(1)), ("head.w", tensor(2))]), [("module.w", 1), ("head.w", 2)],
            place: "at the top")
        // Nothing of a name would be left.
        try expect(dictionary([("module.", tensor(1))]), [("module.", 1)], place: "at the top")
    }

    @Test("Tensors under other keys are all taken; a file without any says what it has")
    func others() throws {
        let found = try archive(dictionary([("x", weights), ("y", weights)]))
        #expect(found.weightsPlace == nil)
        #expect(try found.weights().tensors.map(\.name) == ["x.w", "x.b", "y.w", "y.b"])
        let none = try archive(dictionary([("epoch", PickleBytes.int(3)), ("na\u{1B}me", PickleBytes.int(4))]))
        let message = Support.message { try none.weights() }
        #expect(message.contains("looked for at the top and under 'ema'") && message.contains("'state_dict'"))
        #expect(message.contains("the top level has 'epoch', 'na\\u{1B}me'"), "\(message)")
    }

    @Test("A snapshot without a network says what was looked for, and what there is")
    func snapshot() throws {
        let file = try EDMPickle(archive(dictionary([("state_dict", weights), ("step", PickleBytes.int(1))])))
        let message = Support.message { try file.network() }
        #expect(
            message.hasPrefix(
                "f: a network with its options was looked for under 'ema', 'G_ema', 'net', 'model'; "
                    + "the file has 'state_dict', 'step', weights alone under 'state_dict'; they do not tell"),
            "\(message)")
        let none = try EDMPickle(archive(dictionary([("step", PickleBytes.int(1))])))
        Support.expectMessage("the file has 'step'; is it a snapshot of EDM or PFGM++?") { try none.network() }
    }

    @Test("Tensors that PyTorch keeps as bytes with a type beside them are read")
    func typed() throws {
        let id =
            PickleBytes.tuple([
                PickleBytes.text("storage"), PickleBytes.global("torch", "UntypedStorage"), PickleBytes.text("0"),
                PickleBytes.text("cpu"), PickleBytes.long(16),
            ]) + [UInt8(ascii: "Q")]
        func typed(_ type: String, _ offset: Int64, _ count: Int64) -> [UInt8] {
            PickleBytes.global("torch._utils", "_rebuild_tensor_v3")
                + PickleBytes.tuple([
                    id, PickleBytes.long(offset), PickleBytes.tuple([PickleBytes.long(count)]),
                    PickleBytes.tuple([PickleBytes.long(1)]), [0x89], [UInt8(ascii: "N")],
                    PickleBytes.global("torch", type), [UInt8(ascii: "N")],
                ]) + [UInt8(ascii: "R")]
        }
        // The bytes of 1 are 00 00 80 3F.
        let file = try archive(dictionary([("a", typed("float8_e4m3fn", 7, 1)), ("b", typed("uint16", 3, 1))]))
        let tensors = try file.stateDictionary()
        #expect(tensors[0].tensor.floats() == [Float8.e4m3.value(0x3F)] && Float8.e4m3.value(0x3F) == 1.875)
        #expect(tensors[1].tensor.int64s() == [0x3F80] && tensors[1].tensor.dtype == .int32)
        Support.expectMessage("needs 17 elements, the storage has 16") {
            try archive(dictionary([("a", typed("float8_e5m2", 0, 17))]))
        }
        Support.expectMessage("'torch.float32' over bytes are not read") {
            try archive(dictionary([("a", typed("float32", 0, 1))]))
        }
    }

    @Test("A tensor that is named again and again is not copied any number of times")
    func copies() throws {
        let wide = PickleBytes.tensor(count: 4, offset: 0, shape: [1 << 24], strides: [0])
        #expect(try archive(dictionary([("a", wide), ("b", wide)])).stateDictionary().count == 2)
        Support.expectMessage("repeat their storages' elements") {
            try archive(dictionary([("a", wide), ("b", wide), ("c", wide)])).stateDictionary()
        }
        // Views in order share memory and cost nothing.
        let many = try archive(dictionary((0..<200).map { ("\($0)", tensor(0)) })).stateDictionary()
        #expect(many.count == 200)
    }

    @Test("Dictionaries that lead to each other in a million million ways are looked at for a moment")
    func sharedDictionaries() throws {
        // Each holds a thousand times the one before it.
        var bytes = dictionary([("x", PickleBytes.int(1))]) + [UInt8(ascii: "q"), 0]
        for level in 1...5 as ClosedRange<UInt8> {
            let items = (0..<1000).map { ("\($0)", [UInt8(ascii: "h"), level - 1]) }
            bytes += [UInt8(ascii: "0")] + dictionary(items) + [UInt8(ascii: "q"), level]
        }
        let root = bytes + [UInt8(ascii: "0")] + dictionary([("model", [UInt8(ascii: "h"), 5])])
        let start = ContinuousClock().now
        #expect(try archive(root).weightsPlace == nil)
        #expect(ContinuousClock().now - start < .seconds(5))
    }
}
