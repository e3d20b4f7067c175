import ArgumentParser
import Genera

/// How a likelihood is worked out.
struct LikelihoodOptions: ParsableArguments, Sendable {
    @Option(
        help: ArgumentHelp(
            "The bound: lambda_DCE, k_DCE, t_DSE, t_DCE, or all of them. (default: lambda_DCE)", valueName: "name"))
    var loss: String?

    @Option(
        name: [.customLong("monte-carlo"), .customLong("monte_carlo_timesteps")],
        help: ArgumentHelp("Masks that a text is measured under; the paper takes 1024.", valueName: "k"))
    var monteCarlo = 128

    @Option(
        help: ArgumentHelp(
            "The exact likelihood of an order instead, a look a token: forward, backward or random.", valueName: "name")
    )
    var order: OrderName?

    /// Orders that need no file.
    enum OrderName: String, ExpressibleByArgument, CaseIterable, Sendable {
        case forward, backward, random

        var order: RADDSampling.Order {
            switch self {
            case .forward: .forward
            case .backward: .backward
            case .random: .random
            }
        }
    }

    /// Bounds in the order of tables.
    private static let bounds: [MaskingLoss] = [.lambdaDCE, .kDCE, .tDSE, .tDCE]

    func validate() throws {
        guard (1...1_000_000).contains(monteCarlo) else {
            throw ValidationError("--monte-carlo must be 1 to 1,000,000, got \(monteCarlo).")
        }
        guard loss == nil || order == nil else {
            throw ValidationError("--loss is a bound and --order the exact likelihood: take one of them.")
        }
        _ = try losses()
    }

    private func losses() throws -> [MaskingLoss] {
        guard let loss else { return [.lambdaDCE] }
        if loss == "all" { return Self.bounds }
        guard let one = Self.bounds.first(where: { $0.rawValue == loss }) else {
            let known = Self.bounds.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("--loss is one of \(known) or all, not '\(loss)'.")
        }
        return [one]
    }

    /// The ways that were asked for, with their names.
    ///
    /// - Throws: `GeneraError.usage` for a bound of an autoregressive model.
    func ways(_ c: RADDConfiguration) throws -> [(name: String, way: TextLikelihood.Way)] {
        if c.model.isCausal == true {
            guard loss == nil, order == nil else {
                throw GeneraError.usage(
                    "An autoregressive model's likelihood is exact: it takes no --loss and no --order.")
            }
            return [("autoregressive", .causal)]
        }
        if let order { return [("order \(order.rawValue)", .ordered(order.order))] }
        return try losses().map { ($0.rawValue, .bound($0, repetitions: monteCarlo)) }
    }

    /// What a table says of the ways in it.
    func notes(_ ways: [TextLikelihood.Way]) -> [String] {
        ways.compactMap { way in
            switch way {
            case .bound(.tDCE, _):
                "t_DCE has a constant of mean 0 and large spread in it: its single values are no likelihoods."
            case .bound(.tDSE, _): "t_DSE leaves out the times below 0.001, about 0.1 % of the bound."
            default: nil
            }
        }
    }
}
