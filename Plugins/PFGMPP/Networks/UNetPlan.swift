import Genera

/// A U-Net as data: its blocks in the order in which they run, which is the order of their parameters in files too.
///
/// Three things flow through the blocks: the features, which begin as the input; the side path of the encoder, which begins as the
/// input too; and the output, which begins as nothing. Beside them are the features that encoder blocks keep for decoder blocks, last in
/// first out.
struct UNetPlan: Sendable {
    /// One block: what it does to what flows through, and its place in files.
    struct Block: Sendable, Equatable {
        enum Kind: Sendable {
            /// features = conv(features).
            case convolution
            /// features = block(features, embedding).
            case residual
            /// side = side at half the size.
            case sideDown
            /// features = features + conv(side); they take the place of what was kept last.
            case sideAdded
            /// features = (features + conv(side at half the size)) / sqrt(2), which is the new side, and takes the place of what was kept last.
            case sideMixed
            /// output = output at twice the size.
            case outputUp
            /// output = output + conv(silu(norm(features))).
            case output
        }

        enum Skip: Sendable {
            case none
            /// The features after the block are kept for the decoder.
            case kept
            /// What was kept last is joined to the features before the block.
            case joined
        }

        /// The name below the network's: `enc.32x32_block0`. An output has two parts, `dec.32x32_aux_norm` and `dec.32x32_aux_conv`.
        let name: String
        let kind: Kind
        /// Channels, those joined to the features included.
        let inputs: Int
        let outputs: Int
        var resampling: ResamplingConv2d.Direction?
        /// Heads of the attention after the block; 0 is none.
        var heads = 0
        var skip = Skip.none
    }

    /// What all residual blocks share.
    let style: UNetBlock.Style
    /// The blocks from input to output.
    let blocks: [Block]
}

extension UNetPlan {
    /// What is left open by "a U-Net of residual blocks".
    struct Form {
        /// Channels after the first convolution.
        var firstWidth: Int
        var encoder = NetworkConfiguration.EncoderType.standard
        var decoder = NetworkConfiguration.DecoderType.standard
        /// Whether all decoder blocks of a resolution attend, or the last alone.
        var attendsThroughoutDecoder: Bool
        /// Heads of an attention over so many channels.
        var heads: (_ channels: Int) -> Int
        /// The name of the output at a resolution.
        var outputName: (_ resolution: Int) -> String
    }

    /// Encoder and decoder of a configuration: at each resolution a change of size and `numBlocks` blocks on the way down, one more on the
    /// way up.
    init(_ c: NetworkConfiguration, outputs: Int, style: UNetBlock.Style, form: Form) {
        var draft = Draft(c, form, outputs: outputs)
        for level in c.channelMult.indices { draft.encode(level) }
        for level in c.channelMult.indices.reversed() { draft.decode(level) }
        self.init(style: style, blocks: draft.blocks)
    }

    /// Writes a plan down from the input to the output, and counts channels.
    private struct Draft {
        let c: NetworkConfiguration
        let form: Form
        /// Channels of the network's output.
        let outputs: Int
        var blocks: [Block] = []
        /// Channels of the features, and of the side path.
        var width, side: Int
        /// Channels of what is kept.
        var kept: [Int] = []

        init(_ c: NetworkConfiguration, _ form: Form, outputs: Int) {
            (self.c, self.form, self.outputs, width, side) = (c, form, outputs, c.imgChannels, c.imgChannels)
        }

        mutating func encode(_ level: Int) {
            if level == 0 {
                let block = Block(
                    name: name("enc", level, "conv"), kind: .convolution, inputs: width, outputs: form.firstWidth,
                    skip: .kept)
                add(block)
            } else {
                residual(name("enc", level, "down"), to: width, .down, skip: .kept)
                addSide(level)
            }
            for index in 0..<c.numBlocks {
                residual(
                    name("enc", level, "block\(index)"), to: channels(level), attends: attends(level), skip: .kept)
            }
        }

        mutating func decode(_ level: Int) {
            let isLowest = level == c.channelMult.count - 1
            if isLowest {
                residual(name("dec", level, "in0"), to: width, attends: true)
                residual(name("dec", level, "in1"), to: width)
            } else {
                residual(name("dec", level, "up"), to: width, .up)
            }
            for index in 0...c.numBlocks {
                residual(
                    name("dec", level, "block\(index)"), to: channels(level),
                    attends: attends(level) && (form.attendsThroughoutDecoder || index == c.numBlocks), skip: .joined)
            }
            guard form.decoder == .skip || level == 0 else { return }
            if form.decoder == .skip, !isLowest {
                blocks.append(
                    Block(
                        name: name("dec", level, "aux_up"), kind: .outputUp, inputs: outputs, outputs: outputs,
                        resampling: .up))
            }
            let name = form.outputName(c.imgResolution >> level)
            blocks.append(Block(name: name, kind: .output, inputs: width, outputs: outputs))
        }

        private func name(_ half: String, _ level: Int, _ part: String) -> String {
            let resolution = c.imgResolution >> level
            return "\(half).\(resolution)x\(resolution)_\(part)"
        }

        private func channels(_ level: Int) -> Int { c.modelChannels * c.channelMult[level] }
        private func attends(_ level: Int) -> Bool { c.attnResolutions.contains(c.imgResolution >> level) }

        private mutating func residual(
            _ name: String, to outputs: Int, _ resampling: ResamplingConv2d.Direction? = nil, attends: Bool = false,
            skip: Block.Skip = .none
        ) {
            let inputs = width + (skip == .joined ? kept.popLast() ?? 0 : 0)
            add(
                Block(
                    name: name, kind: .residual, inputs: inputs, outputs: outputs, resampling: resampling,
                    heads: attends ? form.heads(outputs) : 0, skip: skip))
        }

        private mutating func addSide(_ level: Int) {
            switch form.encoder {
            case .standard: break
            case .skip:
                let down = Block(
                    name: name("enc", level, "aux_down"), kind: .sideDown, inputs: side, outputs: side,
                    resampling: .down)
                let added = Block(name: name("enc", level, "aux_skip"), kind: .sideAdded, inputs: side, outputs: width)
                blocks += [down, added]
            case .residual:
                blocks.append(
                    Block(
                        name: name("enc", level, "aux_residual"), kind: .sideMixed, inputs: side, outputs: width,
                        resampling: .down))
                side = width
            }
        }

        private mutating func add(_ block: Block) {
            blocks.append(block)
            width = block.outputs
            if block.skip == .kept { kept.append(width) }
        }
    }
}
