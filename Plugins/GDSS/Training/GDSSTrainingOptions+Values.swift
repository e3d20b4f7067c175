import ArgumentParser
import Genera

extension GDSSTrainingOptions {
    /// The trainer that the options ask for.
    ///
    /// - Throws: what is wrong with data or options, in a sentence.
    func trainer(_ run: RunContext) throws -> GDSSTrainer {
        let set = try TrainingGraphs(data, count: graphs, features: features, atoms: atoms, run)
        let held = Int(testSplit * Double(set.graphs.count))
        guard held < set.graphs.count else {
            throw GeneraError.usage("\(data) has no graphs left to learn from beside the \(held) that are held back.")
        }
        let all = try EncodedGraphs(set.graphs, set.features, features: maxFeatNum, atoms: set.atoms)
        func part(_ range: Range<Int>) throws -> EncodedGraphs {
            try EncodedGraphs(Array(set.graphs[range]), set.features, features: all.features, atoms: set.atoms)
        }
        let (test, train) = try (part(0..<held), part(held..<set.graphs.count))
        let nodes = maxNodeNum ?? all.largest
        if let culprit = set.graphs.firstIndex(where: { $0.nodes.count > nodes }) {
            throw GeneraError.usage(
                "Graph \(culprit + 1) of \(data) has \(set.graphs[culprit].nodes.count) nodes, more than --max-node-num \(nodes)."
            )
        }
        let design = try design(set, nodes: nodes, features: all.features, sizes: train.sizes)
        return try GDSSTrainer(design, training, data: train, test: test, seed: run.seed)
    }

    private func design(_ set: TrainingGraphs, nodes: Int, features: Int, sizes: [[Int]]) throws -> GDSSConfiguration {
        var x = ScoreNetworkConfiguration(networkX, features: features, layers: depth, hidden: nhid)
        var adj = ScoreNetworkConfiguration(networkAdj, features: features, layers: numLayers, hidden: nhid)
        func fill(_ c: inout ScoreNetworkConfiguration) {
            c.linears = numLinears
            (c.initialChannels, c.hiddenChannels, c.finalChannels) = (cInit, cHid, cFinal)
            (c.attention, c.heads, c.convolution) = (adim, numHeads, conv)
        }
        fill(&x)
        fill(&adj)
        let result = try GDSSConfiguration(
            data: .init(
                name: set.name, nodes: nodes, features: features, featureKind: set.features, atoms: set.atoms,
                sizes: sizes),
            sde: .init(x: equation(sdeX, "--sde-x"), adj: equation(sdeAdj, "--sde-adj")),
            networks: .init(x: x, adj: adj), sampling: sampling)
        try result.check()
        try result.sde.x.check(result.sampling)
        try result.sde.adj.check(result.sampling)
        for sde in [result.sde.x, result.sde.adj] where !(sde.marginal(Float(trainEps)).deviation > 0) {
            throw GeneraError.usage(
                "At time \(trainEps) \(sde.kind.rawValue) has less noise than float32 numbers tell from none: "
                    + "begin at a later time (--train-eps), such as 1e-5.")
        }
        return result
    }

    private var sampling: GDSSSampling {
        var s = GDSSSampling()
        (s.predictor, s.corrector, s.snr, s.scale) =
            (drawing.predictor, drawing.corrector, drawing.snr, drawing.scaleEps)
        s.usesAverage = drawing.useEma && save == .both
        s.together = min(batchSize, 128)
        return s
    }

    private var training: GDSSTraining {
        var t = GDSSTraining()
        (t.epochs, t.batch, t.rate, t.rateDecay) = (epochs, batchSize, lr, lrDecay)
        (t.weightDecay, t.isDecoupled, t.clip) = (weightDecay, decoupled, gradNorm == 0 ? nil : gradNorm)
        (t.average, t.edgeWeight, t.reduction) = (emaDecay, edgeWeight, reduceMean ? .mean : loss)
        (t.earliest, t.kept, t.part) = (Float(trainEps), save, part)
        return t
    }

    /// `VP:0.1:1` as an equation.
    private func equation(_ text: String, _ option: String) throws -> GraphSDE {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, let low = Float(parts[1]), let high = Float(parts[2]) else {
            throw GeneraError.usage("\(option) takes kind, low and high, for example VP:0.1:1, not '\(text)'.")
        }
        guard let kind = GraphSDE.Kind.allCases.first(where: { $0.rawValue.lowercased() == parts[0].lowercased() })
        else {
            throw GeneraError.usage(
                "\(option): there is no SDE '\(parts[0])'. Known are \(GraphSDE.Kind.allCases.map(\.rawValue).joined(separator: ", "))."
            )
        }
        return try GraphSDE(kind, low: low, high: high, steps: numScales)
    }
}
