import Foundation
import Genera
import Testing

/// A text for each sample, without any tensor.
private struct Pages: Sampler {
    struct State: BatchState {
        var texts: [String]
        var tensors: [Tensor] { [] }
    }

    let stepCount = 2

    func start(noise: Noise) -> State { State(texts: noise.samples.map { "\($0)" }) }

    func advance(_ state: inout State, step: Int, noise: Noise) { state.texts = state.texts.map { $0 + "!" } }

    func finish(_ state: State) -> [TextPage] { state.texts.map { TextPage($0) } }
}

@Suite struct EnginelessTests {
    @Test("A sampler without tensors draws where there is no engine, in any precision and on several threads")
    func drawing() async {
        await #expect(processExitsWith: .success) {
            setenv("GENERA_ENGINE", "/nowhere/libgenera-engine.so", 1)
            let precision = Precision.bf16
            precision.prepare()
            let result = try precision.scope {
                try SamplingDriver().run(
                    Pages(), SamplingRequest(indices: Array(0..<20), seed: 1, batch: 3, workers: 2))
            }
            try #require(result.samples.map(\.text) == (0..<20).map { "\($0)!!" })
            try #require(!Engine.isLoaded && Recipe.engineInUse.isEmpty)
            let weights = ParameterScope.loading([("weight", Tensor.zeros([2, 2]))])
            let weight = try weights.parameter("weight", [2, 2])
            try weights.finish()
            #expect(throws: TensorError.self) { try weight.checked() }
            try #require(Failure(weight.error!).exitCode == 69 && Recipe.engineInUse.isEmpty)
        }
    }

    @Test("A recipe names the engine if it was needed")
    func recipe() async {
        await #expect(processExitsWith: .success) {
            let before = Recipe.engineInUse
            _ = Tensor([1.0])
            let version = try Engine.information().torchVersion
            try #require(before.isEmpty && Recipe.engineInUse.hasPrefix(version))
        }
    }
}
