import Foundation
import Tensors
import Testing

@testable import Formats

/// Throws damaged files at every reader. A reader may throw a `FormatError` or return; it may not trap, hang or fill
/// the memory. `GENERA_FUZZ_SECONDS` is the time for each reader, `GENERA_FUZZ_SEED` the start of the random numbers.
@Suite(.serialized) struct FormatsFuzz {
    struct Target: Sendable, CustomTestStringConvertible {
        let name: String
        let seeds: @Sendable () throws -> [[UInt8]]
        let read: @Sendable (ByteView) throws -> Void
        var testDescription: String { name }
    }

    @Test("Damaged files never do harm", arguments: targets)
    func fuzz(target: Target) throws {
        let environment = ProcessInfo.processInfo.environment
        let seconds = Double(environment["GENERA_FUZZ_SECONDS"] ?? "") ?? 1
        let seed = UInt64(environment["GENERA_FUZZ_SEED"] ?? "") ?? 1
        var mutator = Mutator(seed: seed)
        let seeds = try target.seeds()
        for seed in seeds { _ = try target.read(ByteView(seed)) }
        let end = Date(timeIntervalSinceNow: seconds)
        let memory = residentMebibytes()
        var rounds = 0
        while Date() < end {
            let bytes = mutator.mutated(seeds)
            let start = Date()
            do {
                try target.read(ByteView(bytes))
            } catch is FormatError {
            } catch {
                Issue.record("\(target.name), seed \(seed), round \(rounds): \(error) is not a FormatError")
            }
            let took = Date().timeIntervalSince(start)
            if took > 5 {
                Issue.record("\(target.name), seed \(seed), round \(rounds): \(took) s for \(bytes.count) bytes")
            }
            rounds += 1
        }
        let growth = residentMebibytes() - memory
        #expect(growth < 256, "\(target.name), seed \(seed): \(growth) MiB more after \(rounds) rounds")
    }

    static let targets: [Target] = [
        Target(
            name: "graph6", seeds: { [Array(">>graph6<<DQc\n:Fa@x^\n".utf8), Array("MhEGHC@AI?_PC@_G_\n".utf8)] },
            read: { _ = try Graph6.read($0, file: "f") }),
        Target(
            name: "edge list",
            seeds: {
                [Array("# graph 0: 4 nodes\n0 1\n0 2 0.5 2\n# graph 1: 2 nodes\n0 1\n".utf8), Array("a,b\nb,c\n".utf8)]
            },
            read: { _ = try EdgeList.read($0, file: "f") }),
        Target(
            name: "ply",
            seeds: {
                [
                    Array(
                        "ply\nformat ascii 1.0\nelement v 2\nproperty float x\nproperty list uchar int l\nend_header\n1 2 3 4\n-2.5e1 0\n"
                            .utf8),
                    Array(
                        "ply\nformat binary_big_endian 1.0\nelement v 1\nproperty list uchar short l\nproperty double x\nend_header\n"
                            .utf8) + [1, 0, 7, 0x40, 0, 0, 0, 0, 0, 0, 0],
                ]
            },
            read: {
                let file = try PLY($0, file: "f")
                for element in file.elements {
                    for property in element.properties {
                        _ =
                            try property.isList
                            ? file.lists(property.name, of: element.name).count
                            : file.floats(property.name, of: element.name).count
                    }
                }
            }),
        Target(
            name: "zstandard", seeds: { [try Zstandard.compress(ByteView(Array(repeating: 7, count: 300)))] },
            read: { _ = try Zstandard.expand($0, limit: 1 << 20, file: "f") }),
        Target(
            name: "safetensors",
            seeds: {
                let header =
                    #"{"__metadata__":{"a":"b"},"w":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},"h":{"dtype":"F16","shape":[],"data_offsets":[8,10]}}"#
                return [little(UInt64(header.utf8.count)) + Array(header.utf8) + [UInt8](repeating: 7, count: 10)]
            }, read: { for (_, tensor) in try Safetensors($0, file: "f").tensors { _ = tensor.floats() } }),
        Target(
            name: "zip", seeds: { try files("zip64.zip", "compressed.npz", "tiny.pth") },
            read: {
                let zip = try ZipArchive($0, file: "f")
                for entry in zip.entries { _ = try? zip.data(entry, checked: true) }
            }),
        Target(
            name: "torch", seeds: { try files("tiny.pth", "tiny-legacy.pth") },
            read: { _ = try TorchArchive($0, file: "f").stateDictionary() }),
        Target(
            name: "pickle",
            seeds: { try files("numpy-2.pkl", "numpy-4.pkl", "numpy-5.pkl", "cycle.pkl") + [persistentObject] },
            read: {
                let archive = try TorchArchive($0, file: "f")
                _ = try? archive.stateDictionary()
                if let snapshot = try? EDMPickle(archive) { _ = try? snapshot.ema() }
            }),
        Target(
            name: "npy",
            seeds: {
                try ["row", "column", "u2", "big"].map {
                    try ZipArchive(path: Support.fixture("plain.npz")).data($0 + ".npy").array()
                }
            },
            read: { _ = try NPY.read($0, file: "f").doubles() }),
        Target(
            name: "npz", seeds: { try files("plain.npz", "compressed.npz") },
            read: {
                let file = try NPZ($0, file: "f")
                for name in file.names { _ = try? file.tensor(name).int64s() }
            }),
        Target(
            name: "idx", seeds: { [[0, 0, 0x0B, 2, 0, 0, 0, 2, 0, 0, 0, 1, 1, 2, 3, 4]] + (try files("idx.gz")) },
            read: {
                _ = try IDX.read($0, file: "f", limit: 1 << 24).floats()
            }),
        Target(
            name: "cifar", seeds: { [[UInt8](repeating: 1, count: 3073)] }, read: { _ = try CIFAR10Binary([($0, "f")]) }
        ),
        Target(
            name: "csv", seeds: { [Array("x,y\n1,2\n\"a\"\"\",nan\r\n".utf8), Array("1;2\n3;4\n".utf8)] },
            read: {
                let table = try CSV($0, file: "f")
                _ = try? table.numbers()
            }),
        Target(
            name: "points",
            seeds: {
                [Array("x,y,g\n1,2,a\n\"3\",4,\"b\"\"\"\r\n".utf8), Support.gzip(Array("x;y\n1;2\n3;4\n".utf8))]
                    + (try files("points.npz"))
            },
            read: {
                let table = try PointTable($0, file: "f")
                _ = try? table.read(limit: 1 << 20)
                let key = PointTable.Selection(groupBy: [table.columns[0]], key: "day")
                _ = try? PointTable($0, file: "f", key).read(limit: 1 << 20)
            }),
        Target(
            name: "numpy texts",
            seeds: {
                try ["label", "code"].map {
                    try ZipArchive(path: Support.fixture("points.npz")).data($0 + ".npy").array()
                }
            }, read: { _ = try NPY.texts($0, file: "f") }),
        Target(name: "h5ad", seeds: { try files("cells.h5ad", "cells-old.h5ad", "odd.h5") }, read: readCells),
        Target(
            name: "json",
            seeds: { [Array(#"{"a": [1, -2.5e3, "x\u00e9\ud83d\ude00"], "b": {"c": null, "d": true}}"#.utf8)] },
            read: {
                _ = try JSONText.parse($0, file: "f")
            }),
        Target(
            name: "yaml",
            seeds: { [Array("a: 1\nb: [x, 'y', \"z\"]\nc:\n  d: &x 2\n  e: *x\nf: |\n  text\n? g\n: h\n".utf8)] },
            read: {
                guard let text = $0.text() else { return }
                _ = try YAMLOptions(text: text, file: "f")
            }),
    ]

    /// All that is read of a file of cells. HDF5's library may hang or fall in its own process: that takes a while.
    @Sendable private static func readCells(_ view: ByteView) throws {
        guard view.count > 0 else { return }
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("fuzz-\(UUID().uuidString).h5ad").path
        try AtomicFile.write(to: path) { try $0.write(view) }
        defer { try? FileManager.default.removeItem(atPath: path) }
        for key in [nil, "layers/counts", "layers/turned", "obsm/X_pca", "obs", "lzf", "bad"] {
            let selection = PointTable.Selection(groupBy: ["cell_type"], key: key)
            do { _ = try PointTable(path: path, selection).read(limit: 1 << 20) } catch let error as FormatError {
                // Once the process has fallen there is no more to learn from this file.
                if error.reason.hasPrefix("HDF5's library") { throw error }
            }
        }
    }

    private static func files(_ names: String...) throws -> [[UInt8]] { try names.map { try Support.view($0).array() } }

    /// A network pickle with one parameter whose storage is a file of its own.
    private static var persistentObject: [UInt8] {
        get throws {
            let legacy = try Support.view("tiny-legacy.pth").array()
            let storage = legacyStorage(legacy)
            let data =
                PickleBytes.global("torch.storage", "_load_from_bytes") + [UInt8(ascii: "B")]
                + little(UInt32(storage.count)) + storage + [0x85, 0x52]
            let tensor =
                PickleBytes.global("torch._utils", "_rebuild_tensor_v2")
                + PickleBytes.tuple([
                    data, PickleBytes.int(0), PickleBytes.tuple([PickleBytes.int(2)]),
                    PickleBytes.tuple([PickleBytes.int(1)]),
                ]) + [0x52]
            func dictionary(_ entries: [(String, [UInt8])]) -> [UInt8] {
                [0x7D, 0x28] + entries.flatMap { PickleBytes.text($0) + $1 } + [0x75]
            }
            let state = dictionary([
                ("_parameters", dictionary([("w", tensor)])), ("_buffers", dictionary([])),
                ("_init_kwargs", dictionary([])),
            ])
            let meta = dictionary([("class_name", PickleBytes.text("Net")), ("state", state)])
            return PickleBytes.document(
                dictionary([
                    ("ema", PickleBytes.global("x.persistence", "_reconstruct_persistent_obj") + meta + [0x85, 0x52])
                ]))
        }
    }

    /// A file of the old format that holds one bare storage of two floats.
    private static func legacyStorage(_ example: [UInt8]) -> [UInt8] {
        let head = example.prefix { _ in true }
        let third = head.indices.filter { head[$0] == 0x80 && $0 + 1 < head.count && head[$0 + 1] == 2 }[3]
        let id = PickleBytes.tuple([
            PickleBytes.text("storage"), PickleBytes.global("torch", "FloatStorage"), PickleBytes.text("k"),
            PickleBytes.text("cpu"), PickleBytes.int(2), [0x4E],
        ])
        return Array(head[..<third]) + PickleBytes.document(id + [0x51])
            + PickleBytes.document([0x5D] + PickleBytes.text("k") + [0x61])
            + little(Int64(2)) + [UInt8](repeating: 0, count: 8)
    }
}

/// Damages bytes in the ways that files are damaged, and in worse ones.
private struct Mutator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    /// SplitMix64.
    private mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    private mutating func below(_ bound: Int) -> Int { bound <= 0 ? 0 : Int(next() % UInt64(bound)) }

    mutating func mutated(_ seeds: [[UInt8]]) -> [UInt8] {
        var bytes = seeds[below(seeds.count)]
        for _ in 0...below(6) {
            switch below(7) {
            case 0: if !bytes.isEmpty { bytes[below(bytes.count)] ^= 1 << UInt8(below(8)) }
            case 1: if !bytes.isEmpty { bytes[below(bytes.count)] = UInt8(truncatingIfNeeded: next()) }
            case 2: bytes = Array(bytes.prefix(below(bytes.count + 1)))
            case 3:
                overwrite(
                    &bytes, little([0, 1, .max, 1 << 63, 1 << 31, 0xFFFF_FFFF, 1 << 62, 255][below(8)] as UInt64))
            case 4: splice(&bytes, seeds[below(seeds.count)])
            case 5: bytes.removeSubrange(range(in: bytes))
            default: splice(&bytes, bytes)
            }
        }
        return bytes
    }

    private mutating func range(in bytes: [UInt8]) -> Range<Int> {
        let start = below(bytes.count + 1)
        return start..<min(bytes.count, start + below(32))
    }

    private mutating func overwrite(_ bytes: inout [UInt8], _ value: [UInt8]) {
        let start = below(bytes.count + 1)
        let width = min([1, 2, 4, 8][below(4)], bytes.count - start)
        bytes.replaceSubrange(start..<start + width, with: value.prefix(width))
    }

    private mutating func splice(_ bytes: inout [UInt8], _ other: [UInt8]) {
        let part = Array(other[range(in: other)])
        bytes.insert(contentsOf: part, at: below(bytes.count + 1))
    }
}

private func residentMebibytes() -> Int {
    guard let text = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
        let line = text.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM") }),
        let kibibytes = Int(line.filter(\.isNumber))
    else { return 0 }
    return kibibytes / 1024
}
