import Foundation
import Genera

/// The random numbers of one text, by where they are used.
package protocol TextDraws: Sendable {
    /// A number in [0, 1) that decides something about a place in a step.
    func uniform(step: Int, place: Int) throws -> Double

    /// What chooses a token of a place in a step among so many classes.
    func choice(step: Int, place: Int, classes: Int) throws -> TokenChoice

    /// A number of Gumbel's law for a place in a step.
    func gumbel(step: Int, place: Int) throws -> Double

    /// The reference's uniform numbers in float32 for each class; `row` counts the rows of the step over the whole batch.
    func race(step: Int, place: Int, row: Int, classes: Int) throws -> [Float]
}

/// What chooses a token.
package enum TokenChoice: Sendable {
    /// One number in [0, 1): the token where the distribution passes it.
    case quantile(Double)
    /// A number in [0, 1) for each class: the class whose clock rings first.
    case race([Double])
}

/// Random numbers by address: text i of a seed is the same whatever else is drawn.
package struct AddressedTextDraws: TextDraws {
    let noise: Noise

    /// - Parameter noise: of one sample.
    package init(_ noise: Noise) { self.noise = noise }

    package func uniform(step: Int, place: Int) throws -> Double {
        try noise.uniforms(at: .step(step, draw: 2 * place))[0]
    }

    package func choice(step: Int, place: Int, classes: Int) throws -> TokenChoice {
        .quantile(try noise.uniforms(at: .step(step, draw: 2 * place + 1))[0])
    }

    package func gumbel(step: Int, place: Int) throws -> Double {
        let u = try noise.uniforms(at: .step(step, draw: 2 * place))[0]
        return -log(-log(max(u, 0x1p-60)))
    }

    package func race(step: Int, place: Int, row: Int, classes: Int) throws -> [Float] {
        try noise.uniform([classes], at: .step(step, draw: 2 * place + 1)).array(of: Float.self)
    }
}
