import Synchronization
import Tensors

/// Replays recorded draws, to follow another implementation number by number.
///
/// A recording's first axis is the sample: row *i* belongs to sample *i*. A draw that was not recorded is an error that
/// names it, and so is a recording of another shape.
public final class RecordedNoise: NoiseSource {
    struct Key: Hashable {
        let kind: DrawKind
        let address: DrawAddress
    }

    private let draws: Mutex<[Key: Tensor]>

    /// An empty recording.
    public init() { draws = Mutex([:]) }

    /// Adds a draw `[samples] + shape`; one number a sample has shape `[samples]`.
    @discardableResult
    public func record(_ kind: DrawKind, at address: DrawAddress, _ values: Tensor) -> RecordedNoise {
        draws.withLock { $0[Key(kind: kind, address: address)] = values }
        return self
    }

    private func rows(_ kind: DrawKind, _ address: DrawAddress, _ samples: [Int], shape: [Int]?) throws -> Tensor {
        guard let recorded = draws.withLock({ $0[Key(kind: kind, address: address)] }) else {
            let known = draws.withLock { $0.keys.map { "\($0.kind) at \($0.address)" } }.sorted()
            let list = known.isEmpty ? "none" : known.joined(separator: "; ")
            throw GeneraError.software("No \(kind) draw was recorded at \(address). Recorded: \(list).")
        }
        let rows = recorded.shape[0]
        if let worst = samples.first(where: { !(0..<rows).contains($0) }) {
            throw GeneraError.software(
                "The \(kind) draw at \(address) was recorded for \(rows) samples, not for \(worst).")
        }
        let size = recorded.elementCount / max(rows, 1)
        if let shape, shape.reduce(1, *) != size {
            throw GeneraError.software(
                "The \(kind) draw at \(address) was recorded as \(recorded.shape), asked for as \(samples.count) x \(shape)."
            )
        }
        return try recorded.gathered(rows: samples).reshaped([samples.count] + (shape ?? [size])).checked()
    }

    private func numbers(_ kind: DrawKind, _ address: DrawAddress, _ samples: [Int]) throws -> [Double] {
        try rows(kind, address, samples, shape: []).array(of: Double.self)
    }

    /// Replays standard normal numbers `[samples.count] + shape`, float32.
    public func normal(_ shape: [Int], at address: DrawAddress, samples: [Int]) throws -> Tensor {
        try rows(.normal, address, samples, shape: shape)
    }

    /// Replays numbers uniform in [0, 1), `[samples.count] + shape`, float32.
    public func uniform(_ shape: [Int], at address: DrawAddress, samples: [Int]) throws -> Tensor {
        try rows(.uniform, address, samples, shape: shape)
    }

    /// Replays one standard normal number a sample.
    public func normals(at address: DrawAddress, samples: [Int]) throws -> [Double] {
        try numbers(.normalNumber, address, samples)
    }

    /// Replays one number uniform in [0, 1) a sample.
    public func uniforms(at address: DrawAddress, samples: [Int]) throws -> [Double] {
        try numbers(.uniformNumber, address, samples)
    }

    /// Replays one Gamma(alpha, 1) number a sample.
    public func gamma(shape alpha: Double, at address: DrawAddress, samples: [Int]) throws -> [Double] {
        try numbers(.gamma, address, samples)
    }

    /// Replays one whole number in 0..<bound a sample.
    public func integers(below bound: Int, at address: DrawAddress, samples: [Int]) throws -> [Int] {
        try numbers(.integer, address, samples).map { Int($0) }
    }
}
