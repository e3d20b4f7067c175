import Imaging
import Tensors

extension Image {
    /// Images from a tensor of bytes `[N, H, W, C]` with C from 1 to 4.
    ///
    /// - Throws: the tensor's error, or one that says its shape does not do.
    public static func images(interleaved tensor: Tensor) throws -> [Image] {
        let shape = try tensor.checked().shape
        guard shape.count == 4, (1...4).contains(shape[3]), tensor.dtype == .uint8 else {
            throw GeneraError.software("Images come from uint8 [N, H, W, C] with C from 1 to 4, got \(tensor.summary).")
        }
        let bytes = try tensor.array(of: UInt8.self)
        let size = shape[1] * shape[2] * shape[3]
        return (0..<shape[0]).map { n in
            Image(
                width: shape[2], height: shape[1], channels: shape[3], bytes: Array(bytes[n * size..<(n + 1) * size]))
        }
    }

    /// The rows of a batch `[N, C, H, W]` with C 1, 3 or 4. Bytes are taken as they are; other numbers x are in [-1, 1] and
    /// become ⌊127.5 x + 128⌋, clamped to 0...255.
    ///
    /// - Throws: the tensor's error, or one that says its shape does not do.
    public static func rows(of tensor: Tensor) throws -> [Image] {
        let shape = try tensor.checked().shape
        guard shape.count == 4, [1, 3, 4].contains(shape[1]), shape[2] > 0, shape[3] > 0 else {
            throw GeneraError.software("Pictures need a tensor [N, C, H, W] with C 1, 3 or 4, got \(tensor.summary).")
        }
        let bytes = tensor.dtype == .uint8 ? tensor : (tensor.to(.float64) * 127.5 + 128).clamp(0, 255).to(.uint8)
        return try images(interleaved: bytes.permuted([0, 2, 3, 1]).contiguous())
    }

    /// The image as a tensor of bytes, `[C, H, W]`. 16-bit images are reduced to 8 bits.
    public var tensor: Tensor {
        guard case let .bytes(bytes) = converted(toBitDepth: 8).samples else { return Tensor([UInt8]()) }
        return Tensor(bytes, shape: [height, width, channels]).permuted([2, 0, 1]).contiguous()
    }
}
