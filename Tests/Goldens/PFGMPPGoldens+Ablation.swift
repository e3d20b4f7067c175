import Genera
import GeneraTesting
import PFGMPP

extension PFGMPPGoldens {
    /// The generalised sampler on networks, from unit-normal latents.
    static let samplerAblation: GoldenRunner.Handler = { one, check in
        let tensors = try CaseTensors(one)
        let network = try NetworkDenoiser(try one.sibling(one["model"]?.text ?? ""))
        for run in try one.need("runs").items ?? [] {
            let prefix = "\(run["name"]?.text ?? "")."
            let (solver, times) = try choices(run).solver(within: network.sigmaRange)
            let latents = try tensors["\(prefix)latents"] ?? tensors.need("latents")
            let labels = network.firstLabels(latents.shape[0])
            let noise = tensors["\(prefix)noise"]
            let x = try withoutGradients {
                try solver.solve(
                    latents.to(.float64) * solver.spread(at: times[0]), along: times,
                    noise: { index, _ in
                        guard let noise else { throw CaseFault("\(prefix)noise is missing") }
                        return noise.selected(axis: 0, index).to(.float64)
                    }, denoise: { network($0, sigma: $1, labels: labels).to(.float64) })
            }
            try check.close("\(prefix)out.x", x, tensors["\(prefix)out.x"])
        }
    }

    /// The choices of a run. `solver`, `discretization`, `schedule` and `scaling` are the reference's words.
    private static func choices(_ run: JSONValue) throws -> PFGMPP.Generalized {
        func number(_ key: String, _ standard: Double) -> Double { run[key]?.number ?? standard }
        func word<Value>(_ key: String, _ standard: Value, _ known: [String: Value]) throws -> Value {
            guard let text = run[key]?.text else { return standard }
            guard let value = known[text] else { throw CaseFault("no \(key) is called '\(text)'") }
            return value
        }
        guard let steps = run["num_steps"]?.integer else { throw CaseFault("no num_steps in \(run.json)") }
        let epsilon = number("epsilon_s", 1e-3)
        let second = GeneralizedEDM.Method.secondOrder(alpha: number("alpha", 1))
        var c = PFGMPP.Generalized()
        c.steps = steps
        c.method = try word("solver", second, ["euler": .euler, "heun": second])
        c.discretization = try word(
            "discretization", .edm(rho: number("rho", 7)),
            [
                "vp": .vp(epsilon: epsilon), "ve": .ve, "edm": .edm(rho: number("rho", 7)),
                "iddpm": .iddpm(
                    c1: number("C_1", 0.001), c2: number("C_2", 0.008), count: run["M"]?.integer ?? 1000),
            ])
        c.schedule = try word("schedule", .linear, ["vp": .vp(epsilon: epsilon), "ve": .ve, "linear": .linear])
        c.scaling = try word("scaling", .none, ["vp": .vp, "none": .none])
        c.churn = Churn(
            amount: number("S_churn", 0), minimum: number("S_min", 0), maximum: number("S_max", .infinity),
            inflation: number("S_noise", 1))
        (c.low, c.high) = (run["sigma_min"]?.number, run["sigma_max"]?.number)
        return c
    }
}
