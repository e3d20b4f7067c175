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
            let sampler = try ablation(run, limits: network.sigmaRange)
            let latents = try tensors["\(prefix)latents"] ?? tensors.need("latents")
            let labels = network.firstLabels(latents.shape[0])
            let noise = tensors["\(prefix)noise"]
            var x = latents.to(.float64) * sampler.startScale
            try withoutGradients {
                for index in 0..<sampler.times.count - 1 {
                    x = try sampler.step(
                        x, index: index,
                        noise: {
                            guard let noise else { throw CaseFault("\(prefix)noise is missing") }
                            return noise.selected(axis: 0, index).to(.float64)
                        }, denoise: { network($0, sigma: $1, labels: labels).to(.float64) })
                }
            }
            try check.close("\(prefix)out.x", x, tensors["\(prefix)out.x"])
        }
    }

    private static func ablation(_ run: JSONValue, limits: ClosedRange<Double>) throws -> AblationSampler {
        func choice<T: RawRepresentable<String>>(_ key: String, _ standard: T) throws -> T {
            guard let text = run[key]?.text else { return standard }
            guard let value = T(rawValue: text) else { throw CaseFault("no \(key) is called '\(text)'") }
            return value
        }
        guard let steps = run["num_steps"]?.integer else { throw CaseFault("no num_steps in \(run.json)") }
        let churn = Churn(
            amount: run["S_churn"]?.number ?? 0, minimum: run["S_min"]?.number ?? 0,
            maximum: run["S_max"]?.number ?? .infinity, inflation: run["S_noise"]?.number ?? 1)
        var constants = AblationSampler.Constants()
        if let epsilon = run["epsilon_s"]?.number { constants.epsilon = epsilon }
        if let c1 = run["C_1"]?.number { constants.c1 = c1 }
        if let c2 = run["C_2"]?.number { constants.c2 = c2 }
        if let levels = run["M"]?.integer { constants.levels = levels }
        return try AblationSampler(
            steps: steps, solver: try choice("solver", .heun), discretization: try choice("discretization", .edm),
            schedule: try choice("schedule", .linear), scaling: try choice("scaling", .none),
            alpha: run["alpha"]?.number ?? 1, churn: churn, low: run["sigma_min"]?.number,
            high: run["sigma_max"]?.number,
            limits: limits, rho: run["rho"]?.number ?? 7, constants: constants)
    }
}
