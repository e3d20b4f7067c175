import Tensors

extension Tensor: Featured {
    /// The tensors as a batch `[N, ...]`; whole numbers and truth values become float32.
    ///
    /// - Throws: `GeneraError.software` for tensors of several shapes; the tensors' own errors.
    public static func features(of samples: [Tensor]) throws -> Tensor {
        let batch = try TensorDrawing.batch(of: samples)
        return batch.dtype.isFloatingPoint ? batch : try batch.to(.float32).checked()
    }
}

extension Curve: Featured {
    /// The heights of all series, one after the other, `[N, heights]`, float64.
    ///
    /// - Throws: `GeneraError.badData` for curves of several lengths.
    public static func features(of samples: [Curve]) throws -> Tensor {
        let rows = samples.map { $0.series.flatMap(\.y) }
        let width = rows.first?.count ?? 0
        guard rows.allSatisfy({ $0.count == width }) else {
            throw GeneraError.badData(
                file: "the samples", reason: "are curves of several lengths",
                advice: "only curves over the same places can be measured")
        }
        return try Tensor(rows.flatMap { $0 }, shape: [rows.count, width]).checked()
    }
}
