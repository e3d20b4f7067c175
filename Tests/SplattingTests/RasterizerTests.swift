import CSplats
import Foundation
import Genera
import Splatting
import Testing

/// The kernels beside the plain twin. One suite after the other: the instruction set is forced for the whole process.
@Suite(.serialized) struct RasterizerTests {
    static let kinds: [RenderRules] = {
        var antialiased = RenderRules(), scaled = RenderRules(), exponential = RenderRules()
        antialiased.isAntialiased = true
        scaled.shapeStrength = 0.8
        exponential.isExponential = true
        return [RenderRules(), antialiased, scaled, exponential]
    }()

    @Test("Pictures are those of the published equations in double precision", arguments: 0..<4, [0, 3])
    func twin(kind: Int, degree: Int) throws {
        var random = RandomScene(UInt64(10 + kind))
        let splats = random.splats(60, degree: degree, shapes: 0.8), camera = RandomScene.camera(53, 37)
        let rules = Self.kinds[kind]
        let plain = PlainRasterizer(camera: camera, rules: rules, background: [0.2, 0.4, 0.6]).render(
            splats.rows, degree: degree)
        let view = try Rasterizer(threads: 2).render(splats, camera, rules, background: [0.2, 0.4, 0.6])
        let differences = zip(view.planes, plain).map { abs(Double($0) - $1) }
        #expect(differences.filter { $0 > 3e-5 }.count <= plain.count / 500)
        #expect(differences.max()! < 5e-3)
    }

    @Test("Every derivative is that of finite differences in double precision", arguments: 0..<4)
    func derivatives(kind: Int) throws {
        var random = RandomScene(UInt64(30 + kind))
        let splats = random.splats(12, degree: 3, shapes: 0.5), camera = RandomScene.camera(34, 30),
            rules = Self.kinds[kind]
        let weights = (0..<3 * 34 * 30).map { _ in Double(random.uniform(-1, 1)) }
        let plain = PlainRasterizer(camera: camera, rules: rules, background: [0.5, 0.5, 0.5])
        func loss(_ rows: [[Double]]) -> Double {
            zip(plain.render(rows, degree: 3), weights).reduce(0) { $0 + $1.0 * $1.1 }
        }
        let rasterizer = try Rasterizer(threads: 2)
        let view = try rasterizer.render(splats, camera, rules, background: [0.5, 0.5, 0.5])
        let gradient = try rasterizer.backward(view, gradient: weights.map(Float.init)).parameters
        var (off, count) = (0, 0)
        for splat in 0..<splats.count {
            for plane in 0..<splats.planeCount {
                var rows = splats.rows
                let step = 1e-5
                rows[splat][plane] += step
                let above = loss(rows)
                rows[splat][plane] -= 2 * step
                let numeric = (above - loss(rows)) / (2 * step), exact = Double(gradient[plane, splat])
                count += 1
                // Where a pixel crosses 1/255 inside the step, the difference is a jump and no derivative.
                if abs(numeric - exact) > 2e-3 * (abs(numeric) + abs(exact)) + 2e-3 { off += 1 }
            }
        }
        #expect(off <= count / 40, "\(off) of \(count) derivatives are off")
    }

    @Test("Any number of threads gives the same bits")
    func threads() throws {
        var random = RandomScene(5)
        let splats = random.splats(5000, degree: 2), camera = RandomScene.camera(150, 130)
        let slope = (0..<3 * 150 * 130).map { _ in random.uniform(-1, 1) }
        func run(_ threads: Int) throws -> (RenderedView, Splats, [Float]) {
            let rasterizer = try Rasterizer(threads: threads)
            let view = try rasterizer.render(splats, camera)
            let back = try rasterizer.backward(view, gradient: slope)
            return (view, back.parameters, back.screen)
        }
        let one = try run(1)
        for threads in [2, 3, 7] {
            let other = try run(threads)
            #expect(one.0.planes == other.0.planes && one.0.transmittance == other.0.transmittance)
            #expect(one.1 == other.1 && one.2 == other.2)
        }
    }

    @Test("Every instruction set gives the same picture but for rounding", arguments: [1, 2] as [Int32])
    func targets(level: Int32) throws {
        var random = RandomScene(6)
        let splats = random.splats(800, degree: 3), camera = RandomScene.camera(90, 70)
        let slope = (0..<3 * 90 * 70).map { _ in random.uniform(-1, 1) }
        func run() throws -> ([Float], Splats) {
            let rasterizer = try Rasterizer(threads: 1)
            let view = try rasterizer.render(splats, camera)
            return (view.planes, try rasterizer.backward(view, gradient: slope).parameters)
        }
        let best = try run()
        splat_force_target(level)
        defer { splat_force_target(0) }
        let other = try run()
        let pixels = zip(best.0, other.0).map { abs($0 - $1) }
        #expect(pixels.filter { $0 > 1e-5 }.count <= pixels.count / 1000 && pixels.max()! < 5e-3)
        let numbers = zip(best.1.storage, other.1.storage).filter { abs($0 - $1) > 1e-2 * (abs($0) + abs($1)) + 1e-2 }
        #expect(numbers.count <= best.1.storage.count / 100)
    }

    @Test("Exact tiles leave no splat out that whole rectangles have", arguments: RenderRules.Convention.allCases)
    func tiles(convention: RenderRules.Convention) throws {
        var random = RandomScene(7)
        let splats = random.splats(2000, degree: 0), camera = RandomScene.camera(200, 120),
            rasterizer = try Rasterizer(threads: 1)
        var rules = RenderRules(convention)
        let exact = try rasterizer.render(splats, camera, rules), pairs = rasterizer.statistics.pairs
        rules.listsWholeRectangles = true
        let whole = try rasterizer.render(splats, camera, rules)
        #expect(exact.planes == whole.planes)
        #expect(pairs < rasterizer.statistics.pairs)
    }

    @Test("The order of the splats in the scene does not matter")
    func order() throws {
        var random = RandomScene(8)
        let splats = random.splats(700, degree: 1), camera = RandomScene.camera(64, 64),
            rasterizer = try Rasterizer(threads: 1)
        let view = try rasterizer.render(splats, camera)
        let reversed = splats.picked((0..<Int32(splats.count)).reversed())
        #expect(try rasterizer.render(reversed, camera).planes == view.planes)
    }

    @Test("Nothing to see is the background: no splats, all behind, all transparent")
    func empty() throws {
        let camera = RandomScene.camera(20, 10), rasterizer = try Rasterizer(threads: 2)
        var random = RandomScene(9)
        var behind = random.splats(40, degree: 0), clear = behind
        for k in 0..<40 {
            behind[2, k] = -1
            clear[10, k] = -40
        }
        for splats in [Splats(count: 0, degree: 3), behind, clear] {
            let view = try rasterizer.render(splats, camera, background: [0.25, 0.5, 0.75])
            #expect(
                view.planes == [Float](repeating: 0.25, count: 200) + [Float](repeating: 0.5, count: 200)
                    + [Float](repeating: 0.75, count: 200))
            let back = try rasterizer.backward(view, gradient: [Float](repeating: 1, count: 600))
            #expect(back.parameters.storage.allSatisfy { $0 == 0 })
        }
    }

    @Test("Numbers at the ends of their range stay finite")
    func extremes() throws {
        var random = RandomScene(11)
        var splats = random.splats(64, degree: 1)
        for k in 0..<64 {
            splats[10, k] = k % 2 == 0 ? 40 : -40
            splats[3 + k % 3, k] = k % 4 == 0 ? -25 : 4
            if k % 8 == 0 { for plane in 6..<10 { splats[plane, k] *= 1e-12 } }
        }
        let rasterizer = try Rasterizer(threads: 1)
        let view = try rasterizer.render(splats, RandomScene.camera(40, 40))
        #expect(view.planes.allSatisfy { $0.isFinite })
        let back = try rasterizer.backward(view, gradient: [Float](repeating: 1, count: 4800))
        #expect(back.parameters.storage.allSatisfy { $0.isFinite })
    }

    @Test("Depth, alpha and the foremost splat of one opaque wall")
    func wall() throws {
        var splats = Splats(count: 1, degree: 0)
        splats[2, 0] = 4
        for plane in 3..<6 { splats[plane, 0] = 3 }
        splats[6, 0] = 1
        splats[10, 0] = 40
        let camera = RandomScene.camera(16, 16), rasterizer = try Rasterizer(threads: 1)
        var rules = RenderRules(.exact)
        rules.content = .depth
        let view = try rasterizer.render(splats, camera, rules, details: [.medianDepth, .top, .last])
        #expect(view.transmittance.allSatisfy { abs($0 - 0.01) < 1e-5 })
        #expect(view.planes.prefix(256).allSatisfy { abs($0 - 4 * 0.99) < 1e-4 })
        #expect(
            view.medianDepth.allSatisfy { $0 == 4 } && view.top.allSatisfy { $0 == 0 }
                && view.last.allSatisfy { $0 == 1 })
    }
}
