import Tensors

/// Where random numbers come from: `PhiloxSource` for real, `RecordedNoise` to replay another implementation's draws.
public protocol NoiseSource: Sendable {
    /// Standard normal numbers `[samples.count] + shape`, float32, on the CPU.
    func normal(_ shape: [Int], at address: DrawAddress, samples: [Int]) throws -> Tensor
    /// Numbers uniform in [0, 1), `[samples.count] + shape`, float32, on the CPU.
    func uniform(_ shape: [Int], at address: DrawAddress, samples: [Int]) throws -> Tensor
    /// One standard normal number a sample.
    func normals(at address: DrawAddress, samples: [Int]) throws -> [Double]
    /// One number uniform in [0, 1) a sample.
    func uniforms(at address: DrawAddress, samples: [Int]) throws -> [Double]
    /// One Gamma(alpha, 1) number a sample.
    func gamma(shape alpha: Double, at address: DrawAddress, samples: [Int]) throws -> [Double]
    /// One whole number in 0..<bound a sample, all equally likely.
    func integers(below bound: Int, at address: DrawAddress, samples: [Int]) throws -> [Int]
}
