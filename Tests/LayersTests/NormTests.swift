import Foundation
import Layers
import Tensors
import Testing

@Suite struct NormTests {
    private func moments(_ x: some Collection<Double>) -> (mean: Double, variance: Double) {
        let mean = x.reduce(0, +) / Double(x.count)
        return (mean, x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(x.count))
    }

    @Test(
        "Layer norm is its formula, over the last axis or the last axes together",
        arguments: [[6], [3, 6], [2, 3, 6]])
    func layerNorm(sizes: [Int]) throws {
        let (layer, weights, entries) = try filled { try LayerNorm(over: sizes, epsilon: 1e-3, in: $0) }
        #expect(entries.map(\.name) == ["weight", "bias"] && entries.allSatisfy { $0.tensor.shape.sizes == sizes })
        let x = random([2, 3, 6])
        let values = try x.values
        let width = sizes.reduce(1, *)
        var expected: [Double] = []
        for start in stride(from: 0, to: values.count, by: width) {
            let part = values[start..<start + width]
            let (mean, variance) = moments(part)
            expected += part.enumerated().map { place, value in
                (value - mean) / (variance + 1e-3).squareRoot() * weights["weight"]![place] + weights["bias"]![place]
            }
        }
        #expect(try distance(layer(x).values, expected) < 1e-12)
        try checkDerivatives(of: entries, at: x) { layer($0) }
    }

    @Test("Layer norm without factors, or without a shift, has just the keys it says")
    func plainLayerNorm() throws {
        let bare = ParameterScope.listing()
        let plain = try LayerNorm(5, isAffine: false, in: bare)
        #expect(bare.entries.isEmpty && plain.weight == nil)
        let (mean, variance) = moments(try plain(random([1, 5])).values)
        #expect(abs(mean) < 1e-12 && abs(variance - 1) < 1e-4)
        let scaled = ParameterScope.listing()
        _ = try LayerNorm(5, bias: false, in: scaled)
        #expect(scaled.entries.map(\.name) == ["weight"])
        let ones = try LayerNorm(5, biasInit: .ones, in: drawing())
        #expect(try ones.weight?.values == [1, 1, 1, 1, 1] && ones.bias?.values == [1, 1, 1, 1, 1])
    }

    @Test("Batch norm, asked, uses its running statistics; a sample does not change with its neighbours")
    func runningStatistics() throws {
        let weights: [(name: String, tensor: Tensor)] = [
            ("weight", Tensor([2, -1] as [Double])), ("bias", Tensor([0.5, 3] as [Double])),
            ("running_mean", Tensor([1, -2] as [Double])), ("running_var", Tensor([4, 0.25] as [Double])),
            ("num_batches_tracked", Tensor(17)),
        ]
        let scope = ParameterScope.loading(weights, dtype: .float64)
        let layer = try BatchNorm(2, epsilon: 0.01, in: scope)
        try scope.finish()
        let x = random([3, 2, 4])
        let expected = try x.values.enumerated().map { place, value in
            place / 4 % 2 == 0 ? (value - 1) / 4.01.squareRoot() * 2 + 0.5 : -(value + 2) / 0.26.squareRoot() + 3
        }
        #expect(try distance(layer(x).values, expected) < 1e-12)
        #expect(try layer(x.narrowed(axis: 0, 1..<2)).values == layer(x).narrowed(axis: 0, 1..<2).values)
        try checkDerivatives(of: [], at: x) { layer($0) }
    }

    @Test(
        "Batch norm, training, uses the batch's statistics and moves the running ones",
        arguments: [[5, 3], [4, 3, 2, 2]])
    func batchStatistics(shape: [Int]) throws {
        let (layer, weights, entries) = try filled { try BatchNorm(3, epsilon: 1e-4, momentum: 0.3, in: $0) }
        #expect(
            entries.map(\.name) == ["weight", "bias", "running_mean", "running_var", "num_batches_tracked"]
                && entries.map(\.isTrainable) == [true, true, false, false, false])
        let x = random(shape)
        let got = try layer.training(x).values
        let (values, inner) = (try x.values, shape.dropFirst(2).reduce(1, *))
        var expected = [Double](repeating: 0, count: values.count)
        for channel in 0..<3 {
            let places = values.indices.filter { $0 / inner % 3 == channel }
            let (mean, variance) = moments(places.map { values[$0] })
            for place in places {
                expected[place] =
                    (values[place] - mean) / (variance + 1e-4).squareRoot() * weights["weight"]![channel]
                    + weights["bias"]![channel]
            }
            let count = Double(places.count)
            let running = 0.7 * weights["running_var"]![channel] + 0.3 * variance * count / (count - 1)
            #expect(abs(try layer.runningVariance.values[channel] - running) < 1e-12)
            let mean2 = 0.7 * weights["running_mean"]![channel] + 0.3 * mean
            #expect(abs(try layer.runningMean.values[channel] - mean2) < 1e-12)
        }
        #expect(distance(got, expected) < 1e-12)
        #expect(try layer.batchCount.item() == weights["num_batches_tracked"]![0] + 1)
        try checkDerivatives(of: entries, at: x) { layer.training($0) }
    }

    @Test("New batch norms change nothing but by epsilon, and training does not touch what they were loaded from")
    func newBatchNorm() throws {
        let fresh = try BatchNorm(2, in: drawing())
        let x = random([3, 2]).to(.float32)
        #expect(try distance(fresh(x).values, x.values) < 1e-4 && fresh.batchCount.dtype == .int64)
        let source: [(name: String, tensor: Tensor)] = [
            ("weight", .ones([2])), ("bias", .zeros([2])), ("running_mean", .zeros([2])), ("running_var", .ones([2])),
            ("num_batches_tracked", Tensor(0)),
        ]
        let layer = try BatchNorm(2, in: .loading(source, trainable: true))
        try layer.training(x).checked()
        #expect(try layer.batchCount.item() == 1 && source[4].tensor.item() == 0)
        #expect(try source[2].tensor.values == [0, 0])
        let wrong = layer.training(random([3, 5]).to(.float32))
        #expect(wrong.error != nil)
    }
}
