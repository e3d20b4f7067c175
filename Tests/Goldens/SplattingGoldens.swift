import Genera
import GeneraTesting
import Splatting

/// Compares the family of splats with the reference implementations, one handler a kind of case.
public enum SplattingGoldens {
    /// The runner.
    public static let runner = GoldenRunner("splat", handlers)

    private static var handlers: [String: GoldenRunner.Handler] {
        [
            "raster": raster, "render": render, "covariance": covariance, "projection": projection,
            "spherical_harmonics": sphericalHarmonics, "ges_train": gesTrain,
            "fit1d": SplattingLossGoldens.fit1d, "formats": SplattingFileGoldens.formats,
            "decode": SplattingFileGoldens.decode, "ges_save_ply": SplattingFileGoldens.gesSavePLY,
            "losses": SplattingLossGoldens.losses, "ges_activation": SplattingLossGoldens.gesActivation,
        ]
    }
}

// MARK: - Reading cases

extension Splats {
    /// The splats of a case, whose tensors are `[N, ...]`; harmonics `[N, K, 3]`.
    init(
        _ tensors: CaseTensors, positions: String = "in.xyz", logScales: String = "in.log_scale",
        rotations: String = "in.quat_wxyz", logits: String? = "in.logit_opacity", harmonics: String? = "in.sh",
        shapes: String = "in.shape"
    ) throws {
        let points = try tensors.numbers(positions), count = points.count / 3
        let sh = try harmonics.map(tensors.numbers) ?? []
        let degree = count == 0 || sh.isEmpty ? 0 : Int(Double(sh.count / count / 3).squareRoot()) - 1
        self.init(count: count, degree: degree)
        func fill(_ plane: Int, _ width: Int, _ values: [Double]) {
            for splat in 0..<count {
                for k in 0..<width { self[plane + k, splat] = Float(values[splat * width + k]) }
            }
        }
        fill(Plane.position, 3, points)
        fill(Plane.logScale, 3, try tensors.numbers(logScales))
        fill(Plane.rotation, 4, try tensors.numbers(rotations))
        if let logits { fill(Plane.opacity, 1, try tensors.numbers(logits)) }
        if tensors[shapes] != nil { fill(Plane.shape, 1, try tensors.numbers(shapes)) }
        if !sh.isEmpty { fill(Plane.harmonics, 3 * coefficientCount, sh) }
    }

    /// Planes `first..<first + width` as a tensor `[N, width]`, or of the shape given.
    func tensor(_ first: Int, _ width: Int, shape: [Int]? = nil) -> Tensor {
        var values: [Float] = []
        for splat in 0..<count { for k in 0..<width { values.append(self[first + k, splat]) } }
        return Tensor(values, shape: shape ?? (width == 1 ? [count] : [count, width]))
    }
}

extension Camera {
    /// A camera of a case's numbers.
    init(_ matrix: [Double], width: Int, height: Int, fx: Double, fy: Double) {
        let rows = matrix.count == 16 ? matrix : Array(matrix.prefix(16))
        self.init(
            rotation: [0, 1, 2, 4, 5, 6, 8, 9, 10].map { rows[$0] }, translation: [3, 7, 11].map { rows[$0] },
            width: width, height: height, fx: fx, fy: fy)
    }
}

extension GoldenCase {
    func number(_ key: String) throws -> Double {
        guard let value = config[key]?.number else { throw CaseFault("the configuration has no number '\(key)'") }
        return value
    }
}
