import CEngine

extension Tensor {
    /// This tensor, now a leaf to which gradients flow (or no longer).
    ///
    /// - Throws: if it is poisoned, or is not a leaf of floating-point numbers.
    @discardableResult
    public func requiringGradient(_ on: Bool = true) throws -> Tensor {
        try checked()
        guard api.set_requires_grad(box.handle, on ? 1 : 0) == 0 else { throw failure("requires_grad", [self]) }
        return self
    }

    /// Adds the derivative of this scalar to the gradient of every leaf it was computed from.
    ///
    /// - Throws: the tensor's error, or LibTorch's if it has no derivative.
    public func backward() throws {
        try checked()
        guard api.backward(box.handle) == 0 else { throw failure("backward", [self]) }
    }

    /// What `backward()` has added up for this leaf; nil if nothing has.
    public var gradient: Tensor? {
        guard let handle = box.handle else { return nil }
        var out: ge_tensor?
        guard api.grad_of(handle, &out) == 0, let out else { return nil }
        return Tensor(out)
    }

    /// The derivatives of this scalar by each of `inputs`, zeros where it does not depend on one. Nothing is accumulated, so
    /// that several threads may share the inputs.
    ///
    /// - Parameter graph: whether the derivatives are themselves to be differentiated.
    /// - Throws: the tensor's error, or LibTorch's if it has no derivative.
    public func gradients(of inputs: [Tensor], graph: Bool = false) throws -> [Tensor] {
        try checked()
        for input in inputs { try input.checked() }
        var out = [ge_tensor?](repeating: nil, count: inputs.count)
        let handles = inputs.map(\.box.handle)
        guard api.gradients(box.handle, handles, Int32(inputs.count), graph ? 1 : 0, &out) == 0 else {
            throw failure("gradients", [self])
        }
        return out.map { Tensor($0!) }
    }
}

// None of these loads the engine: a body that makes no tensor needs none, and one whose first operation loads it runs in its scope
// from there on.

/// Runs `body` without recording operations for derivatives.
public func withoutGradients<R>(_ body: () throws -> R) rethrows -> R { try scoped(GE_NO_GRAD, body: body) }

/// Runs `body` with operations recorded for derivatives, also inside `withoutGradients`.
public func withGradients<R>(_ body: () throws -> R) rethrows -> R { try scoped(GE_WITH_GRAD, body: body) }

/// Runs `body` in LibTorch's inference mode, which is fastest. Tensors made inside cannot take part in derivatives later.
public func inferenceMode<R>(_ body: () throws -> R) rethrows -> R { try scoped(GE_INFERENCE, body: body) }

/// Runs `body` with products and convolutions computed in a narrower type, as LibTorch's autocast chooses.
public func autocast<R>(_ dtype: DType, on device: Device = .cpu, _ body: () throws -> R) rethrows -> R {
    try scoped(GE_AUTOCAST, device: device, dtype: dtype, body: body)
}

private func scoped<R>(
    _ kind: Int, device: Device = .cpu, dtype: DType = .float32, body: () throws -> R
) rethrows -> R {
    switch Engine.state {
    case .loaded:
        let guardHandle = api.guard_begin(Int32(kind), device.code, dtype.rawValue)
        defer { api.guard_end(guardHandle) }
        return try body()
    case .untried:
        let settings = ThreadSettings.current
        settings.open(kind, device, dtype)
        defer { settings.close() }
        return try body()
    case .missing:
        return try body()
    }
}
