import Tensors

extension Tensor {
    /// The largest of each square of `factor` by `factor` pixels: `[N, C, H, W] -> [N, C, H / factor, W / factor]`; what is left over
    /// at the border is dropped.
    public func largestPixels(_ factor: Int = 2) -> Tensor {
        ops.maxPool2d([.tensor(self), .ints([factor, factor])])
    }

    /// The largest of each `factor` elements in a row: `[N, C, L] -> [N, C, L / factor]`; what is left over at the end is dropped.
    public func largestElements(_ factor: Int = 2) -> Tensor {
        ops.maxPool1d([.tensor(self), .ints([factor])])
    }
}
