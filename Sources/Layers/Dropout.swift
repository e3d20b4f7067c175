import Tensors

/// Dropout (Srivastava et al., 2014) whose masks come from outside: a layer zeroes each element with some probability and scales the
/// others up to keep the mean.
///
/// The masks are numbers that the caller gives for the first, second, ... layer that drops, so that what is dropped of a sample is a
/// function of addressed noise and not of the order in which layers run. Make one for each pass through a network, and hand it to every
/// layer; where there is none, nothing is dropped.
public final class Dropout {
    /// Numbers uniform in [0, 1), shaped like the elements that may be dropped, for the layer of a number (from 0).
    public typealias Draw = (_ shape: [Int], _ layer: Int) throws -> Tensor

    private let draw: Draw
    private var layer = 0

    /// Makes the masks of one pass.
    public init(_ draw: @escaping Draw) { self.draw = draw }

    /// Zeroes each element of `x` with the probability given, and divides the others by 1 - probability. Shapes stay. A draw that
    /// fails poisons the result.
    public func callAsFunction(_ x: Tensor, probability: Double) -> Tensor {
        guard probability > 0 else { return x }
        defer { layer += 1 }
        do {
            let keep = try draw(x.shape.sizes, layer).isLess(than: 1 - probability).to(x.dtype)
            return x * (keep * (1 / (1 - probability)))
        } catch let error as TensorError {
            return Tensor(poison: error)
        } catch {
            return Tensor(poison: TensorError(op: "dropout", message: "\(error)", file: #fileID, line: #line))
        }
    }
}
