import Genera

/// Splats as tensors, drawn as a differentiable operation: for losses and models of LibTorch around the rasteriser.
///
///     let picture = try DifferentiableSplats(means: means, scales: scales, quats: quats, opacities: logits, harmonics: sh)
///         .rendered(camera, background: [1, 1, 1])
///     let gradients = (picture - target).squared().mean().gradients(of: [means, scales, quats, logits, sh])
public struct DifferentiableSplats: Sendable {
    /// Positions `[N, 3]`.
    public var means: Tensor
    /// Logarithms of scales `[N, 3]`.
    public var scales: Tensor
    /// Quaternions w, x, y, z of any length `[N, 4]`.
    public var quats: Tensor
    /// Logits of opacities `[N]`.
    public var opacities: Tensor
    /// Spherical harmonics `[N, K, 3]`.
    public var harmonics: Tensor

    /// Splats of tensors.
    ///
    /// - Throws: `GeneraError.usage` for shapes that do not fit each other.
    public init(means: Tensor, scales: Tensor, quats: Tensor, opacities: Tensor, harmonics: Tensor) throws {
        (self.means, self.scales, self.quats, self.opacities, self.harmonics) = (
            means, scales, quats, opacities, harmonics
        )
        let N = means.shape.sizes.first ?? 0, K = harmonics.shape.sizes.count == 3 ? harmonics.shape[1] : 0
        let shapes = [[N, 3], [N, 3], [N, 4], [N], [N, K, 3]]
        guard zip(tensors, shapes).allSatisfy({ $0.shape.sizes == $1 }), [1, 4, 9, 16, 25].contains(K) else {
            throw GeneraError.usage(
                "Splats are means [N, 3], scales [N, 3], quats [N, 4], opacities [N] and harmonics [N, K, 3] with K of 1, 4, 9, 16 "
                    + "or 25; got \(tensors.map { "\($0.shape)" }.joined(separator: ", ")).")
        }
    }

    private var tensors: [Tensor] { [means, scales, quats, opacities, harmonics] }

    /// Planes of each tensor, in order.
    private static func planes(_ K: Int) -> [(first: Int, width: Int)] {
        [
            (Splats.Plane.position, 3), (Splats.Plane.logScale, 3), (Splats.Plane.rotation, 4),
            (Splats.Plane.opacity, 1),
            (Splats.Plane.harmonics, 3 * K),
        ]
    }

    /// The numbers of the tensors as a scene.
    ///
    /// - Throws: the error of a tensor.
    public func splats() throws -> Splats {
        let N = means.shape[0], K = harmonics.shape[1]
        var splats = Splats(count: N, degree: Int(Double(K).squareRoot()) - 1)
        for (tensor, place) in zip(tensors, Self.planes(K)) {
            let values = try tensor.to(.float32).array(of: Float.self)
            for plane in 0..<place.width {
                for k in 0..<N { splats[place.first + plane, k] = values[k * place.width + plane] }
            }
        }
        return splats
    }

    /// A view `[3, height, width]`, over a background; derivatives by all five tensors are the rasteriser's own.
    ///
    /// - Throws: `GeneraError.unavailable` if memory runs out.
    public func rendered(
        _ camera: Camera, _ rules: RenderRules = RenderRules(), background: [Float] = [0, 0, 0]
    ) throws -> Tensor {
        let splats = try splats(), K = harmonics.shape[1], shapes = tensors.map(\.shape.sizes)
        let view = try Rasterizer().render(splats, camera, rules, background: background)
        let output = Tensor(view.planes, shape: [3, camera.height, camera.width])
        return Tensor.function(of: tensors, output: output, name: "rendered") { gradients in
            // The lists of the view are worked out anew: a graph may hold many views.
            let rasterizer = try Rasterizer()
            let view = try rasterizer.render(splats, camera, rules, background: background)
            let slope = try gradients[0].contiguous().to(.float32).array(of: Float.self)
            let found = try rasterizer.backward(view, gradient: slope).parameters
            return zip(Self.planes(K), shapes).map { place, shape in
                var values: [Float] = []
                values.reserveCapacity(found.count * place.width)
                for k in 0..<found.count {
                    for plane in 0..<place.width { values.append(found[place.first + plane, k]) }
                }
                return Tensor(values, shape: shape)
            }
        }
    }
}
