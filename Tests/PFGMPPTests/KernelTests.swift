import Foundation
import Genera
import PFGMPP
import Testing

@Suite struct KernelTests {
    private let noise = Noise(seed: 5, samples: Array(0..<20_000))

    @Test("For large D the spread of every draw goes to 1 as 1/sqrt(2D)", arguments: [1e4, 1e8, 1e12])
    func gaussianLimit(D: Double) throws {
        let spreads = try StudentT(D: D).spreads(noise, at: .start)
        #expect(spreads.allSatisfy { abs($0 - 1) < 7 / (2 * D).squareRoot() })
        let deviation = (spreads.reduce(0) { $0 + ($1 - 1) * ($1 - 1) } / Double(spreads.count)).squareRoot()
        #expect(abs(deviation * (2 * D).squareRoot() - 1) < 0.05)
    }

    @Test("For D = infinity the draws are the normal numbers themselves")
    func infinite() throws {
        let noise = Noise(seed: 5, samples: [3, 4])
        #expect(StudentT(D: .infinity).isGaussian && !StudentT(D: 1e300).isGaussian)
        #expect(try StudentT(D: .infinity).spreads(noise, at: .start) == [1, 1])
        let draws = try StudentT(D: .infinity).draw([4], noise: noise, at: .start)
        #expect(draws.dtype == .float64)
        #expect(try draws.array(of: Float.self) == noise.normal([4], at: .start).array(of: Float.self))
    }

    @Test("For D = 1 the law on a line is Cauchy's: a share 2/π·atan(t) lies within t")
    func cauchy() throws {
        let draws = try StudentT(D: 1).draw([1], noise: noise, at: .start).array(of: Double.self)
        for t in [0.2, 1, 5, 100] {
            let (share, expected) = (Double(draws.count { abs($0) <= t }) / 20_000, 2 / Double.pi * atan(t))
            #expect(abs(share - expected) < 4 * (expected * (1 - expected) / 20_000).squareRoot())
        }
        #expect(draws.allSatisfy { $0.isFinite })
    }

    @Test("The density integrates to Student's constant", arguments: [1.0, 3, 64])
    func normalisation(D: Double) throws {
        let (sigma, step) = (0.7, 1e-3)
        let x = (0..<4_000_000).map { Double($0) * step - 2000 }
        let density = StudentT(D: D).logDensity(squaredDistance: Tensor(x).squared(), sigma: sigma, dimension: 1).exp()
        let sum = try density.sum().item() * step
        let expected = sigma * (D * .pi).squareRoot() * exp(lgamma(D / 2) - lgamma((D + 1) / 2))
        // What lies beyond ±2000 is about 2·sigma²/2000 for D = 1.
        #expect(abs(sum / expected - 1) < (D == 1 ? 1e-3 : 1e-6))
    }

    @Test("The density's logarithm goes to the normal one for large D")
    func densityLimit() throws {
        let d = Tensor([0.0, 0.1, 3, 50])
        let normal = try StudentT(D: .infinity).logDensity(squaredDistance: d, sigma: 2, dimension: 3).array(
            of: Double.self)
        let student = try StudentT(D: 1e12).logDensity(squaredDistance: d, sigma: 2, dimension: 3).array(
            of: Double.self)
        #expect(normal[2] == -3.0 / 8 && zip(normal, student).allSatisfy { abs($0 - $1) < 1e-9 })
    }

    @Test("The reference's radii follow its formulas, clipped in training and not in the prior")
    func referenceRadii() {
        let beta = [0, 1e-4, 0.3, 0.9999]
        let training = ReferenceRadius.training(beta: beta, sigma: [1, 1, 2, 1], D: 4)
        let low = 2 * (1e-3 / (1 - 1e-3 + 1e-8) + 1e-8).squareRoot()
        #expect(abs(training[0] - low) < 1e-12 && training[0] == training[1])
        #expect(abs(training[2] - 4 * (0.3 / (0.7 + 1e-8) + 1e-8).squareRoot()) < 1e-12)
        #expect(abs(training[3] - 2 * (0.999 / (0.001 + 1e-8) + 1e-8).squareRoot()) < 1e-9)
        #expect(ReferenceRadius.prior(beta: [0.5], sigma: 3, D: 9) == [9])
    }

    @Test("The reference's scaled directions have exactly the radii asked for")
    func directions() throws {
        let scaled = ReferenceRadius.scaled(try random([3, 2, 4, 4]), by: [1, 20, 1e6])
        let norms = try scaled.reshaped([3, -1]).norm(axes: [1]).array(of: Double.self)
        #expect(zip(norms, [1, 20, 1e6]).allSatisfy { abs($0 / $1 - 1) < 1e-6 } && scaled.shape == [3, 2, 4, 4])
    }
}
