import Formats
import Layers
import Metrics
import Tensors

/// The distance of two images in the layers of a network of the VGG kind, LPIPS (Zhang et al., 2018): features before each pooling,
/// divided by their length at each place, squared differences weighed by channel, means over all places, and their sum.
///
///     let distance = try PerceptualDistance(paths: ["vgg16.pth", "lpips-vgg.pth"])
///     let value = try distance(first, second)
public struct PerceptualDistance: Sendable {
    /// In which numbers the network gets colours before it takes away its mean and divides by its deviation.
    public enum Colours: String, Sendable, CaseIterable {
        /// -1...1, as the distance was made for.
        case signed
        /// 0...1, as the programs that numbers of splat scenes are published by have it.
        case unit
    }

    /// A convolution of 3x3 with its rectifier.
    private struct Layer: Sendable {
        let weight: Tensor
        let bias: Tensor
        /// Whether squares of four are pooled before it.
        let pools: Bool
        /// The weights of its channels in the distance, `[1, C, 1, 1]`; nil for layers that do not count.
        var counts: Tensor?
    }

    /// Where the weights are from, for messages.
    public let name: String
    private let layers: [Layer]

    /// Reads weights: `features.N.weight` and `features.N.bias` of the network, numbered as torchvision does, and `linK` of the distance,
    /// from safetensors or files of PyTorch, together or apart.
    ///
    /// - Throws: `FormatError` for files that cannot be read; `GeneraError.badData` for weights that are missing or do not fit.
    public init(paths: [String]) throws {
        var tensors: [(name: String, tensor: RawTensor)] = []
        for path in paths {
            guard FileSystem.exists(path) else {
                throw GeneraError.noInput("\(path): there is no such file of weights.")
            }
            let isSafe = FileSystem.fileExtension(of: path) == "safetensors"
            tensors += try isSafe ? Safetensors(path: path).tensors : TorchArchive(path: path).weights().tensors
        }
        try self.init(tensors, name: paths.joined(separator: " and "))
    }

    /// Takes weights by their names.
    ///
    /// - Throws: `GeneraError.badData` for weights that are missing or do not fit each other.
    public init(_ tensors: [(name: String, tensor: RawTensor)], name: String) throws {
        self.name = name
        let weights = PerceptualWeights(tensors, name: name)
        let numbers = try weights.layerNumbers()
        var (layers, channels, stage) = ([Layer](), 3, 0)
        for (place, number) in numbers.enumerated() {
            let (weight, bias) = try weights.convolution(number, from: channels)
            channels = bias.shape[0]
            // Between the convolutions of a stage lies a rectifier; between stages a pooling beside it.
            let pools = place > 0 && number - numbers[place - 1] > 2
            let isLast = place + 1 == numbers.count || numbers[place + 1] - number > 2
            let counts = isLast ? try weights.counts(stage, channels: channels) : nil
            if isLast { stage += 1 }
            layers.append(Layer(weight: weight, bias: bias, pools: pools, counts: counts))
        }
        self.layers = layers
    }

    /// The least side of an image that has a pixel left after all poolings.
    public var leastSide: Int { 1 << layers.count { $0.pools } }

    /// The distance of two images of numbers in 0...1, grey or of three channels.
    ///
    /// - Throws: `MetricError` for images that differ in shape; `GeneraError.usage` for images that are too small.
    public func callAsFunction(_ a: PixelPlanes, _ b: PixelPlanes, colours: Colours = .signed) throws -> Double {
        guard (a.channels, a.height, a.width) == (b.channels, b.height, b.width) else {
            throw MetricError(
                "Images of \([a.channels, a.height, a.width]) and \([b.channels, b.height, b.width]) cannot be compared."
            )
        }
        guard fits(a) else {
            throw GeneraError.usage(
                "LPIPS needs images of at least \(leastSide)x\(leastSide) pixels, not \(a.width)x\(a.height).")
        }
        return try inferenceMode {
            var (x, y) = (prepared(a, colours), prepared(b, colours))
            var sum = 0.0
            for layer in layers {
                (x, y) = (advanced(x, layer), advanced(y, layer))
                guard let counts = layer.counts else { continue }
                let difference = Self.normalised(x) - Self.normalised(y)
                let map = (difference.squared() * counts).sum(axes: [1])
                sum += try map.mean().item()
            }
            return sum
        }
    }

    /// Whether an image is large enough.
    public func fits(_ image: PixelPlanes) -> Bool {
        min(image.width, image.height) >= leastSide && [1, 3].contains(image.channels)
    }

    private func prepared(_ image: PixelPlanes, _ colours: Colours) -> Tensor {
        let plain = Tensor(image.values, shape: [1, image.channels, image.height, image.width])
        let three = image.channels == 1 ? Tensor.concatenated([plain, plain, plain], axis: 1) : plain
        let mean = Tensor([-0.030, -0.088, -0.188] as [Float], shape: [1, 3, 1, 1])
        let deviation = Tensor([0.458, 0.448, 0.450] as [Float], shape: [1, 3, 1, 1])
        return ((colours == .signed ? three * 2 - 1 : three) - mean) / deviation
    }

    private func advanced(_ x: Tensor, _ layer: Layer) -> Tensor {
        (layer.pools ? x.largestPixels(2) : x).conv2d(layer.weight, bias: layer.bias, padding: 1).relu()
    }

    private static func normalised(_ x: Tensor) -> Tensor {
        x / (x.squared().sum(axes: [1], keeping: true).sqrt() + 1e-10)
    }
}

/// The weights of a network by the names that programs give them.
private struct PerceptualWeights {
    private let tensors: [String: RawTensor]
    private let name: String

    init(_ all: [(name: String, tensor: RawTensor)], name: String) {
        tensors = Dictionary(all.map { ($0.name, $0.tensor) }) { first, _ in first }
        self.name = name
    }

    private func error(_ reason: String) -> GeneraError {
        .badData(
            file: name, reason: reason,
            advice: "LPIPS takes features.N.weight and features.N.bias of torchvision's VGG16, and lin0 to lin4")
    }

    /// The numbers of the convolutions, in order.
    func layerNumbers() throws -> [Int] {
        let numbers = tensors.keys.compactMap { key -> Int? in
            let parts = key.split(separator: ".")
            guard parts.count == 3, parts[0] == "features", parts[2] == "weight" else { return nil }
            return Int(parts[1])
        }.sorted()
        guard let last = numbers.last, numbers[0] == 0, last < 1000 else {
            throw error("holds no tensor 'features.0.weight'")
        }
        return numbers
    }

    /// Weight and bias of a convolution of 3x3.
    func convolution(_ number: Int, from channels: Int) throws -> (weight: Tensor, bias: Tensor) {
        let key = "features.\(number)"
        guard let weight = tensors["\(key).weight"], let bias = tensors["\(key).bias"] else {
            throw error("holds no tensor '\(key).bias'")
        }
        guard weight.shape.count == 4, Array(weight.shape[1...]) == [channels, 3, 3], bias.shape == [weight.shape[0]]
        else {
            throw error(
                "holds '\(key).weight' of \(weight.shape) and '\(key).bias' of \(bias.shape) where [N, \(channels), 3, 3] and [N] are needed"
            )
        }
        return (try real(weight, "\(key).weight"), try real(bias, "\(key).bias"))
    }

    /// What the channels of a stage count, `[1, C, 1, 1]`.
    func counts(_ stage: Int, channels: Int) throws -> Tensor {
        let names = [
            "lin\(stage)", "lin\(stage).weight", "lin\(stage).model.1.weight", "lins.\(stage).model.1.weight",
            "\(stage).1.weight",
            "lin.\(stage).1.weight",
        ]
        guard let key = names.first(where: { tensors[$0] != nil }), let tensor = tensors[key] else {
            throw error("holds no tensor 'lin\(stage)'")
        }
        guard tensor.elementCount == channels else {
            throw error("holds '\(key)' of \(tensor.shape), not one number for each of \(channels) channels")
        }
        return try real(tensor, key).reshaped([1, channels, 1, 1]).checked()
    }

    private func real(_ tensor: RawTensor, _ key: String) throws -> Tensor {
        guard tensor.dtype.isFloatingPoint, tensor.floats().allSatisfy(\.isFinite) else {
            throw error("holds '\(key)' with numbers that are not real and finite")
        }
        return try Tensor(tensor.floats(), shape: tensor.shape).checked()
    }
}
