import Layers
import Tensors

extension Dropout {
    /// The masks of one pass over the samples of `noise`: those of a sample depend on the seed, the sample and the layer, never on what
    /// else is in the batch.
    ///
    /// A layer may see several rows a sample, such as the points of a set, if all of a sample's rows come together.
    ///
    /// - Parameter firstDraw: the first layer's draw of the start; the others use those after it.
    public convenience init(noise: Noise, firstDraw: Int) {
        self.init { shape, layer in
            let address = DrawAddress.start(draw: firstDraw + layer)
            let rest = Array(shape.dropFirst())
            let (rows, samples) = (shape.first ?? 0, noise.samples.count)
            guard rows != samples else { return try noise.uniform(rest, at: address) }
            guard samples > 0, rows % samples == 0 else {
                throw TensorError(
                    op: "dropout", message: "\(rows) rows are not those of \(samples) samples", file: #fileID,
                    line: #line)
            }
            return try noise.uniform([rows / samples] + rest, at: address).reshaped(shape)
        }
    }
}
