import Foundation

/// How the shapes of generalised exponentials (GES) go into sizes, for programs that know Gaussians only.
///
/// Drawing multiplies all sizes of a splat by phi = 2 / (1 + exp(-rho s)), where s is its shape (Hamdi et al., 2024,
/// equation 6).
struct ShapeFusing: Sendable, Equatable {
    /// The two ways to write a size.
    enum Rule: String, Sendable, CaseIterable {
        /// The logarithm plus ln phi: what is drawn.
        case exact
        /// The logarithm times phi, as the authors' code writes it.
        case legacy
    }

    let rule: Rule
    /// rho.
    let strength: Double

    /// The factor of a shape.
    static func factor(_ shape: Float, strength: Double) -> Double { 2 / (1 + exp(-strength * Double(shape))) }

    /// The comment in files that have sizes fused and shapes beside them.
    var comment: String { "genera shapes \(rule.rawValue) \(strength)" }

    init(rule: Rule, strength: Double) { (self.rule, self.strength) = (rule, strength) }

    /// What a file's comments say; nil where its sizes are not fused.
    init?(comments: [String]) {
        for comment in comments {
            let words = comment.split(separator: " ")
            guard words.count == 4, words[0] == "genera", words[1] == "shapes",
                let rule = Rule(rawValue: String(words[2])),
                let strength = Double(words[3]), strength.isFinite
            else { continue }
            self.init(rule: rule, strength: strength)
            return
        }
        return nil
    }

    /// Puts the shapes into the sizes.
    func apply(to splats: inout Splats) {
        change(&splats) { rule == .exact ? Float(Double($0) + log($1)) : Float(Double($0) * $1) }
    }

    /// Takes the shapes out of the sizes.
    func undo(in splats: inout Splats) {
        change(&splats) { rule == .exact ? Float(Double($0) - log($1)) : Float(Double($0) / $1) }
    }

    private func change(_ splats: inout Splats, _ body: (Float, Double) -> Float) {
        let shapes = splats.plane(Splats.Plane.shape)
        guard shapes.contains(where: { $0 != 0 }) else { return }
        let factors = shapes.map { Self.factor($0, strength: strength) }
        for axis in 0..<3 {
            splats.withPlane(Splats.Plane.logScale + axis) { sizes in
                for i in factors.indices { sizes[i] = body(sizes[i], factors[i]) }
            }
        }
    }
}
