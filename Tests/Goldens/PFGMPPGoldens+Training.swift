import Genera
import GeneraTesting
import PFGMPP

extension PFGMPPGoldens {
    /// Images with the noise that the reference made of recorded draws `prefix`noise_sigma, `prefix`noise_gauss and, for finite
    /// D, `prefix`beta.
    private static func noisy(
        _ images: Tensor, _ tensors: CaseTensors, prefix: String, D: Double, loss: DenoisingLoss
    ) throws -> (x: Tensor, sigmas: [Double]) {
        let sigmas = loss.levels(try tensors.numbers("\(prefix)noise_sigma"))
        let gauss = try tensors.need("\(prefix)noise_gauss").reshaped(images.shape.sizes)
        guard D.isFinite else {
            let levels = Tensor(sigmas.map { Float($0) }, shape: [sigmas.count, 1, 1, 1])
            return (images + gauss * levels, sigmas)
        }
        let radii = ReferenceRadius.training(beta: try tensors.numbers("\(prefix)beta"), sigma: sigmas, D: D)
        return (images + ReferenceRadius.scaled(gauss, by: radii).to(.float32), sigmas)
    }

    /// The training loss with recorded draws. Prefixes are `D64.` or `lsun_D64.`.
    static let loss: GoldenRunner.Handler = { one, check in
        let tensors = try CaseTensors(one)
        let model = (one["network"]?.text ?? "").split(separator: " ").first.map(String.init) ?? ""
        let network = try NetworkDenoiser(try one.sibling(model))
        let images = try tensors.need("images")
        for prefix in tensors.prefixes(of: "noise_sigma") {
            let name = String(prefix.dropLast())
            guard let D = dimension(in: name) else { throw CaseFault("no D in '\(name)'") }
            let loss = DenoisingLoss(
                pMean: one["P_mean"]?.number ?? -1.2, pStd: one["P_std"]?.number ?? 1.2,
                sigmaData: one["sigma_data"]?.number ?? 0.5, levelScale: name.hasPrefix("lsun") ? 380.0 / 80 : 1)
            let (x, sigmas) = try noisy(images, tensors, prefix: prefix, D: D, loss: loss)
            let each = withoutGradients {
                loss(
                    network, clean: images, noisy: x, sigmas: sigmas, labels: tensors["labels"],
                    augment: tensors["augment"])
            }
            try check.close("\(prefix)out.sigma", Tensor(sigmas), tensors["\(prefix)out.sigma"])
            if let expected = tensors["\(prefix)out.noisy"] { try check.close("\(prefix)out.noisy", x, expected) }
            if let expected = tensors["\(prefix)out.loss"] {
                try check.close("\(prefix)out.loss", each.narrowed(axis: 0, 0..<expected.shape[0]), expected)
            }
            if let expected = tensors["\(prefix)out.loss_mean_per_sample"] {
                try check.close("\(prefix)out.loss_mean_per_sample", each.mean(axes: [1, 2, 3]), expected)
            }
        }
    }

    /// Some optimiser steps with recorded draws, from the weights `w0` to those after the last step and their average.
    static let training: GoldenRunner.Handler = { one, check in
        let tensors = try CaseTensors(one)
        let D = one.config["D"]?.number ?? .infinity
        let network = try NetworkDenoiser(
            try NetworkConfiguration(one.config, wrapper: one["wrapper"]?.text), weights: tensors.below("w0."),
            trainable: true)
        let entries = network.entries.filter(\.isTrainable)
        let schedule = schedule(one)
        let named = entries.map { (name: $0.name, tensor: $0.tensor) }
        let log = try one.need("log").items ?? []
        let seen = log.map { $0["cur_nimg"]?.integer ?? 0 }
        var optimiser = try Optimiser(
            "", named, Adam(), average: .decay { schedule.averageDecay(after: seen[$0]) }, cleaning: 1e5)
        for (step, line) in log.enumerated() {
            let lr = schedule.learningRate(after: seen[step])
            check.close("step \(step): lr", lr, line["lr"]?.number ?? .nan)
            let prefix = "step\(step)."
            let images = try tensors.need("\(prefix)images")
            let (x, sigmas) = try noisy(images, tensors, prefix: prefix, D: D, loss: DenoisingLoss())
            let each = DenoisingLoss()(
                network, clean: images, noisy: x, sigmas: sigmas, labels: tensors["\(prefix)labels"])
            if let sum = line["loss_sum"]?.number { check.close("step \(step): loss", try each.sum().item(), sum) }
            if let mean = line["loss_mean"]?.number { check.close("step \(step): mean", try each.mean().item(), mean) }
            let gradients = try (each.sum() * (1 / Double(images.shape[0]))).gradients(of: optimiser.parameters)
            // Where an element is cleaned, the recorded gradient is the cleaned one.
            try TensorList.clean(gradients, limit: 1e5)
            for (entry, gradient) in zip(entries, gradients) {
                guard let expected = tensors["grad\(step).\(entry.name)"] else { continue }
                try check.close("gradient \(step) of \(entry.name)", gradient, expected)
            }
            let told = try optimiser.step(gradients, rate: lr)
            let decay = told.first { $0.name == "ema_beta" }?.value ?? .nan
            check.close("step \(step): EMA", decay, line["ema_beta"]?.number ?? .nan)
        }
        let loose = one["tolerance"]?["qkv_bias_atol"]?.number
        for (entry, (_, average)) in zip(entries, optimiser.averaged) {
            let atol = entry.name.hasSuffix("qkv.bias") ? loose : nil
            for (prefix, value) in [("w\(log.count).", entry.tensor), ("ema\(log.count).", average)] {
                guard let expected = tensors[prefix + entry.name] else { continue }
                try check.close(prefix + entry.name, value, expected, atol: atol)
            }
        }
    }

    private static func schedule(_ one: GoldenCase) -> TrainingSchedule {
        var schedule = TrainingSchedule()
        schedule.batch = one["batch_size_for_schedules"]?.integer ?? schedule.batch
        schedule.rate = one["lr"]?.number ?? schedule.rate
        schedule.ramp = one["lr_rampup_kimg"]?.number.map { $0 * 1000 } ?? schedule.ramp
        schedule.halfLife = one["ema_halflife_nimg"]?.number ?? schedule.halfLife
        schedule.halfLifeRamp = one["ema_rampup_ratio"]?.number ?? 0
        return schedule
    }
}
