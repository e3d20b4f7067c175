import Foundation
import Genera

/// A checkpoint in the form of the authors' code: a zip archive with a pickle of protocol 2 and the numbers of each tensor. Everything in
/// it can be changed to something wrong.
struct TinyCheckpoint {
    /// What stands in the pickle.
    indirect enum Value {
        case text(String)
        case whole(Int32)
        case real(Double)
        case truth(Bool)
        case none
        case table([(String, Value)])
        case list([Value])
        /// Numbers of this shape; the storage may begin elsewhere.
        case tensor([Int], offset: Int32 = 0)
        /// Instructions as they are.
        case raw([UInt8])
    }

    /// The whole.
    var root: Value
    /// The entry whose numbers end early.
    var cut: Int?

    /// Graphs of up to eight nodes with four features.
    init() {
        func layer(_ a: Int, _ b: Int) -> [(String, Value)] { [("weight", .tensor([a, b])), ("bias", .tensor([b]))] }
        func linear(_ a: Int, _ b: Int) -> [(String, Value)] { [("weight", .tensor([b, a])), ("bias", .tensor([b]))] }
        func under(_ prefix: String, _ items: [(String, Value)]) -> [(String, Value)] {
            items.map { ("\(prefix).\($0.0)", $0.1) }
        }
        func mlp(_ sizes: [Int]) -> [(String, Value)] {
            zip(sizes, sizes.dropFirst()).enumerated().flatMap { under("linears.\($0)", linear($1.0, $1.1)) }
        }
        let x = under("layers.0", layer(4, 8)) + under("layers.1", layer(8, 8)) + under("final", mlp([20, 40, 40, 4]))
        var adj: [(String, Value)] = []
        for (number, (inputs, channels, outputs)) in [(4, 2, 4), (8, 4, 3)].enumerated() {
            var own: [(String, Value)] = []
            for channel in 0..<channels {
                for name in ["q", "k", "v"] { own += under("attn.\(channel).gnn_\(name)", layer(inputs, 8)) }
            }
            let width = 2 * max(channels, outputs)
            own += under("mlp", mlp([2 * channels, width, outputs]))
            own += under("multi_channel", mlp([8 * channels, width, 8]))
            adj += under("layers.\(number)", own)
        }
        adj += under("final", mlp([9, 18, 18, 1]))
        let sde = Value.table([
            ("type", .text("VP")), ("beta_min", .real(0.1)), ("beta_max", .real(1)), ("num_scales", .whole(12)),
        ])
        root = .table([
            (
                "model_config",
                .table([
                    (
                        "data",
                        .table([
                            ("data", .text("toy")), ("batch_size", .whole(4)), ("max_node_num", .whole(8)),
                            ("max_feat_num", .whole(4)), ("init", .text("deg")),
                        ])
                    ), ("sde", .table([("x", sde), ("adj", sde)])),
                    (
                        "sampler",
                        .table([
                            ("predictor", .text("Euler")), ("corrector", .text("Langevin")), ("n_steps", .whole(1)),
                        ])
                    ),
                ])
            ),
            (
                "params_x",
                .table([
                    ("model_type", .text("ScoreNetworkX")), ("max_feat_num", .whole(4)), ("depth", .whole(2)),
                    ("nhid", .whole(8)),
                ])
            ),
            (
                "params_adj",
                .table(
                    [("model_type", .text("ScoreNetworkA")), ("conv", .text("GCN"))]
                        + [
                            ("max_feat_num", 4), ("nhid", 8), ("num_layers", 2), ("num_linears", 2), ("c_init", 2),
                            ("c_hid", 4), ("c_final", 3), ("adim", 8), ("num_heads", 4),
                        ].map { ($0.0, .whole($0.1)) })
            ), ("x_state_dict", .table(x)), ("adj_state_dict", .table(adj)),
        ])
    }

    /// Sets an entry, or removes it.
    mutating func set(_ path: [String], to value: Value?) { root = Self.changed(root, path[...], value) }

    private static func changed(_ value: Value, _ path: ArraySlice<String>, _ new: Value?) -> Value {
        guard case var .table(items) = value, let key = path.first else { return value }
        let place = items.firstIndex { $0.0 == key }
        guard path.count == 1 else {
            if let place { items[place].1 = changed(items[place].1, path.dropFirst(), new) }
            return .table(items)
        }
        if let place { items.remove(at: place) }
        if let new { items.insert((key, new), at: place ?? items.count) }
        return .table(items)
    }

    /// Writes the archive.
    func write(to path: String) throws {
        var pickle = Pickle()
        pickle.add(root)
        try ZipWriter.write(to: path) { archive in
            try archive.add("archive/data.pkl", [0x80, 2] + pickle.bytes + [0x2E])
            try archive.add("archive/version", Array("3\n".utf8))
            for (number, storage) in pickle.storages.enumerated() {
                let bytes = storage.flatMap { value in withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) }
                }
                try archive.add("archive/data/\(number)", cut == number ? Array(bytes.prefix(bytes.count / 2)) : bytes)
            }
        }
    }

    /// Instructions, and the numbers that they speak of.
    private struct Pickle {
        var bytes: [UInt8] = []
        var storages: [[Float]] = []
        private var state: UInt64 = 7

        private mutating func add(_ number: UInt32) { withUnsafeBytes(of: number.littleEndian) { bytes += $0 } }

        private mutating func add(class name: String) { bytes += Array("c\(name)\n".utf8) }

        mutating func add(_ value: Value) {
            switch value {
            case let .text(text):
                bytes.append(0x58)
                add(UInt32(text.utf8.count))
                bytes += Array(text.utf8)
            case let .whole(number):
                bytes.append(0x4A)
                add(UInt32(bitPattern: number))
            case let .real(number):
                bytes.append(0x47)
                withUnsafeBytes(of: number.bitPattern.bigEndian) { bytes += $0 }
            case let .truth(isTrue): bytes.append(isTrue ? 0x88 : 0x89)
            case .none: bytes.append(0x4E)
            case let .table(items):
                bytes += Array("}(".utf8)
                for (key, value) in items {
                    add(.text(key))
                    add(value)
                }
                bytes += Array("u".utf8)
            case let .list(items):
                bytes += Array("](".utf8)
                for item in items { add(item) }
                bytes += Array("e".utf8)
            case let .raw(instructions): bytes += instructions
            case let .tensor(shape, offset): addTensor(shape, offset)
            }
        }

        private mutating func addTensor(_ shape: [Int], _ offset: Int32) {
            let count = shape.reduce(1, *)
            add(class: "torch._utils\n_rebuild_tensor_v2")
            bytes += Array("((".utf8)
            add(.text("storage"))
            add(class: "torch\nFloatStorage")
            add(.text("\(storages.count)"))
            add(.text("cpu"))
            add(.whole(Int32(count)))
            bytes += Array("tQ".utf8)
            add(.whole(offset))
            for sizes in [shape, Self.strides(shape)] {
                bytes += Array("(".utf8)
                for size in sizes { add(.whole(Int32(size))) }
                bytes += Array("t".utf8)
            }
            add(.truth(false))
            add(class: "collections\nOrderedDict")
            bytes += Array(")RtR".utf8)
            storages.append(
                (0..<count).map { _ in
                    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                    return 0.4 * (Float(state >> 40) / Float(1 << 24) - 0.5)
                })
        }

        private static func strides(_ shape: [Int]) -> [Int] {
            shape.indices.map { shape[($0 + 1)...].reduce(1, *) }
        }
    }
}
