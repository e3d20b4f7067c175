import Tensors

/// A network snapshot or training state of EDM and PFGM++: pickled network objects, read as names and tensors.
///
///     let snapshot = try EDMPickle(path: "network-snapshot-001000.pkl")
///     let network = try snapshot.ema()
///     network.className                      // "EDMPrecond"
///     network.options["img_resolution"]?.int // 32
public struct EDMPickle: Sendable {
    /// A persistent object: a network, a loss or an augmentation pipe.
    public struct Component: Sendable {
        /// Name of its class, for example `EDMPrecond`.
        public let className: String
        /// The constructor's arguments without names.
        public let arguments: [PickleValue]
        /// The constructor's named arguments.
        public let options: PickleDictionary
        /// Parameters and buffers in the order of PyTorch's `state_dict`, with names joined by dots.
        public let tensors: [(name: String, tensor: RawTensor)]
    }

    /// The path, or the name given for bytes from elsewhere.
    public let file: String
    /// Everything the file holds, by key: `ema`, `loss_fn`, `augment_pipe`, `dataset_kwargs`, or `net`, `step` and so on.
    public let root: PickleDictionary

    /// Maps and reads the file at `path`.
    ///
    /// - Throws: ``FormatError``, as ``TorchArchive``, or when it is not a dictionary.
    public init(path: String) throws {
        try self.init(TorchArchive(path: path))
    }

    /// Takes what an archive holds.
    ///
    /// - Throws: ``FormatError`` when that is not a dictionary.
    public init(_ archive: TorchArchive) throws {
        guard let root = archive.root.dictionary else {
            throw FormatError(
                file: archive.file, reason: "a snapshot should be a dictionary, this is \(archive.root.kind)")
        }
        file = archive.file
        self.root = root
    }

    /// The network with averaged weights.
    ///
    /// - Throws: ``FormatError``, as `component(_:)`.
    public func ema() throws -> Component { try component("ema") }

    /// The keys under which networks lie, the averaged ones first.
    public static let networkKeys = ["ema", "G_ema", "net", "model"]

    /// The network, with averaged weights where the file has them.
    ///
    /// - Throws: ``FormatError`` when there is none under any of the usual keys, or one of its tensors cannot be read.
    public func network() throws -> Component {
        if let key = Self.networkKeys.first(where: { root[$0]?.object?.state.dictionary != nil }) {
            return try component(key)
        }
        throw missing("a network with its options was looked for under \(Self.networkKeys.quotedList)")
    }

    /// The error for a file without the network that was wanted: which keys it has, and whether there are weights alone.
    private func missing(_ reason: String) -> FormatError {
        let weights = StateDictionary.find(in: .dictionary(root))
        let keys = "\(reason); the file has \(root.names.isEmpty ? "no keys" : root.names.quotedList)"
        guard let weights else {
            return FormatError(file: file, reason: keys, advice: "is it a snapshot of EDM or PFGM++?")
        }
        return FormatError(
            file: file, reason: "\(keys), weights alone \(weights.place)",
            advice: "they do not tell the network's shape: take the whole snapshot, or the tensors by `genera convert`")
    }

    /// The loss, or nil when there is none.
    ///
    /// - Throws: ``FormatError``, as `component(_:)`.
    public func lossFunction() throws -> Component? { try optional("loss_fn") }

    /// The augmentation pipe, or nil when there is none.
    ///
    /// - Throws: ``FormatError``, as `component(_:)`.
    public func augmentPipe() throws -> Component? { try optional("augment_pipe") }

    /// The data set's options, or nil when there are none.
    public var datasetOptions: PickleDictionary? { root["dataset_kwargs"]?.dictionary }

    /// The persistent object under `key`.
    ///
    /// - Throws: ``FormatError`` when there is none, or one of its tensors cannot be read.
    public func component(_ key: String) throws -> Component {
        guard let object = root[key]?.object, let state = object.state.dictionary else {
            throw missing("a network with its options was looked for under \(quoted(key))")
        }
        var walk = ModuleWalk(file: file)
        try walk.visit(state, prefix: "")
        return Component(
            className: object.className, arguments: state["_init_args"]?.items ?? [],
            options: state["_init_kwargs"]?.dictionary ?? PickleDictionary(), tensors: walk.tensors)
    }

    private func optional(_ key: String) throws -> Component? {
        switch root[key] {
        case nil, PickleValue.none?: nil
        default: try component(key)
        }
    }
}

/// Collects a module's parameters, then its buffers, then its children's.
private struct ModuleWalk {
    let file: String
    var tensors: [(name: String, tensor: RawTensor)] = []
    private var visits = 0
    private var copies = TensorCopies()

    init(file: String) { self.file = file }

    mutating func visit(_ state: PickleDictionary, prefix: String) throws {
        try count(prefix)
        try add(state["_parameters"]?.dictionary, prefix, skipping: [])
        let temporary = state["_non_persistent_buffers_set"]?.items?.compactMap(\.string) ?? []
        try add(state["_buffers"]?.dictionary, prefix, skipping: Set(temporary))
        for (key, child) in state["_modules"]?.dictionary?.entries ?? [] {
            guard let name = key.string, let inner = child.object?.state.dictionary else { continue }
            try visit(inner, prefix: "\(prefix)\(name).")
        }
    }

    private mutating func count(_ prefix: String) throws {
        visits += 1
        guard visits <= 1_000_000 else {
            throw FormatError(file: file, place: quoted(prefix), reason: "more than a million modules and parameters")
        }
    }

    private mutating func add(_ entries: PickleDictionary?, _ prefix: String, skipping: Set<String>) throws {
        for (key, value) in entries?.entries ?? [] {
            try count(prefix)
            guard let name = key.string, let record = value.tensor, !skipping.contains(name) else { continue }
            tensors.append((prefix + name, try copies.tensor(record, file: file, place: quoted(prefix + name))))
        }
    }
}
