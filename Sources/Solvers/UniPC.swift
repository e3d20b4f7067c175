import Tensors

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// UniPC (Zhao et al., 2023): a predictor and a corrector that share one evaluation a step.
public struct UniPC: DenoisingSolver {
    /// The paper's two choices of B(h).
    public enum Variant: Sendable {
        /// B(h) = -h.
        case bh1
        /// B(h) = exp(-h) - 1.
        case bh2
    }

    /// Guesses that one step combines, 1 to 3.
    public let order: Int
    /// The choice of B(h).
    public let variant: Variant

    /// Makes the solver; `order` is limited to 1...3.
    public init(order: Int, variant: Variant) { (self.order, self.variant) = (min(3, max(1, order)), variant) }

    /// Predicts, evaluates at the prediction, corrects. The evaluation serves as the next step's first.
    public func step(
        _ state: inout DenoisingState, index: Int, nodes: [Double], noise: (Int) throws -> Tensor, denoise: Denoise
    ) throws {
        guard let start = try state.beginMultistep(index, nodes, denoise) else { return }
        let (sigma, next, m, h) = (start.sigma, start.next, start.guess, start.h)
        let scale = variant == .bh1 ? -h : expm1(-h)
        let past = state.guesses.dropFirst().prefix(min(order, index + 1) - 1)
        let ratios = past.map { log(sigma / $0.sigma) / h }
        let differences = zip(past, ratios).map { ($0.denoised - m) / $1 }
        let base = state.x * (next / sigma) - m * expm1(-h)

        let predictor = Self.weights(ratios, h: h, scale: scale, predicting: true)
        let guess = zip(predictor, differences).reduce(base) { $0 - $1.1 * (scale * $1.0) }
        guard index + 2 < nodes.count else {
            state.x = guess
            return
        }
        let denoised = try denoise(guess, next)
        let corrector = Self.weights(ratios + [1], h: h, scale: scale, predicting: false)
        let corrected = zip(corrector, differences + [denoised - m]).reduce(base) { $0 - $1.1 * (scale * $1.0) }
        state.x = corrected
        state.remember(next, denoised)
    }

    /// Solves the order conditions for the weights of the differences.
    static func weights(_ ratios: [Double], h: Double, scale: Double, predicting: Bool) -> [Double] {
        let count = ratios.count
        if count == 0 { return [] }
        if count == 1 { return [0.5] }
        var right: [Double] = []
        var psi = expm1(-h) / -h - 1
        var factorial = 1.0
        for q in 1...count {
            right.append(psi * factorial / scale)
            factorial *= Double(q + 1)
            psi = psi / -h - 1 / factorial
        }
        let rows = (0..<count).map { q in ratios.map { pow($0, Double(q)) } }
        return solve(rows, right)
    }

    /// Gaussian elimination with row pivoting on a system of at most three unknowns.
    private static func solve(_ rows: [[Double]], _ right: [Double]) -> [Double] {
        var (a, b) = (rows, right)
        let n = b.count
        for column in 0..<n {
            let pivot = (column..<n).max { Swift.abs(a[$0][column]) < Swift.abs(a[$1][column]) }!
            a.swapAt(column, pivot)
            b.swapAt(column, pivot)
            for row in (column + 1)..<max(n, column + 1) {
                let factor = a[row][column] / a[column][column]
                for k in column..<n { a[row][k] -= factor * a[column][k] }
                b[row] -= factor * b[column]
            }
        }
        for row in (0..<n).reversed() {
            for k in (row + 1)..<max(n, row + 1) { b[row] -= a[row][k] * b[k] }
            b[row] /= a[row][row]
        }
        return b
    }

    /// One; the first step asks twice, the last two (one of which ends at 0) not at all beyond what they share.
    public func evaluations(index: Int, nodes: [Double]) -> Int {
        let fresh = index == 0 ? 1 : 0
        return fresh + (nodes[index + 1] > 0 && index + 2 < nodes.count ? 1 : 0)
    }
}
