import Tensors

/// A named place in a network's tree of parameters, from which layers take their tensors as they are built.
///
/// One constructor serves three ends: initialising a network from random numbers, loading it from a checkpoint (every missing
/// or mis-shaped key is collected, and `finish()` reports them all), and listing its keys without memory.
///
///     let scope = ParameterScope.loading(weights)
///     let network = try MLP([2, 64, 2], .silu, in: scope["net"])
///     try scope.finish()
///
/// Names are joined with dots, so that they equal the reference's `state_dict` keys.
public struct ParameterScope {
    let root: Root
    let prefix: String

    /// How the elements of a new parameter are drawn.
    public enum Distribution: Sendable {
        /// Uniform in [-1, 1).
        case uniform
        /// Standard normal.
        case normal
    }

    /// Draws the elements of one parameter: distribution, shape, and the number of draws before it.
    public typealias Draw = (Distribution, [Int], Int) throws -> Tensor

    /// One entry of a network's key list.
    public struct Entry: Sendable {
        /// The key, for example `model.enc.32x32_conv.weight`.
        public let name: String
        /// The tensor itself.
        public let tensor: Tensor
        /// False for buffers, which are saved but not trained.
        public let isTrainable: Bool
    }

    final class Root {
        enum Source {
            case drawing(Draw)
            case loading([String: Tensor])
            case listing
        }

        let source: Source
        let trainable: Bool
        let dtype: DType
        let channelsLast: Bool
        let packs: DType?
        let products: DType?
        let device: Device
        var entries: [Entry] = []
        var drawCount = 0
        var missing: [String] = []
        var misshaped: [KeyMismatch.Shape] = []

        init(
            _ source: Source, trainable: Bool = false, dtype: DType = .float32, channelsLast: Bool = false,
            packs: DType? = nil, products: DType? = nil, device: Device = .cpu
        ) {
            self.source = source
            self.trainable = trainable
            self.dtype = dtype
            self.channelsLast = channelsLast
            self.packs = packs
            self.products = products
            self.device = device
        }
    }

    /// A scope whose parameters are drawn at random and can be trained.
    public static func drawing(on device: Device = .cpu, _ draw: @escaping Draw) -> ParameterScope {
        let root = Root(.drawing(draw), trainable: true, device: device)
        return ParameterScope(root: root, prefix: "")
    }

    /// A scope whose parameters come from named tensors, converted to `dtype`.
    ///
    /// - Parameters:
    ///   - trainable: whether gradients shall flow to them (they are then copied).
    ///   - channelsLast: whether convolution kernels are laid out for images with channels last.
    ///   - packs: whether layers may rearrange their weights for inference (`PackedConvolution`). The type of activations, which have
    ///     channels last then; nil if they may not.
    ///   - products: the type that layers pack their weights in, if it is not that of the activations.
    public static func loading(
        _ weights: [(name: String, tensor: Tensor)], trainable: Bool = false, dtype: DType = .float32,
        channelsLast: Bool = false, packs: DType? = nil, products: DType? = nil, device: Device = .cpu
    ) -> ParameterScope {
        let table = Dictionary(weights.map { ($0.name, $0.tensor) }, uniquingKeysWith: { first, _ in first })
        let root = Root(
            .loading(table), trainable: trainable, dtype: dtype, channelsLast: channelsLast, packs: packs,
            products: products, device: device)
        return ParameterScope(root: root, prefix: "")
    }

    /// A scope that gives tensors of the right shape without memory behind them.
    public static func listing() -> ParameterScope {
        ParameterScope(root: Root(.listing), prefix: "")
    }

    /// The scope of a part.
    public subscript(_ name: String) -> ParameterScope {
        ParameterScope(root: root, prefix: prefix.isEmpty ? name : "\(prefix).\(name)")
    }

    /// A trainable tensor of this scope.
    ///
    /// - Throws: if drawing fails. A key that is missing or mis-shaped is reported by `finish()`.
    public func parameter(_ name: String, _ shape: [Int], _ initializer: Initializer = .zeros) throws -> Tensor {
        let key = self[name].prefix
        var tensor: Tensor
        switch root.source {
        case let .drawing(draw): tensor = try initializer.fill(shape, draw: draw, ordinal: &root.drawCount)
        case let .loading(table): tensor = find(key, shape, in: table)
        case .listing: tensor = Tensor.zeros([]).expanded(shape)
        }
        tensor = try placed(tensor)
        root.entries.append(Entry(name: key, tensor: tensor, isTrainable: true))
        return tensor
    }

    /// A tensor that is saved with the network but not trained.
    ///
    /// - Throws: if drawing fails. A key that is missing or mis-shaped is reported by `finish()`.
    public func buffer(_ name: String, _ shape: [Int], _ initializer: Initializer) throws -> Tensor {
        try buffer(name, shape) { draw in try initializer.fill(shape, draw: draw, ordinal: &root.drawCount) }
    }

    /// A tensor of known value that is saved with the network but not trained.
    ///
    /// - Throws: the value's error if it is poisoned.
    public func buffer(_ name: String, constant: Tensor) throws -> Tensor {
        try buffer(name, constant.checked().shape.sizes) { _ in constant }
    }

    private func buffer(_ name: String, _ shape: [Int], _ value: (Draw) throws -> Tensor) throws -> Tensor {
        let key = self[name].prefix
        var tensor: Tensor
        switch root.source {
        case let .drawing(draw): tensor = try value(draw)
        case let .loading(table): tensor = find(key, shape, in: table)
        case .listing: tensor = Tensor.zeros([]).expanded(shape)
        }
        tensor = tensor.to(root.device)
        // Training may move a buffer (running statistics): what it was loaded from stays.
        if root.trainable { tensor = try tensor.contiguous().cloned().checked() }
        root.entries.append(Entry(name: key, tensor: tensor, isTrainable: false))
        return tensor
    }

    /// All entries made so far, in the order of their making.
    public var entries: [Entry] { root.entries }

    /// The type that loaded parameters are converted to.
    public var dtype: DType { root.dtype }

    /// Whether layers may rearrange their weights for inference with channels last.
    public var packs: Bool { root.packs != nil }

    /// The type of the activations: that of the parameters, or another where layers pack theirs.
    public var activations: DType { root.packs ?? root.dtype }

    /// The type in which layers pack their weights.
    public var products: DType { root.products ?? activations }

    /// Checks that the weights held exactly the keys that the network asked for.
    ///
    /// - Throws: `KeyMismatch` naming every missing, unexpected and mis-shaped key.
    public func finish() throws {
        guard case let .loading(table) = root.source else { return }
        let known = Set(root.entries.map(\.name))
        let unexpected = table.keys.filter { !known.contains($0) }.sorted()
        guard root.missing.isEmpty, root.misshaped.isEmpty, unexpected.isEmpty else {
            throw KeyMismatch(missing: root.missing, unexpected: unexpected, misshaped: root.misshaped)
        }
    }

    private func find(_ key: String, _ shape: [Int], in table: [String: Tensor]) -> Tensor {
        if let found = table[key] {
            if found.error != nil || found.shape.sizes == shape { return found }
            root.misshaped.append(.init(key: key, expected: shape, found: found.shape.sizes))
        } else {
            root.missing.append(key)
        }
        return Tensor.zeros([]).expanded(shape)
    }

    private func placed(_ tensor: Tensor) throws -> Tensor {
        if case .listing = root.source { return tensor }
        var tensor = tensor.to(root.dtype).to(root.device)
        if root.channelsLast, tensor.rank == 4 { tensor = tensor.channelsLast() }
        guard root.trainable else { return tensor }
        return try tensor.contiguous().cloned().detached().requiringGradient()
    }
}
