import Genera

/// Splats in files of PyTorch and in safetensors.
enum SplatArchive {
    // MARK: PyTorch

    /// Whether a file is one of PyTorch with splats in it: by names that stand in its pickle.
    static func holdsTorch(_ view: ByteView) -> Bool {
        guard [.pickle, .zip].contains(FileKind(view)) else { return false }
        func has(_ text: String) -> Bool { view.contains(Array(text.utf8), within: 1 << 20) }
        let isGsplat = has("quats") && has("opacities") && has("means")
        return isGsplat || (has("f_dc") && has("scaling") && has("rotation"))
    }

    /// Reads gsplat's checkpoints (`splats`), Nerfstudio's, any dictionary of such tensors, and the tuples of the 3DGS and
    /// GES authors' code. Nothing in the file is executed.
    static func readTorch(_ view: ByteView, file: String) throws -> SplatScene {
        let archive = try TorchArchive(view, file: file)
        if let tuple = tuple(archive.root) { return try read(tuple, file: file) }
        let named = archive.root["splats"] == nil ? nil : try archive.stateDictionary(at: ["splats"])
        let tensors = SplatTensors(
            try named ?? archive.splats(), file: file,
            advice: "read are gsplat's checkpoints and those of the 3DGS and GES authors' code")
        return SplatScene(try tensors.splats(), remarks: tensors.remarks)
    }

    /// The values that `capture()` of the authors' model gives: alone, or with the iteration after them.
    private static func tuple(_ root: PickleValue) -> [PickleValue]? {
        guard var items = root.items else { return nil }
        if items.count == 2, let inner = items[0].items { items = inner }
        guard items.count >= 7, items[0].int != nil, items[1..<7].allSatisfy({ $0.tensor != nil }) else { return nil }
        return items
    }

    private static func read(_ items: [PickleValue], file: String) throws -> SplatScene {
        var names = ["means", "sh0", "shN", "scales", "quats", "opacities"]
        // GES has the shapes before the sizes on screen, which are one number a splat too: there are 13 values, not 12.
        if items.count >= 13 { names.append("shapes") }
        var copies = TensorCopies()
        let tensors = try zip(names, items.dropFirst()).map { name, value in
            guard let record = value.tensor else {
                throw FormatError(file: file, place: "'\(name)'", reason: "a tensor was expected, not \(value.kind)")
            }
            return (name: name, tensor: try copies.tensor(record, file: file, place: "'\(name)'"))
        }
        let splats = try SplatTensors(tensors, file: file, advice: "the file is damaged").splats()
        return SplatScene(splats)
    }

    // MARK: Safetensors

    /// Whether a file is safetensors with splats in it.
    static func holdsSafetensors(_ view: ByteView) -> Bool {
        guard Safetensors.isOne(view), let file = try? Safetensors(view, file: "") else { return false }
        return SplatTensors.areSplats(file.names)
    }

    /// Whether a safetensors file is one of Genera's own.
    static func isCheckpoint(_ view: ByteView) -> Bool {
        Safetensors.isOne(view) && view.contains(Array("genera.family".utf8), within: 1 << 20)
    }

    /// Reads Genera's own files, and others with tensors of the same names.
    static func readSafetensors(_ view: ByteView, file: String) throws -> SplatScene {
        if isCheckpoint(view) { return try SplatScene(ModelCheckpoint.load(file, family: SplatScene.familyName)) }
        let archive = try Safetensors(view, file: file)
        let tensors = SplatTensors(
            try archive.tensors, file: file,
            advice: "a scene has means, scales, quats, opacities, sh0 and, with harmonics, shN")
        return SplatScene(try tensors.splats(), remarks: tensors.remarks)
    }
}

extension TorchArchive {
    /// The tensors at one of the usual places if they are those of splats, else all of the file.
    fileprivate func splats() throws -> [(name: String, tensor: RawTensor)] {
        let weights = try weights().tensors
        return SplatTensors.areSplats(weights.map(\.name)) ? weights : try stateDictionary()
    }
}
