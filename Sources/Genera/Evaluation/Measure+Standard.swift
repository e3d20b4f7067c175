import Metrics
import Tensors

extension Measure where Sample: Featured {
    /// Distances between laws, and neighbours: what all samples that are vectors have.
    public static var ofVectors: [Measure] {
        [
            .slicedWasserstein, .energy, .mmd, .frechet, .neighbours(.precision), .neighbours(.recall),
            .neighbours(.density), .neighbours(.coverage),
        ]
    }

    /// The energy distance, unbiased.
    public static var energy: Measure {
        Measure(
            "energy", "Energy distance (Székely and Rizzo 2013), unbiased.", range: -Double.infinity...Double.infinity
        ) { _ in EnergyDistance() }
    }

    /// The squared MMD of Gaussians around the median distance, unbiased.
    public static var mmd: Measure {
        Measure(
            "mmd", "Squared MMD, Gaussians around the median distance (Gretton et al. 2012), unbiased.",
            range: -Double.infinity...Double.infinity
        ) { _ in KernelMMD() }
    }

    /// The squared MMD of the cubic kernel, unbiased.
    public static var kid: Measure {
        Measure(
            "kid", "Squared MMD of a cubic kernel (Bińkowski et al. 2018), unbiased.",
            range: -Double.infinity...Double.infinity
        ) { _ in KernelMMD(.polynomial(degree: 3)) }
    }

    /// The Fréchet distance of Gaussians over all dimensions, to the real samples or to the settings' statistics.
    public static var frechet: Measure {
        Measure("frechet", "Fréchet distance of fitted Gaussians (Heusel et al. 2017).") { both, parts in
            let (drawn, parts) = (try both.drawnFeatures, try both.rows(of: parts))
            guard let known = both.settings.statistics else {
                return try FrechetDistance().values(drawn, both.realFeatures, over: parts)
            }
            try known.check(width: drawn.elementCount / max(drawn.shape[0], 1))
            return try parts.map { part in
                let rows = part.first.count == drawn.shape[0] ? drawn : drawn.gathered(rows: part.first)
                return try GaussianFit(rows).frechetDistance(to: known.fit)
            }
        }
    }

    /// How often samples are what they were asked to be.
    public static var labelAgreement: Measure {
        Measure(
            "label-agreement", "Share of samples that the extractor takes for the class they were asked to be.",
            isLowerBetter: false, range: 0...1
        ) { both, parts in
            guard let hits = try both.classHits() else { return parts.map { _ in .nan } }
            return parts.map { part in
                Double(part.first.count { hits[$0] }) / Double(max(part.first.count, 1))
            }
        }
    }

    /// The Fréchet distance over the leading principal components of the real samples.
    public static var frechetPCA: Measure {
        Measure(
            "frechet-pca", "Fréchet distance over the leading principal components of the real samples."
        ) { FrechetDistance(components: $0.settings.components) }
    }

    /// The sliced Wasserstein distance of order 1 over random directions.
    public static var slicedWasserstein: Measure {
        Measure(
            "sliced-wasserstein", "Mean Wasserstein-1 distance over random directions (Bonneel et al. 2015)."
        ) { both in
            let real = try both.realFeatures
            let width = real.elementCount / max(real.shape[0], 1)
            let seed = PhiloxSource.subseed(both.settings.seed, -5)
            let noise = Noise(seed: seed, samples: Array(0..<both.settings.directions))
            return SlicedWasserstein(directions: try noise.normal([width], at: .start))
        }
    }

    /// Precision, recall, density or coverage by k nearest neighbours.
    public static func neighbours(_ quantity: PrecisionRecall.Quantity) -> Measure {
        Measure(
            quantity.rawValue, summary(of: quantity), isLowerBetter: false,
            range: quantity == .density ? 0...Double.infinity : 0...1
        ) { both, parts in try PrecisionRecall(quantity).values(both.neighbourhoods(), over: both.rows(of: parts)) }
    }

    private static func summary(of quantity: PrecisionRecall.Quantity) -> String {
        switch quantity {
        case .precision: "Share of drawn samples that look real (Kynkäänniemi et al. 2019)."
        case .recall: "Share of real samples that could have been drawn (Kynkäänniemi et al. 2019)."
        case .density: "How deep drawn samples lie among real ones (Naeem et al. 2020)."
        case .coverage: "Share of real samples with a drawn one beside them (Naeem et al. 2020)."
        }
    }

    /// How far the mean logarithmic power spectra of images are apart.
    public static var spectrum: Measure {
        Measure(
            "spectrum", "Root-mean-square gap of the mean radial power spectra, in decibels."
        ) { both, parts in
            let (drawn, real) = (try LogSpectra(both.drawnVectors), try LogSpectra(both.realVectors))
            return try parts.map { try drawn.gap(to: real, $0) }
        }
    }
}
