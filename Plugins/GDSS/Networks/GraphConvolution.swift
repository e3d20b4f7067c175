import Genera

/// A dense graph convolution (Kipf and Welling, 2017): y = D^(-1/2) Ã D^(-1/2) x W + b, where Ã is the adjacency with ones on
/// its diagonal. Keys `weight` `[in, out]` (not transposed, unlike a linear map's), `bias` `[out]`.
package final class GraphConvolution: Sendable {
    package let weight: Tensor
    package let bias: Tensor

    package init(_ inputs: Int, _ outputs: Int, in scope: ParameterScope) throws {
        weight = try scope.parameter("weight", [inputs, outputs], .xavierUniform(fanIn: inputs, fanOut: outputs))
        bias = try scope.parameter("bias", [outputs], .zeros)
    }

    /// - Parameter propagation: `propagation(along:)` of the adjacency `[B, N, N]`.
    package func callAsFunction(_ x: Tensor, _ propagation: Tensor) -> Tensor {
        propagation.matmul(x.matmul(weight)) + bias
    }

    /// D^(-1/2) Ã D^(-1/2) of adjacencies `[..., N, N]`. The diagonal is set to 1, not raised by it; degrees below 1, which real-valued
    /// adjacencies have, count as 1.
    package static func propagation(along adjacency: Tensor) -> Tensor {
        let identity = Tensor.identity(adjacency.shape[adjacency.rank - 1], on: adjacency.device)
        let joined = adjacency * (1 - identity) + identity
        let scale = joined.sum(axes: [-1], keeping: true).clamp(1, .infinity).pow(-0.5)
        return scale * joined * scale.transposed()
    }
}

extension Tensor {
    /// The unit matrix `[n, n]`.
    package static func identity(_ n: Int, on device: Device = .cpu) -> Tensor {
        var values = [Float](repeating: 0, count: n * n)
        for i in 0..<n { values[i * (n + 1)] = 1 }
        return Tensor(values, shape: [n, n], device: device)
    }
}

/// Which nodes of a batch of padded graphs are there.
package struct NodeMask: Sendable {
    /// 1 or 0, `[B, N]`.
    package let flags: Tensor

    package init(_ flags: Tensor) { self.flags = flags }

    /// For node features `[B, N, F]`.
    package var nodes: Tensor { flags.unsqueezed(-1) }

    /// For edges `[B, N, N]`.
    package var edges: Tensor { flags.unsqueezed(-1) * flags.unsqueezed(-2) }
}
