import Genera
import Splatting
import Testing

@Suite struct SplatTensorTests {
    @Test("A view in LibTorch's graph has the rasteriser's derivatives")
    func graph() throws {
        var random = RandomScene(60)
        let splats = random.splats(30, degree: 1), camera = RandomScene.camera(40, 24), N = 30
        func tensor(_ first: Int, _ width: Int, _ shape: [Int]) throws -> Tensor {
            try Tensor((0..<N).flatMap { k in (0..<width).map { splats[first + $0, k] } }, shape: shape)
                .requiringGradient()
        }
        let leaves = try [
            tensor(0, 3, [N, 3]), tensor(3, 3, [N, 3]), tensor(6, 4, [N, 4]), tensor(10, 1, [N]),
            tensor(12, 12, [N, 4, 3]),
        ]
        let view = try DifferentiableSplats(
            means: leaves[0], scales: leaves[1], quats: leaves[2], opacities: leaves[3], harmonics: leaves[4]
        )
        .rendered(camera)
        let gradients = try view.squared().sum().gradients(of: leaves)
        let rasterizer = try Rasterizer(threads: 1), drawn = try rasterizer.render(splats, camera)
        let own = try rasterizer.backward(drawn, gradient: drawn.planes.map { 2 * $0 }).parameters
        for (gradient, (first, width)) in zip(gradients, [(0, 3), (3, 3), (6, 4), (10, 1), (12, 12)]) {
            let values = try gradient.array(of: Float.self)
            #expect(values == (0..<N).flatMap { k in (0..<width).map { own[first + $0, k] } })
        }
    }

    @Test("Shapes that do not fit are told")
    func shapes() {
        #expect(throws: GeneraError.self) {
            try DifferentiableSplats(
                means: .zeros([2, 3]), scales: .zeros([2, 3]), quats: .zeros([2, 4]), opacities: .zeros([3]),
                harmonics: .zeros([2, 1, 3]))
        }
    }
}
