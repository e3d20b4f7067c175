import Genera
import PFGMPP
import Testing

@Suite struct AnalyticDenoiserTests {
    private let points = Tensor([0.0, 0, 1, 0, 0, 2, -3, 1], shape: [4, 2])
    private let x = Tensor([0.9, 0.2, -2, 1.3, 0.1, 0.7], shape: [3, 2])
    private static let dimensions: [Double] = [0.5, 1, 2, 64, 2048, .infinity]

    @Test("At sigma near 0 the guess is the nearest point", arguments: dimensions)
    func small(D: Double) throws {
        // A small D has heavy tails: the level must be far below the distances.
        let denoiser = PointsDenoiser(points: points, kernel: StudentT(D: D))
        let onPoint = denoiser(Tensor([1.0, 0.0], shape: [1, 2]), sigma: 1e-12)
        #expect(try onPoint.distance(to: Tensor([1.0, 0], shape: [1, 2])) < 1e-6)
        if D >= 64 {
            let nearest = try denoiser(x, sigma: 1e-3).array(of: Double.self)
            let expected: [Double] = D.isInfinite || D > 1000 ? [1, 0, -3, 1, 0, 0] : nearest
            #expect(zip(nearest, expected).allSatisfy { abs($0 - $1) < 1e-6 })
        }
    }

    @Test("At large sigma the guess is the weighted mean", arguments: dimensions)
    func large(D: Double) throws {
        let weights = Tensor([0.1, 0.2, 0.3, 0.4])
        let denoiser = PointsDenoiser(points: points, weights: weights, kernel: StudentT(D: D))
        let mean = weights.reshaped([1, 4]).matmul(points).expanded([3, 2])
        #expect(try denoiser(x, sigma: 1e5).distance(to: mean) < 1e-3)
    }

    @Test("D = ten million agrees with infinity to 1e-4", arguments: [0.3, 2, 20])
    func limit(sigma: Double) throws {
        let finite = PointsDenoiser(points: points, kernel: StudentT(D: 1e7))(x, sigma: sigma)
        #expect(
            try finite.distance(to: PointsDenoiser(points: points, kernel: StudentT(D: .infinity))(x, sigma: sigma))
                < 1e-4)
        func mixture(_ D: Double) throws -> Tensor {
            var denoiser = MixtureDenoiser(
                weights: [0.3, 0.7], means: [[0, 1], [2, -1]], variances: [0.04, 0.5], kernel: StudentT(D: D))
            denoiser.nodeCount = 4000
            return try denoiser(x, sigma: sigma)
        }
        #expect(try mixture(1e7).distance(to: mixture(.infinity)) < 1e-4)
    }

    @Test("A mixture whose variances go to 0 is the set of its means", arguments: [1.0, 64, .infinity])
    func narrowMixture(D: Double) throws {
        var mixture = MixtureDenoiser(
            weights: [0.1, 0.2, 0.3, 0.4], means: [[0, 0], [1, 0], [0, 2], [-3, 1]],
            variances: [Double](repeating: 1e-14, count: 4), kernel: StudentT(D: D))
        mixture.nodeCount = 20_000
        let set = PointsDenoiser(points: points, weights: Tensor([0.1, 0.2, 0.3, 0.4]), kernel: StudentT(D: D))
        for sigma in [0.4, 3] { #expect(try mixture(x, sigma: sigma).distance(to: set(x, sigma: sigma)) < 1e-7) }
    }

    @Test("One Gaussian under a normal kernel shrinks towards its mean by s²/(s² + sigma²)")
    func oneGaussian() throws {
        let mixture = MixtureDenoiser(
            weights: [1], means: [[1, -1]], variances: [0.25], kernel: StudentT(D: .infinity))
        let mean = Tensor([1.0, -1], shape: [1, 2])
        #expect(try mixture(x, sigma: 2).distance(to: mean + (x - mean) * (0.25 / 4.25)) < 1e-12)
    }

    @Test("Guesses stay finite far away and at extreme levels", arguments: dimensions)
    func extremes(D: Double) throws {
        let denoiser = PointsDenoiser(points: points, kernel: StudentT(D: D))
        let far = Tensor([1e8, -1e8], shape: [1, 2])
        for sigma in [1e-6, 1.0, 1e6] { #expect(try denoiser(far, sigma: sigma).isFinite()) }
    }

    @Test("Guesses lie in the points' hull and move with them", arguments: dimensions)
    func translation(D: Double) throws {
        let moved = PointsDenoiser(points: points + 5, kernel: StudentT(D: D))(x + 5, sigma: 0.8)
        let still = PointsDenoiser(points: points, kernel: StudentT(D: D))(x, sigma: 0.8)
        #expect(try moved.distance(to: still + 5) < 1e-9)
        let values = try still.array(of: Double.self)
        #expect(values.allSatisfy { (-3...2).contains($0) })
    }
}
