import Foundation
import Genera

/// What training makes small: four estimates of one bound, and an autoregressive model's exact likelihood to compare with (the
/// paper's section 3.3 and appendix).
package enum MaskingLoss: String, CaseIterable, Sendable {
    /// Denoising score entropy over time.
    case tDSE = "t_DSE"
    /// Denoising cross-entropy over time. Its value has the constant -sigma' a log a per mask, as the reference's.
    case tDCE = "t_DCE"
    /// Denoising cross-entropy over the share of masks.
    case lambdaDCE = "lambda_DCE"
    /// Any-order autoregression: a uniform number of masks.
    case kDCE = "k_DCE"
    /// Left to right with causal attention, for comparison.
    case autoregressive

    /// The earliest time of the losses over time.
    package static let earliest: Float = 1e-3

    /// The random numbers of one batch: of each sequence what decides how many masks, and numbers in [0, 1) that decide where.
    package struct Draws {
        /// What decides how many tokens are masked, a number in [0, 1) for each sequence; spread over the batch already.
        package var levels: [Double]
        /// A number in [0, 1) for each place: B rows of L.
        package var places: [[Float]]

        package init(levels: [Double], places: [[Float]]) { (self.levels, self.places) = (levels, places) }
    }

    /// Where one sequence is masked and what its losses count.
    package struct Masking {
        /// The masked places, ascending.
        package var places: [Int]
        /// What each place's -log p is multiplied by.
        package var weight: Double
        /// What is added for each masked place, whatever the network says.
        package var constant: Double
        /// The total noise at which so much is masked, for networks that are told it.
        package var sigma: Double

        package init(places: [Int], weight: Double, constant: Double, sigma: Double = 0) {
            (self.places, self.weight, self.constant, self.sigma) = (places, weight, constant, sigma)
        }
    }

    /// Masks one sequence of L tokens.
    ///
    /// - Parameters:
    ///   - level: in [0, 1): time, the share of masks, or (with L) their number.
    ///   - draws: L numbers in [0, 1).
    package func masking(_ noise: MaskingNoise, level: Double, draws: [Float]) -> Masking {
        switch self {
        case .tDSE, .tDCE:
            let t = (1 - Self.earliest) * Float(level) + Self.earliest
            let (sigma, rate) = (noise.total(t), noise.rate(t))
            let probability = 1 - exp(-sigma)
            let factor = MaskingNoise.factor(sigma)
            let weight = Double(rate * factor)
            return Masking(
                places: draws.indices.filter { draws[$0] < probability }, weight: weight,
                constant: self == .tDCE ? -weight * Double(log(factor)) : 0, sigma: Double(sigma))
        case .lambdaDCE:
            let share = Float(level)
            // A share of 0 masks nothing.
            return Masking(
                places: draws.indices.filter { draws[$0] < share }, weight: share > 0 ? 1 / Double(level) : 0,
                constant: 0, sigma: Self.sigma(noise, masked: Double(share)))
        case .kDCE:
            let L = draws.count
            let k = min(Int(level * Double(L)), L - 1) + 1
            let order = draws.indices.sorted { (draws[$0], $0) < (draws[$1], $1) }
            return Masking(
                places: order.prefix(k).sorted(), weight: Double(L) / Double(k), constant: 0,
                sigma: Self.sigma(noise, masked: Double(k) / Double(L)))
        case .autoregressive:
            return Masking(places: Array(draws.indices), weight: 1, constant: 0)
        }
    }

    /// The total noise that masks a share of the tokens, as far as the noise goes.
    private static func sigma(_ noise: MaskingNoise, masked share: Double) -> Double {
        min(-log(1 - min(share, 1 - 1e-12)), noise.total(1.0))
    }

    /// The draws of a part of a batch: levels are spread evenly over the whole batch, as the reference's are.
    ///
    /// - Parameters:
    ///   - noise: its samples are the rows' places in the batch.
    ///   - size: of the whole batch.
    package func draws(_ noise: Noise, size: Int, length: Int) throws -> Draws {
        let rows = noise.samples.map(Double.init)
        let levels: [Double]
        switch self {
        case .tDSE, .tDCE:
            // One number for the batch: the first row's.
            let start = try noise.of(samples: [0]).uniforms(at: .start)[0]
            levels = rows.map { (start + $0 / Double(size)).truncatingRemainder(dividingBy: 1) }
        case .lambdaDCE:
            // In (0, 1]: a share of 0 has no loss.
            levels = zip(try noise.uniforms(at: .start), rows).map { (1 - $0 + $1) / Double(size) }
        case .kDCE: levels = try noise.uniforms(at: .start)
        case .autoregressive: return Draws(levels: rows, places: rows.map { _ in Array(repeating: 0, count: length) })
        }
        let all = try noise.uniform([length], at: .start(draw: 1)).array(of: Float.self)
        return Draws(
            levels: levels, places: rows.indices.map { Array(all[$0 * length..<($0 + 1) * length]) })
    }

    /// The loss of each sequence in nats, the sum over its tokens: [B].
    ///
    /// - Parameters:
    ///   - sequences: B of L real tokens.
    ///   - products: in which numbers the head multiplies.
    package func losses(
        _ network: AbsorbingTransformer, _ sequences: [[Int32]], _ draws: Draws, dropout: Dropout? = nil,
        products: DType = .float32
    ) throws -> Tensor {
        let c = network.configuration
        let maskings = zip(draws.levels, draws.places).map { masking(c.noise, level: $0, draws: $1) }
        return try losses(network, sequences, maskings, dropout: dropout, products: products)
    }

    /// The loss of each sequence for given masks: [B].
    ///
    /// - Parameter largestPiece: numbers of the table of logits that are there at a time.
    package func losses(
        _ network: AbsorbingTransformer, _ sequences: [[Int32]], _ maskings: [Masking], dropout: Dropout? = nil,
        products: DType = .float32, largestPiece: Int = MaskedLikelihood.largestPiece
    ) throws -> Tensor {
        let (c, length) = (network.configuration, sequences.first?.count ?? 0)
        var inputs: [Int64] = []
        inputs.reserveCapacity(sequences.count * length)
        for (sequence, masking) in zip(sequences, maskings) {
            var noisy = sequence.map(Int64.init)
            if self == .autoregressive {
                // The mask stands before the first token, and each place tells the next.
                noisy = [Int64(c.mask)] + noisy.dropLast()
            } else {
                for place in masking.places { noisy[place] = Int64(c.mask) }
            }
            inputs += noisy
        }
        let hidden = network.hidden(Tensor(inputs, shape: [sequences.count, length]), dropout: dropout)
        let flat = hidden.reshaped([sequences.count * length, c.model.width])
        let rows = maskings.enumerated().flatMap { number, masking in masking.places.map { number * length + $0 } }
        let constants = Tensor(maskings.map { Float($0.constant * Double($0.places.count)) })
        guard !rows.isEmpty else { return flat.sum() * 0 + constants }
        let targets = zip(sequences, maskings).flatMap { sequence, masking in
            masking.places.map { Int64(sequence[$0]) }
        }
        let losses = try MaskedLikelihood.losses(
            flat.gathered(rows: rows), head: network.head, tokens: c.tokens, targets: targets, products: products,
            largestPiece: largestPiece)
        let weights = maskings.flatMap { masking in masking.places.map { _ in Float(masking.weight) } }
        let owners = maskings.enumerated().flatMap { number, masking in masking.places.map { _ in Int64(number) } }
        return Operator("index_add")([
            .tensor(constants), .int(0), .tensor(Tensor(owners)), .tensor(losses * Tensor(weights)), .double(1),
        ])
    }
}
