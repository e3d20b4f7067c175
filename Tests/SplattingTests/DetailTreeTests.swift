import Foundation
import Genera
import Splatting
import Testing

/// Levels of detail: that cuts keep their word, and what pictures come of them.
@Suite(.serialized) struct DetailTreeTests {
    private func scene(_ count: Int, seed: UInt64 = 3) -> Splats {
        var random = RandomScene(seed)
        var splats = random.splats(count, degree: 1)
        for plane in 3..<6 { splats.withPlane(plane) { for k in $0.indices { $0[k] -= 3 } } }
        return splats
    }

    private func onScreen(_ p: [Double], _ camera: Camera) -> [Double] {
        let r = camera.rotation,
            x = (0..<3).map { k in (0..<3).reduce(camera.translation[k]) { $0 + r[3 * k + $1] * p[$1] } }
        return [camera.fx * x[0] / x[2], camera.fy * x[1] / x[2]]
    }

    @Test("Every splat is drawn once, and none is farther from its node than was asked for", arguments: [0.5, 2.5, 20])
    func guarantee(pixels: Double) throws {
        let splats = scene(5003), camera = RandomScene.camera(160, 120), tree = try DetailTree(splats)
        let nodes = try tree.nodes(camera, pixels: pixels)
        #expect(nodes.flatMap(\.splats).sorted() == Array(0..<splats.count))
        var farthest = 0.0
        for node in nodes where node.splats.count > 1 {
            let centre = onScreen(node.position.map(Double.init), camera)
            for splat in node.splats {
                let place = onScreen((0..<3).map { Double(splats[$0, splat]) }, camera)
                farthest = max(farthest, hypot(place[0] - centre[0], place[1] - centre[1]))
            }
        }
        #expect(farthest <= pixels)
        #expect(farthest <= tree.statistics.deviation && tree.statistics.deviation <= pixels)
        #expect(pixels < 20 || nodes.count < splats.count * 2 / 3)
    }

    @Test("A tree that may not move anything draws the scene")
    func nothingMoves() throws {
        let splats = scene(700), camera = RandomScene.camera(80, 60), rasterizer = try Rasterizer(threads: 2)
        let view = try DetailTree(splats).render(camera, pixels: 1e-9, by: rasterizer)
        let whole = try rasterizer.render(splats, camera)
        #expect(zip(view.planes, whole.planes).allSatisfy { abs($0 - $1) < 1e-5 })
    }

    @Test("Far away few splats draw nearly the same picture, with any number of threads")
    func farAway() throws {
        let splats = scene(4000)
        var camera = RandomScene.camera(64, 48)
        camera.translation = [0, 0, 30]
        let tree = try DetailTree(splats), rasterizer = try Rasterizer(threads: 1)
        let view = try tree.render(camera, pixels: 1, by: rasterizer), whole = try rasterizer.render(splats, camera)
        #expect(tree.statistics.drawn < splats.count / 2)
        let error =
            zip(view.planes, whole.planes).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / Float(view.planes.count)
        #expect(-10 * log10(error) > 25)
        rasterizer.threads = 3
        #expect(try tree.render(camera, pixels: 1, by: rasterizer).planes == view.planes)
    }

    @Test("Scenes of no splats and of one, and splats all in one place, have trees", arguments: [0, 1, 130])
    func small(count: Int) throws {
        var splats = scene(count)
        for plane in 0..<3 { splats.withPlane(plane) { for k in $0.indices { $0[k] = plane == 2 ? 4 : 0 } } }
        let tree = try DetailTree(splats), nodes = try tree.nodes(RandomScene.camera(40, 30), pixels: 2)
        #expect(nodes.count == min(count, 1))
    }

    @Test("Projections of which no bound is known are refused")
    func projections() throws {
        var camera = RandomScene.camera(40, 30)
        camera.projection = .panorama
        let tree = try DetailTree(scene(10))
        #expect(throws: GeneraError.self) { try tree.nodes(camera, pixels: 2) }
    }
}
