import Genera

/// Scores texts by a GPT-2 that the user has: how surprising each token is to it, given those before.
package struct GPT2Evaluator: Sendable {
    /// The network.
    package let network: GPT2Network
    /// The file, for messages.
    package let file: String

    /// Reads a folder of a model hub or a file of weights, safetensors or PyTorch's. Nothing in it is executed.
    ///
    /// - Throws: `GeneraError.badData` with all keys that do not fit, `FormatError` for a file that cannot be read.
    package init(path: String, device: Device = .cpu) throws {
        let weights = try RADDCheckpoint.weightsFile(of: path)
        let config = "\(FileSystem.parent(of: weights))/config.json"
        let settings = FileSystem.exists(config) ? try CheckpointSettings.json(path: config) : CheckpointSettings()
        try self.init(
            Self.tensors(of: weights), heads: settings.whole("n_head"), device: device, file: weights)
    }

    private static func tensors(of path: String) throws -> [(name: String, tensor: RawTensor)] {
        let view = try MappedFile(path: path).view
        return FileKind(view) == .safetensors
            ? try Safetensors(view, file: path).tensors : try TorchArchive(view, file: path).weights().tensors
    }

    /// Takes tensors, whose names may begin with `transformer.`. Sizes are told by their shapes.
    ///
    /// - Parameter heads: heads of attention; nil for heads of 64 numbers.
    /// - Throws: `GeneraError.badData` with all keys that do not fit.
    package init(
        _ all: [(name: String, tensor: RawTensor)], heads: Int? = nil, device: Device = .cpu, file: String
    ) throws {
        self.file = file
        var tensors: [(name: String, tensor: RawTensor)] = []
        for (name, tensor) in all {
            let name = name.hasPrefix("transformer.") ? String(name.dropFirst(12)) : name
            // The head is the table of tokens, and masks are no weights.
            let isSpare =
                name == "lm_head.weight" || name.hasSuffix(".attn.bias") || name.hasSuffix(".attn.masked_bias")
            if !isSpare { tensors.append((name, tensor)) }
        }
        let geometry = try Self.geometry(tensors, heads: heads, file: file)
        let scope = ParameterScope.loading(tensors.map { ($0.name, Tensor($0.tensor)) }, device: device)
        network = try GPT2Network(geometry, device: device, in: scope)
        do { try scope.finish() } catch let error as KeyMismatch {
            throw GeneraError.badData(file: file, reason: "\(error)")
        }
    }

    /// Sizes by shapes.
    static func geometry(_ tensors: [(name: String, tensor: RawTensor)], heads: Int?, file: String) throws
        -> GPT2Network.Geometry
    {
        func shape(_ name: String) throws -> [Int] {
            guard let shape = tensors.first(where: { $0.name == name })?.tensor.shape, shape.count == 2,
                shape.allSatisfy({ $0 > 0 })
            else {
                throw GeneraError.badData(
                    file: file, reason: "it has no table '\(name)', so it is no GPT-2",
                    advice: "a GPT-2 is a folder with config.json and model.safetensors or pytorch_model.bin.")
            }
            return shape
        }
        let (tokens, positions) = (try shape("wte.weight"), try shape("wpe.weight"))
        let width = tokens[1]
        let heads = heads ?? max(width / 64, 1)
        let blocks = CheckpointWeights.count("h.", tensors.map(\.name))
        guard heads > 0, width % heads == 0 else {
            throw GeneraError.badData(file: file, reason: "\(heads) heads do not divide \(width) numbers of a token")
        }
        return .init(tokens: tokens[0], positions: positions[0], width: width, blocks: blocks, heads: heads)
    }

    /// -log p of each token but the first, a row a sequence.
    ///
    /// A sequence longer than the network's positions P is scored in windows of P, each P / 2 further: behind the first window only
    /// the later half of each counts, so that every token has at least P / 2 before it.
    ///
    /// - Parameters:
    ///   - batch: sequences of one length that are scored at a time.
    /// - Throws: `GeneraError.badData` for a token that the network does not know.
    package func likelihoods(_ sequences: [[Int32]], batch: Int = 8, stop: StopToken = StopToken()) throws -> [[Double]]
    {
        let tokens = network.geometry.tokens
        for (number, sequence) in sequences.enumerated() {
            guard let place = sequence.firstIndex(where: { $0 < 0 || Int($0) >= tokens }) else { continue }
            throw GeneraError.badData(
                file: file,
                reason: "token \(sequence[place]) at place \(place) of sequence \(number) is not known to it",
                advice: "it knows \(tokens), from 0 to \(tokens - 1); a mask cannot be scored.")
        }
        let windows = sequences.indices.flatMap { number in
            self.windows(of: sequences[number].count).map { (number: number, window: $0) }
        }
        var rows = sequences.map { [Double](repeating: 0, count: max($0.count - 1, 0)) }
        // Windows of one length go together.
        for (_, group) in Dictionary(grouping: windows, by: { $0.window.range.count }).sorted(by: { $0.key < $1.key }) {
            for start in stride(from: 0, to: group.count, by: max(batch, 1)) {
                guard !stop.isStopped else { throw GeneraError.interrupted("Scoring was stopped.") }
                let part = group[start..<min(start + max(batch, 1), group.count)]
                let found = try inferenceMode {
                    try network.likelihoods(part.map { Array(sequences[$0.number][$0.window.range]) })
                }
                for (one, values) in zip(part, found) {
                    let range = one.window.range
                    for place in one.window.counted..<range.upperBound {
                        rows[one.number][place - 1] = values[place - 1 - range.lowerBound]
                    }
                }
            }
        }
        return rows
    }

    /// The windows of a sequence, and the first token of each that counts.
    private func windows(of length: Int) -> [(range: Range<Int>, counted: Int)] {
        let positions = network.geometry.positions
        guard length > 1 else { return [] }
        var windows = [(range: 0..<min(length, positions), counted: 1)]
        let step = max(positions / 2, 1)
        while let last = windows.last, last.range.upperBound < length {
            let end = min(last.range.upperBound + step, length)
            windows.append((max(end - positions, 0)..<end, last.range.upperBound))
        }
        return windows
    }
}
