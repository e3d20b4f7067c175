import Genera
import GeneraTesting
import RADD

extension RADDGoldens {
    /// Every loss under every noise of the case, with its gradients, and the likelihood in fixed orders.
    static let loss: GoldenRunner.Handler = { one, check in
        let tensors = try CaseTensors(one)
        let c = try one.raddConfiguration()
        let sequences = try rows(tensors.need("in.batch"))
        for prefix in tensors.prefixes(of: ".loss") where prefix.hasPrefix("out.") {
            let words = prefix.dropFirst(4).split(separator: ".").map(String.init)
            var own = c
            let (network, parameters): (AbsorbingTransformer, [(name: String, tensor: Tensor)])
            guard words.count == 2, let kind = MaskingNoise.Kind(rawValue: words[0]),
                let loss = MaskingLoss(rawValue: words[1])
            else {
                (network, _) = try AbsorbingTransformer.of(own, tensors.below("w."))
                let order = try order(words[0], sequences[0].count)
                let found = try OrderedLikelihood.losses(
                    TensorConditional(network), sequences, orders: sequences.map { _ in order })
                try check.close(prefix, Tensor(found.map { Float($0) }), tensors["\(prefix).loss"])
                continue
            }
            own.noise = MaskingNoise(kind, low: c.noise.low, high: c.noise.high)
            (network, parameters) = try AbsorbingTransformer.of(own, tensors.below("w."), trainable: true)
            let maskings = try maskings(loss, own.noise, tensors, "in.\(words[0]).\(words[1]).", sequences)
            let losses = try loss.losses(network, sequences, maskings)
            try check.close("\(prefix).loss", losses, tensors["\(prefix).loss"])
            try check.close("\(prefix).mean", losses.mean().reshaped([1]), tensors["\(prefix).mean"])
            let gradients = try losses.mean().gradients(of: parameters.map(\.tensor))
            for (entry, gradient) in zip(parameters, gradients) {
                guard let expected = tensors["\(prefix).grad.\(entry.name)"] else { continue }
                try check.close("\(prefix).grad.\(entry.name)", gradient, expected)
            }
            let norms = try gradients.map { Float(try $0.squared().sum().item().squareRoot()) }
            try check.close("\(prefix).gradnorm", Tensor(norms), tensors["\(prefix).gradnorm"])
        }
    }

    /// Some steps of the optimiser with recorded draws.
    static let train: GoldenRunner.Handler = { one, check in
        let tensors = try CaseTensors(one)
        let c = try one.raddConfiguration()
        let optim = one.config["optim"]
        guard let loss = MaskingLoss(rawValue: try one.text("loss_type")), let rate = optim?["lr"]?.number,
            let warmup = optim?["warmup"]?.number, let decay = optim?["weight_decay"]?.number
        else { throw CaseFault("the case has no optimiser") }
        let parts = Int(try one.real("accum"))
        let (network, parameters) = try AbsorbingTransformer.of(c, tensors.below("w0."), trainable: true)
        let rule = Adam(
            beta1: optim?["beta1"]?.number ?? 0.9, beta2: optim?["beta2"]?.number ?? 0.999,
            epsilon: optim?["eps"]?.number ?? 1e-8, decay: decay == 0 ? .none : .decoupled(decay))
        var optimiser = try Optimiser(
            "", parameters, rule, clip: optim?["grad_clip"]?.number, average: .counted(try one.real("ema")))
        let batches = try tensors.need("in.batches")
        var logged: [Double] = []
        for step in 0..<batches.shape[0] / parts {
            var (sum, total): ([Tensor]?, Double) = (nil, 0)
            for part in step * parts..<(step + 1) * parts {
                let sequences = try rows(batches.selected(axis: 0, part))
                let levels = try tensors.need("in.u0").selected(axis: 0, part).array(of: Double.self)
                let masks = try floats(tensors.need("in.u_mask").selected(axis: 0, part))
                let value =
                    try loss.losses(
                        network, sequences,
                        zip(spread(loss, levels, sequences.count), masks).map {
                            loss.masking(c.noise, level: $0, draws: $1)
                        }
                    ).mean() / Double(parts)
                total += try value.item()
                let own = try value.gradients(of: optimiser.parameters)
                sum = sum.map { zip($0, own).map { $0 + $1 } } ?? own
            }
            logged.append(total)
            _ = try optimiser.step(sum ?? [], rate: rate * min(Double(step + 1) / warmup, 1))
        }
        try check.close("losses", Tensor(logged), tensors["out.losses"])
        for (name, tensor) in zip(optimiser.names, optimiser.parameters) {
            try check.close(name, tensor.detached(), tensors["out.w.\(name)"])
        }
        for (name, tensor) in optimiser.averaged {
            guard let expected = tensors["out.ema.\(name)"] else { continue }
            try check.close("ema.\(name)", tensor.detached(), expected)
        }
    }

    /// Recorded draws as masks.
    private static func maskings(
        _ loss: MaskingLoss, _ noise: MaskingNoise, _ tensors: CaseTensors, _ prefix: String, _ sequences: [[Int32]]
    ) throws -> [MaskingLoss.Masking] {
        if loss == .kDCE {
            let counts = try tensors.numbers("\(prefix)k").map { Int($0) }
            let orders = try rows(tensors.need("\(prefix)perm"))
            return zip(counts, orders).map { k, order in
                MaskingLoss.Masking(
                    places: order.indices.filter { Int(order[$0]) < k }, weight: Double(order.count) / Double(k),
                    constant: 0)
            }
        }
        let word = loss == .lambdaDCE ? "u_lambda" : "u0"
        let levels = spread(loss, try tensors.numbers("\(prefix)\(word)"), sequences.count)
        return zip(levels, try floats(tensors.need("\(prefix)u_mask"))).map {
            loss.masking(noise, level: $0, draws: $1)
        }
    }

    /// Recorded uniform numbers spread over the batch, as the reference spreads them.
    private static func spread(_ loss: MaskingLoss, _ u: [Double], _ count: Int) -> [Double] {
        (0..<count).map { row in
            switch loss {
            case .lambdaDCE: return Double((Float(u[row]) + Float(row)) / Float(count))
            default:
                let level = Float(u[0]) + Float(row) / Float(count)
                return Double(level.truncatingRemainder(dividingBy: 1))
            }
        }
    }

    private static func order(_ word: String, _ length: Int) throws -> [Int] {
        switch word {
        case "ar_forward": return Array(0..<length)
        case "ar_backward": return Array((0..<length).reversed())
        default: throw CaseFault("there is no order '\(word)'")
        }
    }

    /// Rows of whole numbers.
    static func rows(_ tensor: Tensor) throws -> [[Int32]] {
        let (all, width) = (try tensor.array(of: Int64.self), tensor.shape[-1])
        return stride(from: 0, to: all.count, by: width).map { all[$0..<$0 + width].map { Int32($0) } }
    }

    /// Rows of float32 numbers.
    static func floats(_ tensor: Tensor) throws -> [[Float]] {
        let (all, width) = (try tensor.array(of: Float.self), tensor.shape[-1])
        return stride(from: 0, to: all.count, by: width).map { Array(all[$0..<$0 + width]) }
    }
}
