/// Two Runge-Kutta methods on the same stages, whose difference tells the error of a step, with weights for the times
/// between.
public struct EmbeddedPair: Sendable, Equatable {
    /// The method that is followed.
    public let tableau: ButcherTableau
    /// b_i - b̂_i: the weights of the error, the difference from the method one order lower.
    public let error: [Double]
    /// The powers of theta = (t - t_0) / h in the weights between: b_i(theta) = Σ_k dense[i][k]·theta^(k + 1).
    public let dense: [[Double]]

    /// Makes a pair.
    ///
    /// - Precondition: there is an error weight and a polynomial for each stage.
    public init(_ tableau: ButcherTableau, error: [Double], dense: [[Double]]) {
        precondition(error.count == tableau.nodes.count && dense.count == tableau.nodes.count)
        (self.tableau, self.error, self.dense) = (tableau, error, dense)
    }

    /// The weights of the stages at the place `theta` of a step, 0 to 1.
    func weights(at theta: Double) -> [Double] {
        dense.map { powers in powers.reversed().reduce(0) { ($0 + $1) * theta } }
    }

    /// The polynomial through both ends and both end slopes of a step, of degree 3; and through the middle as well, of degree
    /// 4, if the middle's weights are given. The last stage's slope must be the one at the end.
    static func hermite(_ weights: [Double], middle: [Double]? = nil) -> [[Double]] {
        weights.indices.map { stage in
            let b = weights[stage]
            let (first, last) = (stage == 0 ? 1.0 : 0, stage == weights.count - 1 ? 1.0 : 0)
            guard let m = middle?[stage] else { return [first, 3 * b - 2 * first - last, first + last - 2 * b] }
            return [
                first, last - 4 * first - 5 * b + 16 * m, 5 * first - 3 * last + 14 * b - 32 * m,
                2 * (last - first) - 8 * b + 16 * m,
            ]
        }
    }
}

extension EmbeddedPair {
    /// Bogacki and Shampine (1989), order 3(2), three new evaluations a step; between, the cubic through both ends.
    public static let bosh3: EmbeddedPair = {
        let weights = [2.0 / 9, 1.0 / 3, 4.0 / 9, 0]
        let other = [7.0 / 24, 1.0 / 4, 1.0 / 3, 1.0 / 8]
        return EmbeddedPair(
            ButcherTableau(
                nodes: [0, 0.5, 0.75, 1], stages: [[], [0.5], [0, 0.75], Array(weights.dropLast())], weights: weights,
                order: 3),
            error: zip(weights, other).map { $0 - $1 }, dense: hermite(weights))
    }()

    /// Dormand and Prince (1980), order 5(4), six new evaluations a step; between, Shampine's (1986) polynomial of order 4.
    public static let dopri5: EmbeddedPair = {
        let weights = [35.0 / 384, 0, 500.0 / 1113, 125.0 / 192, -2187.0 / 6784, 11.0 / 84, 0]
        let other = [
            1951.0 / 21600, 0, 22642.0 / 50085, 451.0 / 720, -12231.0 / 42400, 649.0 / 6300, 1.0 / 60,
        ]
        let middle = [
            6025192743.0 / 60171106304, 0, 51252292925.0 / 130801643196, -2691868925.0 / 90256659456,
            187940372067.0 / 3189068634112, -1776094331.0 / 39487288512, 11237099.0 / 470086768,
        ]
        return EmbeddedPair(
            ButcherTableau(
                nodes: [0, 1.0 / 5, 3.0 / 10, 4.0 / 5, 8.0 / 9, 1, 1],
                stages: [
                    [], [1.0 / 5], [3.0 / 40, 9.0 / 40], [44.0 / 45, -56.0 / 15, 32.0 / 9],
                    [19372.0 / 6561, -25360.0 / 2187, 64448.0 / 6561, -212.0 / 729],
                    [9017.0 / 3168, -355.0 / 33, 46732.0 / 5247, 49.0 / 176, -5103.0 / 18656],
                    Array(weights.dropLast()),
                ], weights: weights, order: 5),
            error: zip(weights, other).map { $0 - $1 }, dense: hermite(weights, middle: middle))
    }()

    /// Tsitouras (2011), order 5(4), six new evaluations a step; between, its own polynomial of order 4.
    public static let tsit5: EmbeddedPair = {
        let weights = [
            0.09646076681806523, 0.01, 0.4798896504144996, 1.379008574103742, -3.290069515436081, 2.324710524099774, 0,
        ]
        return EmbeddedPair(
            ButcherTableau(
                nodes: [0, 0.161, 0.327, 0.9, 0.9800255409045097, 1, 1],
                stages: [
                    [], [0.161], [-0.008480655492356989, 0.335480655492357],
                    [2.8971530571054935, -6.359448489975075, 4.3622954328695815],
                    [5.325864828439257, -11.748883564062828, 7.4955393428898365, -0.09249506636175525],
                    [
                        5.86145544294642, -12.92096931784711, 8.159367898576159, -0.071584973281401,
                        -0.028269050394068383,
                    ], Array(weights.dropLast()),
                ], weights: weights, order: 5),
            error: [
                0.00178001105222577714, 0.0008164344596567469, -0.007880878010261995, 0.1447110071732629,
                -0.5823571654525552, 0.45808210592918697, -1.0 / 66,
            ],
            dense: [
                quartic(-1.0530884977290216, 1.3299890189751412, 1.4364028541716351, 0.7139816917074209),
                square(0.1017, 2.1966568338249754, 1.2949852507374631),
                square(2.490627285651252793, 2.38535645472061657, 1.57803468208092486),
                roots(-16.54810288924490272, 1.21712927295533244, 0.61620406037800089),
                roots(47.37952196281928122, 1.203071208372362603, 0.658047292653547382),
                roots(-34.87065786149660974, 1.2, 2.0 / 3), roots(2.5, 1, 0.6),
            ])
    }()

    /// The powers of a·theta·(theta - p)·(theta^2 - q·theta + r).
    private static func quartic(_ a: Double, _ p: Double, _ q: Double, _ r: Double) -> [Double] {
        [-a * p * r, a * (r + p * q), -a * (p + q), a]
    }

    /// The powers of a·theta^2·(theta^2 - q·theta + r).
    private static func square(_ a: Double, _ q: Double, _ r: Double) -> [Double] { [0, a * r, -a * q, a] }

    /// The powers of a·theta^2·(theta - p)·(theta - q).
    private static func roots(_ a: Double, _ p: Double, _ q: Double) -> [Double] { square(a, p + q, p * q) }
}
