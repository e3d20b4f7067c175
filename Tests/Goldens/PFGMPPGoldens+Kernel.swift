import Genera
import GeneraTesting
import PFGMPP

extension PFGMPPGoldens {
    /// The reference's latents and labels, seed by seed.
    static let prior: GoldenRunner.Handler = { one, check in
        let tensors = try CaseTensors(one)
        let seeds = try tensors.numbers("seeds").map { UInt64($0) }
        let shape = try one.need("shape").integers ?? []
        let sigma = one["sigma_max"]?.number ?? 80
        let classes = one["label_dim"]?.integer ?? 10
        for name in tensors.names where name != "seeds" {
            let plain = name.hasSuffix("_norm") ? String(name.dropLast(5)) : name
            guard let D = dimension(in: plain) else {
                throw CaseFault("no D in '\(name)'")
            }
            let replay = ReferenceReplay(shape: shape, D: D, classes: classes)
            if name.hasPrefix("labels_") {
                let labels = try seeds.map { try replay.label(seed: $0) }
                let expected = try tensors.need(name)
                try check.close(name, Tensor(labels).reshaped(expected.shape.sizes), expected, rtol: 0, atol: 0)
                continue
            }
            let latents = try seeds.map { try replay.latents(seed: $0, sigma: sigma) }
            let all = Tensor.concatenated(latents)
            if name.hasSuffix("_norm") {
                let norms = all.to(.float64).reshaped([seeds.count, -1]).norm(axes: [1])
                try check.close(name, norms, tensors[name])
            } else {
                try check.close(name, all, tensors[name])
            }
        }
    }

    /// The law of the radius: exact quantiles by our own distribution functions, and the draws of the sampler.
    static let quantiles: GoldenRunner.Handler = { one, check in
        let tensors = try CaseTensors(one)
        let q = try tensors.numbers("q")
        for (N, names) in Dictionary(grouping: tensors.names.filter { $0 != "q" }, by: { dataDimension(in: $0) })
            .sorted(by: { $0.key < $1.key })
        {
            guard N > 0 else { throw CaseFault("no N in \(names)") }
            let laws = try names.map { name in
                guard let D = dimension(in: name) else { throw CaseFault("no D in '\(name)'") }
                return (name: name, D: D, expected: try tensors.numbers(name))
            }
            for law in laws {
                let exact = q.map { RadiusLaw(N: N, D: law.D).quantile($0) }
                try check.close(law.name, Tensor(exact), Tensor(law.expected))
                // A draw this far off by chance is followed by another only if the law is wrong.
                var fault = try empiricalFault(law.D, N: N, q: q, at: law.expected, seed: 1)
                if fault != nil { fault = try empiricalFault(law.D, N: N, q: q, at: law.expected, seed: 2) }
                check.equal("\(law.name): draws", fault ?? "", "")
            }
        }
    }

    private static func dataDimension(in name: String) -> Int {
        name.split(separator: "_").first { $0.hasPrefix("N") }.flatMap { Int($0.dropFirst()) } ?? 0
    }

    /// Compares the share of draws below each quantile with its probability, where enough draws are expected on either side for
    /// the normal bound of 4 standard deviations to hold.
    private static func empiricalFault(_ D: Double, N: Int, q: [Double], at points: [Double], seed: UInt64) throws
        -> String?
    {
        let count = max(64, min(20_000, 2_000_000 / N))
        var radii: [Double] = []
        for start in stride(from: 0, to: count, by: 4096) {
            let noise = Noise(seed: seed, samples: Array(start..<min(start + 4096, count)))
            let draws = try StudentT(D: D).draw([N], noise: noise, at: .start)
            radii += try draws.norm(axes: [1]).array(of: Double.self)
        }
        for (probability, point) in zip(q, points) where Double(count) * min(probability, 1 - probability) >= 10 {
            let share = Double(radii.count { $0 <= point }) / Double(count)
            let bound = 4 * (probability * (1 - probability) / Double(count)).squareRoot()
            if abs(share - probability) > bound {
                return "\(share) of \(count) draws lie below the quantile of \(probability)"
            }
        }
        return nil
    }

    /// Posterior means of a reference batch, one noise level an image.
    static let stfTarget: GoldenRunner.Handler = { one, check in
        let tensors = try CaseTensors(one)
        let noisy = try tensors.need("perturbed")
        let x = noisy.reshaped([noisy.shape[0], -1])
        let images = try tensors.need("ref_images")
        let points = images.reshaped([images.shape[0], -1])
        let sigmas = try tensors.numbers("sigma")
        for name in tensors.names where name.hasPrefix("target_") {
            guard let D = dimension(in: name) else { throw CaseFault("no D in '\(name)'") }
            let means = StableTarget(kernel: StudentT(D: D)).means(of: x, sigmas: sigmas, references: points)
            let expected = try tensors.need(name)
            try check.close(name, means.reshaped(expected.shape.sizes), expected)
        }
    }

    /// The closed form for points. Names are `[group.]D64.out_sigma_0.5` beside `[group.]x_sigma_0.5`, `points` and `weights`.
    static let analyticDenoiser: GoldenRunner.Handler = { one, check in
        let tensors = try CaseTensors(one)
        try forEachLevel(tensors) { name, group, D, sigma, x in
            let denoiser = PointsDenoiser(
                points: try tensors.need("\(group)points"), weights: tensors["\(group)weights"], kernel: StudentT(D: D))
            try check.close(name, denoiser(x, sigma: sigma), tensors[name])
        }
    }

    /// The closed form for Gaussian mixtures.
    static let analyticMixture: GoldenRunner.Handler = { one, check in
        let tensors = try CaseTensors(one)
        try forEachLevel(tensors) { name, group, D, sigma, x in
            let mu = try tensors.need("\(group)mu")
            let means = try (0..<mu.shape[0]).map { try mu.selected(axis: 0, $0).array(of: Double.self) }
            let denoiser = MixtureDenoiser(
                weights: try tensors.numbers("\(group)weights"), means: means,
                variances: try tensors.numbers("\(group)var"), kernel: StudentT(D: D))
            try check.close(name, try denoiser(x, sigma: sigma), tensors[name])
        }
    }

    private static func forEachLevel(
        _ tensors: CaseTensors,
        _ body: (_ name: String, _ group: String, _ D: Double, _ sigma: Double, _ x: Tensor) throws -> Void
    ) throws {
        for name in tensors.names {
            guard let mark = name.ranges(of: "out_sigma_").last else { continue }
            let level = String(name[mark.upperBound...])
            var parts = GoldenCase.words(of: name[..<mark.lowerBound])
            guard let last = parts.popLast(), let D = dimension(in: last), let sigma = Double(level) else {
                throw CaseFault("no D or no noise level in '\(name)'")
            }
            let group = parts.map { $0 + "." }.joined()
            try body(name, group, D, sigma, try tensors.need("\(group)x_sigma_\(level)"))
        }
    }
}
