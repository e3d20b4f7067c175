import Formats
import Imaging
import Platform

/// What a run makes and keeps in a file.
public enum Artefact: Sendable {
    /// A PNG; its recipe travels inside.
    case picture(Image)
    /// An animated PNG; its recipe travels inside.
    case animation(Animation)
    /// A table: .csv, .tsv, .json, .md or .txt by the file's ending; its recipe stands beside it.
    case table(Table)
    /// A text; its recipe stands beside it.
    case text(String)
    /// Whatever the closure writes to the path that it gets, whole or not at all; its recipe stands beside it.
    case file(@Sendable (_ path: String) throws -> Void)

    /// Writes it.
    ///
    /// - Parameter texts: what a PNG file holds beside its pixels.
    /// - Throws: errors of drawing and of the system; no file is left half written.
    func write(to path: String, texts: [PNG.Text]) throws {
        switch self {
        case let .picture(image): try PNG.write(image, to: path, text: texts)
        case let .animation(animation): try APNG.write(animation, to: path, text: texts)
        case let .table(table): try table.write(to: path)
        case let .text(text): try AtomicFile.write(text, to: path)
        case let .file(write): try write(path)
        }
    }

    /// Whether its recipe is inside the file.
    var holdsRecipe: Bool {
        switch self {
        case .picture, .animation: true
        default: false
        }
    }
}

/// Where a run's artefacts go: to their files, or, when they are made again, to a comparison.
public protocol ArtefactSink: Sendable {
    /// Takes an artefact.
    ///
    /// - Parameters:
    ///   - recipe: how it is made; nil for a run that nobody can repeat by words.
    ///   - number: how many artefacts the run made before.
    func take(_ artefact: Artefact, path: String, recipe: Recipe?, number: Int) throws
}

/// Writes artefacts to their files, with the recipe inside or beside.
public struct ArtefactFiles: ArtefactSink {
    /// Makes a sink.
    public init() {}

    /// Writes an artefact.
    ///
    /// - Throws: errors of drawing and of the system; no file is left half written.
    public func take(_ artefact: Artefact, path: String, recipe: Recipe?, number: Int) throws {
        try artefact.write(to: path, texts: recipe?.texts ?? [PNG.Text("Software", Version.software)])
        guard let recipe, !artefact.holdsRecipe else { return }
        try AtomicFile.write(recipe.json + "\n", to: Recipe.file(beside: path))
    }
}
