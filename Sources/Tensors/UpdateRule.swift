import CEngine

/// How weights move against their gradients. A rule is a value without memory of its own: what it looks back on is handed to it.
///
///     try Adam(decay: .l2(1e-4)).step(weights, gradients: g, memory: [means, squares], rate: 1e-3, number: 1)
public protocol UpdateRule: Sendable {
    /// What is remembered of each weight from step to step, by name, for example `["mean", "square"]`.
    var memories: [String] { get }

    /// Moves the parameters, and what is remembered of them, in place.
    ///
    /// - Parameters:
    ///   - gradients: one for each parameter, of its shape. They are left as they are.
    ///   - memory: for each name of `memories` a tensor for each parameter, of its shape; zeros before the first step.
    ///   - rate: the learning rate.
    ///   - number: steps taken with this one, 1 for the first.
    /// - Throws: the first poisoned tensor's error, or one that tells lists or shapes that do not fit; all is then as before.
    func step(
        _ parameters: [Tensor], gradients: [Tensor], memory: [[Tensor]], rate: Double, number: Int) throws
}

/// Adam (Kingma and Ba, 2015) in PyTorch's arithmetic, without weight decay, with decoupled decay (AdamW; Loshchilov and Hutter,
/// 2019), or with L2 decay.
///
///     mean   = beta1 · mean + (1 - beta1) · g
///     square = beta2 · square + (1 - beta2) · g²
///     p     -= rate / (1 - beta1^t) · mean / (sqrt(square / (1 - beta2^t)) + epsilon)
public struct Adam: UpdateRule, Equatable {
    /// What draws weights towards 0.
    public enum Decay: Sendable, Equatable {
        /// Nothing.
        case none
        /// Each step multiplies the weights by `1 - rate · strength` before it, as PyTorch's `AdamW` does.
        case decoupled(Double)
        /// `strength` times the weight is added to its gradient, as PyTorch's `Adam(weight_decay=)` does.
        case l2(Double)
    }

    /// Decay of the mean of gradients.
    public var beta1: Double
    /// Decay of the mean of squared gradients.
    public var beta2: Double
    /// Added to the denominator.
    public var epsilon: Double
    /// What draws weights towards 0.
    public var decay: Decay

    /// Makes the rule.
    public init(beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8, decay: Decay = .none) {
        (self.beta1, self.beta2, self.epsilon, self.decay) = (beta1, beta2, epsilon, decay)
    }

    /// The mean of gradients and that of their squares.
    public var memories: [String] { ["mean", "square"] }

    /// Moves the parameters by one step.
    ///
    /// - Throws: as `UpdateRule.step`.
    public func step(
        _ parameters: [Tensor], gradients: [Tensor], memory: [[Tensor]], rate: Double, number: Int
    ) throws {
        try checkFit("adam", parameters, gradients, memory)
        let (move, strength) =
            switch decay {
            case .none: (api.adam_step, 0.0)
            case let .decoupled(strength): (api.adam_step, strength)
            case let .l2(strength): (api.adam_l2_step, strength)
            }
        let (p, g) = (try handles(parameters), try handles(gradients))
        let (m, v) = (try handles(memory[0]), try handles(memory[1]))
        let status = move!(p, g, m, v, Int32(p.count), rate, beta1, beta2, epsilon, strength, Int64(number))
        guard status == 0 else { throw failure("adam", []) }
    }
}

/// Stochastic gradient descent with momentum in PyTorch's arithmetic.
///
///     velocity = momentum · velocity + g
///     p       -= rate · velocity                    or, after Nesterov, rate · (g + momentum · velocity)
public struct SGD: UpdateRule, Equatable {
    /// The share of the velocity that is kept; 0 for none.
    public var momentum: Double
    /// Whether the gradient is taken where the velocity leads.
    public var isNesterov: Bool
    /// This times the weight is added to its gradient; 0 for no decay.
    public var l2: Double

    /// Makes the rule.
    public init(momentum: Double = 0, isNesterov: Bool = false, l2: Double = 0) {
        (self.momentum, self.isNesterov, self.l2) = (momentum, isNesterov, l2)
    }

    /// The velocity, where there is momentum.
    public var memories: [String] { momentum == 0 ? [] : ["velocity"] }

    /// Moves the parameters by one step.
    ///
    /// - Throws: as `UpdateRule.step`.
    public func step(
        _ parameters: [Tensor], gradients: [Tensor], memory: [[Tensor]], rate: Double, number: Int
    ) throws {
        try checkFit("sgd", parameters, gradients, memory)
        var gradients = l2 == 0 ? gradients : try sums(gradients, parameters, scale: l2)
        if momentum != 0 {
            for (velocity, gradient) in zip(memory[0], gradients) {
                try velocity.copy(from: withoutGradients { velocity * momentum })
                try TensorList.add([gradient], to: [velocity])
            }
            gradients = isNesterov ? try sums(gradients, memory[0], scale: momentum) : memory[0]
        }
        try TensorList.add(gradients, to: parameters, scale: -rate)
    }
}

extension UpdateRule {
    /// Refuses lists and shapes that do not fit, before anything is changed.
    fileprivate func checkFit(
        _ op: String, _ parameters: [Tensor], _ gradients: [Tensor], _ memory: [[Tensor]]
    ) throws {
        func refuse(_ message: String) -> TensorError {
            TensorError(op: op, message: message, file: #fileID, line: #line)
        }
        for tensor in parameters + gradients + memory.flatMap({ $0 }) { try tensor.checked() }
        let counts = [gradients.count] + memory.map(\.count)
        guard memory.count == memories.count, counts.allSatisfy({ $0 == parameters.count }) else {
            throw refuse(
                "\(parameters.count) parameters, \(gradients.count) gradients, and \(memory.map(\.count)) tensors to remember "
                    + "\(memories) by")
        }
        for (index, parameter) in parameters.enumerated() {
            let shapes = [gradients[index].shape] + memory.map { $0[index].shape }
            guard shapes.allSatisfy({ $0 == parameter.shape }) else {
                throw refuse("parameter \(index) is \(parameter.shape), its gradient and memories are \(shapes)")
            }
        }
    }

    /// Copies of some tensors with `scale` times others added.
    fileprivate func sums(_ tensors: [Tensor], _ others: [Tensor], scale: Double) throws -> [Tensor] {
        let copies = try tensors.map { try $0.detached().cloned().checked() }
        try TensorList.add(others, to: copies, scale: scale)
        return copies
    }
}
