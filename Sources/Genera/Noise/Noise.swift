import Tensors

/// The random numbers of the samples of one batch.
///
/// Noise is addressed, not consumed: the numbers of sample *i* at an address are a function of the seed, *i* and the
/// address alone. So a sample is the same whatever batch, thread or process it is drawn in.
///
///     let noise = Noise(seed: 7, samples: [0, 1, 37])
///     let x = try noise.normal([3, 32, 32], at: .start)   // [3, 3, 32, 32]
public struct Noise: Sendable {
    /// The indices of the batch's samples, one a row.
    public let samples: [Int]
    /// Where the numbers come from.
    public let source: any NoiseSource

    /// Noise of the built-in generator.
    public init(seed: UInt64, samples: [Int]) { self.init(source: PhiloxSource(seed: seed), samples: samples) }

    /// Noise of any source.
    public init(source: any NoiseSource, samples: [Int]) {
        self.source = source
        self.samples = samples
    }

    /// The same source for other samples.
    public func of(samples: [Int]) -> Noise { Noise(source: source, samples: samples) }

    /// Standard normal numbers, `[samples.count] + shape`. Drawn as float32 and then converted, so that the draw is the
    /// same in every precision and on every device.
    ///
    /// - Throws: a recording's lack of the draw, or the engine's error.
    public func normal(
        _ shape: [Int], at address: DrawAddress, dtype: DType = .float32, device: Device = .cpu
    ) throws -> Tensor {
        try source.normal(shape, at: address, samples: samples).to(device).to(dtype).checked()
    }

    /// Numbers uniform in [0, 1), `[samples.count] + shape`, multiples of 2^-24.
    ///
    /// - Throws: a recording's lack of the draw, or the engine's error.
    public func uniform(
        _ shape: [Int], at address: DrawAddress, dtype: DType = .float32, device: Device = .cpu
    ) throws -> Tensor {
        try source.uniform(shape, at: address, samples: samples).to(device).to(dtype).checked()
    }

    /// One standard normal number a sample.
    ///
    /// - Throws: a recording's lack of the draw.
    public func normals(at address: DrawAddress) throws -> [Double] {
        try source.normals(at: address, samples: samples)
    }

    /// One number uniform in [0, 1) a sample, a multiple of 2^-53.
    ///
    /// - Throws: a recording's lack of the draw.
    public func uniforms(at address: DrawAddress) throws -> [Double] {
        try source.uniforms(at: address, samples: samples)
    }

    /// One Gamma(alpha, 1) number a sample, for any alpha > 0. Values below 1e-308 come out as 0.
    ///
    /// - Throws: a recording's lack of the draw; an alpha that is not positive and finite.
    public func gamma(shape alpha: Double, at address: DrawAddress) throws -> [Double] {
        try source.gamma(shape: alpha, at: address, samples: samples)
    }

    /// One Beta(a, b) number a sample, as a ratio of two gamma draws at the address and at `draw + 1` of the same step.
    ///
    /// - Throws: a recording's lack of the draws; parameters that are not positive and finite.
    public func beta(_ a: Double, _ b: Double, at address: DrawAddress) throws -> [Double] {
        let first = try gamma(shape: a, at: address)
        let second = try gamma(shape: b, at: address.next)
        return zip(first, second).map { $0 / ($0 + $1) }
    }

    /// One whole number in 0..<bound a sample, all equally likely.
    ///
    /// - Throws: a recording's lack of the draw; a bound below 1.
    public func integers(below bound: Int, at address: DrawAddress) throws -> [Int] {
        try source.integers(below: bound, at: address, samples: samples)
    }
}

extension DrawAddress {
    /// The next draw of the same step.
    public var next: DrawAddress {
        stage == 0 ? .start(draw: Int(draw) + 1) : .step(Int(stage) - 1, draw: Int(draw) + 1)
    }
}
