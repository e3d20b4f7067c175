import CEngine

/// Adam and AdamW over a fixed list of parameters (Kingma and Ba, 2015; Loshchilov and Hutter, 2019), in PyTorch's
/// arithmetic.
public struct Adam: Sendable {
    /// Decay of the mean of gradients.
    public var beta1 = 0.9
    /// Decay of the mean of squared gradients.
    public var beta2 = 0.999
    /// Added to the denominator.
    public var epsilon = 1e-8
    /// Decoupled weight decay (AdamW); 0 is plain Adam.
    public var weightDecay = 0.0
    /// Means of gradients, one a parameter.
    public private(set) var first: [Tensor]
    /// Means of squared gradients, one a parameter.
    public private(set) var second: [Tensor]
    /// Steps taken.
    public var stepCount: Int

    /// Starts with empty means.
    ///
    /// - Throws: if a parameter is poisoned.
    public init(_ parameters: [Tensor]) throws {
        first = try parameters.map { try Tensor.zeros($0.shape.sizes, device: $0.device).checked() }
        second = try parameters.map { try Tensor.zeros($0.shape.sizes, device: $0.device).checked() }
        stepCount = 0
    }

    /// Goes on from saved means.
    public init(first: [Tensor], second: [Tensor], stepCount: Int) {
        self.first = first
        self.second = second
        self.stepCount = stepCount
    }

    /// Moves the parameters against their gradients, in place.
    ///
    /// - Throws: the first poisoned gradient's error; the parameters are then as before.
    public mutating func step(_ parameters: [Tensor], gradients: [Tensor], learningRate: Double) throws {
        let (p, g) = (try handles(parameters), try handles(gradients))
        let (m, v) = (try handles(first), try handles(second))
        guard p.count == g.count, p.count == m.count else {
            throw TensorError(
                op: "adam", message: "\(p.count) parameters, \(g.count) gradients, \(m.count) means", file: #fileID,
                line: #line)
        }
        let status = api.adam_step(
            p, g, m, v, Int32(p.count), learningRate, beta1, beta2, epsilon, weightDecay, Int64(stepCount + 1))
        guard status == 0 else { throw failure("adam", []) }
        stepCount += 1
    }
}

/// Operations on whole lists of tensors, in place.
public enum TensorList {
    /// Moves each average towards its parameter: `average = decay · average + (1 - decay) · parameter`.
    ///
    /// - Throws: if one is poisoned or shapes differ.
    public static func movingAverage(_ averages: [Tensor], towards parameters: [Tensor], decay: Double) throws {
        let (e, p) = (try handles(averages), try handles(parameters))
        guard api.ema_update(e, p, Int32(e.count), decay) == 0 else { throw failure("moving average", []) }
    }

    /// The Euclidean norm of all elements of all tensors together.
    ///
    /// - Throws: if one is poisoned.
    public static func norm(_ tensors: [Tensor]) throws -> Double {
        var out = 0.0
        guard api.gradient_norm(try handles(tensors), Int32(tensors.count), &out) == 0 else {
            throw failure("norm", [])
        }
        return out
    }

    /// Adds `scale` times each term to its sum.
    ///
    /// - Throws: if one is poisoned or shapes differ.
    public static func add(_ terms: [Tensor], to sums: [Tensor], scale: Double = 1) throws {
        let (s, t) = (try handles(sums), try handles(terms))
        guard api.accumulate(s, t, Int32(s.count), scale) == 0 else { throw failure("accumulate", []) }
    }

    /// Replaces NaN by 0 and limits every element to ±`limit`.
    ///
    /// - Throws: if one is poisoned.
    public static func clean(_ tensors: [Tensor], limit: Double) throws {
        guard api.clean_gradients(try handles(tensors), Int32(tensors.count), limit) == 0 else {
            throw failure("nan_to_num", [])
        }
    }
}

private func handles(_ tensors: [Tensor]) throws -> [ge_tensor?] { try tensors.map { try $0.checked().box.handle } }
