import CSplats

/// What a curve is made a sum of, with d = x - mean.
public enum FitModel: String, Sendable, CaseIterable {
    /// w exp(-d^2 / (2 v + 1e-8)).
    case gaussian
    /// w (exp(-d^2 / (2 s^2 + 1e-8)) - exp(-d^2 / (s^2 / 2 + 1e-8))): a difference of Gaussians.
    case difference = "dog"
    /// w (1 - d^2 / s^2) exp(-d^2 / (2 s^2 + 1e-8)): a Laplacian of a Gaussian.
    case laplacian = "log"
    /// w exp(-|d|^b / (2 v + 1e-8)), b = softplus(beta) + 1/2: a generalised exponential.
    case general = "gef"

    /// As people write it.
    public var title: String {
        switch self {
        case .gaussian: "Gaussian"
        case .difference: "DoG"
        case .laplacian: "LoG"
        case .general: "GEF"
        }
    }

    var code: Int32 {
        switch self {
        case .gaussian: Int32(SPLAT_FIT_GAUSSIAN.rawValue)
        case .difference: Int32(SPLAT_FIT_DIFFERENCE.rawValue)
        case .laplacian: Int32(SPLAT_FIT_LAPLACIAN.rawValue)
        case .general: Int32(SPLAT_FIT_GENERAL.rawValue)
        }
    }
}

/// How spreads are kept.
public enum FitMode: String, Sendable, CaseIterable {
    /// As they are: a variance that crosses 0 makes the run NaN, as in the reference.
    case reference
    /// As logarithms, with exponents held in bounds: every run ends.
    case stable
}
