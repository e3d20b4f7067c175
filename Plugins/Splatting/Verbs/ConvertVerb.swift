import Genera

/// `genera splat convert IN OUT`: a scene in another format, with the choices that only scenes have.
public struct ConvertVerb: Verb {
    /// `convert`.
    public static let name = "convert"
    /// One line for lists.
    public static let summary = "Write a scene in another format, turned, moved, or with fewer harmonics."
    /// What it is about.
    public static let discussion = """
        The format of the scene is found by its content, that of the file to write by its ending: .ply, .compressed.ply, .spz, .splat or \
        .safetensors. The scene is turned first, then scaled, then moved. What the new file keeps and what it loses is said at the end, with \
        the PSNR between pictures of the scene before and after writing; --brief leaves that out.

        Axes are three letters for x, y and z, such as rdf for right, down, forward, or colmap, opencv, opengl, blender, gltf, y-up, \
        y-down, z-up. Colours that depend on the direction turn with the scene.
        """
    /// Packing, turning and fusing.
    public static let examples = [
        "genera splat convert scene.ply scene.spz", "genera splat convert scene.ply up.ply --axes colmap:z-up",
        "genera splat convert scene.ply small.compressed.ply --sh-degree 1",
        "genera splat convert ges.pt ges.ply --ply-fuse exact --keep-shapes",
    ]

    @Argument(help: "A scene, or a run directory.", completion: .file()) var scene: String
    @Argument(help: "The file to write.", completion: .file()) var output: String

    @OptionGroup(title: "Scene") var change: SceneChangeOptions

    @Option(
        help: ArgumentHelp(
            "How the shapes of GES go into sizes: exact, what is drawn; legacy, as the authors' code writes them.",
            valueName: "rule"))
    var plyFuse = SplatScene.WritingOptions.Fusing.exact

    @Flag(help: "Write a column with the shapes of GES into a .ply, so that training can go on from it.")
    var keepShapes = false

    @Option(help: ArgumentHelp("The version of .spz: 2, 3 or 4. (default: 3)", valueName: "n")) var spzVersion: Int?

    @Flag(help: "Do not look at what the file that was written keeps and loses.") var brief = false
    @Flag(help: "Replace what is there.") var force = false

    /// For ArgumentParser.
    public init() {}

    /// Refuses values that make no sense, naming the option.
    public func validate() throws {
        let ending = FileSystem.fileExtension(of: output)
        do { _ = try SplatFormat.writing(to: output) } catch {
            let endings = SplatFormat.all.filter { $0.write != nil }.flatMap(\.fileExtensions)
            throw ValidationError(
                "The file to write must end in .\(endings.joined(separator: ", .")), got '\(output)'.")
        }
        guard (2...4).contains(spzVersion ?? 3) else {
            throw ValidationError("--spz-version must be 2, 3 or 4, got \(spzVersion ?? 0).")
        }
        if spzVersion != nil, ending != "spz" { throw ValidationError("--spz-version goes with .spz only.") }
        if keepShapes, ending != "ply" || output.lowercased().hasSuffix(".compressed.ply") {
            throw ValidationError("--keep-shapes goes with .ply only.")
        }
    }

    /// Reads, changes and writes the scene.
    ///
    /// - Throws: errors of reading and writing, which name the file.
    public func run(_ run: RunContext) throws -> Outcome {
        try FileSystem.requireWritable(output, force: force)
        var scene = try Splatting.scene(at: scene, run, dropInvalid: change.dropInvalid)
        change.place(&scene)
        var written = scene
        if let degree = change.shDegree { written.splats = scene.splats.limited(toDegree: degree) }
        var options = SplatScene.WritingOptions()
        (options.fusing, options.keepsShapes) = (plyFuse, keepShapes)
        if let spzVersion { options.spzVersion = spzVersion }
        try run.write(.file { [written, options] in try written.write(to: $0, options: options) }, to: output)
        // When the verb is run again for a comparison, the file is not at its place.
        guard !brief, FileSystem.exists(output) else {
            return Outcome(facts: [Fact("splats", written.splats.count)])
        }
        return Outcome(facts: try ConversionReport(scene, from: self.scene, written: output).facts())
    }
}

/// What is done to a scene before it is written, in words.
public struct SceneChangeOptions: ParsableArguments, Sendable {
    @Option(
        help: ArgumentHelp("Turn the scene from axes to others, such as rdf:rub or colmap:z-up.", valueName: "from:to"))
    var axes: AxesChange?

    @Option(help: ArgumentHelp("Multiply all sizes and distances.", valueName: "factor")) var scale: Double?

    @Option(parsing: .unconditional, help: ArgumentHelp("Move the scene, in its new axes.", valueName: "x,y,z"))
    var translate: Triple?

    @Option(
        help: ArgumentHelp("Leave spherical harmonics above this degree out. (default: keep all)", valueName: "0-4"))
    var shDegree: Int?

    @Flag(help: "Leave splats with impossible numbers out instead of refusing the file.") var dropInvalid = false

    /// For ArgumentParser.
    public init() {}

    /// Refuses values that make no sense, naming the option.
    public func validate() throws {
        if let shDegree, !(0...4).contains(shDegree) {
            throw ValidationError("--sh-degree must be from 0 to 4, got \(shDegree).")
        }
        if let scale, !(1e-12...1e12).contains(scale) {
            throw ValidationError("--scale must be from 1e-12 to 1e12, got \(scale).")
        }
    }

    /// Turns, scales and moves a scene.
    func place(_ scene: inout SplatScene) {
        if let axes {
            scene.turn(from: axes.from, to: axes.to)
            scene.up = scene.up.map { Splats.turned($0, by: axes.from.rotation(to: axes.to)) }
        }
        if let scale { scene.splats.scale(by: scale) }
        if let translate { scene.splats.move(by: translate.values) }
    }
}

/// Axes and others, written as rdf:rub.
struct AxesChange: ExpressibleByArgument, Sendable, Equatable, CustomStringConvertible {
    /// The axes that the scene has.
    let from: SplatAxes
    /// Those that it gets.
    let to: SplatAxes

    /// Reads two axes with a colon between. Nil for something else.
    init?(argument: String) {
        let words = argument.split(separator: ":", omittingEmptySubsequences: false).map { try? SplatAxes(String($0)) }
        guard words.count == 2, let from = words[0], let to = words[1] else { return nil }
        (self.from, self.to) = (from, to)
    }

    var description: String { "\(from):\(to)" }
}

extension SplatScene.WritingOptions.Fusing: ExpressibleByArgument {}
