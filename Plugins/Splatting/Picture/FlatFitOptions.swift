import ArgumentParser
import Genera

/// How flat splats are fitted.
public struct FlatFitOptions: ParsableArguments, Sendable {
    static let mostSplats = 10_000_000

    @Option(name: [.customLong("splats"), .customShort("n")], help: ArgumentHelp("Splats.", valueName: "n"))
    var splats = 2000

    @Option(help: ArgumentHelp("Steps.", valueName: "n"))
    var steps = 3000

    @Option(help: "What a splat is: gaussian, or general, which has an exponent of its own.")
    var kernel = FlatSplats.Kernel.gaussian

    @Option(help: "What covariances are made of: cholesky, or rotation and scales.")
    var form = FlatSplats.Form.cholesky

    @Option(help: "Where splats begin: guided by the picture's detail and then by what still lacks, or random.")
    var begin = FlatFit.Beginning.guided

    @Option(help: "What is made small: mse, or ssim for 0.8 L1 + 0.2 (1 - SSIM).")
    var loss = FlatFit.Loss.mse

    @Option(help: "How parameters follow their gradients: adam or adan.")
    var optimiser = FlatFit.Optimiser.adam

    @Option(
        help: ArgumentHelp(
            "One learning rate for all numbers, halved four times on the way, such as the paper's 0.001. "
                + "(default: one for each kind)",
            valueName: "x"))
    var lr: Double?

    @Option(name: .shortAndLong, help: "What the beginning is drawn with.")
    var seed: UInt64 = 0

    @Option(help: ArgumentHelp("Threads; they do not change the result. (default: one a processor)", valueName: "n"))
    var threads: Int?

    /// For ArgumentParser.
    public init() {}

    /// Refuses values that make no sense, naming the option.
    public func validate() throws {
        func need(_ value: Int, _ name: String, _ limit: Int) throws {
            guard (1...limit).contains(value) else {
                throw ValidationError("--\(name) must be from 1 to \(limit), got \(value).")
            }
        }
        try need(splats, "splats", Self.mostSplats)
        try need(steps, "steps", 10_000_000)
        try need(threads ?? 1, "threads", 1024)
        if let lr, !(lr > 0 && lr.isFinite) { throw ValidationError("--lr must be above 0, got \(lr).") }
    }

    func fit(threads: Int) -> FlatFit {
        var fit = FlatFit()
        (fit.count, fit.steps, fit.kernel, fit.form) = (splats, steps, kernel, form)
        (fit.beginning, fit.loss, fit.optimiser) = (begin, loss, optimiser)
        (fit.commonRate, fit.seed, fit.threads) = (lr, seed, threads)
        return fit
    }
}

extension FlatSplats.Kernel: ExpressibleByArgument {}
extension FlatSplats.Form: ExpressibleByArgument {}
extension FlatFit.Beginning: ExpressibleByArgument {}
extension FlatFit.Loss: ExpressibleByArgument {}
extension FlatFit.Optimiser: ExpressibleByArgument {}
