import Metrics
import Tensors
import Testing

/// Every distance, for what all must hold to.
let allDistances: [(name: String, distance: any SetDistance)] = [
    ("energy", EnergyDistance(.biased)), ("mmd", KernelMMD(.medianGaussian(), .biased)),
    ("gaussian", KernelMMD(.gaussian(bandwidths: [1]), .biased)), ("cubic", KernelMMD(.polynomial(), .biased)),
    ("sliced", SlicedWasserstein(directions: directions(16))),
    ("sliced 2", SlicedWasserstein(directions: directions(16), order: 2)), ("frechet", FrechetDistance()),
]

@Suite("Distances between sets")
struct DistanceTests {
    @Test("Equal sets are at distance 0", arguments: allDistances.map(\.name))
    func zero(name: String) throws {
        let distance = try #require(allDistances.first { $0.name == name }).distance
        var numbers = Numbers()
        let set = numbers.set(60, 2)
        #expect(abs(try distance(set, set)) < 1e-7)
    }

    @Test(
        "Distances are symmetric, positive for other sets, and the order of rows is nothing to them",
        arguments: allDistances.map(\.name))
    func symmetric(name: String) throws {
        let distance = try #require(allDistances.first { $0.name == name }).distance
        var numbers = Numbers(2)
        let (x, y) = (numbers.set(50, 2), numbers.set(70, 2, scale: 2, shift: 1))
        let value = try distance(x, y)
        #expect(value > 0.01)
        #expect(abs(try distance(y, x) - value) < 1e-9 * max(1, value))
        let turned = x.gathered(rows: (0..<50).map { ($0 * 7 + 3) % 50 })
        #expect(abs(try distance(turned, y) - value) < 1e-9 * max(1, value))
    }

    @Test("A part's distance is that of the rows themselves", arguments: allDistances.map(\.name))
    func parts(name: String) throws {
        let distance = try #require(allDistances.first { $0.name == name }).distance
        // The median bandwidth belongs to the whole sets and so differs.
        guard name != "mmd" else { return }
        var numbers = Numbers(3)
        let (x, y) = (numbers.set(40, 2), numbers.set(30, 2, shift: 1))
        let part = Parts(first: Array(5..<20), second: [0, 3, 4, 9, 12, 29])
        let values = try distance.values(x, y, over: [.whole(40, 30), part])
        let own = try distance(x.gathered(rows: part.first), y.gathered(rows: part.second))
        #expect(abs(values[1] - own) < 1e-9)
        #expect(abs(values[0] - (try distance(x, y))) < 1e-12)
    }

    @Test("Sets that cannot be compared are told, and never trap")
    func errors() throws {
        let plain = Tensor([1, 2, 3, 4, 5, 6, 7, 8] as [Double], shape: [4, 2])
        let wide = Tensor([1, 2, 3, 4, 5, 6, 7, 8] as [Double], shape: [2, 4])
        let broken = Tensor([1, 2, .nan, 4, 5, 6, 7, 8] as [Double], shape: [4, 2])
        for (name, distance) in allDistances {
            for other in [wide, broken, plain * 1e150, Tensor([Double](), shape: [0, 2])] {
                #expect(throws: MetricError.self, "\(name)") { try distance(plain, other) }
                #expect(throws: MetricError.self, "\(name)") { try distance(other, plain) }
            }
            #expect(throws: MetricError.self) {
                try distance.values(plain, plain, over: [Parts(first: [0, 9], second: [0, 1])])
            }
        }
        #expect(throws: MetricError.self) { try EnergyDistance()(plain.narrowed(axis: 0, 0..<1), plain) }
        #expect(throws: TensorError.self) { try EnergyDistance()(plain + wide.reshaped([8]), plain) }
    }
}

@Suite("Closed forms")
struct ClosedFormTests {
    @Test("Energy of two pairs of points")
    func energy() throws {
        let (x, y) = (Tensor([0, 0] as [Double], shape: [2, 1]), Tensor([3, 3] as [Double], shape: [2, 1]))
        #expect(abs(try EnergyDistance()(x, y) - 6) < 1e-12)
        let z = Tensor([0, 4] as [Double], shape: [2, 1])
        // 2 E|x-z| - E|x-x'| - E|z-z'| = 2 * 2 - 0 - 4 without the pairs of a point with itself, and - 2 with them.
        #expect(abs(try EnergyDistance()(x, z)) < 1e-12)
        #expect(abs(try EnergyDistance(.biased)(x, z) - 2) < 1e-12)
    }

    @Test("Sliced Wasserstein of shifted sets: in one dimension the shift, in two its mean over directions")
    func shifted() throws {
        var numbers = Numbers(4)
        let line = numbers.set(100, 1)
        let one = Tensor([2] as [Double], shape: [1, 1])
        #expect(abs(try SlicedWasserstein(directions: one)(line, line + 0.7) - 0.7) < 1e-12)
        #expect(abs(try SlicedWasserstein(directions: one, order: 2)(line, line + 0.7) - 0.7) < 1e-12)
        let plane = numbers.set(100, 2)
        let moved = plane + Tensor([3, 4] as [Double])
        #expect(abs(try SlicedWasserstein(directions: directions(360))(plane, moved) - 5 * 2 / .pi) < 1e-3)
        #expect(
            abs(try SlicedWasserstein(directions: directions(8), order: 2)(plane, moved) - 5 / 2.0.squareRoot()) < 1e-9)
    }

    @Test("Sets of other sizes: three copies of a set are the same law")
    func unequal() throws {
        var numbers = Numbers(5)
        let set = numbers.set(20, 2)
        let more = Tensor.concatenated([set, set, set])
        #expect(try SlicedWasserstein(directions: directions(8))(set, more) < 1e-12)
        let (a, b) = (Tensor([0, 1] as [Double], shape: [2, 1]), Tensor([0, 0, 3] as [Double], shape: [3, 1]))
        // Quantiles: 0 to 1/2 at 0 and 0; to 2/3 at 1 and 0; to 1 at 1 and 3.
        let expected = 1.0 / 6 + 2.0 / 3
        #expect(
            abs(try SlicedWasserstein(directions: Tensor([1] as [Double], shape: [1, 1]))(a, b) - expected) < 1e-12)
    }

    @Test("Fréchet of shifted and scaled Gaussians: |m|^2 + sum (s - 1)^2")
    func frechet() throws {
        let identity = Operator("eye")([.int(3), .dtype(.float64)])
        let one = GaussianFit(mean: Tensor([0, 0, 0] as [Double]), covariance: identity)
        let other = GaussianFit(
            mean: Tensor([1, 2, 2] as [Double]), covariance: identity * Tensor([4, 9, 1] as [Double]).unsqueezed(0))
        #expect(abs(try one.frechetDistance(to: other) - (9 + 1 + 4)) < 1e-9)
        var numbers = Numbers(6)
        let set = numbers.set(200, 4)
        #expect(abs(try FrechetDistance()(set, set + 2) - 16) < 1e-7)
        let fit = try GaussianFit(set)
        let spread = try Operator("trace")([.tensor(fit.covariance)]).item()
        #expect(
            abs(try FrechetDistance()(set, set * 3) - (try (fit.mean * 2).squared().sum().item() + 4 * spread)) < 1e-7)
    }

    @Test("Fréchet of fewer vectors than dimensions is a number")
    func singular() throws {
        var numbers = Numbers(7)
        let (x, y) = (numbers.set(5, 40), numbers.set(6, 40, shift: 1))
        let value = try FrechetDistance()(x, y)
        #expect(value.isFinite && value > 0)
        let still = Tensor.full([5, 3], 2, dtype: .float64)
        #expect(try FrechetDistance()(still, still) == 0)
        #expect(try FrechetDistance(components: 2)(still, still) == 0)
    }

    @Test("Principal components are orthonormal and widest first", arguments: [8, 1500])
    func components(width: Int) throws {
        var numbers = Numbers(8)
        let scales = Tensor((0..<width).map { 1 / Double($0 + 1) }).unsqueezed(0)
        let set = numbers.set(60, width) * scales
        let axes = try PrincipalComponents.leading(3, of: set)
        #expect(axes.shape == [width, 3])
        let product = try axes.transposed().matmul(axes).array(of: Double.self)
        for (index, value) in product.enumerated() { #expect(abs(value - (index % 4 == 0 ? 1 : 0)) < 1e-9) }
        let projected = (set - set.mean(axes: [0], keeping: true)).matmul(axes)
        let spread = try projected.squared().sum(axes: [0]).array(of: Double.self)
        #expect(spread[0] > spread[1] && spread[1] > spread[2])
        #expect(abs(try axes.array(of: Double.self)[0]) > 0.9)
    }

    @Test("MMD of two points by hand")
    func mmd() throws {
        let (x, y) = (Tensor([0, 1] as [Double], shape: [2, 1]), Tensor([2, 2] as [Double], shape: [2, 1]))
        func k(_ distance: Double) throws -> Double { try Tensor(-distance * distance / 2).exp().item() }
        let expected = try k(1) + 1 - (k(2) + k(1))
        #expect(abs(try KernelMMD(.gaussian(bandwidths: [1]))(x, y) - expected) < 1e-12)
        // (0 * 1 + 1)^3 + (2 * 2 + 1)^3 - 2 ((0 * 2 + 1)^3 + (1 * 2 + 1)^3) / 2
        #expect(abs(try KernelMMD(.polynomial())(x, y) - (1 + 125 - 28)) < 1e-9)
    }

    @Test("Unbiased estimates of equal laws lie around 0")
    func unbiased() throws {
        var numbers = Numbers(9)
        var (energies, squares) = ([Double](), [Double]())
        for _ in 0..<40 {
            let (x, y) = (numbers.set(30, 2), numbers.set(30, 2))
            energies.append(try EnergyDistance()(x, y))
            squares.append(try KernelMMD(.gaussian(bandwidths: [1]))(x, y))
        }
        #expect(energies.contains { $0 < 0 } && energies.contains { $0 > 0 })
        #expect(abs(energies.reduce(0, +) / 40) < 0.02 && abs(squares.reduce(0, +) / 40) < 0.01)
    }
}
