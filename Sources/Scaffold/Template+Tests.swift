extension Template {
    static let tests = """
        import Foundation
        import Genera
        import GeneraTesting
        import Testing

        @testable import __MODULE__

        private let folder = URL(filePath: #filePath).deletingLastPathComponent().path

        @Suite struct __MODULE__Tests {
            /// Every case of Golden/__FAMILY__/manifest.json. Put outputs of your reference implementation there.
            @Test func recordedOutputsAreMet() throws {
                let runner = GoldenRunner(
                    "__FAMILY__", in: "\\(folder)/Golden",
                    [
                        "velocity": { one, check in
                            let tensors = try one.tensors()
                            let weights = tensors.filter { $0.key.contains(".") }.map { (name: $0.key, tensor: $0.value) }
                            let network = try VelocityNetwork.loading(
                                weights, configuration: one.config["json"]?.text ?? "", file: one.name, device: .cpu)
                            let x = try #require(tensors["x"])
                            let t = try #require(tensors["t"]).unsqueezed(1)
                            try check.close("velocity", network(x, t: t), tensors["velocity"])
                        }
                    ])
                let outcomes = try runner.outcomes()
                #expect(!outcomes.isEmpty)
                for outcome in outcomes { #expect(outcome.failure == nil, "\\(outcome)") }
            }

            @Test func theFamilyCanBeRegistered() throws {
                #expect(try Registry(families).family(named: "__FAMILY__").name == "__FAMILY__")
            }

            @Test func aSampleDoesNotDependOnTheOthers() throws {
                let scope = ParameterScope.drawing(seed: 3)
                let sampler = FlowSampler(network: try VelocityNetwork(width: 16, in: scope), stepCount: 5)
                let all = try SamplingDriver().run(sampler, SamplingRequest(indices: Array(0..<600), seed: 7, batch: 256))
                let some = try SamplingDriver().run(
                    sampler, SamplingRequest(indices: [5, 300, 599], seed: 7, workers: 2))
                #expect(some.samples == [5, 300, 599].map { all.samples[$0] })
            }

            @Test func checkpointsThatDoNotFitAreRefused() throws {
                let scope = ParameterScope.drawing(seed: 3)
                _ = try VelocityNetwork(width: 16, in: scope)
                let weights = scope.entries.map { (name: $0.name, tensor: $0.tensor) }
                #expect(throws: KeyMismatch.self) {
                    try VelocityNetwork.loading(weights, configuration: #"{"width": 8}"#, file: "a", device: .cpu)
                }
                #expect(throws: GeneraError.self) {
                    try VelocityNetwork.loading(weights, configuration: "{}", file: "a", device: .cpu)
                }
            }

            @Test func trainingLowersTheLoss() throws {
                let run = TemporaryFolder()
                let settings = try TrainingSettings.parse([
                    "--steps", "150", "--log-every", "25", "--preview-every", "0",
                ])
                let objective = try FlowObjective(width: 32, context: RunContext(seed: 1))
                let indices = Array(0..<512)
                let noise = Noise(seed: 99, samples: indices)
                let before = try objective.loss(of: Batch(indices, noise: noise)).item()
                let trainer = try ObjectiveTrainer(objective, __MODULE__Family.plan(batch: 128, rate: 0.003))
                _ = try TrainingDriver(
                    trainer, settings: settings, family: "__FAMILY__", directory: run.file("run")).start()
                let after = try objective.loss(of: Batch(indices, noise: noise)).item()
                #expect(after < 0.9 * before)
            }
        }

        """

    static let goldenManifest = """
        {
          "cases": [
            {
              "name": "velocity_width4",
              "kind": "velocity",
              "config": {"json": "{\\"width\\": 4}"},
              "file": "velocity.safetensors",
              "tolerance": {"rtol": 1e-5, "atol": 1e-6}
            }
          ]
        }

        """
}
