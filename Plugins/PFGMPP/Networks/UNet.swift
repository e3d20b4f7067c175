import Genera

/// A U-Net that is built from its plan: `[N, C, H, W]` and an embedding `[N, emb]` or `[1, emb]` give `[N, out, H, W]`.
final class UNet: RawNetwork {
    private let mapping: any NoiseMapping
    private let blocks: [BuiltBlock]

    /// Takes the parameters of the mapping and of the blocks, in the plan's order, from `scope`.
    ///
    /// - Throws: what the scope throws, or `ConfigurationError` for channels that the norms cannot group.
    init(
        _ plan: UNetPlan, mapping: (ParameterScope) throws -> any NoiseMapping, in scope: ParameterScope
    ) throws {
        self.mapping = try mapping(scope)
        blocks = try plan.blocks.map { try BuiltBlock($0, style: plan.style, in: scope) }
    }

    func embedding(_ condition: Condition) -> Tensor { mapping(condition) }

    func callAsFunction(_ x: Tensor, embedding: Tensor, dropout: Dropout?) -> Tensor {
        var flow = Flow(features: x, side: x)
        for block in blocks { block.run(&flow, embedding, dropout) }
        return flow.output ?? flow.features
    }
}

/// What flows through the blocks of a U-Net.
private struct Flow {
    var features: Tensor
    var side: Tensor
    var output: Tensor?
    var kept: [Tensor] = []
}

/// A block of the plan with its layers.
private struct BuiltBlock: Sendable {
    private enum Layers {
        case convolution(ResamplingConv2d)
        case residual(UNetBlock)
        case output(GroupNorm, ResamplingConv2d)
    }

    private let plan: UNetPlan.Block
    private let layers: Layers

    init(_ plan: UNetPlan.Block, style: UNetBlock.Style, in scope: ParameterScope) throws {
        self.plan = plan
        func conv(kernel: Int, _ name: String, fused: Bool = false, isLast: Bool = false) throws -> ResamplingConv2d {
            try style.conv(
                plan.inputs, plan.outputs, kernel: kernel, plan.resampling, fused: fused,
                law: isLast ? style.initializers.last : nil, in: scope[name])
        }
        layers =
            switch plan.kind {
            case .residual: .residual(try UNetBlock(plan, style: style, in: scope[plan.name]))
            case .convolution: .convolution(try conv(kernel: 3, plan.name))
            case .sideDown, .outputUp: .convolution(try conv(kernel: 0, plan.name))
            case .sideAdded: .convolution(try conv(kernel: 1, plan.name))
            case .sideMixed: .convolution(try conv(kernel: 3, plan.name, fused: true))
            case .output:
                .output(
                    try style.norm(plan.inputs, in: scope["\(plan.name)_norm"]),
                    try conv(kernel: 3, "\(plan.name)_conv", isLast: true))
            }
    }

    func run(_ flow: inout Flow, _ embedding: Tensor, _ dropout: Dropout?) {
        if plan.skip == .joined, let skip = flow.kept.popLast() {
            flow.features = .concatenated([flow.features, skip], axis: 1)
        }
        switch layers {
        case let .residual(block): flow.features = block(flow.features, embedding, dropout: dropout)
        case let .convolution(conv): convolve(conv, &flow)
        case let .output(norm, conv):
            let term = conv.output(of: flow.features, normalizedBy: norm)
            flow.output = flow.output.map { term + $0 } ?? term
        }
        if plan.skip == .kept { flow.kept.append(flow.features) }
    }

    private func convolve(_ conv: ResamplingConv2d, _ flow: inout Flow) {
        switch plan.kind {
        case .sideDown: flow.side = conv(flow.side)
        case .outputUp: flow.output = flow.output.map { conv($0) }
        case .sideAdded:
            flow.features = flow.features + conv(flow.side)
            flow.kept[flow.kept.count - 1] = flow.features
        case .sideMixed:
            flow.features = (flow.features + conv(flow.side)) * 0.5.squareRoot()
            flow.kept[flow.kept.count - 1] = flow.features
            flow.side = flow.features
        case .convolution, .residual, .output: flow.features = conv(flow.features)
        }
    }
}
