import CEngine

// Operators on one or two tensors, elementwise with broadcasting. `file` and `line` cannot be passed to an operator
// symbol, so the call site in an error is that of the operator's own line; the operands' shapes tell which one it was.
extension Tensor {
    private static func binary(_ kind: Int, _ name: String, _ a: Tensor, _ b: Tensor) -> Tensor {
        make(name, a, b, #fileID, #line) { api.binary(Int32(kind), $0, $1, $2) }
    }

    private static func binary(_ kind: Int, _ name: String, _ a: Tensor, _ b: Double) -> Tensor {
        make(name, a, #fileID, #line) { api.binary_scalar(Int32(kind), $0, b, $1) }
    }

    /// The sum of elements, shapes broadcast: axes are matched from the last, and an axis of size 1 is repeated.
    public static func + (a: Tensor, b: Tensor) -> Tensor { binary(GE_ADD, "add", a, b) }
    /// The difference of elements, shapes broadcast: axes are matched from the last, and an axis of size 1 is repeated.
    public static func - (a: Tensor, b: Tensor) -> Tensor { binary(GE_SUB, "sub", a, b) }
    /// The product of elements, shapes broadcast: axes are matched from the last, and an axis of size 1 is repeated.
    public static func * (a: Tensor, b: Tensor) -> Tensor { binary(GE_MUL, "mul", a, b) }
    /// The quotient of elements, shapes broadcast: axes are matched from the last, and an axis of size 1 is repeated.
    public static func / (a: Tensor, b: Tensor) -> Tensor { binary(GE_DIV, "div", a, b) }
    /// Adds a number to every element.
    public static func + (a: Tensor, b: Double) -> Tensor { binary(GE_ADD, "add", a, b) }
    /// Subtracts a number from every element.
    public static func - (a: Tensor, b: Double) -> Tensor { binary(GE_SUB, "sub", a, b) }
    /// Multiplies every element by a number.
    public static func * (a: Tensor, b: Double) -> Tensor { binary(GE_MUL, "mul", a, b) }
    /// Divides every element by a number.
    public static func / (a: Tensor, b: Double) -> Tensor { binary(GE_DIV, "div", a, b) }
    /// Adds a number to every element.
    public static func + (a: Double, b: Tensor) -> Tensor { binary(GE_ADD, "add", b, a) }
    /// A number minus every element.
    public static func - (a: Double, b: Tensor) -> Tensor { -b + a }
    /// Multiplies every element by a number.
    public static func * (a: Double, b: Tensor) -> Tensor { binary(GE_MUL, "mul", b, a) }
    /// A number divided by every element.
    public static func / (a: Double, b: Tensor) -> Tensor { ops.reciprocal([.tensor(b)]) * a }
    /// Every element with its sign changed; the shape stays.
    public static prefix func - (a: Tensor) -> Tensor { a.unary(GE_NEG, "neg") }

    /// Replaces `a` by the sum. A new tensor: other references to the old one keep it.
    public static func += (a: inout Tensor, b: Tensor) { a = a + b }
    /// Replaces `a` by the difference.
    public static func -= (a: inout Tensor, b: Tensor) { a = a - b }
    /// Replaces `a` by the product.
    public static func *= (a: inout Tensor, b: Tensor) { a = a * b }
    /// Replaces `a` by the product.
    public static func *= (a: inout Tensor, b: Double) { a = a * b }

    func unary(_ kind: Int, _ name: String, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
        make(name, self, file, line) { api.unary(Int32(kind), $0, $1) }
    }

    /// x · sigmoid(x), elementwise.
    public func silu(file: StaticString = #fileID, line: UInt = #line) -> Tensor {
        unary(GE_SILU, "silu", file: file, line: line)
    }
    /// x · Phi(x) with the normal distribution function Phi, elementwise.
    public func gelu(file: StaticString = #fileID, line: UInt = #line) -> Tensor {
        unary(GE_GELU, "gelu", file: file, line: line)
    }
    /// The exponential of every element; the shape stays.
    public func exp(file: StaticString = #fileID, line: UInt = #line) -> Tensor {
        unary(GE_EXP, "exp", file: file, line: line)
    }
    /// The natural logarithm of every element; the shape stays. -inf at 0 and NaN below.
    public func log(file: StaticString = #fileID, line: UInt = #line) -> Tensor {
        unary(GE_LOG, "log", file: file, line: line)
    }
    /// The square root of every element; the shape stays. NaN below 0.
    public func sqrt(file: StaticString = #fileID, line: UInt = #line) -> Tensor {
        unary(GE_SQRT, "sqrt", file: file, line: line)
    }
    /// 1 / (1 + exp(-x)), elementwise.
    public func sigmoid(file: StaticString = #fileID, line: UInt = #line) -> Tensor {
        unary(GE_SIGMOID, "sigmoid", file: file, line: line)
    }
    /// The hyperbolic tangent of every element; the shape stays.
    public func tanh(file: StaticString = #fileID, line: UInt = #line) -> Tensor {
        unary(GE_TANH, "tanh", file: file, line: line)
    }
    /// max(x, 0) of every element; the shape stays.
    public func relu(file: StaticString = #fileID, line: UInt = #line) -> Tensor {
        ops.relu([.tensor(self)], file: file, line: line)
    }
    /// The cosine of every element; the shape stays. Angles in radians.
    public func cos(file: StaticString = #fileID, line: UInt = #line) -> Tensor {
        ops.cos([.tensor(self)], file: file, line: line)
    }
    /// The sine of every element; the shape stays. Angles in radians.
    public func sin(file: StaticString = #fileID, line: UInt = #line) -> Tensor {
        ops.sin([.tensor(self)], file: file, line: line)
    }
    /// Elementwise logarithm of 1 + x.
    public func log1p(file: StaticString = #fileID, line: UInt = #line) -> Tensor {
        ops.log1p([.tensor(self)], file: file, line: line)
    }
    /// The absolute value of every element; the shape stays.
    public func abs(file: StaticString = #fileID, line: UInt = #line) -> Tensor {
        ops.abs([.tensor(self)], file: file, line: line)
    }
    /// x · x of every element; the shape stays.
    public func squared() -> Tensor { self * self }
    /// x^exponent of every element; NaN for negative x where `exponent` is not whole.
    public func pow(_ exponent: Double, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
        ops.pow([.tensor(self), .double(exponent)], file: file, line: line)
    }
    /// Elementwise rounding to the nearest whole number, halves to even.
    public func rounded(file: StaticString = #fileID, line: UInt = #line) -> Tensor {
        ops.round([.tensor(self)], file: file, line: line)
    }
    /// Each element limited to the range given.
    public func clamp(_ low: Double, _ high: Double, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
        ops.clamp([.tensor(self), .double(low), .double(high)], file: file, line: line)
    }

    /// 1 where an element is less than `bound`, else 0, as `bool`.
    public func isLess(than bound: Double, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
        ops.less([.tensor(self), .double(bound)], file: file, line: line)
    }

    /// The matrix product over the last two axes, batched over the others.
    public func matmul(_ other: Tensor, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
        make("matmul", self, other, file, line) { api.matmul($0, $1, $2) }
    }

    /// Softmax over one axis.
    public func softmax(axis: Int = -1, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
        make("softmax", self, file, line) { api.softmax($0, Int64(axis), $1) }
    }

    /// softmax(q kᵀ / sqrt(c)) v for q, k, v of shape `[..., tokens, c]`.
    public static func attention(
        _ q: Tensor, _ k: Tensor, _ v: Tensor, file: StaticString = #fileID, line: UInt = #line
    ) -> Tensor {
        guard let values = v.box.handle else { return v }
        return make("scaled_dot_product_attention", q, k, file, line) { api.attention($0, $1, values, $2) }
    }
}
