import Genera

/// Scenes of Gaussians and generalised exponentials: read, rendered, trained (Kerbl et al., 2023; Hamdi et al., 2024).
public enum Splatting: SamplingFamily {
    /// The word on the command line.
    public static let name = "splat"
    /// One line for lists.
    public static let summary = "Scenes of Gaussian splats: render to PNG, train from photographs, convert."
    /// The paper.
    public static let citation: Citation? = Citation(
        title: "3D Gaussian Splatting for Real-Time Radiance Field Rendering",
        authors: ["Bernhard Kerbl", "Georgios Kopanas", "Thomas Leimkühler", "George Drettakis"], year: 2023,
        venue: "ACM Transactions on Graphics 42(4)")
    /// The files that scenes come in.
    public static let modelFormats: [ModelFormat] = SplatScene.formats
    /// Its own commands.
    public static let verbs: [any Verb.Type] = [
        RenderVerb.self, ConvertVerb.self, MakeViewsVerb.self, FitImageVerb.self, FitVerb.self, SpeedVerb.self,
    ]

    /// A scene that ships with Genera.
    public static let defaultCheckpoint: String? = "island"

    /// A scene from a file of any format, a run directory, or by the name of one that ships, noted as what a result depends on.
    ///
    /// - Throws: `FormatError` that names the file and the place in it; `GeneraError.noInput` if there is none.
    static func scene(at path: String, _ run: RunContext, dropInvalid: Bool = false) throws -> SplatScene {
        let endings = modelFormats.flatMap(\.fileExtensions).map { ".\($0)" }
        let isScene = endings.contains(where: path.hasSuffix) || FileSystem.exists(path) && !RunDirectory(path).isRun
        // A model is noted by its name, so that a recipe is good wherever the models lie.
        guard isScene else { return try SplatScene(run.model(of: Splatting.self, named: path)) }
        return try SplatScene.read(run.input(path), dropInvalid: dropInvalid)
    }
}
