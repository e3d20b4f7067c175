/// What was published of the data sets of the paper, to stand beside what is measured.
enum PublishedGraphs {
    /// The sets of generic graphs.
    static let sets = ["community_small", "ego_small", "ENZYMES", "grid"]

    /// Degree, clustering and orbit of the paper's table.
    static let paper: [String: [Double]] = [
        "community_small": [0.045, 0.086, 0.007], "ego_small": [0.021, 0.024, 0.007],
        "ENZYMES": [0.026, 0.061, 0.009], "grid": [0.111, 0.005, 0.070],
    ]

    /// What the authors' code gives with their checkpoints: degree, clustering, orbit and spectral, with deviations over three seeds as far as
    /// they are known. That of grid is a user's report.
    static let code: [String: (mean: [Double], deviation: [Double], seeds: Int)] = [
        "community_small": ([0.072, 0.083, 0.008, 0.194], [0.043, 0.014, 0.003], 3),
        "ego_small": ([0.034, 0.049, 0.006, 0.052], [0.003, 0.019, 0.006], 3),
        "grid": ([0.093, 0.0072, 0.102, 0.794], [], 1),
    ]

    /// Validity without correction, uniqueness and novelty in percent.
    static let molecules: [String: [Double]] = ["QM9": [95.72, 98.46, 86.27], "ZINC250k": [97.01, 99.64, 100]]
}
