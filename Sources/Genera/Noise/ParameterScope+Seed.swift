import Layers
import Tensors

extension ParameterScope {
    /// A scope whose parameters are drawn from addressed noise: the initial weights are a function of the seed and of the
    /// order in which the network asks for them.
    public static func drawing(seed: UInt64, on device: Device = .cpu) -> ParameterScope {
        let noise = Noise(seed: PhiloxSource.subseed(seed, -1), samples: [0])
        return drawing(on: device) { distribution, shape, ordinal in
            switch distribution {
            case .normal: try noise.normal(shape, at: .step(ordinal)).reshaped(shape)
            case .uniform: (try noise.uniform(shape, at: .step(ordinal)) * 2 - 1).reshaped(shape)
            }
        }
    }
}
