import Genera

extension PFGMPP.Way {
    /// The nodes and the solver, for a model that takes the levels of a range.
    ///
    /// - Throws: `SamplingError` where the levels and the range have nothing in common.
    func path(within range: ClosedRange<Double>) throws -> SamplingPath {
        switch self {
        case let .solver(solver, levels):
            return SamplingPath(solver: solver.value, nodes: try levels.within(range) + [0])
        case let .generalized(choices):
            let (solver, times) = try choices.solver(within: range)
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
    /// - Throws: `SamplingError.impossible`.
    public func solver(within range: ClosedRange<Double>) throws -> (solver: GeneralizedEDM, times: [Double]) {
        let own = discretization.bounds
        let (low, high) = (max(self.low ?? own.low, range.lowerBound), min(self.high ?? own.high, range.upperBound))
        let schedule: GeneralizedEDM.Schedule =
            switch self.schedule {
            case let .vp(epsilon): .vp(low: low, high: high, epsilon: epsilon)
            case .ve: .ve
            case .linear: .linear
            }
        do {
            let times = try discretization.times(steps, low: low, high: high, schedule: schedule)
            return (GeneralizedEDM(method, schedule: schedule, scaling: scaling, churn: churn), times)
        } catch let error as EDMDiscretization.Impossible {
            throw SamplingError.impossible(error)
        }
    }
}
