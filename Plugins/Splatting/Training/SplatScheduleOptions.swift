import Genera

/// The numbers of a training's schedule, under the published trainers' names; what is left out is as they have it.
public struct SplatScheduleOptions: ParsableArguments, Sendable {
    /// The greatest degree of spherical harmonics.
    @Option(
        name: [.customLong("sh-degree"), .customLong("sh_degree")],
        help: ArgumentHelp("The greatest degree of spherical harmonics.", valueName: "0-4"))
    public var shDegree: Int?

    /// Learning rate of positions at first, times the scene's extent.
    @Option(
        name: [.customLong("position-lr-init"), .customLong("position_lr_init")],
        help: ArgumentHelp("Learning rate of positions at first, times the scene's extent.", valueName: "rate"))
    public var positionLrInit: Double?

    /// Learning rate of positions at the end.
    @Option(
        name: [.customLong("position-lr-final"), .customLong("position_lr_final")],
        help: ArgumentHelp("Learning rate of positions at the end.", valueName: "rate"))
    public var positionLrFinal: Double?

    /// What the first steps of positions are multiplied by where there is a delay.
    @Option(
        name: [.customLong("position-lr-delay-mult"), .customLong("position_lr_delay_mult")],
        help: ArgumentHelp(
            "What the first steps of positions are multiplied by where there is a delay.", valueName: "factor"))
    public var positionLrDelayMult: Double?

    /// Steps over which it falls.
    @Option(
        name: [.customLong("position-lr-max-steps"), .customLong("position_lr_max_steps")],
        help: ArgumentHelp("Steps over which it falls.", valueName: "n"))
    public var positionLrMaxSteps: Int?

    /// Learning rate of colours; that of higher harmonics is a twentieth.
    @Option(
        name: [.customLong("feature-lr"), .customLong("feature_lr")],
        help: ArgumentHelp("Learning rate of colours; that of higher harmonics is a twentieth.", valueName: "rate"))
    public var featureLr: Double?

    /// Learning rate of opacities.
    @Option(
        name: [.customLong("opacity-lr"), .customLong("opacity_lr")],
        help: ArgumentHelp("Learning rate of opacities.", valueName: "rate"))
    public var opacityLr: Double?

    /// Learning rate of scales.
    @Option(
        name: [.customLong("scaling-lr"), .customLong("scaling_lr")],
        help: ArgumentHelp("Learning rate of scales.", valueName: "rate"))
    public var scalingLr: Double?

    /// Learning rate of rotations.
    @Option(
        name: [.customLong("rotation-lr"), .customLong("rotation_lr")],
        help: ArgumentHelp("Learning rate of rotations.", valueName: "rate"))
    public var rotationLr: Double?

    /// Learning rate of shapes.
    @Option(
        name: [.customLong("shape-lr"), .customLong("shape_lr")],
        help: ArgumentHelp("Learning rate of shapes.", valueName: "rate"))
    public var shapeLr: Double?

    /// rho of the shapes' modification function.
    @Option(
        name: [.customLong("shape-strength"), .customLong("shape_strength"), .customLong("shape_strngth")],
        help: ArgumentHelp("rho of the shapes' modification function.", valueName: "number"))
    public var shapeStrength: Float?

    /// The share of the extent below which splats are cloned and above which they are split.
    @Option(
        name: [.customLong("percent-dense"), .customLong("percent_dense")],
        help: ArgumentHelp(
            "The share of the extent below which splats are cloned and above which they are split.", valueName: "share")
    )
    public var percentDense: Float?

    /// Weight of 1 - SSIM in the loss.
    @Option(
        name: [.customLong("lambda-dssim"), .customLong("lambda_dssim")],
        help: ArgumentHelp("Weight of 1 - SSIM in the loss.", valueName: "0-1"))
    public var lambdaDssim: Double?

    /// Weight of the edge loss of GES.
    @Option(
        name: [.customLong("lambda-im-laplace"), .customLong("lambda_im_laplace")],
        help: ArgumentHelp("Weight of the edge loss of GES.", valueName: "0-1"))
    public var lambdaImLaplace: Double?

    /// How much smaller the picture is that edges are looked for in.
    @Option(
        name: [.customLong("im-laplace-scale-factor"), .customLong("im_laplace_scale_factor")],
        help: ArgumentHelp("How much smaller the picture is that edges are looked for in.", valueName: "factor"))
    public var imLaplaceScaleFactor: Double?

    /// Steps between cloning, splitting and removing.
    @Option(
        name: [.customLong("densification-interval"), .customLong("densification_interval")],
        help: ArgumentHelp("Steps between cloning, splitting and removing.", valueName: "n"))
    public var densificationInterval: Int?

    /// Steps between resets of opacities.
    @Option(
        name: [.customLong("opacity-reset-interval"), .customLong("opacity_reset_interval")],
        help: ArgumentHelp("Steps between resets of opacities.", valueName: "n"))
    public var opacityResetInterval: Int?

    /// Steps between resets of shapes.
    @Option(
        name: [.customLong("shape-reset-interval"), .customLong("shape_reset_interval")],
        help: ArgumentHelp("Steps between resets of shapes.", valueName: "n"))
    public var shapeResetInterval: Int?

    /// The step after which splats are added.
    @Option(
        name: [.customLong("densify-from-iter"), .customLong("densify_from_iter")],
        help: ArgumentHelp("The step after which splats are added.", valueName: "n"))
    public var densifyFromIter: Int?

    /// The step until which splats are added.
    @Option(
        name: [.customLong("densify-until-iter"), .customLong("densify_until_iter")],
        help: ArgumentHelp("The step until which splats are added.", valueName: "n"))
    public var densifyUntilIter: Int?

    /// The mean screen gradient from which a splat is cloned or split.
    @Option(
        name: [.customLong("densify-grad-threshold"), .customLong("densify_grad_threshold")],
        help: ArgumentHelp("The mean screen gradient from which a splat is cloned or split.", valueName: "number"))
    public var densifyGradThreshold: Float?

    /// Splats of less opacity are removed.
    @Option(
        name: [.customLong("prune-opacity"), .customLong("prune_opacity")],
        help: ArgumentHelp("Splats of less opacity are removed.", valueName: "0-1"))
    public var pruneOpacity: Float?

    /// Leave splats alone that a view does not show (sparse Adam).
    @Flag(help: "Leave splats alone that a view does not show (sparse Adam).")
    public var sparseAdam = false

    /// Lower opacities as far as the screen filter widens splats.
    @Flag(help: "Lower opacities as far as the screen filter widens splats.")
    public var antialiased = false

    /// Take derivatives as the published kernels do where they differ from the true ones.
    @Flag(help: "Take derivatives as the published kernels do where they differ from the true ones.")
    public var publishedGradient = false

    /// Let shapes be exponents of the kernel itself (ours), not factors of scales.
    @Flag(help: "Let shapes be exponents of the kernel itself (ours), not factors of scales.")
    public var exponentialKernel = false

    /// For ArgumentParser.
    public init() {}

    /// Refuses values that make no sense, naming the option.
    public func validate() throws {
        if let shDegree, !(0...4).contains(shDegree) {
            throw ValidationError("--sh-degree must be from 0 to 4, got \(shDegree).")
        }
        let counts = [
            ("position-lr-max-steps", positionLrMaxSteps), ("densification-interval", densificationInterval),
            ("opacity-reset-interval", opacityResetInterval), ("shape-reset-interval", shapeResetInterval),
        ]
        for (name, value) in counts {
            if let value, value < 1 { throw ValidationError("--\(name) must be at least 1, got \(value).") }
        }
        let numbers = [
            ("position-lr-init", positionLrInit), ("position-lr-final", positionLrFinal), ("feature-lr", featureLr),
            ("opacity-lr", opacityLr), ("scaling-lr", scalingLr), ("rotation-lr", rotationLr), ("shape-lr", shapeLr),
        ]
        for (name, value) in numbers {
            if let value, !(value >= 0 && value.isFinite) {
                throw ValidationError("--\(name) must be 0 or more, got \(value).")
            }
        }
        let shares = [("lambda-dssim", lambdaDssim), ("lambda-im-laplace", lambdaImLaplace)]
        for (name, value) in shares {
            if let value, !(0...1).contains(value) {
                throw ValidationError("--\(name) must be from 0 to 1, got \(value).")
            }
        }
        if let factor = imLaplaceScaleFactor, !(factor > 0 && factor <= 1) {
            throw ValidationError("--im-laplace-scale-factor must be more than 0 and at most 1, got \(factor).")
        }
    }

    func apply(to plan: inout SplatTraining) {
        if let shDegree { plan.degree = shDegree }
        if let positionLrInit { plan.rates.position.initial = positionLrInit }
        if let positionLrFinal { plan.rates.position.final = positionLrFinal }
        if let positionLrDelayMult { plan.rates.position.delayShare = positionLrDelayMult }
        if let positionLrMaxSteps { plan.rates.position.steps = positionLrMaxSteps }
        if let featureLr { plan.rates.feature = featureLr }
        if let opacityLr { plan.rates.opacity = opacityLr }
        if let scalingLr { plan.rates.scaling = scalingLr }
        if let rotationLr { plan.rates.rotation = rotationLr }
        if let shapeLr { plan.rates.shape = shapeLr }
        if let shapeStrength { plan.shapeStrength = shapeStrength }
        if let percentDense { plan.densification.percentDense = percentDense }
        if let lambdaDssim { plan.loss.dissimilarity = lambdaDssim }
        if let lambdaImLaplace { plan.loss.frequency = lambdaImLaplace }
        if let imLaplaceScaleFactor { plan.frequencyScale = imLaplaceScaleFactor }
        if let densificationInterval { plan.densifyEvery = densificationInterval }
        if let opacityResetInterval { plan.opacityResetEvery = opacityResetInterval }
        if let shapeResetInterval { plan.shapeResetEvery = shapeResetInterval }
        if let densifyFromIter { plan.densifyFrom = densifyFromIter }
        if let densifyUntilIter { plan.densifyUntil = densifyUntilIter }
        if let densifyGradThreshold { plan.densification.gradientThreshold = densifyGradThreshold }
        if let pruneOpacity { plan.densification.leastOpacity = pruneOpacity }
        plan.isSparse = sparseAdam
        plan.isAntialiased = antialiased
        plan.hasPublishedGradient = publishedGradient
        plan.isExponential = exponentialKernel
    }
}
