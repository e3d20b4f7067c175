import Tensors

/// The weights of one network with all that training remembers of them: what the rule looks back on, and their average. Several
/// optimisers are several values.
///
///     var x = try Optimiser("x", scope.trainable, Adam(decay: .l2(1e-4)), clip: 1, average: .counted(0.999))
///     let (losses, gradients) = try step.gradients(of: x.parameters, cut: 32) { … }
///     let metrics = try x.step(gradients, rate: 2e-4)
///
/// A copy shares the tensors, which are changed in place; a trainer keeps one value.
public struct Optimiser: Sendable {
    /// What its metrics and the tensors of its state begin with; may be empty.
    public let name: String
    /// The parameters' names.
    public let names: [String]
    /// The weights: leaves to which gradients flow. Those that were given, until rows are kept or added or one is replaced.
    public internal(set) var parameters: [Tensor]
    /// Steps taken.
    public internal(set) var stepCount = 0
    /// How weights move.
    public let rule: any UpdateRule
    /// The largest norm of the gradient; nil for no clipping.
    public let clip: Double?
    /// The average that is kept.
    public let average: Average
    /// What NaN and infinite elements of gradients become: NaN 0, and each element within ± this. Nil, which is what you want, makes
    /// them errors.
    public let cleaning: Double?

    /// For each of the rule's memories a tensor for each parameter.
    var memory: [[Tensor]]
    /// One for each parameter; none where no average is kept.
    var averages: [Tensor]

    /// An optimiser before its first step.
    ///
    /// - Parameters:
    ///   - parameters: trainable leaves. Those that no loss depends on have derivatives of 0, and would be moved by weight decay: leave
    ///     them out.
    ///   - clip: the largest norm of the gradient; above it gradients are scaled down.
    ///   - cleaning: see the property.
    /// - Throws: if a parameter is poisoned, or a name is used twice.
    public init(
        _ name: String = "", _ parameters: [(name: String, tensor: Tensor)], _ rule: any UpdateRule = Adam(),
        clip: Double? = nil, average: Average = .none, cleaning: Double? = nil
    ) throws {
        (self.name, self.rule, self.clip, self.average, self.cleaning) = (name, rule, clip, average, cleaning)
        names = parameters.map(\.name)
        self.parameters = try parameters.map { try $0.tensor.checked() }
        guard Set(names).count == names.count else {
            throw GeneraError.software("The optimiser '\(name)' was given two parameters of one name: \(names).")
        }
        memory = try rule.memories.map { _ in try parameters.map { try Self.zeros(like: $0.tensor) } }
        averages = try average.isKept ? parameters.map { try Self.copy($0.tensor) } : []
    }

    /// The number of parameters.
    public var count: Int { parameters.count }

    /// The weights by name: their averages, or they themselves where no average is kept.
    public var averaged: [(name: String, tensor: Tensor)] {
        zip(names, average.isKept ? averages : parameters).map { (name: $0, tensor: $1) }
    }

    /// Moves the parameters against their gradients, and their average towards them.
    ///
    /// - Parameters:
    ///   - gradients: one for each parameter. They may be changed.
    ///   - rate: the learning rate.
    ///   - isLogged: whether the metrics are wanted. Where they are not, the norm of the gradient need not be worked out.
    /// - Returns: `lr`, `grad_norm` (after cleaning, before clipping) and, where an average is kept, `ema_beta`, its decay; all after the
    ///   optimiser's name and a point, if it has one.
    /// - Throws: an error that names the parameter whose gradient is not finite; weights are then as before. Errors of tensors.
    public mutating func step(_ gradients: [Tensor], rate: Double, isLogged: Bool = true) throws -> [Metric] {
        if let cleaning { try TensorList.clean(gradients, limit: cleaning) }
        let norm = isLogged || clip != nil || cleaning == nil ? try TensorList.norm(gradients) : 0
        guard norm.isFinite else { throw try culprit(gradients, norm: norm) }
        try rule.step(
            parameters, gradients: clipped(gradients, norm: norm), memory: memory, rate: rate, number: stepCount + 1)
        var metrics = [Metric.latest("\(prefix)lr", rate), .latest("\(prefix)grad_norm", norm)]
        if case let .decay(decay) = average {
            let decay = decay(stepCount)
            try TensorList.movingAverage(averages, towards: parameters, decay: decay)
            metrics.append(.latest("\(prefix)ema_beta", decay))
        }
        stepCount += 1
        return metrics
    }

    /// What names of metrics and states begin with.
    var prefix: String { name.isEmpty ? "" : "\(name)." }

    /// Gradients scaled down to the largest norm allowed, as `torch.nn.utils.clip_grad_norm_` does.
    private func clipped(_ gradients: [Tensor], norm: Double) -> [Tensor] {
        guard let clip, norm > clip else { return gradients }
        return gradients.map { $0 * (clip / (norm + 1e-6)) }
    }

    private func culprit(_ gradients: [Tensor], norm: Double) throws -> NotFiniteGradient {
        let first = try zip(names, gradients).first { try !$1.isFinite() }
        return NotFiniteGradient(parameter: first.map { prefix + $0.0 }, norm: norm)
    }

    static func zeros(like tensor: Tensor) throws -> Tensor {
        try Tensor.zeros(tensor.shape.sizes, dtype: tensor.dtype, device: tensor.device).checked()
    }

    static func copy(_ tensor: Tensor) throws -> Tensor { try tensor.detached().cloned().checked() }
}

/// A gradient with which no step can be taken. The driver tells it with the step.
struct NotFiniteGradient: Error, Equatable {
    /// The first parameter with an element that is NaN or infinite; nil if only the norm of all is too large.
    let parameter: String?
    let norm: Double
}

extension Average {
    var isKept: Bool { if case .none = self { false } else { true } }
}
