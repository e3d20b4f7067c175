extension Tensor {
    /// The sum of all elements.
    public func sum() -> Tensor { ops.sum([.tensor(self), .none]) }

    /// The sum over some axes.
    public func sum(axes: [Int], keeping: Bool = false) -> Tensor {
        ops.sumAxes([.tensor(self), .ints(axes), .bool(keeping)])
    }

    /// The mean of all elements.
    public func mean() -> Tensor { ops.mean([.tensor(self), .none]) }

    /// The mean over some axes.
    public func mean(axes: [Int], keeping: Bool = false) -> Tensor {
        ops.meanAxes([.tensor(self), .ints(axes), .bool(keeping)])
    }

    /// The largest values over some axes.
    public func amax(axes: [Int], keeping: Bool = false) -> Tensor {
        ops.amax([.tensor(self), .ints(axes), .bool(keeping)])
    }

    /// log(sum(exp(x))) over some axes, computed without overflow.
    public func logSumExp(axes: [Int], keeping: Bool = false) -> Tensor {
        ops.logsumexp([.tensor(self), .ints(axes), .bool(keeping)])
    }

    /// The Euclidean norm over some axes.
    public func norm(axes: [Int], keeping: Bool = false) -> Tensor {
        squared().sum(axes: axes, keeping: keeping).sqrt()
    }
}
