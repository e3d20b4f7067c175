import Genera

extension Splatting: TrainingFamily {
    /// How a scene is trained, in words.
    public typealias TrainingOptions = SplatTrainingOptions

    /// A draft, the published trainers' first stop, and all their steps.
    public static let presets = [
        TrainingPreset(
            "draft", for: "a first look; two or three minutes on two cores",
            "--iterations 2000 --sh-degree 1 --max-splats 30000 --densify-grad-threshold 0.0003"),
        TrainingPreset("standard", for: "7,000 steps, where published tables begin", "--iterations 7000"),
        TrainingPreset("paper", for: "all published steps: 30,000, of GES 40,000"),
    ]

    /// The standard, whatever the data.
    public static func preset(for options: SplatTrainingOptions, _ run: RunContext) -> PresetChoice? {
        PresetChoice("standard", because: "nothing else was asked for")
    }

    /// A trainer of a scene.
    ///
    /// - Throws: what is wrong with options or data, in a sentence.
    public static func trainer(_ options: SplatTrainingOptions, _ run: RunContext) throws -> any Trainer {
        let plan = options.plan
        var reading = ViewReading()
        reading.resolution = try .init(number: options.resolution)
        reading.images = options.images
        if let masks = options.masks { reading.masks = .folder(masks) }
        reading.isEvaluated = options.isEvaluated
        if let every = options.testEvery { reading.testEvery = every }
        reading.seed = run.seed
        reading.cameras = CameraReading(isCentred: true, distortion: options.distortion)
        let views = try PosedViews.read(path: options.data, reading)
        for remark in views.remarks { run.progress.report(.warning(remark)) }
        let loading = Photograph.Loading(
            background: plan.hasRandomBackground ? [0, 0, 0] : plan.background.map(Double.init),
            takesAlphaAsMask: options.alphaMask)
        let threads = run.workers
        let train = Photographs(views.train, loading), held = views.test.isEmpty ? views.val : views.test
        try train.load(workers: threads)
        let first = try start(options, plan, views)
        let camera = views.train[0].camera
        run.progress.report(
            .news(
                "\(views.train.count) photographs of \(camera.width)x\(camera.height) to learn from, \(held.count) to test with; "
                    + "\(first.count) splats at first, \(plan.iterations) steps; \(threads) threads"))
        return try SplatTrainer(
            plan, start: first, train: train,
            test: held.isEmpty ? nil : Photographs(held, loading), extent: views.extent.radius, up: views.up,
            threads: threads)
    }

    private static func start(_ options: SplatTrainingOptions, _ plan: SplatTraining, _ views: PosedViews) throws
        -> Splats
    {
        if let path = options.start { return try SplatScene.read(path).splats.raised(to: plan.degree) }
        let isChain = plan.strategy == .mcmc
        return Splats(
            points: views.points.positions, colors: views.points.colours, degree: plan.degree,
            opacity: isChain ? MarkovChain.initialOpacity : 0.1, scale: isChain ? MarkovChain.initialScale : 1)
    }
}

extension PosedViews {
    /// Which way is up: the mean of the cameras' own upward directions, or the axis that it nearly is. Nil where they disagree.
    var up: [Double]? {
        let sum = train.reduce([0.0, 0, 0]) { sum, view in (0..<3).map { sum[$0] - view.camera.rotation[3 + $0] } }
        let length = sum.reduce(0) { $0 + $1 * $1 }.squareRoot()
        guard length > 0.2 * Double(train.count) else { return nil }
        let up = sum.map { $0 / length }
        // Cameras around a thing stand over it more often than under it: what is nearly an axis is that axis.
        if let axis = (0..<3).first(where: { abs(up[$0]) > 0.9 }) {
            return (0..<3).map { $0 == axis ? (up[axis] > 0 ? 1 : -1) : 0 }
        }
        return up
    }
}

extension Splats {
    /// The same splats with room for harmonics up to a degree; what is above it is left out.
    func raised(to degree: Int) -> Splats {
        var result = Splats(count: count, degree: degree)
        for plane in 0..<min(planeCount, result.planeCount) {
            for k in 0..<count { result[plane, k] = self[plane, k] }
        }
        return result
    }
}
