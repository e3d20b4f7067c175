import Tensors

/// The built-in random numbers: Philox 4x32-10 with counter (block, kind and draw, step, sample) and the seed as key.
public struct PhiloxSource: NoiseSource {
    /// The seed.
    public let seed: UInt64
    private let philox: Philox

    /// A source for one seed.
    public init(seed: UInt64) {
        self.seed = seed
        philox = Philox(seed: seed)
    }

    /// A seed of its own for a numbered part of a run, for example a training step.
    public static func subseed(_ seed: UInt64, _ number: Int) -> UInt64 {
        Philox(seed: seed).subseed(UInt64(bitPattern: Int64(number)))
    }

    func stream(_ kind: DrawKind, _ address: DrawAddress, sample: Int) -> PhiloxStream {
        precondition((0..<1 << 32).contains(sample), "The index of a sample lies in 0..<2^32, got \(sample).")
        return PhiloxStream(
            philox: philox, lane: address.draw | kind.rawValue << 24, stage: address.stage, sample: UInt32(sample))
    }

    /// Draws standard normal numbers `[samples.count] + shape`, float32.
    public func normal(_ shape: [Int], at address: DrawAddress, samples: [Int]) throws -> Tensor {
        try fill(shape, .normal, address, samples) { $0.fillNormal($1) }
    }

    /// Draws numbers uniform in [0, 1), `[samples.count] + shape`, float32.
    public func uniform(_ shape: [Int], at address: DrawAddress, samples: [Int]) throws -> Tensor {
        try fill(shape, .uniform, address, samples) { $0.fillUniform($1) }
    }

    private func fill(
        _ shape: [Int], _ kind: DrawKind, _ address: DrawAddress, _ samples: [Int],
        _ body: (PhiloxStream, UnsafeMutableBufferPointer<Float>) -> Void
    ) throws -> Tensor {
        let size = shape.reduce(1, *)
        let values = [Float](unsafeUninitializedCapacity: size * samples.count) { buffer, count in
            for (row, sample) in samples.enumerated() {
                let part = UnsafeMutableBufferPointer(rebasing: buffer[row * size..<(row + 1) * size])
                body(stream(kind, address, sample: sample), part)
            }
            count = size * samples.count
        }
        return try Tensor(values, shape: [samples.count] + shape).checked()
    }

    /// Draws one standard normal number a sample.
    public func normals(at address: DrawAddress, samples: [Int]) -> [Double] {
        samples.map { stream(.normalNumber, address, sample: $0).normal(block: 0) }
    }

    /// Draws one number uniform in [0, 1) a sample.
    public func uniforms(at address: DrawAddress, samples: [Int]) -> [Double] {
        samples.map { stream(.uniformNumber, address, sample: $0).uniforms(block: 0).0 }
    }

    /// Draws one Gamma(alpha, 1) number a sample.
    public func gamma(shape alpha: Double, at address: DrawAddress, samples: [Int]) throws -> [Double] {
        guard alpha > 0, alpha.isFinite else {
            throw GeneraError.software("A gamma distribution needs a positive shape, got \(alpha).")
        }
        return samples.map { stream(.gamma, address, sample: $0).gamma(shape: alpha) }
    }

    /// Draws one whole number in 0..<bound a sample.
    public func integers(below bound: Int, at address: DrawAddress, samples: [Int]) throws -> [Int] {
        guard bound > 0 else { throw GeneraError.software("Whole numbers below \(bound) do not exist.") }
        return samples.map { sample in
            var block: UInt32 = 0
            return Int(stream(.integer, address, sample: sample).integer(below: UInt64(bound), block: &block))
        }
    }
}
