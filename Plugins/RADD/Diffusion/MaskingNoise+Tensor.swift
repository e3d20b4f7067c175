import Genera

extension MaskingNoise {
    /// The total noise at times `[n]` in float32, by LibTorch's own functions: the reference's rates are differences of nearly equal
    /// numbers, in which their last bits show.
    func total(_ t: Tensor) -> Tensor {
        let eps = Double(Self.eps)
        func cosine() -> Tensor { (t * Double.pi / 2).cos() }
        switch kind {
        case .loglinear: return -(-(1 - 1e-3) * t).log1p()
        case .geometric: return power(low, 1 - t) * power(high, t)
        case .cosine: return -(eps + (1 - eps) * cosine()).log()
        case .cosinesqr: return -(eps + (1 - eps) * cosine().squared()).log()
        case .linear: return low + t * (high - low)
        }
    }

    /// Its derivative by time.
    func rate(_ t: Tensor) -> Tensor {
        let eps = Double(Self.eps)
        func angle() -> Tensor { t * Double.pi / 2 }
        switch kind {
        case .loglinear: return (1 - 1e-3) / (1 - (1 - 1e-3) * t)
        case .geometric:
            // The reference takes the logarithms of its two numbers as tensors.
            let steepness = Tensor(Float(high)).log() - Tensor(Float(low)).log()
            return power(low, 1 - t) * power(high, t) * steepness
        case .cosine:
            return Double.pi / 2 * ((1 - eps) * angle().sin()) / ((1 - eps) * angle().cos() + eps)
        case .cosinesqr:
            return Double.pi / 2 * ((1 - eps) * (t * Double.pi).sin()) / ((1 - eps) * angle().cos().squared() + eps)
        case .linear: return Tensor.full(t.shape.sizes, high - low)
        }
    }

    private func power(_ base: Double, _ exponent: Tensor) -> Tensor {
        Operator.powScalar([.double(base), .tensor(exponent)])
    }
}
