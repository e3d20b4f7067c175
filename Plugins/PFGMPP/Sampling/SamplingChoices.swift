import ArgumentParser
import Genera

/// What stands behind the sampler.
public enum PFGMPPModel: String, ExpressibleByArgument, CaseIterable, Sendable {
    /// A trained network.
    case checkpoint
    /// The closed form for eight points on a circle.
    case analyticPoints = "analytic-points"
    /// The closed form for a mixture of eight Gaussians on a circle.
    case analyticGMM = "analytic-gmm"

    /// The law whose closed form denoises; nil for a network.
    var law: CircleOfEight? {
        switch self {
        case .checkpoint: nil
        case .analyticPoints: .points
        case .analyticGMM: .gaussians
        }
    }
}

/// Solvers by the names used in the literature.
public enum PFGMPPSolver: String, ExpressibleByArgument, CaseIterable, Sendable {
    /// First order.
    case euler
    /// Second order, with churn if asked for.
    case heun
    /// Second order, two guesses.
    case dpmpp2m = "dpmpp-2m"
    /// Three guesses as published.
    case dpmpp3m = "dpmpp-3m"
    /// Three guesses, third order.
    case dpmpp3mFull = "dpmpp-3m-full"
    /// Second order with fresh noise.
    case dpmpp2mSDE = "dpmpp-2m-sde"
    /// Predictor and corrector of one guess.
    case unipc1 = "unipc-1"
    /// Of two guesses.
    case unipc2 = "unipc-2"
    /// Of three guesses.
    case unipc3 = "unipc-3"
    /// First order with fresh noise.
    case eulerAncestral = "euler-a"

    var isUniPC: Bool { rawValue.hasPrefix("unipc") }
}

/// The two choices of B(h) in UniPC.
public enum PFGMPPUniPCVariant: String, ExpressibleByArgument, CaseIterable, Sendable {
    /// B(h) = -h.
    case bh1
    /// B(h) = exp(-h) - 1.
    case bh2
}

/// How the levels of the generalised sampler are spaced.
public enum PFGMPPDiscretization: String, ExpressibleByArgument, CaseIterable, Sendable {
    /// Equal steps of the variance-preserving diffusion's time.
    case vp
    /// Equal ratios.
    case ve
    /// Chosen from the levels of Nichol and Dhariwal (2021).
    case iddpm
    /// The rho schedule.
    case edm
}

/// s(t) of the generalised sampler.
public enum PFGMPPScaling: String, ExpressibleByArgument, CaseIterable, Sendable {
    /// 1 / sqrt(1 + sigma²).
    case vp
    /// 1.
    case none
}

/// How the noise levels between the highest and the lowest are spaced: by a rule, or as a list says.
///
/// On the command line `rho`, `loglinear`, `cosine`, `vp`, `ays`, a file that `genera optimise-schedule` wrote, or the levels
/// themselves with commas between them. A file is read at once and then stands for its levels, so that the recipe of a sample
/// holds those and does not depend on the file.
public struct PFGMPPSchedule: ExpressibleByArgument, Sendable, Equatable, CustomStringConvertible {
    enum Rule: String, CaseIterable {
        /// By a power, 7 unless stated.
        case rho
        /// Equal steps of ln sigma.
        case logLinear = "loglinear"
        /// Equal steps of atan(sigma).
        case cosine
        /// Equal steps of variance-preserving time. Of the generalised sampler: the variance-preserving sigma(t).
        case vp
        /// The optimum for Gaussian data.
        case ays
        /// sigma(t) = sqrt(t), of the generalised sampler alone.
        case ve
        /// sigma(t) = t, of the generalised sampler alone.
        case linear
    }

    enum Content: Equatable {
        case rule(Rule)
        case levels([Double])
        /// A file or list that cannot be used, and why; told when the options are checked.
        case refused(String)
    }

    let content: Content

    /// Reads a rule's name, a file or a list. Nil for a word that is none of them.
    public init?(argument: String) {
        if let rule = Rule(rawValue: argument.lowercased()) ?? (argument == "log-linear" ? .logLinear : nil) {
            content = .rule(rule)
            return
        }
        do {
            if argument.contains(",") || Double(argument) != nil {
                content = .levels(try ScheduleFile.levels(argument))
            } else if argument.contains("/") || argument.contains(".") {
                content = .levels(try ScheduleFile(path: argument).levels)
            } else {
                return nil
            }
        } catch {
            content = .refused("\(error)")
        }
    }

    /// The rule, if this is one.
    var rule: Rule? {
        if case let .rule(rule) = content { return rule }
        return nil
    }

    /// The levels, if they are listed.
    var levels: [Double]? {
        if case let .levels(levels) = content { return levels }
        return nil
    }

    /// The rule's name, or the levels with commas between them.
    public var description: String {
        switch content {
        case let .rule(rule): rule.rawValue
        case let .levels(levels): levels.map { "\($0)" }.joined(separator: ",")
        case let .refused(reason): reason
        }
    }

    /// As it is written on the command line.
    public var defaultValueDescription: String { description }

    /// The rules, and words for what else can be given.
    public static var allValueStrings: [String] { Rule.allCases.map(\.rawValue) + ["FILE.yaml"] }
}
