import Genera

@testable import Splatting

/// Writes files as PyTorch does, for tests: a zip with a pickle, and a file for each tensor's numbers.
struct TorchFile {
    private var pickle: [UInt8] = [0x80, 2]
    private var storages: [[Float]] = []

    /// Something in a pickle.
    indirect enum Item {
        case whole(Int32)
        case tensor([Float], [Int])
        case tuple([Item])
        case dictionary([(String, Item)])
    }

    /// The bytes of a file that holds an item.
    static func bytes(_ root: Item) throws -> [UInt8] {
        var file = TorchFile()
        file.put(root)
        file.pickle.append(UInt8(ascii: "."))
        return try Scenes.inFolder { folder in
            try ZipWriter.write(to: "\(folder)/a.pt") { zip in
                try zip.add("archive/data.pkl", file.pickle)
                for (index, numbers) in file.storages.enumerated() {
                    try zip.add("archive/data/\(index)", numbers.flatMap { Self.little($0.bitPattern) })
                }
                try zip.add("archive/version", Array("3\n".utf8))
            }
            return try FileSystem.contents(of: "\(folder)/a.pt")
        }
    }

    private mutating func put(_ item: Item) {
        switch item {
        case .whole(let number): pickle += [UInt8(ascii: "J")] + Self.little(UInt32(bitPattern: number))
        case .tuple(let items):
            pickle.append(UInt8(ascii: "("))
            items.forEach { put($0) }
            pickle.append(UInt8(ascii: "t"))
        case .dictionary(let members):
            pickle += [UInt8(ascii: "}"), UInt8(ascii: "(")]
            for (key, value) in members {
                put(text: key)
                put(value)
            }
            pickle.append(UInt8(ascii: "u"))
        case .tensor(let numbers, let shape):
            put(global: "torch._utils _rebuild_tensor_v2")
            pickle += Array("((".utf8)
            put(text: "storage")
            put(global: "torch FloatStorage")
            put(text: "\(storages.count)")
            put(text: "cpu")
            put(.whole(Int32(numbers.count)))
            pickle += Array("tQ".utf8)
            put(.whole(0))
            put(.tuple(shape.map { .whole(Int32($0)) }))
            let strides = shape.indices.map { shape[($0 + 1)...].reduce(1, *) }
            put(.tuple(strides.map { .whole(Int32($0)) }))
            pickle.append(0x89)
            pickle += Array("}tR".utf8)
            storages.append(numbers)
        }
    }

    private mutating func put(text: String) {
        pickle += [UInt8(ascii: "X")] + Self.little(UInt32(text.utf8.count)) + Array(text.utf8)
    }

    private mutating func put(global: String) {
        pickle += [UInt8(ascii: "c")] + Array((global.replacing(" ", with: "\n") + "\n").utf8)
    }

    private static func little(_ value: UInt32) -> [UInt8] { withUnsafeBytes(of: value.littleEndian) { Array($0) } }

    /// A scene's tensors by gsplat's names.
    static func tensors(_ splats: Splats) -> [(String, Item)] {
        let (n, first) = (splats.count, Splats.Plane.harmonics)
        return [
            ("means", .tensor(splats.rows(0..<3), [n, 3])), ("scales", .tensor(splats.rows(3..<6), [n, 3])),
            ("quats", .tensor(splats.rows(6..<10), [n, 4])), ("opacities", .tensor(splats.rows(10..<11), [n])),
            ("sh0", .tensor(splats.rows(first..<first + 3), [n, 1, 3])),
            (
                "shN",
                .tensor(splats.rows(first + 3..<splats.planeCount), [n, splats.coefficientCount - 1, 3])
            ),
        ]
    }

    /// A scene as `capture()` of the 3DGS authors' model gives it, with shapes as that of GES does.
    static func capture(_ splats: Splats, hasShapes: Bool) -> Item {
        let named = Dictionary(uniqueKeysWithValues: tensors(splats))
        let n = splats.count
        var items: [Item] = [.whole(Int32(splats.degree))]
        items += ["means", "sh0", "shN", "scales", "quats"].map { named[$0]! }
        items.append(.tensor(splats.rows(10..<11), [n, 1]))
        if hasShapes { items.append(.tensor(splats.rows(11..<12), [n, 1])) }
        // Sizes on the screen, gradients, their number, and the optimiser with the names of its groups.
        let zeros = Item.tensor([Float](repeating: 0, count: n), [n])
        let names = ["xyz", "f_dc", "f_rest", "scaling", "rotation"].map { ($0, Item.whole(0)) }
        items += [zeros, zeros, zeros, .dictionary(names), .whole(1)]
        return .tuple([.tuple(items), .whole(30000)])
    }
}
