import Genera

/// Scenes of Gaussians and generalised exponentials: read, rendered, trained (Kerbl et al., 2023; Hamdi et al., 2024).
public enum Splatting: SamplingFamily {
    public static let name = "splat"
    public static let summary = "Scenes of Gaussian splats: render to PNG, train from photographs, convert."
    public static let citation: Citation? = Citation(
        title: "3D Gaussian Splatting for Real-Time Radiance Field Rendering",
        authors: ["Bernhard Kerbl", "Georgios Kopanas", "Thomas Leimkühler", "George Drettakis"], year: 2023,
        venue: "ACM Transactions on Graphics 42(4)")
    public static let modelFormats: [ModelFormat] = SplatScene.formats
    public static let verbs: [any Verb.Type] = [RenderVerb.self, MakeViewsVerb.self, FitImageVerb.self, FitVerb.self, SpeedVerb.self]

    /// A scene from a file of any format or a run directory, noted as what a result depends on.
    ///
    /// - Throws: `FormatError` that names the file and the place in it.
    static func scene(at path: String, _ run: RunContext, dropInvalid: Bool = false) throws -> SplatScene {
        let file = RunDirectory(path).isRun ? try run.checkpoints.path(of: path, formats: modelFormats) : path
        return try SplatScene.read(run.input(file), dropInvalid: dropInvalid)
    }
}
