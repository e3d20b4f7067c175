import ArgumentParser
import Tensors

/// How products are computed.
public enum Precision: String, Sendable, Hashable, Codable, CaseIterable, ExpressibleByArgument {
    /// float32 throughout: what recorded outputs are met in.
    case exact
    /// float32 numbers whose products may be computed in narrower types inside LibTorch.
    case fast
    /// Products and convolutions in bfloat16, as autocast chooses.
    case bf16

    /// Runs `body` in this precision on the calling thread.
    public func scope<R>(on device: Device = .cpu, _ body: () throws -> R) rethrows -> R {
        self == .bf16 ? try autocast(.bfloat16, on: device, body) : try body()
    }

    /// Sets what belongs to the whole process. Call once before work begins.
    public func prepare() { Engine.setFastMatmul(self != .exact) }
}

extension Device: ExpressibleByArgument {
    /// Reads `cpu`, `cuda` or `cuda:1`.
    public init?(argument: String) { self.init(argument) }
}
