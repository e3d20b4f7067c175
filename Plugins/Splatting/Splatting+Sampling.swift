import Genera

extension Splatting {
    /// `genera sample splat`: each sample is a view of the scene.
    public struct SamplingOptions: ParsableArguments, Sendable {
        @Option(help: ArgumentHelp("A scene of any format, or a run directory. (default: --checkpoint)", valueName: "path"), completion: .file())
        public var scene: String?
        @OptionGroup(title: "Camera") public var viewpoint: ViewOptions
        @OptionGroup(title: "Drawing") public var drawing: DrawingOptions

        public init() {}
    }

    /// A sampler of views: those of the camera's file, or of a turntable, in order.
    ///
    /// - Throws: what is wrong with scene or cameras, in a sentence.
    public static func sampler(_ options: SamplingOptions, _ run: RunContext) throws -> any Sampler {
        let scene: SplatScene
        if let path = options.scene {
            scene = try Self.scene(at: path, run, dropInvalid: options.drawing.dropInvalid)
        } else {
            scene = try SplatScene(run.model(of: Splatting.self))
        }
        var viewpoint = options.viewpoint
        if viewpoint.camera == nil, viewpoint.eye == nil, viewpoint.turntable == nil { viewpoint.turntable = 36 }
        let drawing = SceneDrawing(scene, options.drawing)
        return ViewSampler(drawing: drawing, cameras: try viewpoint.cameras(for: scene, drawing.rules, reading: run.input))
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
    var photographs: (@Sendable (Int) throws -> Image)?

    var stepCount: Int { 0 }
    var sampleCount: Int? { cameras.count }
    var hasCounterparts: Bool { photographs != nil }

    func start(noise: Noise) throws -> State { State(views: noise.samples) }
    func advance(_ state: inout State, step: Int, noise: Noise) throws {}

    func finish(_ state: State) throws -> [Image] {
        let rasterizer = try Rasterizer(threads: 1)
        return try state.views.map { try drawing.picture(cameras[$0].camera, rasterizer) }
    }

    func reference(noise: Noise) throws -> [Image]? {
        guard let photographs else { return nil }
        return try noise.samples.map(photographs)
    }
}
