import Genera

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Fits flat splats to a picture.
public struct FlatFit: Sendable {
    /// How parameters follow their gradients.
    public enum Optimiser: String, Sendable, CaseIterable {
        /// Kingma and Ba (2015), with 0.9 and 0.999.
        case adam
        /// Xie et al. (2024), with 0.98, 0.92 and 0.99.
        case adan
    }

    /// Where splats begin.
    public enum Beginning: String, Sendable, CaseIterable {
        /// Half where the target has detail, and the others, little by little, where the picture is furthest from it.
        case guided
        /// The paper's: anywhere, in any colour.
        case random
    }

    /// What is made small.
    public enum Loss: String, Sendable, CaseIterable {
        /// The mean square error.
        case mse
        /// 0.8 L1 + 0.2 (1 - SSIM).
        case ssim
    }

    /// Splats.
    public var count = 2000
    /// Steps.
    public var steps = 3000
    /// What their forms are.
    public var form = FlatSplats.Form.cholesky
    /// What they are.
    public var kernel = FlatSplats.Kernel.gaussian
    /// How parameters follow.
    public var optimiser = Optimiser.adam
    /// Where they begin.
    public var beginning = Beginning.guided
    /// What is made small.
    public var loss = Loss.mse
    /// What the learning rates are multiplied by. They begin at 0.2 pixels for places, 0.1 for forms and 0.02 for
    /// colours and shapes, and end at a twentieth.
    public var rate = 1.0
    /// A learning rate for all numbers alike, halved four times on the way, as in the paper; nil for the ones above.
    public var commonRate: Double?
    /// What the beginning is drawn with.
    public var seed: UInt64 = 0
    /// Threads; they do not change the result.
    public var threads = 1

    /// The standard fit.
    public init() {}

    /// Fits a target `[3, height, width]`.
    ///
    /// - Parameter report: hears of the step and the mean square error of the picture, now and then.
    /// - Throws: `GeneraError.interrupted` when `stop` asks to end; `GeneraError.usage` when the numbers go beyond all
    ///   bounds.
    public func splats(
        _ target: [Float], width: Int, height: Int, stop: StopToken = StopToken(),
        report: (_ step: Int, _ meanSquare: Double) -> Void = { _, _ in }
    ) throws -> FlatSplats {
        precondition(target.count == 3 * width * height && count > 0, "A target is [3, height, width].")
        let work = FlatWork(begin(target, width, height), width: width, height: height, target: target)
        (work.threads, work.optimiser) = (threads, optimiser)
        var similarity = ImageLoss(.gaussians, threads: threads)
        let additions = additions
        for step in 0..<steps {
            guard !stop.isStopped else { throw GeneraError.interrupted("The fit was stopped; nothing was written.") }
            let error = work.render()
            if let more = additions[step] {
                let picture = work.picture
                work.change { FlatPlacement.add(&$0, target: target, picture: picture, count: more, seed: seed) }
                continue
            }
            if step % 50 == 0 { report(step, error) }
            if loss == .ssim {
                work.setSlopes(
                    similarity.evaluate(render: work.picture, target: target, width: width, height: height).gradient)
            }
            work.rates = rates(step: step, width, height)
            work.update()
        }
        report(steps, work.render())
        guard work.splats.parameters.allSatisfy(\.isFinite) else {
            throw GeneraError.usage("The fit went astray and its numbers are no longer finite: give a smaller --lr.")
        }
        return work.splats
    }

    private func begin(_ target: [Float], _ width: Int, _ height: Int) -> FlatSplats {
        var splats = FlatSplats(width: width, height: height, count: count, form: form, kernel: kernel)
        if beginning == .random {
            FlatPlacement.random(&splats, seed: seed)
        } else {
            let first = count - additions.values.reduce(0, +)
            FlatPlacement.guided(&splats, target: target, count: first, seed: seed)
        }
        return splats
    }

    /// How many splats come at which step: half of them, in five parts over the first 40 % of the steps.
    private var additions: [Int: Int] {
        guard beginning == .guided, count >= 20, steps >= 100 else { return [:] }
        let part = count / 10
        return Dictionary(uniqueKeysWithValues: (1...5).map { (steps * 2 * $0 / 25, part) })
    }

    private func rates(step: Int, _ width: Int, _ height: Int) -> [Float] {
        let done = Double(step) / Double(steps)
        if let commonRate {
            return Array(
                repeating: Float(commonRate * pow(0.5, (5 * done).rounded(.down))), count: FlatSplats.Plane.count)
        }
        let fall = rate * pow(0.05, done)
        let places = [0.2 * 2 / Double(width), 0.2 * 2 / Double(height)]
        return (places + [0.1, 0.1, form == .rotation ? 0.02 : 0.1, 0.02, 0.02, 0.02, 0.02]).map { Float(fall * $0) }
    }
}
