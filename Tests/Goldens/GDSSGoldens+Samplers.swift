import GDSS
import Genera
import GeneraTesting

extension GDSSGoldens {
    /// The sampler that a case describes, over the networks as inference uses them.
    private static func sampler(_ one: GoldenCase, _ flags: Tensor, _ replay: any GraphNoise) throws
        -> GDSSSampler<NoisyGraph>
    {
        let file = try checkpoint(one.text("checkpoint"))
        var sampling = GDSSSampling()
        let predictor = try one.text("predictor")
        sampling.predictor = GDSSSampling.Predictor(rawValue: predictor) ?? .euler
        sampling.corrector = try one.text("corrector") == "Langevin" ? .langevin : .none
        (sampling.snr, sampling.scale) = try (Float(one.real("snr")), Float(one.real("scale_eps")))
        sampling.corrections = one.config["n_steps"]?.integer ?? 1
        sampling.end = Float(try one.real("eps"))
        sampling.usesAverage = one.config["use_ema"] == .bool(true)
        sampling.isFlow = one.config["probability_flow"] == .bool(true)
        sampling.removesNoise = one.config["noise_removal"] != .bool(false)
        var sde = file.configuration.sde
        if one.config["sde"] != nil {
            sde = try .init(x: GraphSDE(one.config["sde"]?["x"]), adj: GraphSDE(one.config["sde"]?["adj"]))
        }
        let model = try GDSS.Model(
            ModelCheckpoint(
                family: GDSS.name, configuration: file.configuration.json(), weights: file.weights,
                path: one.text("checkpoint")))
        let (rows, width) = (flags.shape[0], flags.shape[1])
        let values = try flags.array(of: Float.self)
        let places = (0..<rows).map { row in (0..<width).filter { values[row * width + $0] > 0 } }
        sampling.together = rows
        var sampler = try model.sampler(
            sampling, sde: sde, counts: .like(places, weights: places.map { _ in 1 }), finished: { $0 }
        )
        sampler.given = places
        sampler.replay = replay
        if let window = one.config["step_window"]?.items?.compactMap(\.integer), window.count == 2 {
            sampler.window = window[0]..<window[1]
        }
        return sampler
    }

    /// Runs a sampler over all rows of a case and puts what comes out into padded tensors.
    private static func run(_ sampler: GDSSSampler<NoisyGraph>, _ one: GoldenCase, _ tensors: CaseTensors) throws
        -> (x: Tensor, adjacency: Tensor)
    {
        let shape = try tensors.need("x_out").shape
        let request = SamplingRequest(indices: Array(0..<shape[0]), seed: 0, batch: shape[0])
        let graphs = try SamplingDriver().run(sampler, request).samples
        let (n, features) = (shape[1], shape[2])
        var x = [Float](repeating: 0, count: shape.elementCount)
        var adjacency = [Float](repeating: 0, count: shape[0] * n * n)
        for (row, graph) in graphs.enumerated() {
            for (i, place) in graph.places.enumerated() {
                for f in 0..<features { x[(row * n + place) * features + f] = graph.x[i * features + f] }
                for (j, other) in graph.places.enumerated() {
                    adjacency[(row * n + place) * n + other] = graph.adjacency[i * graph.places.count + j]
                }
            }
        }
        return (Tensor(x, shape: shape.sizes), Tensor(adjacency, shape: [shape[0], n, n]))
    }

    /// Samplers with every draw of the reference replayed.
    static let sampler: GoldenRunner.Handler = { one, check in
        let tensors = try CaseTensors(one)
        let flags = try tensors.need("flags")
        func floats(_ name: String) throws -> [Float] { try tensors.need(name).array(of: Float.self) }
        let replay = try RecordedGraphNoise(
            padded: flags.shape[1], prior: (floats("raw_prior_x"), floats("raw_prior_adj")),
            noise: (floats("raw_noise_x"), floats("raw_noise_adj")))
        let out = try run(sampler(one, flags, replay), one, tensors)
        try check.close("x_out", out.x, tensors["x_out"])
        try check.close("adj_out", out.adjacency, tensors["adj_out"])
    }

    /// Whole runs with numbers that both can make.
    static let samplerLong: GoldenRunner.Handler = { one, check in
        let tensors = try CaseTensors(one)
        let flags = try tensors.need("flags")
        let seed = UInt64(try one.real("noise_seed"))
        let replay = CounterGraphNoise(seed: seed, padded: flags.shape[1])
        for draw in 0...1 {
            let numbers = (0..<8).map { replay.number(draw, $0) }
            try check.close("noise of draw \(draw)", Tensor(numbers), tensors["noise_check_draw\(draw)"])
        }
        let sampler = try sampler(one, flags, replay)
        let out = try run(sampler, one, tensors)
        try check.close("x_out", out.x, tensors["x_out"])
        try check.close("adj_out", out.adjacency, tensors["adj_out"])
        let orders = sampler.isOfMolecules ? 3.0 : 1.0
        let got = try out.adjacency.array(of: Double.self).map { min(($0 + 0.5).rounded(.down), orders) }
        check.equal("adj_quantized", got, try tensors.numbers("adj_quantized"))
    }
}
