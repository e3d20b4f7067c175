import Tensors

/// Cross-correlation along one axis: `[N, in, L] -> [N, out, (L + 2·padding - kernel) / stride + 1]`.
///
/// y[n, o, l] = b[o] + sum over i, k of w[o, i, k] · x[n, i, stride·l + k - padding], where the channels of one of `groups` groups see
/// only each other. Keys `weight` `[out, in / groups, kernel]`, `bias` `[out]`.
public final class Conv1d: Sendable {
    /// `[out, in / groups, kernel]`.
    public let weight: Tensor
    /// `[out]`, or nil.
    public let bias: Tensor?
    /// How far the window moves for the next element.
    public let stride: Int
    /// Zeros before the first and after the last element.
    public let padding: Int
    /// Parts into which the channels are divided.
    public let groups: Int

    /// Takes the layer's parameters from `scope`. Laws left out are `Initializer.standard`. `groups` must divide both numbers of channels.
    ///
    /// - Throws: what the scope throws.
    public init(
        _ inputs: Int, _ outputs: Int, kernel: Int, stride: Int = 1, padding: Int = 0, groups: Int = 1,
        bias: Bool = true,
        weightInit: Initializer? = nil, biasInit: Initializer? = nil, in scope: ParameterScope
    ) throws {
        (self.stride, self.padding, self.groups) = (stride, padding, groups)
        let law = Initializer.standard(fanIn: inputs / groups * kernel)
        weight = try scope.parameter("weight", [outputs, inputs / groups, kernel], weightInit ?? law)
        self.bias = bias ? try scope.parameter("bias", [outputs], biasInit ?? law) : nil
    }

    /// Applies the layer.
    public func callAsFunction(_ x: Tensor) -> Tensor {
        ops.conv1d([
            .tensor(x), .tensor(weight), .optional(bias), .ints([stride]), .ints([padding]), .ints([1]), .int(groups),
        ])
    }
}

/// Cross-correlation of images: `[N, in, H, W] -> [N, out, (H + 2·padding - kernel) / stride + 1, ...]`.
///
/// As `Conv1d`, with a square window. Keys `weight` `[out, in / groups, kernel, kernel]`, `bias` `[out]`.
public final class Conv2d: Sendable {
    /// `[out, in / groups, kernel, kernel]`.
    public let weight: Tensor
    /// `[out]`, or nil.
    public let bias: Tensor?
    /// How far the window moves for the next pixel.
    public let stride: Int
    /// Zeros around the image.
    public let padding: Int
    /// Parts into which the channels are divided.
    public let groups: Int

    /// Takes the layer's parameters from `scope`. Laws left out are `Initializer.standard`. `groups` must divide both numbers of channels.
    ///
    /// - Throws: what the scope throws.
    public init(
        _ inputs: Int, _ outputs: Int, kernel: Int, stride: Int = 1, padding: Int = 0, groups: Int = 1,
        bias: Bool = true,
        weightInit: Initializer? = nil, biasInit: Initializer? = nil, in scope: ParameterScope
    ) throws {
        (self.stride, self.padding, self.groups) = (stride, padding, groups)
        let law = Initializer.standard(fanIn: inputs / groups * kernel * kernel)
        weight = try scope.parameter("weight", [outputs, inputs / groups, kernel, kernel], weightInit ?? law)
        self.bias = bias ? try scope.parameter("bias", [outputs], biasInit ?? law) : nil
    }

    /// Applies the layer.
    public func callAsFunction(_ x: Tensor) -> Tensor {
        x.conv2d(weight, bias: bias, stride: stride, padding: padding, groups: groups)
    }
}

/// The transpose of `Conv1d` as a linear map: `[N, in, L] -> [N, out, (L - 1)·stride - 2·padding + kernel]`.
///
/// Each element adds its multiple of the kernel at its own place. Keys `weight` `[in, out, kernel]`, `bias` `[out]`.
public final class ConvTranspose1d: Sendable {
    /// `[in, out, kernel]`.
    public let weight: Tensor
    /// `[out]`, or nil.
    public let bias: Tensor?
    /// How far apart the kernels of neighbouring elements are added.
    public let stride: Int
    /// Elements cut off at both ends.
    public let padding: Int

    /// Takes the layer's parameters from `scope`. Laws left out are `Initializer.standard` of `outputs` · kernel, which PyTorch takes
    /// for the fan of a transposed map.
    ///
    /// - Throws: what the scope throws.
    public init(
        _ inputs: Int, _ outputs: Int, kernel: Int, stride: Int = 1, padding: Int = 0, bias: Bool = true,
        weightInit: Initializer? = nil, biasInit: Initializer? = nil, in scope: ParameterScope
    ) throws {
        (self.stride, self.padding) = (stride, padding)
        let law = Initializer.standard(fanIn: outputs * kernel)
        weight = try scope.parameter("weight", [inputs, outputs, kernel], weightInit ?? law)
        self.bias = bias ? try scope.parameter("bias", [outputs], biasInit ?? law) : nil
    }

    /// Applies the layer.
    public func callAsFunction(_ x: Tensor) -> Tensor {
        ops.convTranspose1d([.tensor(x), .tensor(weight), .optional(bias), .ints([stride]), .ints([padding])])
    }
}

/// The transpose of `Conv2d` as a linear map: `[N, in, H, W] -> [N, out, (H - 1)·stride - 2·padding + kernel, ...]`.
///
/// Keys `weight` `[in, out, kernel, kernel]`, `bias` `[out]`.
public final class ConvTranspose2d: Sendable {
    /// `[in, out, kernel, kernel]`.
    public let weight: Tensor
    /// `[out]`, or nil.
    public let bias: Tensor?
    /// How far apart the kernels of neighbouring pixels are added.
    public let stride: Int
    /// Pixels cut off at each border.
    public let padding: Int

    /// Takes the layer's parameters from `scope`. Laws left out are `Initializer.standard` of `outputs` · kernel², which PyTorch takes
    /// for the fan of a transposed map.
    ///
    /// - Throws: what the scope throws.
    public init(
        _ inputs: Int, _ outputs: Int, kernel: Int, stride: Int = 1, padding: Int = 0, bias: Bool = true,
        weightInit: Initializer? = nil, biasInit: Initializer? = nil, in scope: ParameterScope
    ) throws {
        (self.stride, self.padding) = (stride, padding)
        let law = Initializer.standard(fanIn: outputs * kernel * kernel)
        weight = try scope.parameter("weight", [inputs, outputs, kernel, kernel], weightInit ?? law)
        self.bias = bias ? try scope.parameter("bias", [outputs], biasInit ?? law) : nil
    }

    /// Applies the layer.
    public func callAsFunction(_ x: Tensor) -> Tensor {
        x.convTranspose2d(weight, bias: bias, stride: stride, padding: padding)
    }
}
