extension Operator {
    /// The operators that Genera and its families rely on, as `name` or `name.overload`.
    public static let required: [String] = [
        // Creation
        "empty.memory_format", "zeros", "ones", "full", "arange.start", "linspace", "logspace", "eye", "zeros_like",
        "ones_like", "full_like", "empty_like", "scalar_tensor", "tril", "triu", "one_hot",
        // Random numbers, for replaying other implementations
        "randn", "rand", "randint", "randperm", "normal_", "uniform_", "bernoulli", "multinomial", "exponential_",
        "_sample_dirichlet",
        // Shape
        "view", "reshape", "permute", "transpose.int", "t", "squeeze", "unsqueeze", "expand", "flatten.using_ints",
        "unflatten.int", "cat", "stack", "split.Tensor", "chunk", "narrow", "select.int", "slice.Tensor",
        "index_select",
        "roll", "flip", "repeat", "repeat_interleave.self_int", "contiguous", "unfold",
        // Index
        "gather", "scatter.src", "scatter_add", "index.Tensor", "index_put_", "index_add", "masked_fill.Scalar",
        "masked_select", "where.self", "nonzero", "take_along_dim",
        // Elementwise
        "add.Tensor", "sub.Tensor", "mul.Tensor", "div.Tensor", "neg", "pow.Tensor_Scalar", "pow.Scalar", "exp",
        "expm1",
        "log", "log1p", "sqrt", "rsqrt", "reciprocal", "abs", "sign", "sin", "cos", "tanh", "sigmoid", "erf", "erfinv",
        "clamp", "minimum", "maximum", "lerp.Scalar", "addcmul", "addcdiv", "floor", "round", "remainder.Scalar",
        "logaddexp", "digamma", "lgamma", "nan_to_num",
        // Activations
        "relu", "leaky_relu", "elu", "silu", "gelu", "softplus", "softmax.int", "log_softmax.int",
        // Comparisons and logic
        "eq.Scalar", "ne.Scalar", "lt.Scalar", "le.Scalar", "gt.Scalar", "ge.Scalar", "logical_and", "logical_or",
        "logical_not",
        "isfinite",
        // Reductions
        "sum", "sum.dim_IntList", "mean", "mean.dim", "var.correction", "std.correction", "prod.dim_int", "amax",
        "amin",
        "argmax", "argmin", "norm.ScalarOpt_dim", "linalg_vector_norm", "logsumexp", "cumsum", "any.dim", "all.dim",
        "bincount",
        // Sorting
        "sort", "topk", "searchsorted.Tensor", "_unique2",
        // Linear algebra
        "matmul", "mm", "bmm", "addmm", "baddbmm", "linear", "einsum", "outer", "diagonal", "diag_embed",
        "linalg_cholesky",
        "linalg_eigh", "linalg_svd", "linalg_solve", "linalg_inv", "cdist", "trace",
        // Networks
        "conv1d", "conv2d", "conv_transpose1d", "conv_transpose2d.input", "group_norm", "layer_norm", "batch_norm",
        "instance_norm",
        "embedding", "dropout", "avg_pool2d", "max_pool1d", "max_pool2d", "adaptive_avg_pool2d", "upsample_nearest2d",
        "upsample_bilinear2d", "pad", "scaled_dot_product_attention", "pixel_shuffle", "grid_sampler", "bilinear",
        "glu",
        "upsample_bicubic2d",
        // Losses
        "mse_loss", "l1_loss", "smooth_l1_loss", "binary_cross_entropy_with_logits", "nll_loss", "cross_entropy_loss",
        "kl_div",
        // Fourier transforms
        "fft_rfft2", "fft_irfft2", "fft_fft", "fft_ifft",
        // Optimisers
        "_foreach_add_.List", "_foreach_mul_.Scalar", "_foreach_lerp_.Scalar", "_foreach_addcmul_.Scalar",
        "_foreach_addcdiv_.Scalar", "_foreach_sqrt", "_foreach_norm.Scalar", "_fused_adam_", "_fused_adamw_",
        "_amp_foreach_non_finite_check_and_unscale_", "zero_",
        // Data
        "to.dtype_layout", "to.dtype", "to.device", "copy_", "clone", "detach", "item", "fill_.Scalar", "view_as_real",
        "view_as_complex", "pin_memory",
    ]

    /// Those of `required` that the loaded LibTorch lacks; all of them if there is no engine.
    public static var missingRequired: [String] {
        required.filter { entry in
            let parts = entry.split(separator: ".", maxSplits: 1).map(String.init)
            return !Operator(parts[0], parts.count > 1 ? parts[1] : "").exists
        }
    }
}
