import Imaging
import Tensors

/// The two-dimensional Fourier transform by LibTorch, for builds without FFTW (the package trait `FFTW`).
public struct TorchFourierTransform: FourierTransform2D {
    /// Makes the transform.
    public init() {}

    /// The half plane of a real field `[height, width]`.
    ///
    /// - Throws: `TensorError` if there is no engine.
    public func forward(_ field: [Double], height: Int, width: Int) throws -> HalfPlane {
        let plane = Operator.realFFT2([.tensor(Tensor(field, shape: [height, width]))])
        let parts = Operator.viewAsReal([.tensor(plane)])
        return HalfPlane(
            height: height, width: width, real: try parts.selected(axis: 2, 0).array(),
            imaginary: try parts.selected(axis: 2, 1).array())
    }

    /// The real field `[height, width]` of a half plane.
    ///
    /// - Throws: `TensorError` if there is no engine.
    public func inverse(_ plane: HalfPlane) throws -> [Double] {
        let shape = [plane.height, plane.width / 2 + 1]
        let parts = Tensor.stacked([Tensor(plane.real, shape: shape), Tensor(plane.imaginary, shape: shape)], axis: 2)
        let complex = Operator.viewAsComplex([.tensor(parts)])
        return try Operator.inverseRealFFT2([.tensor(complex), .ints([plane.height, plane.width])]).array()
    }
}

/// The transform that this build uses: FFTW where it is built in, else LibTorch's.
public var standardFourierTransform: any FourierTransform2D {
    #if FFTW
        FFTWTransform()
    #else
        TorchFourierTransform()
    #endif
}

extension Operator {
    static let realFFT2 = Operator("fft_rfft2")
    static let inverseRealFFT2 = Operator("fft_irfft2")
    static let viewAsReal = Operator("view_as_real")
    static let viewAsComplex = Operator("view_as_complex")
}
