import Genera

/// The tensors of a checkpoint under the names of the network, wherever in a file they lie. Nothing in the file is executed.
struct CheckpointWeights {
    /// Names and tensors in the file's order, which is that of the network's parameters.
    var tensors: [(name: String, tensor: RawTensor)]
    /// The beginning of names that was left out: `backbone.` of MDLM.
    let prefix: String
    /// What was noted beside them.
    var notes: [String: String] = [:]

    /// What the names of wrapped networks begin with.
    static let prefixes = ["backbone.", "module.", "_orig_mod.", "model."]
    /// The key that every network of this kind has.
    static let mark = "vocab_embed.embedding"

    /// Reads a file: safetensors, or one of PyTorch.
    ///
    /// - Throws: `FormatError` for a file that is neither, `GeneraError.badData` for one of another kind of model.
    init(path: String) throws {
        let view = try MappedFile(path: path).view
        if FileKind(view) == .safetensors || FileSystem.fileExtension(of: path) == "safetensors" {
            try self.init(Safetensors(view, file: path).tensors, file: path)
        } else {
            try self.init(Self.archive(view, file: path), file: path)
        }
    }

    private static func archive(_ view: ByteView, file: String) throws -> TorchArchive {
        do { return try TorchArchive(view, file: file) } catch var error as FormatError {
            if error.reason.contains("refusing to load class") {
                error.advice =
                    "a checkpoint of Lightning holds objects of its program beside the weights. Keep the weights alone: "
                    + "c = torch.load(FILE, weights_only=False); "
                    + "torch.save({k: c[k] for k in ('state_dict', 'ema') if k in c}, 'weights.pth')"
            }
            throw error
        }
    }

    /// Tensors of which some may be wrapped.
    init(_ all: [(name: String, tensor: RawTensor)], file: String) throws {
        guard let key = all.first(where: { $0.name == Self.mark || $0.name.hasSuffix(".\(Self.mark)") })?.name else {
            let names = all.prefix(6).map { "'\($0.name)'" }.joined(separator: ", ")
            throw GeneraError.badData(
                file: file, reason: "it has no '\(Self.mark)', so it is no model of this family",
                advice: all.isEmpty ? "it has no tensors." : "it has \(names)\(all.count > 6 ? ", ..." : ".")")
        }
        let prefix = String(key.dropLast(Self.mark.count))
        self.prefix = prefix
        tensors = all.compactMap { name, tensor in
            name.hasPrefix(prefix) ? (String(name.dropFirst(prefix.count)), tensor) : nil
        }
    }

    /// A file of PyTorch: a state dictionary, or what a training saved, whose averaged weights stand in for the others.
    private init(_ archive: TorchArchive, file: String) throws {
        let root = archive.root
        let key = ["model", "state_dict"].first { root[$0]?.dictionary != nil }
        try self.init(archive.stateDictionary(at: key.map { [$0] } ?? []), file: file)
        if let step = (root["step"] ?? root["global_step"])?.int { notes["radd.step"] = "\(step)" }
        guard key != nil, let average = root["ema"], average["shadow_params"] != nil else { return }
        try take(average: average, file: file)
    }

    /// The average is a list in the order of the parameters, without names.
    private mutating func take(average: PickleValue, file: String) throws {
        // Buffers have no average.
        let places = tensors.indices.filter { !tensors[$0].name.hasSuffix("inv_freq") }
        // The noise of some trainings has a parameter of its own behind those of the network.
        guard let items = average["shadow_params"]?.items, (places.count...places.count + 4).contains(items.count)
        else {
            throw GeneraError.badData(
                file: file, reason: "'ema' needs a list 'shadow_params' of \(places.count) tensors",
                advice: "it has \(average["shadow_params"]?.items?.count ?? 0).")
        }
        var copies = TensorCopies()
        for (number, (place, item)) in zip(places, items).enumerated() {
            let (name, own) = tensors[place]
            guard let record = item.tensor else {
                throw GeneraError.badData(
                    file: file, reason: "ema.shadow_params[\(number)] is \(item.kind), not a tensor")
            }
            let tensor = try copies.tensor(record, file: file, place: "ema.shadow_params[\(number)]")
            guard tensor.shape == own.shape else {
                throw GeneraError.badData(
                    file: file, reason: "ema.shadow_params[\(number)] is \(tensor.shape), but '\(name)' is \(own.shape)"
                )
            }
            tensors[place].tensor = tensor
        }
        notes["radd.average"] = "ema"
        if let updates = average["num_updates"]?.int { notes["radd.average.updates"] = "\(updates)" }
        if let decay = average["decay"]?.double { notes["radd.average.decay"] = "\(decay)" }
    }

    /// The shape of a tensor.
    func shape(_ name: String) -> [Int]? { tensors.first { $0.name == name }?.tensor.shape }

    /// How many blocks there are by the tensors' names.
    var blocks: Int { Self.count("blocks.", tensors.map(\.name)) }

    /// One more than the largest number behind a prefix in some names; names with numbers that are no block's are left out.
    static func count(_ prefix: String, _ names: [String]) -> Int {
        let numbers = names.compactMap { name in
            name.hasPrefix(prefix) ? Int(name.dropFirst(prefix.count).prefix { $0 != "." }) : nil
        }
        return numbers.filter { (0..<1000).contains($0) }.max().map { $0 + 1 } ?? 0
    }

    /// Whether there are tensors of time.
    var hasTime: Bool { tensors.contains { $0.name.hasPrefix("sigma_map.") } }
}
