extension Template {
    static let family = """
        import Genera

        /// Points in the plane by flow matching: a velocity field carries normal noise at t = 0 to the data at t = 1.
        public enum __MODULE__Family: SamplingFamily, TrainingFamily {
            public static let name = "__FAMILY__"
            public static let summary = "Points in the plane by flow matching."
            public static let citation: Citation? = Citation(
                title: "Flow Matching for Generative Modeling",
                authors: ["Yaron Lipman", "Ricky T. Q. Chen", "Heli Ben-Hamu", "Maximilian Nickel", "Matt Le"],
                year: 2023, venue: "International Conference on Learning Representations",
                url: "https://arxiv.org/abs/2210.02747")

            /// Commands of its own: `__FAMILY__ speed`.
            public static let verbs: [any Verb.Type] = [Speed.self]

            /// Options of `sample __FAMILY__`.
            public struct SamplingOptions: ParsableArguments, Sendable {
                @Option(help: "Steps from noise to data; each costs two evaluations of the network.")
                public var steps = 20

                public init() {}

                public func validate() throws {
                    guard (1...10_000).contains(steps) else {
                        throw ValidationError("--steps must be from 1 to 10,000, got \\(steps).")
                    }
                }
            }

            /// Options of `train __FAMILY__`, beside those that all families share; see also train.yaml.
            public struct TrainingOptions: ParsableArguments, Sendable {
                @Option(help: "Width of the network's hidden layers.")
                public var width = 128

                @Option(help: "Points per step.")
                public var batchSize = 256

                @Option(help: "Adam's learning rate, to which it rises in the first steps.")
                public var lr = 0.002

                public init() {}

                public func validate() throws {
                    guard (1...4096).contains(width) else {
                        throw ValidationError("--width must be from 1 to 4,096, got \\(width).")
                    }
                    guard (1...BatchOrder.largestBatch).contains(batchSize) else {
                        throw ValidationError("--batch-size must be from 1 to 1,000,000, got \\(batchSize).")
                    }
                    guard lr >= 0, lr.isFinite else {
                        throw ValidationError("--lr must not be negative, got \\(lr).")
                    }
                }
            }

            public static func sampler(_ options: SamplingOptions, _ run: RunContext) throws -> any Sampler {
                let network = try VelocityNetwork.loading(run.model(of: Self.self), on: run.device)
                return FlowSampler(network: network, stepCount: options.steps, device: run.device)
            }

            public static func trainer(_ options: TrainingOptions, _ run: RunContext) throws -> any Trainer {
                try ObjectiveTrainer(
                    FlowObjective(width: options.width, context: run), plan(batch: options.batchSize, rate: options.lr))
            }

            /// How training goes: 3,000 steps of Adam whose rate rises over the first 40, and a model that is the average of the
            /// weights with a half-life of 40,000 points.
            static func plan(batch: Int, rate: Double) -> OptimiserPlan {
                OptimiserPlan(steps: 3000, batch: batch, average: .halfLife(40_000, batch: batch, ramp: 0.05)) { steps in
                    rate * min(Double(steps) / 40, 1)
                }
            }
        }

        """

    static let network = """
        import Foundation
        import Genera

        /// What a checkpoint has to say beside the weights.
        struct VelocityConfiguration: Codable {
            var width: Int
        }

        /// The velocity at a point and a time: `[N, 2]`, `[N, 1]` -> `[N, 2]`. Keys `input`, `hidden.0` and so on, `output`.
        final class VelocityNetwork: Sendable {
            private let input: Linear
            private let hidden: [Linear]
            private let output: Linear

            init(width: Int, in scope: ParameterScope) throws {
                input = try Linear(5, width, in: scope["input"])
                hidden = try (0..<3).map { try Linear(width, width, in: scope["hidden.\\($0)"]) }
                output = try Linear(width, 2, in: scope["output"])
            }

            func callAsFunction(_ x: Tensor, t: Tensor) -> Tensor {
                let angle = t * Double.pi
                let features = Tensor.concatenated([x, t, angle.cos(), angle.sin()], axis: 1)
                let last = hidden.reduce(input(features).silu()) { $1($0).silu() }
                return output(last)
            }

            /// The network of a model.
            static func loading(_ model: ModelCheckpoint, on device: Device) throws -> VelocityNetwork {
                try loading(
                    model.tensors(), configuration: model.configuration, file: model.path, device: device)
            }

            /// A network with the weights of a checkpoint; all keys must be there, with the right shapes.
            static func loading(
                _ weights: [(name: String, tensor: Tensor)], configuration: String, file: String, device: Device
            ) throws -> VelocityNetwork {
                guard
                    let wanted = try? JSONDecoder().decode(VelocityConfiguration.self, from: Data(configuration.utf8)),
                    (1...4096).contains(wanted.width)
                else {
                    throw GeneraError.badData(
                        file: file, reason: "its configuration is not that of a __FAMILY__ network",
                        advice: "train it with `train __FAMILY__`")
                }
                let scope = ParameterScope.loading(weights, device: device)
                let network = try VelocityNetwork(width: wanted.width, in: scope)
                try scope.finish()
                return network
            }
        }

        """

    static let sampler = """
        import Genera

        /// Carries normal noise along the velocity field from t = 0 to t = 1 by the midpoint rule.
        struct FlowSampler: Sampler {
            let network: VelocityNetwork
            let stepCount: Int
            var device = Device.cpu

            /// Points that go through the network together. The driver always runs this many, so that a point does not
            /// depend on how many others were asked for.
            var lanes: Lanes { .alike(256) }

            func evaluations(step: Int) -> Int { 2 }

            func start(noise: Noise) throws -> Tensor { try noise.normal([2], at: .start, device: device) }

            func advance(_ x: inout Tensor, step: Int, noise: Noise) throws {
                var state = ODEState(x: [x], t: Double(step) / Double(stepCount))
                try ExplicitRK.midpoint.step(&state, until: Double(step + 1) / Double(stepCount)) { x, t in
                    [velocity(x[0], t)]
                }
                x = state.x[0]
            }

            func finish(_ x: Tensor) throws -> [PointCloud] { try PointCloud.rows(of: x) }

            /// The velocity of points at a time, `[N, 2] -> [N, 2]`.
            func velocity(_ x: Tensor, _ time: Double) -> Tensor {
                network(x, t: Tensor.full([x.shape[0], 1], time, device: device))
            }
        }

        """

    static let objective = """
        import Genera

        /// Flow matching (Lipman et al., 2023): the network learns data - noise on the straight line between the two.
        final class FlowObjective: Objective {
            private let network: VelocityNetwork
            private let data = TwoMoonsData()
            private let device: Device

            let parameters: [(name: String, tensor: Tensor)]
            let configuration: String
            var datasetSize: Int { data.count }

            init(width: Int, context: RunContext) throws {
                device = context.device
                let scope = ParameterScope.drawing(seed: context.seed, on: device)
                network = try VelocityNetwork(width: width, in: scope)
                parameters = scope.entries.map { ($0.name, $0.tensor) }
                configuration = try ModelCheckpoint.configuration(of: VelocityConfiguration(width: width))
            }

            func loss(of batch: Batch) throws -> Tensor {
                let end = try data.points(batch.indices).to(device)
                let start = try batch.noise.normal([2], at: .start, device: device)
                let t = try batch.noise.uniform([1], at: .start(draw: 1), device: device)
                let error = network(start + (end - start) * t, t: t) - (end - start)
                return error.squared().sum()
            }

            func previewSampler(weights: [(name: String, tensor: Tensor)]) throws -> (any Sampler)? {
                let network = try VelocityNetwork.loading(
                    weights, configuration: configuration, file: "the preview", device: device)
                return FlowSampler(network: network, stepCount: 20, device: device)
            }
        }

        """

    static let data = """
        import Foundation
        import Genera

        /// Two interleaved half circles with some noise. Point i is the same in every run.
        struct TwoMoonsData: Sendable {
            var count: Int { 4096 }

            /// The points of some indices, `[N, 2]`.
            func points(_ indices: [Int]) throws -> Tensor {
                let noise = Noise(seed: 0, samples: indices)
                let angles = try noise.uniforms(at: .start).map { $0 * .pi }
                let points = zip(indices, angles).flatMap { index, angle -> [Float] in
                    index % 2 == 0
                        ? [Float(cos(angle) - 0.5), Float(sin(angle) - 0.25)]
                        : [Float(0.5 - cos(angle)), Float(0.25 - sin(angle))]
                }
                return Tensor(points, shape: [indices.count, 2]) + (try noise.normal([2], at: .start(draw: 1))) * 0.06
            }
        }

        """
}
