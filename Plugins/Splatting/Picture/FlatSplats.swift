import CSplats
import Genera

/// Splats in a plane, whose sum is a picture (Zhang et al., 2024, "GaussianImage"): the colour of a pixel is the sum
/// over splats of c exp(-q^(beta / 2) / 2), q the square of Mahalanobis' distance between splat and pixel, in no order
/// and without opacity.
public struct FlatSplats: Sendable, Equatable {
    /// What the three numbers of a splat's form are.
    public enum Form: String, Sendable, CaseIterable {
        /// L = [[l1 + 1/2, 0], [l2, l3 + 1/2]] of the covariance L L^T, in pixels.
        case cholesky
        /// Standard deviations |s1 + 1/2| and |s2 + 1/2| in pixels, along axes turned by 2 pi sigmoid(r).
        case rotation
    }

    /// What a splat is.
    public enum Kernel: String, Sendable, CaseIterable {
        /// beta = 2.
        case gaussian
        /// A generalised exponential with an exponent beta in 0.6...8 of its own.
        case general
    }

    /// Where a number of a splat lies.
    public enum Plane {
        /// x and y before tanh, which gives -1...1 across the picture.
        public static let position = Int(SPLAT_PICTURE_POSITION)
        /// Three numbers of the form.
        public static let form = Int(SPLAT_PICTURE_FORM)
        /// Red, green, blue, of any size and sign.
        public static let colour = Int(SPLAT_PICTURE_COLOUR)
        /// beta - 2.
        public static let shape = Int(SPLAT_PICTURE_SHAPE)
        /// Planes.
        public static let count = Int(SPLAT_PICTURE_PLANES)
    }

    /// Columns of the picture that they were made for, in whose pixels their forms are.
    public let width: Int
    /// Rows of it.
    public let height: Int
    /// What their forms are.
    public let form: Form
    /// What they are.
    public let kernel: Kernel
    /// Splats.
    public internal(set) var count: Int
    /// Numbers in a plane: room for splats.
    public let stride: Int
    /// `[9, stride]`; what lies beyond `count` is 0.
    public internal(set) var parameters: [Float]

    /// Splats of zeros.
    public init(width: Int, height: Int, count: Int, form: Form = .cholesky, kernel: Kernel = .gaussian) {
        precondition(width > 0 && height > 0 && count >= 0)
        (self.width, self.height, self.form, self.kernel, self.count) = (width, height, form, kernel, count)
        stride = (count + 15) & ~15
        parameters = Array(repeating: 0, count: Plane.count * stride)
    }

    /// A number of a splat.
    public subscript(plane: Int, splat: Int) -> Float {
        get { parameters[plane * stride + splat] }
        set { parameters[plane * stride + splat] = newValue }
    }

    /// The picture, `[3, height, width]` in 0...1, at the size that they were made for or any other.
    public func render(width: Int? = nil, height: Int? = nil, threads: Int = 1) -> [Float] {
        let work = FlatWork(self, width: width ?? self.width, height: height ?? self.height)
        work.threads = threads
        _ = work.render()
        return work.picture
    }

    /// The picture with 8 or 16 bits a sample.
    public func image(width: Int? = nil, height: Int? = nil, threads: Int = 1, bitDepth: Int = 8) -> Image {
        let (width, height) = (width ?? self.width, height ?? self.height)
        let planes = render(width: width, height: height, threads: threads)
        let plane = width * height
        let values = (0..<3 * plane).map { planes[$0 % 3 * plane + $0 / 3] }
        return Image(width: width, height: height, channels: 3, values: values, bitDepth: bitDepth)
    }
}
