import Genera

extension PFGMPP.Way {
    /// The nodes and the solver, along levels that a model takes and knows.
    ///
    /// - Throws: `SamplingError` where the levels and the model's range have nothing in common.
    func path(for model: any Denoiser) throws -> SamplingPath {
        let (range, known) = (model.levels, model.known)
        switch self {
        case let .solver(solver, levels):
            let levels = try levels.within(range).map { known?.nearest(to: $0) ?? $0 }
            return SamplingPath(solver: solver.along(known), nodes: solver.nodes(of: levels) + [0])
        case let .generalized(choices):
            let (solver, times) = try choices.solver(within: range, known: known)
            return SamplingPath(solver: solver, nodes: times)
        }
    }
}

extension PFGMPP.Solver {
    /// The solver itself.
    var value: any DenoisingSolver {
        switch self {
        case .euler: Euler()
        case let .heun(churn): Heun(churn: churn)
        case .dpmpp2m: DPMSolverPP(.secondOrder)
        case .dpmpp3m: DPMSolverPP(.thirdOrderPublished)
        case .dpmpp3mFull: DPMSolverPP(.thirdOrderConsistent)
        case let .dpmpp2mSDE(eta, inflation): DPMSolverPPSDE(eta: eta, inflation: inflation)
        case let .unipc(order, variant): UniPC(order: order, variant: variant)
        case let .eulerAncestral(eta): AncestralEuler(eta: eta)
        case let .disturbed(base, alpha): disturbed(base.value, alpha)
        }
    }

    /// The solver itself, for a model that knows some levels alone.
    fileprivate func along(_ known: KnownLevels?) -> any DenoisingSolver {
        guard case var .heun(churn) = self else { return value }
        churn.known = known
        return Heun(churn: churn)
    }

    /// The nodes at which levels are asked for. Rounding may have made some equal: methods that look back on different levels skip
    /// them, the others stay in place as in the reference, whose churn counts them.
    fileprivate func nodes(of levels: [Double]) -> [Double] {
        switch self {
        case .euler, .heun: levels
        default: zip([.infinity] + levels, levels).filter { $0.0 != $0.1 }.map(\.1)
        }
    }

    private func disturbed(_ base: some DenoisingSolver, _ alpha: Double) -> any DenoisingSolver {
        AlphaNoise(base, alpha: alpha)
    }
}

extension PFGMPP.Levels {
    /// The levels, for a model that takes those of a range.
    ///
    /// - Throws: `SamplingError.levelsOutside`.
    func within(_ range: ClosedRange<Double>) throws -> [Double] {
        switch self {
        case let .rho(steps, rho, bounds):
            let (low, high) = try bounds.cut(to: range)
            return NoiseLevels.rho(steps, low: low, high: high, rho: rho)
        case let .logLinear(steps, bounds):
            let (low, high) = try bounds.cut(to: range)
            return NoiseLevels.logLinear(steps, low: low, high: high)
        case let .cosine(steps, bounds):
            let (low, high) = try bounds.cut(to: range)
            return NoiseLevels.cosine(steps, low: low, high: high)
        case let .variancePreserving(steps, bounds):
            let (low, high) = try bounds.cut(to: range)
            return NoiseLevels.variancePreserving(steps, low: low, high: high)
        case let .alignYourSteps(steps, bounds):
            let (low, high) = try bounds.cut(to: range)
            return NoiseLevels.alignYourSteps(steps, low: low, high: high)
        case let .listed(listed, steps):
            let levels = steps.map { NoiseLevels.interpolated(listed, count: $0) } ?? listed
            guard let high = levels.first, let low = levels.last, low > 0,
                zip(levels, levels.dropFirst()).allSatisfy({ $0 > $1 })
            else { throw SamplingError.levelsDoNotFall(listed) }
            guard range.lowerBound <= low, high <= range.upperBound else {
                throw SamplingError.levelsOutside(range, listed: true)
            }
            return levels
        }
    }
}

extension PFGMPP.Bounds {
    /// What lies within a range.
    fileprivate func cut(to range: ClosedRange<Double>) throws -> (low: Double, high: Double) {
        let cut = (low: max(low, range.lowerBound), high: min(high, range.upperBound))
        guard cut.low < cut.high else { throw SamplingError.levelsOutside(range, listed: false) }
        return cut
    }
}

extension PFGMPP.Generalized {
    /// The solver and its times, with the final 0, for a model that takes the levels of a range.
    ///
    /// - Parameter known: the levels that the model knows, to which all are rounded; nil if it knows the whole range.
    /// - Throws: `SamplingError.impossible`.
    public func solver(
        within range: ClosedRange<Double>, known: KnownLevels? = nil
    ) throws -> (solver: GeneralizedEDM, times: [Double]) {
        let own = discretization.bounds
        let (low, high) = (max(self.low ?? own.low, range.lowerBound), min(self.high ?? own.high, range.upperBound))
        let schedule: GeneralizedEDM.Schedule =
            switch self.schedule {
            case let .vp(epsilon): .vp(low: low, high: high, epsilon: epsilon)
            case .ve: .ve
            case .linear: .linear
            }
        do {
            let times = try discretization.times(steps, low: low, high: high, schedule: schedule, known: known)
            var churn = churn
            churn.known = known
            return (GeneralizedEDM(method, schedule: schedule, scaling: scaling, churn: churn), times)
        } catch let error as EDMDiscretization.Impossible {
            throw SamplingError.impossible(error)
        }
    }
}
