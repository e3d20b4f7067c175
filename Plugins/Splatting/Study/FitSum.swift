import CSplats

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A sum of components that Adam fits to a curve, in float32, by the mean square error.
public struct FitSum: Sendable {
    /// The greatest number of components.
    public static let limit = 256

    /// What it is made of.
    public let model: FitModel
    /// Components.
    public let count: Int
    /// Whether weights are positive, by softplus.
    public let isPositive: Bool
    /// How spreads are kept.
    public let mode: FitMode
    /// `[4, count]`: means, spreads, weights and betas, as they are trained.
    public private(set) var parameters: [Float]
    /// The learning rate of Adam, whose betas are 0.9 and 0.999.
    public var learningRate: Float = 0.01
    /// Steps taken.
    public private(set) var steps = 0
    var sparedLevels = 0
    private var moments: [Float]

    /// A sum with these means, spreads, weights and betas; spreads become logarithms for the stable mode.
    public init(
        _ model: FitModel, means: [Float], spreads: [Float], weights: [Float], betas: [Float], isPositive: Bool,
        mode: FitMode = .reference
    ) {
        count = means.count
        precondition(spreads.count == count && weights.count == count && (1...Self.limit).contains(count))
        (self.model, self.isPositive, self.mode) = (model, isPositive, mode)
        let kept = mode == .stable ? spreads.map { log(max($0, 1e-4)) } : spreads
        let shapes = betas.isEmpty ? [Float](repeating: 0, count: count) : betas
        precondition(shapes.count == count)
        parameters = means + kept + weights + shapes
        moments = Array(repeating: 0, count: 8 * count)
    }

    /// The sum at places, and the loss against heights with dL / d parameters, `[4, count]`.
    public func evaluate(
        at x: [Float], against y: [Float]
    ) -> (values: [Float], loss: Float, gradient: [Float]) {
        precondition(x.count == y.count)
        var copy = self
        var values = [Float](repeating: 0, count: x.count)
        var gradient = [Float](repeating: 0, count: 4 * count)
        let loss = copy.withJob(x, y) { job in splat_fit_evaluate(&job, &values, &gradient) }
        return (values, loss, gradient)
    }

    /// Takes steps, up to the first whose loss is not finite.
    ///
    /// - Returns: the loss before each of them; fewer, with the loss that ended it as the
    ///   last, where one was not finite.
    public mutating func fit(_ x: [Float], _ y: [Float], steps count: Int) -> [Float] {
        precondition(x.count == y.count)
        var losses = [Float](repeating: 0, count: count)
        let taken = withJob(x, y) { job in splat_fit_steps(&job, Int32(count), &losses) }
        steps += Int(taken)
        return Array(losses.prefix(Int(taken) + (Int(taken) < count ? 1 : 0)))
    }

    private mutating func withJob<Result>(
        _ x: [Float], _ y: [Float], _ body: (inout splat_fit_job) -> Result
    ) -> Result {
        let (taken, positive, stable) = (Int32(steps), isPositive ? Int32(1) : 0, mode == .stable ? Int32(1) : 0)
        let (components, code, rate, spared) = (Int32(count), model.code, learningRate, Int32(sparedLevels))
        return x.withUnsafeBufferPointer { x in
            y.withUnsafeBufferPointer { y in
                parameters.withUnsafeMutableBufferPointer { parameters in
                    moments.withUnsafeMutableBufferPointer { moments in
                        var job = splat_fit_job(
                            model: code, components: components, is_positive: positive, is_stable: stable,
                            points: Int32(x.count), x: x.baseAddress!, y: y.baseAddress!, learning_rate: rate,
                            parameters: parameters.baseAddress!, moments: moments.baseAddress!, steps: taken,
                            spared_levels: spared)
                        return body(&job)
                    }
                }
            }
        }
    }
}
