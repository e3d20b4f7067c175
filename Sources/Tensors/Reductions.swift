extension Tensor {
    /// The sum of all elements.
    public func sum(file: StaticString = #fileID, line: UInt = #line) -> Tensor {
        ops.sum([.tensor(self), .none], file: file, line: line)
    }

    /// The sum over some axes.
    public func sum(axes: [Int], keeping: Bool = false, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
        ops.sumAxes([.tensor(self), .ints(axes), .bool(keeping)], file: file, line: line)
    }

    /// The mean of all elements.
    public func mean(file: StaticString = #fileID, line: UInt = #line) -> Tensor {
        ops.mean([.tensor(self), .none], file: file, line: line)
    }

    /// The mean over some axes.
    public func mean(axes: [Int], keeping: Bool = false, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
        ops.meanAxes([.tensor(self), .ints(axes), .bool(keeping)], file: file, line: line)
    }

    /// The largest values over some axes.
    public func amax(axes: [Int], keeping: Bool = false, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
        ops.amax([.tensor(self), .ints(axes), .bool(keeping)], file: file, line: line)
    }

    /// log(sum(exp(x))) over some axes, computed without overflow.
    public func logSumExp(axes: [Int], keeping: Bool = false, file: StaticString = #fileID, line: UInt = #line)
        -> Tensor
    {
        ops.logsumexp([.tensor(self), .ints(axes), .bool(keeping)], file: file, line: line)
    }

    /// The Euclidean norm over some axes.
    public func norm(axes: [Int], keeping: Bool = false) -> Tensor {
        squared().sum(axes: axes, keeping: keeping).sqrt()
    }
}
