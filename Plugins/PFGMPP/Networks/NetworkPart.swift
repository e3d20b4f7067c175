import Foundation
import Genera

/// One of the parts that the networks are made of, built from the reference's constructor arguments, so that it can be compared
/// with the reference by itself.
package struct NetworkPart {
    private struct Arguments: Decodable {
        var type: String?
        var in_channels, out_channels, emb_channels, num_channels, in_features, out_features: Int?
        var kernel, num_heads, channels_per_head, num_groups, min_channels_per_group: Int?
        var up, down, attention, fused_resample, resample_proj, adaptive_scale, endpoint, bias: Bool?
        var skip_scale, eps: Double?
        var scale, max_positions: Double?
        var resample_filter: [Double]?

        var direction: ResamplingConv2d.Direction? { up ?? false ? .up : down ?? false ? .down : nil }
    }

    private let body: (_ x: Tensor, _ embedding: Tensor?) -> Tensor

    /// Builds a part.
    ///
    /// - Parameters:
    ///   - json: the constructor's arguments; `type` names the class, `UNetBlock` unless stated.
    ///   - weights: its parameters and buffers under the reference's names.
    /// - Throws: `DecodingError`, `KeyMismatch`, or `ConfigurationError` for a class that is not known.
    package init(json: String, weights: [(name: String, tensor: Tensor)]) throws {
        let arguments = try JSONDecoder().decode(Arguments.self, from: Data(json.utf8))
        let scope = ParameterScope.loading(weights)
        body = try Self.make(arguments, in: scope)
        try scope.finish()
    }

    /// Applies the part; only blocks take an embedding `[N, emb]`.
    package func callAsFunction(_ x: Tensor, embedding: Tensor? = nil) -> Tensor { body(x, embedding) }

    private static func make(
        _ a: Arguments, in scope: ParameterScope
    ) throws -> (_ x: Tensor, _ embedding: Tensor?) -> Tensor {
        let (inputs, outputs) = (a.in_channels ?? 0, a.out_channels ?? 0)
        switch a.type ?? "UNetBlock" {
        case "UNetBlock":
            let style = UNetBlock.Style(
                embeddingWidth: a.emb_channels ?? 0, skipScale: a.skip_scale ?? 1, epsilon: a.eps ?? 1e-5,
                filter: a.resample_filter ?? [1, 1], projectsResampledSkip: a.resample_proj ?? false,
                isAdaptive: a.adaptive_scale ?? true)
            let heads = a.num_heads ?? outputs / (a.channels_per_head ?? 64)
            let plan = UNetPlan.Block(
                name: "", kind: .residual, inputs: inputs, outputs: outputs, resampling: a.direction,
                heads: a.attention ?? false ? heads : 0)
            let block = try UNetBlock(plan, style: style, in: scope)
            return { x, embedding in block(x, embedding ?? .zeros([1, style.embeddingWidth])) }
        case "Conv2d":
            let conv = try ResamplingConv2d(
                inputs, outputs, kernel: a.kernel ?? 3, a.direction, filter: a.resample_filter ?? [1, 1],
                fused: a.fused_resample ?? false, in: scope)
            return { x, _ in conv(x) }
        case "Linear":
            let linear = try Linear(a.in_features ?? inputs, a.out_features ?? outputs, bias: a.bias ?? true, in: scope)
            return { x, _ in linear(x) }
        case "GroupNorm":
            let channels = a.num_channels ?? inputs
            let groups = min(a.num_groups ?? 32, channels / (a.min_channels_per_group ?? 4))
            let norm = try GroupNorm(channels, groups: groups, epsilon: a.eps ?? 1e-5, in: scope)
            return { x, _ in norm(x) }
        case "PositionalEmbedding":
            let embedding = PositionalEmbedding(
                a.num_channels ?? 0, longest: a.max_positions ?? 10_000, endpoint: a.endpoint ?? false)
            return { x, _ in embedding(x) }
        case "FourierEmbedding":
            let embedding = try FourierEmbedding(a.num_channels ?? 0, scale: a.scale ?? 16, in: scope)
            return { x, _ in embedding(x) }
        case let other:
            throw ConfigurationError(field: "type", reason: "is '\(other)', which is no part of the networks")
        }
    }
}
