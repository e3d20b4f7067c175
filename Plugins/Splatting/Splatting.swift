import Genera

/// Scenes of Gaussians and generalised exponentials: read, rendered, trained (Kerbl et al., 2023; Hamdi et al., 2024).
public enum Splatting: ModelFamily {
    public static let name = "splat"
    public static let summary = "Scenes of Gaussian splats: render to PNG, train from photographs, convert."
    public static let citation: Citation? = Citation(
        title: "3D Gaussian Splatting for Real-Time Radiance Field Rendering",
        authors: ["Bernhard Kerbl", "Georgios Kopanas", "Thomas Leimkühler", "George Drettakis"], year: 2023,
        venue: "ACM Transactions on Graphics 42(4)")
}
