import Foundation
import Genera
import RADD
import Testing

/// Training: the head in pieces, and what the four losses have in common.
@Suite struct LossTests {
    private func network(_ change: (inout RADDConfiguration) -> Void = { _ in }) throws -> (
        network: AbsorbingTransformer, parameters: [Tensor]
    ) {
        var c = RADDConfiguration(tokens: 11, model: .init(width: 16, heads: 2, blocks: 2, length: 12, dropout: 0))
        change(&c)
        let scope = ParameterScope.drawing(seed: 3)
        let network = try AbsorbingTransformer(c, in: scope)
        // The head begins with zeros: other numbers tell more.
        let draws = Noise(seed: 9, samples: [0])
        for entry in scope.entries where entry.name.hasPrefix("output_layer.linear") {
            try withoutGradients {
                try entry.tensor.copy(
                    from: draws.normal(entry.tensor.shape.sizes, at: .start).reshaped(entry.tensor.shape.sizes) * 0.5)
            }
        }
        return (network, scope.entries.filter(\.isTrainable).map(\.tensor))
    }

    private let sequences: [[Int32]] = (0..<4).map { b in (0..<12).map { Int32(($0 * 5 + b * 3) % 11) } }

    @Test func theHeadInPiecesHasTheSameGradients() throws {
        let (network, parameters) = try network()
        let masking = MaskingLoss.Masking(places: [1, 4, 5, 9], weight: 2, constant: 0)
        let maskings = sequences.map { _ in masking }
        let loss = try MaskingLoss.lambdaDCE.losses(network, sequences, maskings)
        let gradients = try loss.sum().gradients(of: parameters)
        let pieces = try MaskingLoss.lambdaDCE.losses(network, sequences, maskings, largestPiece: 3 * 12)
        let others = try pieces.sum().gradients(of: parameters)
        // And by LibTorch's own derivatives.
        let tokens = sequences.flatMap { text in text.indices.map { masking.places.contains($0) ? 11 : Int64(text[$0]) }
        }
        let logits = network.logits(Tensor(tokens, shape: [4, 12])).narrowed(axis: -1, 0..<11)
        let table = logits - logits.logSumExp(axes: [-1], keeping: true)
        var plain = Tensor(Float(0))
        for (row, text) in sequences.enumerated() {
            for place in masking.places {
                plain =
                    plain - table.selected(axis: 0, row).selected(axis: 0, place).selected(axis: 0, Int(text[place]))
                    * 2
            }
        }
        let known = try plain.gradients(of: parameters)
        #expect(abs(try loss.sum().item() - plain.item()) < 1e-3)
        for (whole, piece) in try zip(loss.array(of: Double.self), pieces.array(of: Double.self)) {
            #expect(abs(whole - piece) < 1e-5 * abs(whole))
        }
        for ((a, b), c) in zip(zip(gradients, others), known) {
            let scale = try max(c.abs().sum().item(), 1)
            #expect(try (a - c).abs().sum().item() < 1e-4 * scale)
            #expect(try (b - c).abs().sum().item() < 1e-4 * scale)
        }
    }

    @Test func noMaskCostsNothing() throws {
        let (network, parameters) = try network()
        for loss in [MaskingLoss.tDSE, .lambdaDCE] {
            let none = sequences.map { _ in MaskingLoss.Masking(places: [], weight: 3, constant: 0) }
            let value = try loss.losses(network, sequences, none)
            #expect(try value.array(of: Float.self) == [0, 0, 0, 0])
            #expect(try value.sum().gradients(of: parameters).allSatisfy { try $0.abs().sum().item() == 0 })
        }
    }

    /// All losses are estimates of one bound: means over many draws agree with the any-order likelihood.
    @Test func lossesAgreeOnAverage() throws {
        let (network, _) = try network()
        let text = sequences[0]
        let orders = try (0..<60).map { seed in
            let keys = try Noise(seed: UInt64(seed), samples: [0]).uniform([12], at: .start).array(of: Float.self)
            return keys.indices.sorted { keys[$0] < keys[$1] }
        }
        let exact = try OrderedLikelihood.losses(
            TensorConditional(network), orders.map { _ in text }, orders: orders)
        let mean = exact.reduce(0, +) / Double(exact.count)
        for loss in [MaskingLoss.tDSE, .lambdaDCE, .kDCE] {
            let rows = Array(0..<2048)
            let draws = try loss.draws(Noise(seed: 4, samples: rows), size: rows.count, length: 12)
            let values = try inferenceMode {
                try loss.losses(network, rows.map { _ in text }, draws).array(of: Double.self)
            }
            let average = values.reduce(0, +) / Double(values.count)
            #expect(abs(average - mean) < 0.06 * mean, "\(loss) \(average) beside \(mean)")
        }
    }

    @Test func anUntrainedModelIsUniform() throws {
        let c = RADDConfiguration(tokens: 11, model: .init(width: 16, heads: 2, blocks: 2, length: 12, dropout: 0))
        let network = try AbsorbingTransformer(c, in: .drawing(seed: 1))
        let all = sequences.map { _ in MaskingLoss.Masking(places: Array(0..<12), weight: 1, constant: 0) }
        for value in try MaskingLoss.kDCE.losses(network, sequences, all).array(of: Double.self) {
            #expect(abs(value - 12 * log(11)) < 1e-3)
        }
    }

    @Test func anAutoregressiveModelSeesOnlyWhatIsBefore() throws {
        let (network, _) = try network { $0.model.isCausal = true }
        var other = sequences[0]
        other[8] = (other[8] + 1) % 11
        func rows(_ text: [Int32]) throws -> [Float] {
            try network.hidden(Tensor(text.map(Int64.init), shape: [1, 12])).narrowed(axis: 1, 0..<8).array(
                of: Float.self)
        }
        #expect(try rows(sequences[0]) == rows(other))
    }

    @Test func masksOfABatchAreSpreadEvenly() throws {
        let noise = Noise(seed: 1, samples: Array(0..<64))
        for loss in [MaskingLoss.tDSE, .lambdaDCE] {
            let levels = try loss.draws(noise, size: 64, length: 4).levels.sorted()
            for (place, level) in levels.enumerated() {
                #expect(level > Double(place - 1) / 64 && level < Double(place + 2) / 64)
            }
        }
        // Parts of a batch have the draws of the whole.
        let all = try MaskingLoss.tDCE.draws(noise, size: 64, length: 4)
        let part = try MaskingLoss.tDCE.draws(noise.of(samples: [40, 41]), size: 64, length: 4)
        #expect(part.levels == Array(all.levels[40...41]) && part.places == Array(all.places[40...41]))
    }
}
