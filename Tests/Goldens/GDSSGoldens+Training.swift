import GDSS
import Genera
import GeneraTesting

extension GDSSGoldens {
    /// The two networks of a case in training.
    private struct Pair {
        let x: (network: any ScoreNetwork, parameters: [(name: String, tensor: Tensor)])
        let adj: (network: any ScoreNetwork, parameters: [(name: String, tensor: Tensor)])
        let design: GDSSConfiguration.Pair<ScoreNetworkConfiguration>
        let sde: GDSSConfiguration.Pair<GraphSDE>

        init(_ one: GoldenCase, _ tensors: CaseTensors) throws {
            if let path = one.config["checkpoint"]?.text {
                let file = try checkpoint(path)
                (design, sde) = (file.configuration.networks, file.configuration.sde)
                x = try design.x.network(file.weights("x"), trainable: true)
                adj = try design.adj.network(file.weights("adj"), trainable: true)
            } else {
                design = try .init(
                    x: ScoreNetworkConfiguration(one.config["params_x"]),
                    adj: ScoreNetworkConfiguration(one.config["params_adj"]))
                sde = try .init(
                    x: GraphSDE(one.config["sde"]?["x"]), adj: GraphSDE(one.config["sde"]?["adj"]))
                x = try design.x.network(tensors.below("w_x."), trainable: true)
                adj = try design.adj.network(tensors.below("w_adj."), trainable: true)
            }
        }

        /// The losses with recorded draws, whose names begin with `prefix`.
        func losses(_ tensors: CaseTensors, _ prefix: String, _ reduction: ScoreMatching.Reduction) throws
            -> (x: Tensor, adjacency: Tensor)
        {
            let adjacency = try tensors.need("\(prefix)adj")
            let flags = (adjacency.abs().sum(axes: [-1]) - 1e-5).isLess(than: 0).to(.float32)
            var matching = ScoreMatching(sde, padded: adjacency.shape[1])
            matching.reduction = reduction
            let noisy = try matching.noisy(
                tensors.need("\(prefix)x"), adjacency, NodeMask(1 - flags),
                u: tensors.numbers("\(prefix)u").map { Float($0) }, nodeNoise: tensors.need("\(prefix)raw_noise_x"),
                edgeNoise: tensors.need("\(prefix)raw_noise_adj"))
            let losses = matching.losses(noisy, x: x.network, adjacency: adj.network)
            return (losses.x.mean(), losses.adjacency.mean())
        }

        var trained: (x: [(name: String, tensor: Tensor)], adj: [(name: String, tensor: Tensor)]) {
            (
                x.parameters.filter { !design.x.isUnused($0.name) },
                adj.parameters.filter { !design.adj.isUnused($0.name) }
            )
        }
    }

    /// Losses in three forms, and gradients of the first.
    static let loss: GoldenRunner.Handler = { one, check in
        let tensors = try CaseTensors(one)
        let pair = try Pair(one, tensors)
        for (word, reduction) in [("sum", ScoreMatching.Reduction.sum), ("mean", .mean), ("lw", .likelihood)]
        where tensors["loss_x_\(word)"] != nil {
            let (x, adj) = try pair.losses(tensors, "", reduction)
            try check.close("loss_x_\(word)", x, tensors["loss_x_\(word)"])
            try check.close("loss_adj_\(word)", adj, tensors["loss_adj_\(word)"])
            guard reduction == .sum else { continue }
            for (part, loss, own) in [("x", x, pair.trained.x), ("adj", adj, pair.trained.adj)] {
                let gradients = try loss.gradients(of: own.map(\.tensor))
                for (entry, gradient) in zip(own, gradients) {
                    guard let expected = tensors["grad_\(part).\(entry.name)"] else { continue }
                    try check.close("grad_\(part).\(entry.name)", gradient, expected)
                }
                guard let expected = tensors["gradnorm_\(part)"] else { continue }
                let norm = gradients.reduce(Tensor(Float(0))) { $0 + $1.squared().sum() }.sqrt()
                try check.close("gradnorm_\(part)", norm, expected)
            }
        }
        let ours =
            pair.x.parameters.filter { pair.design.x.isUnused($0.name) }.map { "x.\($0.name)" }
            + pair.adj.parameters.filter { pair.design.adj.isUnused($0.name) }.map { "adj.\($0.name)" }
        let theirs = one.config["no_gradient_parameters"]?.items?.compactMap(\.text) ?? []
        check.equal("parameters without a gradient", ours.sorted(), theirs.sorted())
    }

    /// Some steps of both optimisers with recorded draws.
    static let train: GoldenRunner.Handler = { one, check in
        let tensors = try CaseTensors(one)
        let pair = try Pair(one, tensors)
        let (decay, limit) = try (one.real("lr_decay"), one.real("ema"))
        let rule = try Adam(decay: .l2(one.real("weight_decay")))
        func optimiser(_ own: [(name: String, tensor: Tensor)]) throws -> Optimiser {
            try Optimiser("", own, rule, clip: one.real("grad_norm"), average: .counted(limit))
        }
        var (x, adj) = try (optimiser(pair.trained.x), optimiser(pair.trained.adj))
        let steps = tensors.prefixes(of: ".u").count
        for step in 0..<steps {
            let (lossX, lossA) = try pair.losses(tensors, "s\(step).", .sum)
            try check.close("s\(step).loss_x", lossX, tensors["s\(step).loss_x"])
            try check.close("s\(step).loss_adj", lossA, tensors["s\(step).loss_adj"])
            var rate = try one.real("lr")
            for _ in 0..<step { rate *= decay }
            let (gx, ga) = try (lossX.gradients(of: x.parameters), lossA.gradients(of: adj.parameters))
            for (name, metrics) in [("x", try x.step(gx, rate: rate)), ("adj", try adj.step(ga, rate: rate))] {
                let norm = metrics.first { $0.name == "grad_norm" }?.value ?? .nan
                try check.close("s\(step).gradnorm_\(name)", Tensor(norm), tensors["s\(step).gradnorm_\(name)"])
            }
        }
        for (part, optimiser) in [("x", x), ("adj", adj)] {
            for (name, tensor) in zip(optimiser.names, optimiser.parameters) {
                guard let expected = tensors["final_\(part).\(name)"] else { continue }
                try check.close("final_\(part).\(name)", tensor.detached(), expected)
            }
            for (name, tensor) in optimiser.averaged {
                guard let expected = tensors["ema_\(part).\(name)"] else { continue }
                try check.close("ema_\(part).\(name)", tensor.detached(), expected)
            }
        }
    }
}
