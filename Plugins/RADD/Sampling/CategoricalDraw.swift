import CRADD
import Foundation
import Genera

/// What is drawn from, and said of, one row of logits. A row is what a network gives without the mask's column, `[V]`.
///
/// Probabilities are exp((logit - greatest) / T) over their sum, all in double precision, so that they are as exact as the logits.
package enum CategoricalDraw {
    /// The token whose logit is greatest; of several the lowest.
    ///
    /// - Throws: `GeneraError.badData` where no logit is a number.
    package static func argmax(_ logits: UnsafeBufferPointer<Float>) throws -> Int32 { try greatest(logits).token }

    /// The token that a uniform number picks: the first whose cumulative probability exceeds it.
    ///
    /// - Parameters:
    ///   - temperature: what logits are divided by; 0 gives `argmax`.
    ///   - uniform: at least 0 and below 1.
    /// - Throws: `GeneraError.badData` where logits are no law.
    package static func token(
        _ logits: UnsafeBufferPointer<Float>, temperature: Double = 1, uniform: Double
    ) throws -> Int32 {
        let (token, value) = try greatest(logits)
        guard temperature > 0, let start = logits.baseAddress else { return token }
        let drawn = radd_draw(start, logits.count, value, 1 / temperature, uniform)
        guard drawn >= 0 else { throw noLaw }
        return drawn
    }

    /// log of the sum of exp(logit).
    ///
    /// - Throws: `GeneraError.badData` where no logit is a number.
    package static func logSum(_ logits: UnsafeBufferPointer<Float>) throws -> Double {
        let value = try greatest(logits).value
        guard let start = logits.baseAddress else { throw noLaw }
        return Double(value) + log(radd_sum(start, logits.count, value, 1))
    }

    /// The logarithm of a token's probability, at temperature 1.
    ///
    /// - Throws: `GeneraError.badData` where no logit is a number, `GeneraError.usage` for a number that is no token.
    package static func logProbability(of token: Int32, in logits: UnsafeBufferPointer<Float>) throws -> Double {
        guard token >= 0, token < logits.count else {
            throw GeneraError.usage("Token \(token) is none of the \(logits.count) that there are.")
        }
        return Double(logits[Int(token)]) - (try logSum(logits))
    }

    private static func greatest(_ logits: UnsafeBufferPointer<Float>) throws -> (token: Int32, value: Float) {
        guard let start = logits.baseAddress, logits.count <= Int32.max else { throw noLaw }
        var value: Float = 0
        let token = radd_argmax(start, logits.count, &value)
        guard token >= 0 else { throw noLaw }
        return (token, value)
    }

    private static let noLaw = GeneraError.badData(
        file: "the model", reason: "its logits are no law: they are not numbers, or infinite",
        advice: "try --precision exact, or another checkpoint.")
}
