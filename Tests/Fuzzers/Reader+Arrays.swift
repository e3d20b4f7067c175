import Foundation
import Genera
import Tensors

@testable import Formats

extension Reader {
    /// The most bytes that a compressed file is expanded to here.
    static let expansion = 1 << 24

    /// Files of tensors and what they are packed in.
    static let arrays: [Reader] = [
        Reader("safetensors") {
            for (_, tensor) in try Safetensors($0, file: "f").tensors { blackHole(tensor.floats()) }
        },
        Reader("torch") { try readTorch(TorchArchive($0, file: "f")) },
        Reader("pickle") { view in
            blackHole(try? Unpickler.value(of: view, file: "f"))
            let archive = try TorchArchive(view, file: "f")
            blackHole(try? archive.stateDictionary())
            let snapshot = try EDMPickle(archive)
            for key in ["ema", "G_ema", "net", "loss_fn", "augment_pipe"] {
                guard let part = try? snapshot.component(key) else { continue }
                for (_, tensor) in part.tensors { blackHole(tensor.floats()) }
            }
        },
        Reader("npy") { view in
            blackHole(try? NPY.texts(view, file: "f"))
            let tensor = try NPY.read(view, file: "f")
            blackHole((tensor.doubles(), tensor.int64s(), tensor.floats()))
        },
        Reader("npz") { view in
            let file = try NPZ(view, file: "f")
            for name in file.names {
                blackHole((try? file.layout(of: name), try? file.description(of: name), try? file.dtype(of: name)))
                blackHole(try? file.tensor(name, limit: expansion).int64s())
                blackHole(try? file.texts(name, limit: expansion))
            }
        },
        Reader("zip") { view in
            let zip = try ZipArchive(view, file: "f")
            for entry in zip.entries {
                blackHole(try? zip.data(entry, limit: expansion, checked: true))
                blackHole(try? zip.prefix(entry.name, count: 12))
            }
        },
        Reader("gzip") { view in
            blackHole(try? Gzip.prefix(view, count: 64, file: "f"))
            blackHole(try? Gzip.expand(view, count: 300, file: "f"))
            blackHole(try Gzip.expand(view, limit: expansion, file: "f"))
        },
        Reader("zstandard") { view in
            blackHole(try? Zstandard.expand(view, count: 300, file: "f"))
            blackHole(try Zstandard.expand(view, limit: expansion, file: "f"))
        },
        Reader("deflate") { view in
            blackHole(try? Deflate.prefix(view, count: 64, file: "f", place: "p"))
            blackHole(try Deflate.inflate(view, count: 300, file: "f", place: "p"))
        },
        Reader("idx") { view in
            blackHole(try? IDX.shape(view, file: "f"))
            blackHole(try IDX.read(view, file: "f", limit: expansion).floats())
        },
        Reader("cifar") { blackHole(try CIFAR10Binary([($0, "f")])) },
    ]

    private static func readTorch(_ archive: TorchArchive) throws {
        blackHole(archive.weightsPlace)
        for (_, tensor) in (try? archive.stateDictionary()) ?? [] { blackHole(tensor.doubles()) }
        blackHole(try? archive.value(at: ["state_dict", "w"]))
        blackHole(try archive.weights().place)
    }

    /// Tables of numbers, and of points.
    static let tables: [Reader] = [
        Reader("csv") { blackHole(try CSV($0, file: "f").numbers()) },
        Reader("points") { view in
            let table = try PointTable(view, file: "f")
            blackHole(try? table.read(limit: 1 << 20))
            let key = PointTable.Selection(groupBy: [table.columns.first ?? "x"], key: "day")
            blackHole(try PointTable(view, file: "f", key).read(limit: 1 << 20))
        },
        // HDF5's library may fall: it does in a process of its own, whose end is an error.
        Reader("cells", ending: "h5ad") { path in
            for key in [nil, "layers/counts", "layers/turned", "obsm/X_pca", "obs", "lzf", "bad"] {
                let selection = PointTable.Selection(groupBy: ["cell_type"], key: key)
                do { blackHole(try PointTable(path: path, selection).read(limit: 1 << 20)) } catch let error
                    as FormatError
                {
                    // Once the process has fallen there is no more to learn from this file.
                    if error.reason.hasPrefix("HDF5's library") { throw error }
                }
            }
        },
        Reader("ply") { view in
            let file = try PLY(view, file: "f")
            for element in file.elements {
                for property in element.properties {
                    blackHole(
                        property.isList
                            ? try file.lists(property.name, of: element.name).count
                            : try file.floats(property.name, of: element.name).count)
                }
            }
        },
    ]

    /// Graphs of mathematics' own formats.
    static let graphs: [Reader] = [
        Reader("graph6") { view in
            blackHole(Graph6.recognises(view))
            blackHole(try Graph6.read(view, file: "f"))
        },
        Reader("edges") { blackHole(try EdgeList.read($0, file: "f")) },
        Reader("graphml") { view in
            blackHole(GraphML.recognises(view))
            blackHole(try GraphML.read(view, file: "f"))
        },
        Reader("tu-folder") { view in
            // One file after another, with bars between them.
            let parts = view.array().split(separator: UInt8(ascii: "|"), maxSplits: 4, omittingEmptySubsequences: false)
            let folder = "\(Scratch.folder)/tu"
            try FileSystem.makeFolders(folder)
            let names = ["A", "graph_indicator", "graph_labels", "node_labels", "edge_labels"]
            for (place, name) in names.enumerated() {
                let path = "\(folder)/T_\(name).txt"
                guard place < parts.count else {
                    try? FileSystem.remove(path)
                    continue
                }
                try Data(parts[place]).write(to: URL(fileURLWithPath: path))
            }
            blackHole(try TUDataset(folder: folder).graphs)
        },
    ]

    /// Texts with a grammar.
    static let words: [Reader] = [
        Reader("json") { view in
            let value = try JSONText.parse(view, file: "f")
            blackHole((value.json, value.jsonLine))
        },
        Reader("yaml") { view in
            guard let text = view.text() else { return }
            let options = try YAMLOptions(text: text, file: "f")
            blackHole((options.entries.map(\.value.text), options.entries.map(\.value.bool)))
        },
        Reader("kind") { view in
            let kind = FileKind(view)
            blackHole((kind.refusal(wanted: "a file"), FileKind(head: view.array())))
        },
    ]
}
