import GDSS
import Genera
import GeneraTesting

extension GDSSGoldens {
    /// All functions of an equation.
    static let sde: GoldenRunner.Handler = { one, check in
        let tensors = try CaseTensors(one)
        let sde = try GraphSDE(one.config)
        let x = try tensors.need("x")
        func numbers(_ name: String) throws -> [Float] { try tensors.numbers(name).map { Float($0) } }
        func scaled(_ factors: [Float]) -> Tensor { x * Tensor(factors, shape: [factors.count, 1, 1]) }
        let t = try numbers("t")
        try check.close("drift", scaled(t.map { sde.coefficients($0).drift }), tensors["drift"])
        try check.close("diffusion", Tensor(t.map { sde.coefficients($0).diffusion }), tensors["diffusion"])
        try check.close("marginal_mean", scaled(t.map { sde.marginal($0).mean }), tensors["marginal_mean"])
        try check.close("marginal_std", Tensor(t.map { sde.marginal($0).deviation }), tensors["marginal_std"])
        try check.close("disc_f", scaled(t.map { sde.discretised($0).f }), tensors["disc_f"])
        try check.close("disc_G", Tensor(t.map { sde.discretised($0).G }), tensors["disc_G"])
        if tensors["trans_t"] != nil {
            let moves = try zip(numbers("trans_t"), numbers("trans_dt")).map { try sde.transition($0, $1) }
            try check.close("trans_mean", scaled(moves.map(\.mean)), tensors["trans_mean"])
            // 1 - exp(2L) is a difference of numbers near 1: one unit in the last place of exp, which machines differ by, is all.
            let expected = try tensors.need("trans_std")
            let room = expected.clamp(1e-6, .infinity).pow(-1) * 0x1p-24
            let off = (Tensor(moves.map(\.deviation)) - expected).abs()
            let excess = (off - room).clamp(0, .infinity)
            try check.close("trans_std", expected + excess, expected)
        }
        if let expected = tensors["prior_logp"] {
            let z = try tensors.need("prior_z")
            let rows = try numbers("prior_z"), width = rows.count / z.shape[0]
            let densities = (0..<z.shape[0]).map { sde.priorLogDensity(rows[$0 * width..<($0 + 1) * width]) }
            try check.close("prior_logp", Tensor(densities), expected)
        }
        let places = [0, sde.steps / 2, sde.steps - 1]
        if let expected = tensors["discrete_betas_first_mid_last"] {
            try check.close("discrete betas", Tensor(places.map(sde.discreteBeta)), expected)
        }
        if let expected = tensors["alphas_first_mid_last"] {
            try check.close("alphas", Tensor(places.map { 1 - sde.discreteBeta($0) }), expected)
        }
    }

    /// Both networks of a checkpoint, or one with random weights, in plain tensors.
    static let forward: GoldenRunner.Handler = { one, check in
        let tensors = try CaseTensors(one)
        let (x, adjacency) = try (tensors.need("x"), tensors.need("adj"))
        let mask = NodeMask(try tensors.need("flags"))
        guard let path = one.config["checkpoint"]?.text else {
            let network = try ScoreNetworkConfiguration(one.config).network(tensors.below("w.")).network
            return try check.close("out", withoutGradients { network(x, adjacency, mask) }, tensors["out"])
        }
        let file = try checkpoint(path)
        let c = file.configuration
        let t = try tensors.numbers("t").map { Float($0) }
        for suffix in ["", "_ema"] where tensors["net_x\(suffix)"] != nil {
            let prefix = suffix.isEmpty ? "" : "ema."
            for (part, design, sde) in [("x", c.networks.x, c.sde.x), ("adj", c.networks.adj, c.sde.adj)] {
                let network = try design.network(file.weights("\(prefix)\(part)")).network
                let out = withoutGradients { network(x, adjacency, mask) }
                try check.close("net_\(part)\(suffix)", out, tensors["net_\(part)\(suffix)"])
                guard let expected = tensors["score_\(part)\(suffix)"] else { continue }
                // A score is the network's number over a deviation of down to 0.08, and so is its rounding: they are compared before
                // the division, as the networks are.
                let deviation = Tensor(t.map { sde.marginal($0).deviation }, shape: [t.count, 1, 1])
                try check.close(
                    "score_\(part)\(suffix)", sde.kind == .ve ? out : -out,
                    sde.kind == .ve ? expected : expected * deviation)
            }
        }
    }
}
