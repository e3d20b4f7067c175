import Genera

extension Splatting {
    /// `genera sample splat`: each sample is a view of the scene.
    public struct SamplingOptions: ParsableArguments, Sendable {
        /// A scene of any format, or a run directory.
        @Option(
            help: ArgumentHelp("A scene of any format, or a run directory. (default: --checkpoint)", valueName: "path"),
            completion: .file())
        public var scene: String?
        /// Photographs whose views are drawn, and that they are measured by.
        @OptionGroup(title: "Photographs") public var comparison: ComparisonOptions
        /// Where the scene is seen from.
        @OptionGroup(title: "Camera") public var viewpoint: ViewOptions
        /// How it is drawn.
        @OptionGroup(title: "Drawing") public var drawing: DrawingOptions

        /// For ArgumentParser.
        public init() {}
    }

    /// A sampler of views: those of photographs, of the camera's file, or of a turntable, in order. Views of photographs know what they are
    /// to equal.
    ///
    /// - Throws: what is wrong with scene or cameras, in a sentence.
    public static func sampler(_ options: SamplingOptions, _ run: RunContext) throws -> any Sampler {
        let scene: SplatScene
        if let path = options.scene {
            scene = try Self.scene(at: path, run, dropInvalid: options.drawing.dropInvalid)
        } else {
            scene = try SplatScene(run.model(of: Splatting.self))
        }
        let isCompared = options.comparison.data != nil
        let drawing = SceneDrawing(
            scene, options.drawing, background: isCompared ? options.comparison.background : .color([1, 1, 1]))
        if let views = try ComparedViews(options.comparison, options.viewpoint, drawing, run) {
            for remark in views.remarks { run.progress.report(.warning(remark)) }
            return ViewSampler(drawing: drawing, cameras: views.cameras, views: views)
        }
        var viewpoint = options.viewpoint
        if viewpoint.camera == nil, viewpoint.eye == nil, viewpoint.turntable == nil { viewpoint.turntable = 36 }
        return ViewSampler(
            drawing: drawing, cameras: try viewpoint.cameras(for: scene, drawing.rules, reading: run.input))
    }
}

/// Draws views of a scene, one a sample.
struct ViewSampler: Sampler {
    struct State: BatchState {
        let views: [Int]
        var tensors: [Tensor] { [] }
    }

    let drawing: SceneDrawing
    let cameras: [NamedCamera]
    /// Photographs of the views, where there are any.
    var views: ComparedViews?

    var stepCount: Int { 0 }
    var sampleCount: Int? { cameras.count }
    /// Photographs show colours.
    var hasCounterparts: Bool { views != nil && drawing.channel == .rgb }

    func start(noise: Noise) throws -> State { State(views: noise.samples) }
    func advance(_ state: inout State, step: Int, noise: Noise) throws {}

    func finish(_ state: State) throws -> [Image] {
        let rasterizer = try Rasterizer(threads: 1)
        return try state.views.map { try drawing.picture(cameras[$0].camera, rasterizer) }
    }

    func reference(noise: Noise) throws -> [Image]? {
        guard let views, hasCounterparts else { return nil }
        return try noise.samples.map { index in
            try views.image(index) { try drawing.picture(cameras[index].camera, Rasterizer(threads: 1)) }
        }
    }

    func names(noise: Noise) throws -> [String]? { noise.samples.map { cameras[$0].name } }
}
