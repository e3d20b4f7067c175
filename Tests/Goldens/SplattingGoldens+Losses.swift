import Genera
import GeneraTesting
import Splatting

/// Compares the losses and activations of the splats with the reference implementation.
enum SplattingLossGoldens {
    /// L1, SSIM, PSNR, the masks at each omega, the losses and their gradients.
    static let losses: GoldenRunner.Handler = { one, check in
        let tensors = try CaseTensors(one)
        let picture = try Picture(tensors)
        try plain(picture, tensors, &check)
        try masks(picture, tensors, &check)
        for (name, expected) in tensors.below("ges_loss.freq") {
            guard let omega = Double(name) else { throw CaseFault("no omega in 'ges_loss.freq\(name)'") }
            let lambdas = ImageLoss.Weights(
                dissimilarity: one.config["lambda_dssim"]?.number ?? 0.2,
                frequency: one.config["lambda_im_laplace"]?.number ?? 0.5)
            let (terms, gradient) = picture.loss(lambdas, progress: omega / 100)
            check.close("ges_loss.freq\(name)", terms.loss, try only(expected))
            check.close("mask_loss.freq\(name)", terms.masked, try only(tensors.need("mask_loss.freq\(name)")))
            // A pixel of the mask that flips moves the gradient of that pixel alone.
            try gradients(
                "grad.ges_loss.freq\(name)", gradient, tensors, mayDiffer: 0.002, &check)
        }
    }

    private static func plain(_ picture: Picture, _ tensors: CaseTensors, _ check: inout GoldenCheck) throws {
        let parts: [(name: String, weights: ImageLoss.Weights, sign: Float)] = [
            ("l1", .init(dissimilarity: 0), 1), ("ssim", .init(dissimilarity: 1), -1), ("loss_3dgs", .gaussians, 1),
        ]
        for part in parts {
            let (terms, gradient) = picture.loss(part.weights, progress: 0)
            let value = part.name == "ssim" ? terms.ssim : terms.loss
            check.close(part.name, value, try only(tensors.need(part.name)))
            try gradients("grad.\(part.name)", gradient.map { part.sign * $0 }, tensors, mayDiffer: 0, &check)
            check.close("psnr_batch", terms.psnr, try only(tensors.need("psnr_batch")))
            for (mine, its) in zip(terms.channelPSNR, try tensors.numbers("psnr_per_channel")) {
                check.close("psnr_per_channel", mine, its)
            }
        }
    }

    private static func masks(_ picture: Picture, _ tensors: CaseTensors, _ check: inout GoldenCheck) throws {
        for (name, expected) in tensors.below("mask.freq") {
            let parts = name.split(separator: ".scale", maxSplits: 1)
            guard parts.count == 2, let omega = Double(parts[0]), let factor = Double(parts[1]) else {
                throw CaseFault("no omega and scale in 'mask.freq\(name)'")
            }
            var mask = FrequencyMask(factor: factor)
            let mine = mask(picture.render, width: picture.width, height: picture.height, progress: omega / 100)
            let its = try expected.array(of: Double.self)
            check.equal("mask.freq\(name): pixels", mine.count, its.count)
            let levels = FrequencyLevels(
                picture.render, width: picture.width, height: picture.height, progress: omega / 100, factor: factor)
            let flips = mine.indices.filter { Double(mine[$0]) != its[$0] }
            let clear = flips.filter { abs(levels.values[$0] - 0.5) > levels.noise }
            check.close(
                "mask.freq\(name): share that differs", Double(clear.count) / Double(its.count), 0, atol: 0.002)
        }
    }

    private static func gradients(
        _ name: String, _ mine: [Float], _ tensors: CaseTensors, mayDiffer: Double, _ check: inout GoldenCheck
    ) throws {
        let its = try tensors.numbers(name)
        let wrong = zip(mine, its).filter { abs(Double($0) - $1) > check.atol + check.rtol * abs($1) }.count
        check.equal("\(name): numbers", mine.count, its.count)
        check.close("\(name): share that differs", Double(wrong) / Double(its.count), 0, atol: max(mayDiffer, 1e-12))
    }

    private static func only(_ tensor: Tensor) throws -> Double {
        guard let value = try tensor.array(of: Double.self).first else { throw CaseFault("a tensor is empty") }
        return value
    }

    /// What is rendered and what it should be.
    private struct Picture {
        let width: Int
        let height: Int
        let render: [Float]
        let target: [Float]

        init(_ tensors: CaseTensors) throws {
            let tensor = try tensors.need("in.render_chw")
            let sizes = tensor.shape.sizes
            guard sizes.count == 3, sizes[0] == 3 else { throw CaseFault("the picture is not [3, height, width]") }
            (height, width) = (sizes[1], sizes[2])
            render = try tensor.array(of: Float.self)
            target = try tensors.need("in.target_chw").array(of: Float.self)
        }

        func loss(_ weights: ImageLoss.Weights, progress: Double) -> (terms: ImageLoss.Terms, gradient: [Float]) {
            var loss = ImageLoss(weights, threads: 2)
            return loss.evaluate(render: render, target: target, width: width, height: height, progress: progress)
        }
    }
}

extension SplattingLossGoldens {
    /// The factor of the scales, the learning rate of the positions, and the variance of a generalised exponential.
    static let gesActivation: GoldenRunner.Handler = { one, check in
        let tensors = try CaseTensors(one)
        let shapes = try tensors.need("in.shape").array(of: Float.self)
        for (name, expected) in tensors.below("phi.strength") {
            guard let strength = Float(name) else { throw CaseFault("no strength in 'phi.strength\(name)'") }
            let mine = shapes.map { ShapeActivation.phi($0, strength: strength) }
            try check.close("phi.strength\(name)", Tensor(mine), expected)
        }
        let betas = try tensors.numbers("in.beta")
        try check.close(
            "var_generalized", Tensor(betas.map { ShapeActivation.generalisedVariance(beta: $0) }),
            tensors["var_generalized.sigma1"])
        let first = one.config["position_lr_init"]?.number ?? 0
        let last = one.config["position_lr_final"]?.number ?? 0
        let rate = LogLinearRate(from: first, to: last, steps: one.config["max_steps"]?.integer ?? 0)
        let steps = try tensors.numbers("in.iterations").map { Int($0) }
        for name in tensors.names where name.hasPrefix("lr.") {
            var own = rate
            if let delay = number(in: name, after: "delay") { own.delay = Int(delay) }
            if let extent = number(in: name, after: "extent") {
                (own.initial, own.final) = (first * extent, last * extent)
            }
            try check.close(name, Tensor(steps.map { own($0) }), tensors[name])
        }
    }
}
