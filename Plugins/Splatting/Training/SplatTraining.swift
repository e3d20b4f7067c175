import Genera

/// How splats are trained: all numbers of the published trainers under the meaning they have there.
public struct SplatTraining: Sendable, Equatable {
    /// Whose numbers these are at first.
    public enum Method: String, Sendable, CaseIterable {
        /// 3D Gaussian splatting (Kerbl et al., 2023).
        case gaussians = "3dgs"
        /// Generalised exponential splatting (Hamdi et al., 2024): shapes that scale, and a loss that looks at edges.
        case ges
    }

    /// How many splats there are and where is decided by.
    public enum Strategy: String, Sendable, CaseIterable {
        /// Cloning, splitting and pruning by what screen gradients say.
        case adaptive
        /// Splats as samples that are moved where they are needed, up to a number (Kheradmand et al., 2024).
        case mcmc
    }

    /// The learning rates of Adam; that of positions is times the scene's extent.
    public struct Rates: Sendable, Equatable {
        /// Positions, at first, at the end, and over how many steps it falls.
        public var position = LogLinearRate(from: 1.6e-4, to: 1.6e-6, steps: 30_000)
        /// The harmonics of degree 0; those above get a twentieth.
        public var feature = 0.0025
        /// Logits of opacities.
        public var opacity = 0.05
        /// Logarithms of scales.
        public var scaling = 0.005
        /// Quaternions.
        public var rotation = 0.001
        /// Shapes.
        public var shape = 0.001
    }

    /// Which method.
    public var method: Method
    /// Which strategy.
    public var strategy = Strategy.adaptive
    /// Steps; the frequencies of the edge loss are stretched over them.
    public var iterations: Int
    /// The greatest degree of harmonics; one more is let in every thousand steps.
    public var degree = 3
    /// Steps between degrees.
    public var degreeInterval = 1000
    /// Learning rates.
    public var rates = Rates()
    /// Weights of the loss.
    public var loss: ImageLoss.Weights
    /// The factor by which pictures are made smaller for the frequency mask.
    public var frequencyScale = 0.2
    /// rho of the shapes' modification function.
    public var shapeStrength: Float = 0.1
    /// Whether shapes are exponents of the kernel itself instead (ours; the published program only scales).
    public var isExponential = false
    /// Cloning, splitting, removing.
    public var densification = Densification()
    /// The steps after which, and until which, it happens, both left out.
    public var densifyFrom = 500, densifyUntil = 15_000
    /// Steps between.
    public var densifyEvery = 100
    /// Steps between resets of opacities to at most a hundredth.
    public var opacityResetEvery = 3000
    /// Steps between resets of shapes, as long as densification goes on.
    public var shapeResetEvery = 1000
    /// The most splats; nil for as many as it takes.
    public var limit: Int?
    /// What is behind the scene.
    public var background: [Float] = [0, 0, 0]
    /// Whether the background is drawn anew for each step.
    public var hasRandomBackground = false
    /// Whether Adam leaves splats alone that a view does not show.
    public var isSparse = false
    /// Whether opacities are lowered as far as the screen filter widens a splat.
    public var isAntialiased = false
    /// Whether derivatives are the published kernels', quirks included.
    public var hasPublishedGradient = false
    /// Numbers of the strategy `mcmc`.
    public var mcmc = MarkovChain()

    /// The published numbers of a method.
    public init(_ method: Method = .gaussians) {
        self.method = method
        iterations = method == .ges ? 40_000 : 30_000
        loss = method == .ges ? .ges : .gaussians
        if method == .ges { densification.gradientThreshold = 0.0003 }
    }

    /// The rules by which views are drawn at a step, counted from 1.
    func rules(at iteration: Int) -> RenderRules {
        var rules = RenderRules(.inria)
        rules.degree = min(degree, iteration / degreeInterval)
        rules.isAntialiased = isAntialiased
        rules.hasPublishedGradient = hasPublishedGradient
        if method == .ges {
            rules.shapeStrength = isExponential ? nil : shapeStrength
            rules.isExponential = isExponential
        }
        return rules
    }

    /// The rules by which the trained scene is drawn.
    var finalRules: RenderRules { rules(at: .max) }

    /// The learning rate of each plane at a step, counted from 1.
    func rates(at iteration: Int, extent: Double, planes: Int) -> [Float] {
        var result = [Float](repeating: Float(rates.feature / 20), count: planes)
        func set(_ first: Int, _ width: Int, _ rate: Double) {
            for plane in first..<first + width { result[plane] = Float(rate) }
        }
        set(Splats.Plane.position, 3, rates.position(iteration) * extent)
        set(Splats.Plane.logScale, 3, rates.scaling)
        set(Splats.Plane.rotation, 4, rates.rotation)
        set(Splats.Plane.opacity, 1, rates.opacity)
        set(Splats.Plane.shape, 1, method == .ges ? rates.shape : 0)
        set(Splats.Plane.harmonics, 3, rates.feature)
        return result
    }

    /// Whether splats are cloned, split and removed after a step, counted from 1.
    func densifies(at iteration: Int) -> Bool {
        iteration > densifyFrom && iteration < densifyUntil && iteration % densifyEvery == 0
    }

    /// Whether opacities are reset after a step.
    func resetsOpacities(at iteration: Int) -> Bool {
        guard strategy == .adaptive, iteration < densifyUntil else { return false }
        let isWhite = background.allSatisfy { $0 == 1 }
        return iteration % opacityResetEvery == 0 || isWhite && iteration == densifyFrom
    }

    /// Whether shapes are reset after a step.
    func resetsShapes(at iteration: Int) -> Bool {
        method == .ges && iteration < densifyUntil && iteration % shapeResetEvery == 0
    }
}
