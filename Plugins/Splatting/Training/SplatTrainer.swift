import Foundation
import Genera

/// Trains a scene from posed photographs, a view a step, in the published order: render, compare, derive, count, clone and remove, reset, move.
public final class SplatTrainer: Trainer, @unchecked Sendable {
    /// How.
    public let plan: SplatTraining
    /// Photographs that are learned from.
    public let train: Photographs
    /// Photographs that are held out; nil where there are none.
    public let test: Photographs?
    /// Which way is up, for those who look at the scene later; nil if nobody knows.
    public let up: [Double]?
    private var learner: SplatLearner

    /// A trainer.
    ///
    /// - Parameter extent: the radius of the scene, which the steps of positions and sizes are measured by.
    /// - Throws: `GeneraError.usage` without photographs, `GeneraError.unavailable` without memory.
    public init(
        _ plan: SplatTraining, start: Splats, train: Photographs, test: Photographs? = nil, extent: Double,
        up: [Double]? = nil, threads: Int = 1
    ) throws {
        guard !train.views.isEmpty else { throw GeneraError.usage("There are no photographs to train from.") }
        guard start.count > 0 else { throw GeneraError.usage("There are no points to begin from.") }
        (self.plan, self.train, self.test, self.up) = (plan, train, test, up)
        learner = try SplatLearner(plan, start, extent: extent, threads: threads)
    }

    /// Degree of harmonics, the screen filter and the upward direction, JSON.
    public var configuration: String { scene.checkpoint().configuration }
    /// The steps of the plan.
    public var stepCount: Int { plan.iterations }
    /// A view a step, each once before any comes again.
    public var order: BatchOrder { .endless(samples: train.views.count, batch: 1) }

    /// The scene as it is now.
    public var scene: SplatScene {
        var scene = SplatScene(learner.trained.splats, isAntialiased: plan.isAntialiased)
        scene.up = up
        return scene
    }

    /// One view: render, compare, derive, count, densify, reset, move.
    ///
    /// - Throws: errors of photographs and of memory.
    public func advance(_ step: TrainingStep) throws -> [Metric] {
        let iteration = step.number + 1, index = step.indices[0]
        let photograph = try train.photograph(index)
        let background = try background(step)
        let target = photograph.planes(over: background, isRandom: plan.hasRandomBackground)
        let camera = train.views[index].camera
        let terms = try target.withUnsafeBufferPointer { target in
            guard let mask = photograph.mask else {
                return try learner.differentiate(
                    camera, target: target.baseAddress!, iteration: iteration, background: background)
            }
            return try mask.withUnsafeBufferPointer {
                try learner.differentiate(
                    camera, target: target.baseAddress!, coverage: $0.baseAddress, iteration: iteration,
                    background: background)
            }
        }
        guard terms.loss.isFinite else { throw GeneraError.software("The loss of step \(iteration) is \(terms.loss).") }
        let isRebuilt: Bool
        switch plan.strategy {
        case .adaptive: isRebuilt = try adapt(iteration, step)
        case .mcmc: isRebuilt = try chain(iteration, step)
        }
        // Numbers that were just rebuilt have no derivatives yet, and wait for the next step.
        if !isRebuilt { learner.step(iteration: iteration, leavesOpacities: plan.resetsOpacities(at: iteration)) }
        if plan.strategy == .mcmc { try shake(iteration, step) }
        return [
            .mean("loss", terms.loss), .latest("psnr", terms.psnr),
            .latest("splats", Double(learner.trained.splats.count)),
        ]
    }

    private func background(_ step: TrainingStep) throws -> [Float] {
        guard plan.hasRandomBackground else { return plan.background }
        return try step.noise.uniform([3], at: .start(draw: 7)).array(of: Float.self)
    }

    private func adapt(_ iteration: Int, _ step: TrainingStep) throws -> Bool {
        var isRebuilt = false
        if plan.densifies(at: iteration) {
            _ = try plan.densification.apply(
                to: &learner.trained, extent: Float(learner.extent), removesLarge: iteration > plan.opacityResetEvery,
                limit: plan.limit ?? .max
            ) { try step.noise.normal([$0, 3], at: .start).array(of: Float.self) }
            isRebuilt = true
        }
        if plan.resetsOpacities(at: iteration) { learner.trained.resetOpacities() }
        if plan.resetsShapes(at: iteration) { learner.trained.resetShapes() }
        return isRebuilt
    }

    private func chain(_ iteration: Int, _ step: TrainingStep) throws -> Bool {
        let mcmc = plan.mcmc, splats = learner.trained.splats, N = Float(splats.count)
        learner.addGradient(Splats.Plane.opacity) { k in
            let opacity = 1 / (1 + exp(-splats[Splats.Plane.opacity, k]))
            return mcmc.opacityWeight * opacity * (1 - opacity) / N
        }
        for axis in Splats.Plane.logScale..<Splats.Plane.logScale + 3 {
            learner.addGradient(axis) { mcmc.scaleWeight * exp(splats[axis, $0]) / (3 * N) }
        }
        guard iteration > mcmc.from, iteration < mcmc.until, iteration % mcmc.every == 0 else { return false }
        var draw = 0
        _ = try mcmc.refine(&learner.trained) { count in
            draw += 1
            return count == 0 ? [] : try step.noise.uniform([count], at: .start(draw: draw)).array(of: Float.self)
        }
        return true
    }

    private func shake(_ iteration: Int, _ step: TrainingStep) throws {
        let rate = Float(plan.rates.position(iteration) * learner.extent)
        let normal = try step.noise.normal([learner.trained.splats.count, 3], at: .start(draw: 9)).array(of: Float.self)
        plan.mcmc.shake(&learner.trained.splats, rate: rate, normal: normal)
    }

    /// The splats, what Adam remembers of each, and the statistics.
    public var state: [(name: String, tensor: Tensor)] {
        let trained = learner.trained, splats = trained.splats
        func planes(_ values: [Float]) -> Tensor { Tensor(values, shape: [splats.planeCount, splats.stride]) }
        func column(_ values: [Float]) -> Tensor { Tensor(values, shape: [splats.count]) }
        return [
            ("splats", planes(splats.storage)), ("adam.first", planes(trained.moments.first)),
            ("adam.second", planes(trained.moments.second)), ("adam.steps", Tensor(trained.steps)),
            ("gradient-sums", column(trained.gradientSums)), ("times-seen", column(trained.timesSeen)),
            ("largest-radii", column(trained.largestRadii)),
        ]
    }

    /// Takes over a state that was saved.
    ///
    /// - Throws: `GeneraError.badData` for a state of something else.
    public func restore(_ state: TrainingState) throws {
        learner.trained = try TrainedSplats(state, degree: plan.degree)
    }

    /// The scene as it is now.
    public func model() throws -> ModelCheckpoint { scene.checkpoint() }

    /// The numbers that are trained.
    public var parameterCount: Int {
        learner.trained.splats.count * (learner.trained.splats.planeCount - (plan.method == .ges ? 0 : 1))
    }

    /// A sampler of the views that are held out, or of those that are learned from.
    public func sampler() throws -> (any Sampler)? {
        let views = test ?? train
        return ViewSampler(
            drawing: SceneDrawing(scene, plan.finalRules, over: plan.background),
            cameras: views.views.map { NamedCamera($0.name, $0.camera) })
    }

    /// PSNR and SSIM on the views that are held out; nothing where there are none.
    public func assess() throws -> [Metric] {
        guard let test else { return [] }
        var (psnr, ssim) = (0.0, 0.0)
        for index in test.views.indices {
            let terms = try learner.compare(
                test.views[index].camera,
                test.photograph(index).planes(over: plan.background, isRandom: plan.hasRandomBackground),
                plan.finalRules, background: plan.background)
            (psnr, ssim) = (psnr + terms.psnr, ssim + terms.ssim)
        }
        let count = Double(test.views.count)
        return [.latest("test-psnr", psnr / count), .latest("test-ssim", ssim / count)]
    }
}

extension TrainedSplats {
    /// Splats of a state that was saved.
    ///
    /// - Throws: `GeneraError.badData` for a state of something else.
    init(_ state: TrainingState, degree: Int) throws {
        let columns = try state.tensor("times-seen").array(of: Float.self)
        var splats = Splats(count: columns.count, degree: degree)
        func planes(_ name: String) throws -> [Float] {
            let tensor = try state.tensor(name)
            guard tensor.shape == [splats.planeCount, splats.stride] else {
                throw GeneraError.badData(
                    file: state.file,
                    reason: "'\(name)' is \(tensor.shape), not [\(splats.planeCount), \(splats.stride)]",
                    advice: "go on with the options the run was begun with")
            }
            return try tensor.array(of: Float.self)
        }
        splats.storage = try planes("splats")
        self.init(splats)
        moments = (try planes("adam.first"), try planes("adam.second"))
        steps = try state.count("adam.steps")
        timesSeen = columns
        gradientSums = try state.tensor("gradient-sums").array(of: Float.self)
        largestRadii = try state.tensor("largest-radii").array(of: Float.self)
        guard gradientSums.count == columns.count, largestRadii.count == columns.count else {
            throw GeneraError.badData(
                file: state.file, reason: "holds statistics of another number of splats", advice: "the file is damaged")
        }
    }
}

extension Photograph {
    /// The pixels over a background. Photographs that are put over changing ones were read over black.
    func planes(over background: [Float], isRandom: Bool) -> [Float] {
        guard isRandom, let alpha else { return planes }
        let area = width * height
        var result = planes
        for channel in 0..<3 {
            for pixel in 0..<area { result[channel * area + pixel] += (1 - alpha[pixel]) * background[channel] }
        }
        return result
    }
}
