import Genera

extension NetworkConfiguration {
    /// The network's shape and the D that it is for, in a few facts.
    var facts: [Fact] {
        let network =
            isOfPoints
            ? [
                Fact("network", "\(modelType.rawValue), width \(modelChannels)"),
                Fact("points", "\(imgChannels) coordinates"),
            ]
            : [
                Fact("network", "\(modelType.rawValue), \(modelChannels) channels x \(channelMult)"),
                Fact("images", "\(imgResolution)x\(imgResolution), \(imgChannels) channels"),
                Fact("classes", labelDim == 0 ? "none" : "\(labelDim)"),
            ]
        return network + [Fact("D", AugmentationDimension(D ?? .infinity).description)]
    }

    /// Bytes that the loss of one sample and its derivatives take in training, roughly: measured with U-Nets of 16 to 128 channels, it is
    /// right within a third. Nil for networks that take next to nothing.
    var trainingBytes: Int? {
        plan(outputs: imgChannels).map { $0.activations(at: imgResolution) * 4 }
    }
}

extension UNetPlan {
    /// Numbers that a sample's derivatives need of what the blocks worked out.
    ///
    /// A residual block keeps its input, normalised, activated and as it enters the convolution; of its own width the convolution's
    /// result, that normalised, activated and dropped out, and the sum; an attention beside it four tensors and a weight for each pair of pixels.
    func activations(at resolution: Int) -> Int {
        var (side, total) = (resolution, 0)
        for block in blocks {
            let before = side * side
            if block.kind == .residual {
                if block.resampling == .down { side /= 2 }
                if block.resampling == .up { side *= 2 }
            }
            let pixels = side * side
            switch block.kind {
            case .residual:
                total += 3 * block.inputs * before + (block.resampling == nil ? 0 : block.inputs * pixels)
                total += 5 * block.outputs * pixels
                if block.heads > 0 { total += 6 * block.outputs * pixels + 2 * block.heads * pixels * pixels }
            case .output: total += 3 * block.inputs * pixels
            default: total += block.outputs * pixels
            }
        }
        return total
    }
}
