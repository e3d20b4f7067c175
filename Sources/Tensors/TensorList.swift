import CEngine

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

func handles(_ tensors: [Tensor]) throws -> [ge_tensor?] { try tensors.map { try $0.checked().box.handle } }
