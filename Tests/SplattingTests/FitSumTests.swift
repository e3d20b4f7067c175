import Genera
import Testing

@testable import Splatting

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Sums of components and their fits.
struct FitSumTests {
    static let kinds = FitModel.allCases.flatMap { model in
        FitMode.allCases.flatMap { mode in [true, false].map { (model, mode, $0) } }
    }

    /// Values, loss and gradient by the definition in double precision, on every instruction set.
    @Test(arguments: kinds)
    func equalsDefinition(_ model: FitModel, _ mode: FitMode, _ isPositive: Bool) {
        let curve = FitCurve.triangle
        var sum = Self.sum(model, mode, isPositive)
        let twin = SumTwin(sum)
        let reference = twin.values(FitCurve.places)
        for spared in 0...2 {
            sum.sparedLevels = spared
            let mine = sum.evaluate(at: FitCurve.places, against: curve.heights)
            #expect(zip(mine.values, reference).allSatisfy { abs(Double($0) - $1) < 1e-5 })
            #expect(abs(Double(mine.loss) - twin.loss(curve)) < 1e-5)
            for index in sum.parameters.indices where index < (model == .general ? 4 : 3) * sum.count {
                let slope = twin.slope(curve, at: index)
                let tolerance = 2e-4 + 2e-3 * abs(slope)
                #expect(
                    abs(Double(mine.gradient[index]) - slope) < tolerance, "\(index): \(mine.gradient[index]) \(slope)")
            }
        }
    }

    @Test func fits() {
        let curve = FitCurve.gaussian
        var sum = FitSum(
            .gaussian, means: [0.3, -1], spreads: [1, 1.2], weights: [0.5, 0.2], betas: [], isPositive: false)
        let losses = sum.fit(FitCurve.places, curve.heights, steps: 3000)
        #expect(losses.count == 3000 && sum.steps == 3000)
        #expect(losses[0] > 0.01 && losses[2999] < losses[0] / 100)
    }

    /// A variance below 0 breaks a fit of the reference mode, and cannot come about in the other.
    @Test func breaks() {
        func sum(_ mode: FitMode) -> FitSum {
            FitSum(
                .gaussian, means: [0], spreads: [0.004], weights: [1], betas: [], isPositive: true, mode: mode)
        }
        // A spike in a flat curve becomes narrower at once.
        var reference = sum(.reference)
        let flat = [Float](repeating: 0, count: 1000)
        let broken = reference.fit(FitCurve.places, flat, steps: 50)
        #expect(broken.count < 50 && !(broken.last ?? 0).isFinite)
        var stable = sum(.stable)
        let whole = stable.fit(FitCurve.places, flat, steps: 50)
        #expect(whole.count == 50 && whole.allSatisfy(\.isFinite))
    }

    @Test func study() throws {
        var study = FitStudy()
        (study.curves, study.counts, study.runs, study.steps) = ([.square], [2, 3], 3, 40)
        let one = try study.rows(workers: 1)
        let two = try study.rows(workers: 2)
        #expect(one.count == 16)
        for (a, b) in zip(one, two) {
            #expect(a.ends.map(\.loss.bitPattern) == b.ends.map(\.loss.bitPattern))
            #expect(a.broken == 0 && a.median > 0 && a.mean >= a.losses[0])
        }
        let report = FitReport(one)
        #expect(report.table.rows.count == 16)
        #expect(try report.plot(count: 2).width > 0)
        let stop = StopToken()
        stop.stop()
        #expect(throws: GeneraError.self) { try study.rows(stop: stop) }
    }

    @Test func options() throws {
        func fault(_ words: [String]) -> String { Self.message { try FitVerb.parse(words).validate() } }
        #expect(fault(["--curves", "square,heart"]).contains("'heart'"))
        #expect(fault(["--components", "5,0"]).contains("'0'"))
        #expect(fault(["--components", "5,5"]).contains("twice"))
        #expect(fault(["--drawn", "7"]).contains("--components"))
        #expect(fault(["--lr", "-1"]).contains("--lr"))
        #expect(fault(["--plot", "x.jpg"]).contains("PNG"))
        #expect(fault(["--models", "gef,log"]) == "")
    }

    static func message(_ body: () throws -> Void) -> String {
        do { try body() } catch { return FitVerb.message(for: error) }
        return ""
    }

    static func sum(_ model: FitModel, _ mode: FitMode, _ isPositive: Bool) -> FitSum {
        FitSum(
            model, means: [0.31, -1.7, 2.4], spreads: [0.8, 1.3, 0.6], weights: [0.9, -0.4, 1.3],
            betas: [0.7, 1.9, -0.6], isPositive: isPositive, mode: mode)
    }
}

/// A sum by its definition.
private struct SumTwin {
    let sum: FitSum
    var parameters: [Double]

    init(_ sum: FitSum) { (self.sum, parameters) = (sum, sum.parameters.map(Double.init)) }

    func values(_ x: [Float]) -> [Double] {
        let n = sum.count
        return x.map { x in
            (0..<n).reduce(0.0) { total, i in
                let d = Double(x) - parameters[i]
                let s = sum.mode == .stable ? exp(parameters[n + i]) : parameters[n + i]
                let w = sum.isPositive ? log1p(exp(parameters[2 * n + i])) : parameters[2 * n + i]
                let b = log1p(exp(parameters[3 * n + i])) + 0.5
                switch sum.model {
                case .gaussian: return total + w * exp(-d * d / (2 * s + 1e-8))
                case .difference:
                    return total + w * (exp(-d * d / (2 * s * s + 1e-8)) - exp(-d * d / (s * s / 2 + 1e-8)))
                case .laplacian: return total + w * (1 - d * d / (s * s)) * exp(-d * d / (2 * s * s + 1e-8))
                case .general: return total + w * exp(-pow(abs(d), b) / (2 * s + 1e-8))
                }
            }
        }
    }

    func loss(_ curve: FitCurve) -> Double {
        zip(values(FitCurve.places), curve.heights).reduce(0) { $0 + ($1.0 - Double($1.1)) * ($1.0 - Double($1.1)) }
            / 1000
    }

    func slope(_ curve: FitCurve, at index: Int) -> Double {
        var (above, below) = (self, self)
        above.parameters[index] += 1e-5
        below.parameters[index] -= 1e-5
        return (above.loss(curve) - below.loss(curve)) / 2e-5
    }
}
