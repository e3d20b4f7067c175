import CSplats
import Foundation
import Genera

/// Splats that learn from one view at a time: rendering, loss, derivatives, statistics, and Adam.
public struct SplatLearner {
    /// How.
    public var plan: SplatTraining
    /// The splats as they are now.
    public var trained: TrainedSplats
    /// The radius of the scene, which positions' learning rate and sizes are measured by.
    public let extent: Double
    /// Threads that share the work; the result does not depend on it.
    public let threads: Int
    private let rasterizer: Rasterizer
    /// What pictures are compared by.
    public var loss: ImageLoss
    private var view: [Float] = []
    private var transmittance: [Float] = []
    private var imageGradient: [Float] = []
    private var screen: [Float] = []
    /// Derivatives by all numbers, in the planes of the splats.
    public private(set) var gradients: [Float] = []

    /// A learner.
    ///
    /// - Throws: `GeneraError.unavailable` if there is no memory.
    public init(_ plan: SplatTraining, _ splats: Splats, extent: Double, threads: Int = 1) throws {
        (self.plan, self.extent, self.threads) = (plan, extent, threads)
        trained = TrainedSplats(splats)
        rasterizer = try Rasterizer(threads: threads)
        loss = ImageLoss(plan.loss, threads: threads)
        loss.frequency = FrequencyMask(factor: plan.frequencyScale)
    }

    /// The picture that was drawn last, `[3, height, width]`.
    public var picture: [Float] { view }

    /// Derivatives by u and v in pixels of the last view, `[2, count]`.
    public var screenGradient: [Float] { screen }

    /// Draws a view, compares it with its photograph, and takes the derivatives of the loss. Statistics are kept.
    ///
    /// - Parameters:
    ///   - target: the photograph, `[3, height, width]`.
    ///   - coverage: how much each pixel counts, `[height, width]`; nil for all alike.
    ///   - iteration: counted from 1.
    /// - Throws: `GeneraError.unavailable` if memory runs out.
    public mutating func differentiate(
        _ camera: Camera, target: UnsafePointer<Float>, coverage: UnsafePointer<Float>? = nil, iteration: Int,
        background: [Float], degree: Int? = nil
    ) throws -> ImageLoss.Terms {
        let area = camera.width * camera.height
        if view.count != 3 * area {
            view = Array(repeating: 0, count: 3 * area)
            imageGradient = view
            transmittance = Array(repeating: 0, count: area)
        }
        if gradients.count != trained.splats.storage.count {
            gradients = Array(repeating: 0, count: trained.splats.storage.count)
        }
        if screen.count != 2 * trained.splats.count { screen = Array(repeating: 0, count: 2 * trained.splats.count) }
        var rules = plan.rules(at: iteration)
        if let degree { rules.degree = degree }
        let progress = Double(iteration) / Double(plan.iterations)
        let terms = try drawAndCompare(camera, target, coverage, rules, background, progress)
        let radii = rasterizer.radii(count: trained.splats.count)
        screen.withUnsafeBufferPointer {
            trained.note(radii: radii, screen: $0, width: camera.width, height: camera.height)
        }
        return terms
    }

    private mutating func drawAndCompare(
        _ camera: Camera, _ target: UnsafePointer<Float>, _ coverage: UnsafePointer<Float>?, _ rules: RenderRules,
        _ background: [Float], _ progress: Double
    ) throws -> ImageLoss.Terms {
        try trained.splats.withKernelPlanes { planes in
            try view.withUnsafeMutableBufferPointer { image in
                var picture = SplatPicture()
                picture.planes = image.baseAddress
                picture.background = (background[0], background[1], background[2])
                try rasterizer.draw(planes, camera, rules, into: &picture)
                return try imageGradient.withUnsafeMutableBufferPointer { slope in
                    let terms = loss(
                        render: image.baseAddress!, target: target, coverage: coverage, width: camera.width,
                        height: camera.height, progress: progress, gradient: slope.baseAddress)
                    try gradients.withUnsafeMutableBufferPointer { into in
                        try rasterizer.differentiate(image.baseAddress!, slope.baseAddress!, into.baseAddress!, &screen)
                    }
                    return terms
                }
            }
        }
    }

    /// Moves the splats along the derivatives that `differentiate` found.
    ///
    /// - Parameters:
    ///   - iteration: counted from 1.
    ///   - leavesOpacities: whether opacities stay as they are, as they do in the step that resets them.
    public mutating func step(iteration: Int, leavesOpacities: Bool = false) {
        var rates = plan.rates(at: iteration, extent: extent, planes: trained.splats.planeCount)
        if leavesOpacities { rates[Splats.Plane.opacity] = 0 }
        let radii = rasterizer.radii(count: trained.splats.count)
        gradients.withUnsafeBufferPointer {
            trained.step($0.baseAddress!, rates: rates, seen: plan.isSparse ? radii.baseAddress : nil, threads: threads)
        }
    }

    /// Draws a view and compares it with its photograph, for measures alone.
    ///
    /// - Throws: `GeneraError.unavailable` if memory runs out.
    mutating func compare(
        _ camera: Camera, _ target: [Float], _ rules: RenderRules, background: [Float]
    ) throws -> ImageLoss.Terms {
        let view = try rasterizer.render(trained.splats, camera, rules, background: background)
        rasterizer.forget()
        return loss(
            render: view.planes.map { min(max($0, 0), 1) }, target: target, width: camera.width, height: camera.height,
            wantsSSIM: true)
    }

    /// Adds to the derivatives that `differentiate` found.
    mutating func addGradient(_ plane: Int, _ value: (_ splat: Int) -> Float) {
        for k in 0..<trained.splats.count { gradients[plane * trained.splats.stride + k] += value(k) }
    }
}
