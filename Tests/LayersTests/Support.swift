import Foundation
import Layers
import Tensors
import Testing

/// Numbers that are the same everywhere, from a linear congruential generator.
struct Numbers {
    private var state: UInt64

    init(_ seed: UInt64 = 1) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

    /// In (0, 1).
    mutating func uniform() -> Double {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return (Double(state >> 11) + 0.5) * 0x1p-53
    }

    /// Standard normal, by Box and Muller's formula.
    mutating func normal() -> Double { (-2 * log(uniform())).squareRoot() * cos(2 * .pi * uniform()) }

    /// Standard normal numbers.
    mutating func normals(_ count: Int) -> [Double] { (0..<count).map { _ in normal() } }
}

/// A scope that draws numbers which are the same everywhere, in the type given.
func drawing(_ seed: UInt64 = 1, dtype: DType = .float32) -> ParameterScope {
    var numbers = Numbers(seed)
    return ParameterScope.drawing { distribution, shape, _ in
        let values = (0..<shape.reduce(1, *)).map { _ in
            switch distribution {
            case .normal: numbers.normal()
            case .uniform: 2 * numbers.uniform() - 1
            }
        }
        return Tensor(values, shape: shape).to(dtype)
    }
}

/// Standard normal numbers as float64.
func random(_ shape: [Int], seed: UInt64 = 7) -> Tensor {
    var numbers = Numbers(seed)
    return Tensor(numbers.normals(shape.reduce(1, *)), shape: shape)
}

/// Builds a layer twice: once to learn its keys, and once from standard normal numbers under them in float64, so that no parameter has
/// a special value.
func filled<Layer>(seed: UInt64 = 3, _ build: (ParameterScope) throws -> Layer) throws -> (
    layer: Layer, weights: [String: [Double]], entries: [ParameterScope.Entry]
) {
    let listing = ParameterScope.listing()
    _ = try build(listing)
    var numbers = Numbers(seed)
    let weights = listing.entries.map { entry in
        let drawn = numbers.normals(entry.tensor.elementCount)
        // A variance is above 0.
        let values = entry.name.hasSuffix("running_var") ? drawn.map { 0.1 + abs($0) } : drawn
        return (name: entry.name, tensor: Tensor(values, shape: entry.tensor.shape.sizes))
    }
    let scope = ParameterScope.loading(weights, trainable: true, dtype: .float64)
    let layer = try build(scope)
    try scope.finish()
    let values = try weights.map { ($0.name, try $0.tensor.array(of: Double.self)) }
    return (layer, Dictionary(uniqueKeysWithValues: values), scope.entries)
}

/// The farthest that two lists are apart; infinite if they are of different lengths or not finite.
func distance(_ a: [Double], _ b: [Double]) -> Double {
    guard a.count == b.count else { return .infinity }
    let far = zip(a, b).map { abs($0 - $1) }
    return far.allSatisfy(\.isFinite) ? far.max() ?? 0 : .infinity
}

extension Tensor {
    /// The elements.
    var values: [Double] { get throws { try array(of: Double.self) } }
}

/// Compares the derivatives of a layer by its input and by each of its parameters with central differences, in float64.
func checkDerivatives(
    of entries: [ParameterScope.Entry], at x: Tensor, step: Double = 1e-5, tolerance: Double = 1e-6,
    _ apply: (Tensor) -> Tensor, sourceLocation: SourceLocation = #_sourceLocation
) throws {
    let x = try x.cloned().requiringGradient()
    // A sum with fixed weights, so that no derivative vanishes by symmetry.
    let weights = random(apply(x).shape.sizes, seed: 99)
    func loss() throws -> Tensor { (apply(x) * weights).sum() }
    let named =
        [("input", x)] + entries.filter { $0.isTrainable && $0.tensor.dtype == .float64 }.map { ($0.name, $0.tensor) }
    let derivatives = try loss().gradients(of: named.map(\.1))
    for ((name, tensor), derivative) in zip(named, derivatives) {
        let (start, found) = (try tensor.detached().values, try derivative.values)
        var expected = found
        for place in start.indices.prefix(24) {
            func value(_ offset: Double) throws -> Double {
                var moved = start
                moved[place] += offset
                try tensor.copy(from: Tensor(moved, shape: tensor.shape.sizes))
                return try withoutGradients { try loss().item() }
            }
            expected[place] = (try value(step) - value(-step)) / (2 * step)
        }
        try tensor.copy(from: Tensor(start, shape: tensor.shape.sizes))
        let scale = max(1, found.map(abs).max() ?? 0)
        #expect(distance(found, expected) < tolerance * scale, "\(name)", sourceLocation: sourceLocation)
    }
}
