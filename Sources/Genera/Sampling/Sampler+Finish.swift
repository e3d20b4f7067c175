import Imaging
import Tensors

extension Sampler where State == Tensor, Sample == Tensor {
    /// The rows of the batch, in main memory.
    public func finish(_ state: Tensor) throws -> [Tensor] {
        guard try state.checked().rank > 0 else {
            throw GeneraError.software("A batch is a tensor [N, ...], got \(state.summary).")
        }
        let rows = state.detached().to(.cpu).cloned()
        return (0..<rows.shape[0]).map { rows.selected(axis: 0, $0) }
    }
}

extension Sampler where State == Tensor, Sample == PointCloud {
    /// The rows of a batch `[N, d]`, clouds of one point, or `[N, n, d]`.
    public func finish(_ state: Tensor) throws -> [PointCloud] { try PointCloud.rows(of: state) }
}

extension Sampler where State == Tensor, Sample == Image {
    /// The rows of a batch `[N, C, H, W]`, floating-point numbers in [-1, 1] or bytes.
    public func finish(_ state: Tensor) throws -> [Image] { try Image.rows(of: state) }
}

extension Sampler where State == Tensor, Sample == Curve {
    /// The rows of a batch `[N, n]`, heights over 0, 1, 2 and so on.
    public func finish(_ state: Tensor) throws -> [Curve] { try Curve.rows(of: state) }
}
