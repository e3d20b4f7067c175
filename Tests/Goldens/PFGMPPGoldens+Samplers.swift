import Genera
import GeneraTesting
import PFGMPP

/// The settings of one recorded run.
private struct Run {
    let json: JSONValue

    func number(_ key: String, or standard: Double) -> Double { json[key]?.number ?? standard }

    var steps: Int {
        get throws {
            guard let steps = json["num_steps"]?.integer else { throw CaseFault("no num_steps in \(json.json)") }
            return steps
        }
    }

    /// The rho schedule within the model's range, with the final 0.
    func nodes(within range: ClosedRange<Double>) throws -> [Double] {
        NoiseLevels.rho(
            try steps, low: max(number("sigma_min", or: 0.002), range.lowerBound),
            high: min(number("sigma_max", or: 80), range.upperBound), rho: number("rho", or: 7)) + [0]
    }

    var churn: Churn {
        guard let churn = json["churn"], !churn.isNull else { return Churn() }
        return Churn(
            amount: churn["S_churn"]?.number ?? 0, minimum: churn["S_min"]?.number ?? 0,
            maximum: churn["S_max"]?.number ?? .infinity, inflation: churn["S_noise"]?.number ?? 1)
    }
}

extension PFGMPPGoldens {
    /// Carries `x` through all nodes; the states after each step.
    private static func solve(
        _ solver: any DenoisingSolver, _ x: Tensor, nodes: [Double], noise: Tensor? = nil, denoise: Denoise
    ) throws -> [Tensor] {
        var states: [Tensor] = []
        _ = try solver.solve(
            x.to(.float64), along: nodes,
            noise: { index, _ in
                guard let noise else { throw CaseFault("the case holds no noise") }
                return noise.selected(axis: 0, index).to(.float64)
            }, after: { states.append(try $1.x.checked()) }, denoise: denoise)
        return states
    }

    /// One run on a network: the trajectory where it was recorded, and the final state.
    private static func compare(
        _ run: Run, on one: GoldenCase, _ tensors: CaseTensors, prefix: String, _ check: inout GoldenCheck,
        solver: any DenoisingSolver
    ) throws {
        let network = try NetworkDenoiser(try one.sibling(run.json["model"]?.text ?? ""))
        let nodes = try run.nodes(within: network.sigmaRange)
        let latents = try tensors.need("\(prefix)latents")
        let start = latents.to(.float64) * (run.number("D", or: .infinity).isInfinite ? nodes[0] : 1)
        let labels = network.firstLabels(latents.shape[0])
        let states = try withoutGradients {
            try solve(solver, start, nodes: nodes, noise: tensors["\(prefix)noise"]) { x, sigma in
                network(x, sigma: sigma, labels: labels).to(.float64)
            }
        }
        if let trajectory = tensors["\(prefix)out.traj"] {
            try check.close("\(prefix)out.traj", Tensor.stacked(states).to(.float32), trajectory)
        }
        try check.close("\(prefix)out.x", states[states.count - 1], tensors["\(prefix)out.x"])
    }

    /// Heun's method on networks, with and without churn.
    static let sampler: GoldenRunner.Handler = { one, check in
        let tensors = try CaseTensors(one)
        for item in try one.need("runs").items ?? [] {
            let run = Run(json: item)
            try compare(
                run, on: one, tensors, prefix: "\(item["name"]?.text ?? "").", &check, solver: Heun(churn: run.churn))
        }
    }

    /// Heun's method with noise added before every step.
    static let samplerAlpha: GoldenRunner.Handler = { one, check in
        let tensors = try CaseTensors(one)
        let items = one["runs"]?.items
        for item in items ?? [one.json] {
            let run = Run(json: item)
            let prefix = items == nil ? "" : "\(item["name"]?.text ?? "")."
            let solver = AlphaNoise(Heun(churn: run.churn), alpha: run.number("alpha", or: 0))
            try compare(run, on: one, tensors, prefix: prefix, &check, solver: solver)
        }
    }

    /// A solver by the name that the cases use, for example `unipc3_bh2`.
    private static func solver(named name: String) throws -> any DenoisingSolver {
        switch name {
        case "euler": return Euler()
        case "heun": return Heun()
        case "dpmpp_2m": return DPMSolverPP(.secondOrder)
        case "dpmpp_3m": return DPMSolverPP(.thirdOrderPublished)
        case "dpmpp_3m_full": return DPMSolverPP(.thirdOrderConsistent)
        default:
            let words = name.split(separator: "_")
            guard words.count == 2, words[0].hasPrefix("unipc"), let order = Int(words[0].dropFirst(5)),
                (1...3).contains(order), ["bh1", "bh2"].contains(words[1])
            else { throw CaseFault("no solver is called '\(name)'") }
            return UniPC(order: order, variant: words[1] == "bh1" ? .bh1 : .bh2)
        }
    }

    private static func points(_ tensors: CaseTensors, D: Double) throws -> PointsDenoiser {
        PointsDenoiser(points: try tensors.need("points"), weights: tensors["weights"], kernel: StudentT(D: D))
    }

    /// All solvers on the closed form. Names are `D64.heun.steps10` or `D64.heun.nodes12`.
    static let samplerAnalytic: GoldenRunner.Handler = { one, check in
        let tensors = try CaseTensors(one)
        let schedule = try one.need("schedule")
        func number(of key: String, _ standard: Double) -> Double { schedule[key]?.number ?? standard }
        for name in tensors.names {
            let words = GoldenCase.words(of: name)
            guard words.count == 3, let mark = ["steps", "nodes"].first(where: { words[2].hasPrefix($0) }) else {
                continue
            }
            guard let D = dimension(in: words[0]), let count = Int(words[2].dropFirst(mark.count)) else {
                throw CaseFault("no D or no count in '\(name)'")
            }
            let levels = NoiseLevels.rho(
                count, low: number(of: "sigma_min", 0.002), high: number(of: "sigma_max", 80), rho: number(of: "rho", 7)
            )
            let nodes = schedule["final_zero"]?.bool == true ? levels + [0] : levels
            let denoiser = try points(tensors, D: D)
            let states = try solve(solver(named: words[1]), tensors.need("\(words[0]).latents"), nodes: nodes) {
                denoiser($0, sigma: $1)
            }
            try check.close(name, states[states.count - 1], tensors[name])
        }
    }

    /// Heun's method with churn on the closed form.
    static let samplerAnalyticChurn: GoldenRunner.Handler = { one, check in
        let tensors = try CaseTensors(one)
        let run = Run(json: one.json)
        let denoiser = try points(tensors, D: run.number("D", or: .infinity))
        let states = try solve(
            Heun(churn: run.churn), tensors.need("latents"), nodes: run.nodes(within: 0...Double.infinity),
            noise: tensors.need("noise")
        ) { denoiser($0, sigma: $1) }
        try check.close("out.x", states[states.count - 1], tensors["out.x"])
    }
}
