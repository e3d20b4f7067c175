import Genera
import GeneraTesting
import Splatting

extension SplattingLossGoldens {
    /// The curves; the sums, their gradients and a hundred steps of Adam for each model.
    static let fit1d: GoldenRunner.Handler = { one, check in
        let tensors = try CaseTensors(one)
        try check.close("in.x", Tensor(FitCurve.places), tensors["in.x"])
        let rows = try rows(tensors.need("in.signals"))
        let curves: [FitCurve] = [.square, .triangle, .parabola, .halfSine, .gaussian, .exponential]
        check.equal("in.signals: rows", rows.count, curves.count)
        for (curve, row) in zip(curves, rows) {
            // Reached by float32 powers there and products here.
            try check.close(curve.rawValue, Tensor(curve.heights), Tensor(row), rtol: 1e-4, atol: 2e-5)
        }
        for name in one.config["models"]?.texts ?? [] {
            for row in 0..<3 { try fit(name, row, rows[row], tensors, &check) }
        }
    }

    private static func rows(_ tensor: Tensor) throws -> [[Float]] {
        let sizes = tensor.shape.sizes
        guard sizes.count == 2 else { throw CaseFault("a table has \(sizes.count) dimensions") }
        let values = try tensor.array(of: Float.self)
        return (0..<sizes[0]).map { Array(values[$0 * sizes[1]..<($0 + 1) * sizes[1]]) }
    }

    private static func fit(
        _ name: String, _ row: Int, _ heights: [Float], _ tensors: CaseTensors, _ check: inout GoldenCheck
    ) throws {
        let models: [String: FitModel] = [
            "gaussian": .gaussian, "general": .general, "dog": .difference, "log": .laplacian,
        ]
        let parts = GoldenCase.words(of: name)
        guard parts.count == 3, let model = models[parts[0]] else {
            throw CaseFault("no model is called '\(name)'")
        }
        let spread = model == .gaussian || model == .general ? "variances" : "scales"
        func input(_ plane: String) throws -> [Float] { try tensors.need("in.\(name).\(plane)").array(of: Float.self) }
        var sum = FitSum(
            model, means: try input("means"), spreads: try input(spread), weights: try input("weights"),
            betas: model == .general ? try input("beta") : [], isPositive: parts[2] == "pos")
        let places = try tensors.need("in.x").array(of: Float.self)
        let start = sum.evaluate(at: places, against: heights)
        let tenth = stride(from: 0, to: places.count, by: 10).map { start.values[$0] }
        check.close("\(name).y0", tenth, try tensors.numbers("\(name).y0"))
        let planes = ["means", spread, "weights"] + (model == .general ? ["beta"] : [])
        for (plane, key) in planes.enumerated() {
            let mine = Array(start.gradient[plane * sum.count..<(plane + 1) * sum.count])
            check.close("\(name).grad0.\(key)", mine, try column("\(name).grad0.\(key)", row, tensors))
        }
        let losses = sum.fit(places, heights, steps: 100)
        let expected = try rows(tensors.need("\(name).losses_100")).map { Double($0[row]) }
        let finite = expected.prefix { $0.isFinite }.count
        if finite < 100 {
            // It breaks where a variance crosses 0, for which a step more or less is rounding.
            check.close("\(name).losses_100: where it breaks", Double(losses.count - 1), Double(finite), atol: 1.5)
        }
        // The last step before a break is far out already.
        let common = finite < 100 ? max(min(finite, losses.count) - 2, 0) : 100
        check.close("\(name).losses_100", Array(losses.prefix(common)), Array(expected.prefix(common)))
        guard finite == 100 else { return }
        for (plane, key) in planes.enumerated() {
            let mine = Array(sum.parameters[plane * sum.count..<(plane + 1) * sum.count])
            check.close("\(name).after100.\(key)", mine, try column("\(name).after100.\(key)", row, tensors))
        }
    }

    private static func column(_ name: String, _ row: Int, _ tensors: CaseTensors) throws -> [Double] {
        try rows(tensors.need(name))[row].map(Double.init)
    }
}

extension GoldenCheck {
    fileprivate mutating func close(_ name: String, _ mine: [Float], _ its: [Double]) {
        equal("\(name): numbers", mine.count, its.count)
        for (index, pair) in zip(mine, its).enumerated() { close("\(name)[\(index)]", Double(pair.0), pair.1) }
    }
}
