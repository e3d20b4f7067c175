import Foundation
import Genera

/// `genera render SCENE`: pictures of a scene.
public struct RenderVerb: Verb {
    /// The word on the command line.
    public static let name = "render"
    /// One line for lists.
    public static let summary = "Draw a scene of splats to PNG."
    /// What stands under the summary in the help.
    public static let discussion = """
        The scene may be of any program: PLY (also compressed), SPZ, .splat, .ksplat, SOG, glTF, checkpoints of gsplat and GES, or a run of \
        genera train splat. Without a camera one is found from which there is most to see. LibTorch is not needed.

        A turntable becomes one animated PNG; with --frames the views become numbered files in the folder --out.

        With --data the views of posed photographs are drawn: each picture has the scene at the left, the photograph in the middle, and four \
        times their difference at the right. Without --frames they become one sheet.
        """
    /// Command lines for the end of the help.
    public static let examples = [
        "genera render island --out island.png",
        "genera render scene.ply --out scene.png",
        "genera render scene.spz --turntable 36 --size 400x400 --out round.png",
        "genera render scene.ply --eye 3,-1,4 --target 0,0,0 --fov 40 --out a.png",
        "genera render scene.ply --camera transforms_test.json --frames --out views",
        "genera render scene.ply --channel depth --out depth.png",
        "genera render scene.ply --camera keys.json --path 120 --out flight.png",
        "genera render large.ply --turntable 90 --lod 2.5 --out round.png",
        "genera render scene.ply --data photos --split test --frames --out compared",
    ]
    /// True: `genera` and the word alone mean it too.
    public static let hasShortForm = true

    @Argument(help: "A scene, a run directory, or the name of a scene that ships.", completion: .file()) var scene:
        String
    @OptionGroup(title: "Photographs") var comparison: ComparisonOptions
    @OptionGroup(title: "Camera") var viewpoint: ViewOptions
    @OptionGroup(title: "Drawing") var drawing: DrawingOptions

    @Flag(help: "Write numbered PNG files into the folder --out.")
    var frames = false

    @Option(help: ArgumentHelp("Frames a second of an animation.", valueName: "n"))
    var fps = 20.0

    @OptionGroup(title: "Output") var output: OutputOptions

    /// For ArgumentParser.
    public init() {}

    /// Refuses values that make no sense, naming the option.
    public func validate() throws {
        guard (0.02...1000).contains(fps) else {
            throw ValidationError("--fps must be from 0.02 to 1000, got \(fps).")
        }
        if let out = output.out, !frames, FileSystem.fileExtension(of: out) != "png" {
            throw ValidationError("--out must end in .png, got '\(out)'; with --frames it is a folder.")
        }
    }

    /// Does it.
    ///
    /// - Throws: what is wrong with options, files or memory, in a sentence.
    public func run(_ run: RunContext) throws -> Outcome {
        let stem = (scene as NSString).lastPathComponent.split(separator: ".").first.map(String.init) ?? "scene"
        let path = try frames ? output.out ?? "\(stem)-views" : output.path(or: "\(stem).png")
        let scene = try Splatting.scene(at: scene, run, dropInvalid: drawing.dropInvalid)
        let isCompared = comparison.data != nil
        var drawing = SceneDrawing(
            scene, drawing, background: isCompared ? comparison.background : .color([1, 1, 1]))
        if let pixels = self.drawing.lod { drawing.detail = (try DetailTree(scene.splats, drawing.rules), pixels) }
        if let views = try ComparedViews(comparison, viewpoint, drawing, run) {
            guard drawing.channel == .rgb else {
                throw GeneraError.usage(
                    "Photographs show colours: --channel \(drawing.channel.rawValue) does not go with --data.")
            }
            let writer = ComparisonWriter(
                drawing: drawing, views: views, path: path, isOneSheet: !frames, replacesFiles: output.force)
            let outcome = try writer.run(run)
            return Outcome(
                facts: remarks(scene.remarks + views.remarks) + [Fact("splats", scene.splats.count)] + outcome.facts
                    + Self.facts(drawing.detail?.tree),
                tables: outcome.tables)
        }
        let cameras = try viewpoint.cameras(for: scene, drawing.rules, reading: run.input)
        let began = DispatchTime.now().uptimeNanoseconds
        let files = try draw(cameras, drawing, path, run)
        let seconds = Double(DispatchTime.now().uptimeNanoseconds - began) * 1e-9
        let facts = [
            Fact("splats", scene.splats.count), Fact("views", cameras.count),
            Fact("milliseconds a view", (seconds / Double(cameras.count) * 10_000).rounded() / 10), Fact("file", files),
        ]
        return Outcome(facts: remarks(scene.remarks) + facts + Self.facts(drawing.detail?.tree))
    }

    /// What levels of detail saved, and what they cost.
    private static func facts(_ tree: DetailTree?) -> [Fact] {
        guard let tree else { return [] }
        let statistics = tree.statistics, cuts = max(statistics.cuts, 1)
        func milliseconds(_ seconds: Double) -> Double { (seconds * 100_000).rounded() / 100 }
        return [
            Fact("splats drawn in a view", statistics.drawn / cuts),
            Fact("greatest deviation in pixels", (statistics.deviation * 1000).rounded() / 1000),
            Fact("milliseconds to build the tree", milliseconds(tree.buildSeconds)),
            Fact("milliseconds to cut it for a view", milliseconds(statistics.seconds / Double(cuts))),
        ]
    }

    private func remarks(_ texts: [String]) -> [Fact] { texts.map { Fact("remark", $0) } }

    private func draw(_ cameras: [NamedCamera], _ drawing: SceneDrawing, _ path: String, _ run: RunContext) throws
        -> String
    {
        let rasterizer = try Rasterizer(threads: max(run.workers, ProcessInfo.processInfo.activeProcessorCount))
        if !frames, cameras.count == 1 {
            try run.write(.picture(try drawing.picture(cameras[0].camera, rasterizer)), to: path)
            return path
        }
        if frames { try FileSystem.makeFolders(path) }
        var pictures: [Image] = []
        for (index, camera) in cameras.enumerated() {
            if run.stop.isStopped { throw GeneraError.interrupted("Stopped after \(index) of \(cameras.count) views.") }
            let picture = try drawing.picture(camera.camera, rasterizer)
            if frames {
                let file = "\(path)/\(String(format: "%04d", index)).png"
                try FileSystem.requireWritable(file, force: output.force)
                try run.write(.picture(picture), to: file)
            } else {
                pictures.append(picture)
            }
        }
        guard !frames else { return "\(path)/" }
        try run.write(.animation(Animation(frames: pictures, delay: Int((1000 / fps).rounded()))), to: path)
        return path
    }
}
