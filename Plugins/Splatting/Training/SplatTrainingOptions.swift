import Genera

/// How a scene is trained, in words. The published trainers' names are taken too, with underscores.
public struct SplatTrainingOptions: ParsableArguments, Sendable {
    /// Posed photographs: a COLMAP project, NeRF's transforms_train.json, or nerfstudio's transforms.json.
    @Option(
        name: [.customLong("data"), .customShort("s"), .customLong("source-path"), .customLong("source_path")],
        help: ArgumentHelp(
            "Posed photographs: a COLMAP project, NeRF's transforms_train.json, or nerfstudio's transforms.json.",
            valueName: "folder"),
        completion: .directory)
    public var data: String

    /// 3D Gaussians, or generalised exponentials.
    @Option(help: "3D Gaussians, or generalised exponentials.")
    public var method = SplatTraining.Method.gaussians

    /// How splats are added: where gradients are large (adaptive), or as samples of a chain (mcmc).
    @Option(help: "How splats are added: where gradients are large (adaptive), or as samples of a chain (mcmc).")
    public var strategy = SplatTraining.Strategy.adaptive

    /// Steps.
    @Option(help: ArgumentHelp("Steps. (default: the method's)", valueName: "n"))
    public var iterations: Int?

    /// The most splats there may be.
    @Option(
        name: [.customLong("max-splats"), .customLong("cap-max"), .customLong("cap_max")],
        help: ArgumentHelp("The most splats there may be. (default: no limit; mcmc 1,000,000)", valueName: "n"))
    public var maxSplats: Int?

    /// The folder of photographs of a COLMAP project.
    @Option(
        name: [.customShort("i"), .customLong("images")],
        help: ArgumentHelp("The folder of photographs of a COLMAP project. (default: images)", valueName: "folder"))
    public var images: String?

    /// A folder of masks, white where a photograph counts.
    @Option(
        help: ArgumentHelp(
            "A folder of masks, white where a photograph counts. (default: masks, if there is one)", valueName: "folder"
        ))
    public var masks: String?

    /// Count pixels by their alpha, instead of putting them over the background.
    @Flag(help: "Count pixels by their alpha, instead of putting them over the background.")
    public var alphaMask = false

    /// Divide photographs by 1, 2, 4 or 8, or give a width.
    @Option(
        name: [.customShort("r"), .customLong("resolution")],
        help: ArgumentHelp(
            "Divide photographs by 1, 2, 4 or 8, or give a width. (default: at most 1,600 wide)", valueName: "n"))
    public var resolution = -1

    /// White behind the scene instead of black.
    @Flag(
        name: [.customShort("w"), .customLong("white-background"), .customLong("white_background")],
        help: "White behind the scene instead of black.")
    public var whiteBackground = false

    /// Another colour behind the scene in each step.
    @Flag(
        name: [.customLong("random-background"), .customLong("random_background")],
        help: "Another colour behind the scene in each step.")
    public var randomBackground = false

    /// Keep photographs for tests out of training and measure on them: the data set's, or every eighth.
    @Flag(
        name: .customLong("eval"),
        help: "Keep photographs for tests out of training and measure on them: the data set's, or every eighth.")
    public var isEvaluated = false

    /// With --eval keep one of so many photographs, where the data set does not say which.
    @Option(
        name: [.customLong("test-every"), .customLong("test_every")],
        help: ArgumentHelp(
            "With --eval keep one of so many photographs, where the data set does not say which. (default: 8)",
            valueName: "n"))
    public var testEvery: Int?

    /// What is done about lenses that distort: refused, an error; removed, taken out of photographs as they are read; ignored.
    @Option(
        help:
            "What is done about lenses that distort: refused, an error; removed, taken out of photographs as they are read; ignored."
    )
    public var distortion = CameraReading.Distortion.refused

    /// Begin from the splats of this scene instead of points.
    @Option(
        help: ArgumentHelp("Begin from the splats of this scene instead of points.", valueName: "scene"),
        completion: .file())
    public var start: String?

    /// The numbers of the schedule.
    @OptionGroup(title: "Schedule") public var schedule: SplatScheduleOptions

    /// For ArgumentParser.
    public init() {}

    /// Refuses values that make no sense, naming the option.
    public func validate() throws {
        guard (1...BatchOrder.mostSteps).contains(iterations ?? 1) else {
            throw ValidationError("--iterations must be at least 1, got \(iterations ?? 0).")
        }
        guard (1...100_000_000).contains(maxSplats ?? 1) else {
            throw ValidationError("--max-splats must be from 1 to 100,000,000, got \(maxSplats ?? 0).")
        }
        if whiteBackground, randomBackground {
            throw ValidationError("--white-background and --random-background exclude each other.")
        }
        guard (2...1_000_000).contains(testEvery ?? 2) else {
            throw ValidationError("--test-every must be from 2 to 1,000,000, got \(testEvery ?? 0).")
        }
        if testEvery != nil, !isEvaluated {
            throw ValidationError("--test-every says which photographs --eval keeps: give --eval too.")
        }
        _ = try ViewReading.Resolution(number: resolution)
    }

    /// The numbers that the words stand for.
    public var plan: SplatTraining {
        var plan = SplatTraining(method)
        plan.strategy = strategy
        if let iterations { plan.iterations = iterations }
        if let maxSplats {
            plan.limit = maxSplats
            plan.mcmc.limit = maxSplats
        }
        if whiteBackground { plan.background = [1, 1, 1] }
        plan.hasRandomBackground = randomBackground
        schedule.apply(to: &plan)
        return plan
    }
}

extension SplatTraining.Method: ExpressibleByArgument {}
extension SplatTraining.Strategy: ExpressibleByArgument {}
