import Foundation
import Genera
import GeneraTesting
import Splatting
import Testing

@Suite struct SplatTrainingTests {
    /// Photographs of a scene that is known, and a worse scene to begin from.
    struct Toy {
        let folder: TemporaryFolder
        let train: [View], test: [View], points: InitialPoints

        init() throws {
            let folder = TemporaryFolder()
            var random = RandomScene(40)
            let truth = random.splats(150, degree: 0), rasterizer = try Rasterizer(threads: 1)
            let cameras = try CameraPath.orbit(
                .init(centre: [0, 0, 4], radius: 4, elevation: 10, up: [0, -1, 0]), count: 6, width: 40, height: 32)
            for (k, camera) in cameras.enumerated() {
                try PNG.write(rasterizer.render(truth, camera).image, to: folder.file("\(k).png"))
            }
            let list = cameras.enumerated().map { View(name: "\($0)", camera: $1, imagePath: folder.file("\($0).png")) }
            var points: [Float] = [], colors: [Float] = []
            for k in 0..<80 {
                for axis in 0..<3 { points.append(truth[axis, k] + random.uniform(-0.1, 0.1)) }
                colors += [0.5, 0.5, 0.5]
            }
            (self.folder, train, test) = (folder, Array(list.prefix(5)), Array(list.suffix(1)))
            self.points = InitialPoints(positions: points, colours: colors)
        }

        func trainer(_ plan: SplatTraining, threads: Int = 1) throws -> SplatTrainer {
            try SplatTrainer(
                plan, start: Splats(points: points.positions, colors: points.colours, degree: plan.degree),
                train: Photographs(train), test: Photographs(test), extent: 4, threads: threads)
        }
    }

    static func plan(_ method: SplatTraining.Method, _ strategy: SplatTraining.Strategy) -> SplatTraining {
        var plan = SplatTraining(method)
        (plan.strategy, plan.iterations, plan.degree, plan.degreeInterval) = (strategy, 120, 2, 30)
        (plan.densifyFrom, plan.densifyEvery, plan.densifyUntil, plan.opacityResetEvery) = (20, 20, 100, 60)
        plan.shapeResetEvery = 50
        plan.densification.gradientThreshold = 0.0001
        (plan.mcmc.from, plan.mcmc.every, plan.mcmc.until, plan.mcmc.limit) = (20, 20, 100, 130)
        return plan
    }

    @Test("Training makes pictures better, and counts what it does", arguments: SplatTraining.Method.allCases)
    func learns(method: SplatTraining.Method) throws {
        let toy = try Toy(), folder = TemporaryFolder()
        let trainer = try toy.trainer(Self.plan(method, .adaptive))
        let before = try trainer.assess()[0].value
        let settings = try TrainingSettings.with { ($0.previewEvery, $0.logEvery) = (0, 20) }
        _ = try TrainingDriver(trainer, settings: settings, family: "splat", directory: folder.file("run")).start()
        let after = try trainer.assess()[0].value
        #expect(after > before + 1, "\(before) dB became \(after) dB")
        #expect(trainer.scene.splats.count != 80)
    }

    @Test(
        "A run that was stopped goes on to the same bits, on any number of threads",
        arguments: SplatTraining.Strategy.allCases, SplatTraining.Method.allCases)
    func resumes(strategy: SplatTraining.Strategy, method: SplatTraining.Method) throws {
        let toy = try Toy(), folder = TemporaryFolder(), plan = Self.plan(method, strategy)
        func run(_ name: String, steps: Int, threads: Int, resuming: Bool = false) throws -> Splats {
            let settings = try TrainingSettings.with {
                ($0.steps, $0.previewEvery, $0.checkpointEvery) = (steps, 0, 1000)
            }
            let trainer = try toy.trainer(plan, threads: threads)
            let driver = TrainingDriver(trainer, settings: settings, family: "splat", directory: folder.file(name))
            _ = try resuming ? driver.resume() : driver.start()
            return trainer.scene.splats
        }
        let whole = try run("whole", steps: 90, threads: 1)
        _ = try run("parts", steps: 47, threads: 2)
        #expect(try run("parts", steps: 90, threads: 2, resuming: true) == whole)
    }

    @Test("Clones, splits and removals are the published ones on a scene of three")
    func densification() throws {
        var splats = Splats(count: 3, degree: 0)
        for k in 0..<3 {
            splats[6, k] = 1
            splats[10, k] = k == 2 ? -8 : 2
            for plane in 3..<6 { splats[plane, k] = k == 0 ? log(0.001) : log(0.5) }
        }
        var trained = TrainedSplats(splats)
        let radii = [Int32](repeating: 3, count: 6), screen: [Float] = [1, 1, 0, 0, 0, 0]
        radii.withUnsafeBufferPointer { radii in
            screen.withUnsafeBufferPointer { trained.note(radii: radii, screen: $0, width: 2, height: 2) }
        }
        let changes = Densification().apply(to: &trained, extent: 1, removesLarge: false) { copies in
            #expect(copies == 2)
            return [1, 0, 0, 0, -1, 0]
        }
        #expect(changes == .init(cloned: 1, split: 1, removed: 1))
        // The small one and its clone, then both halves of the large one.
        #expect(trained.splats.count == 4)
        #expect(trained.splats[3, 0] == log(Float(0.001)) && trained.splats[3, 1] == log(Float(0.001)))
        #expect(abs(trained.splats[3, 2] - log(Float(0.5) / 1.6)) < 1e-6)
        #expect(abs(trained.splats[0, 2] - 0.5) < 1e-6 && abs(trained.splats[1, 3] + 0.5) < 1e-6)
    }

    @Test("Splats of one place share its opacity so that together they look as one", arguments: [1, 2, 5, 51, 80])
    func shares(times: Int) {
        let (opacity, scale) = MarkovChain.shared(0.7, times: times)
        let N = min(times, 51)
        #expect(abs(1 - pow(1 - opacity, Double(N)) - 0.7) < 1e-9)
        #expect(times == 1 ? abs(scale - 1) < 1e-12 : scale > 0.2 && scale < 1)
    }

    @Test("First sizes are the distances to the three nearest points")
    func firstSizes() {
        var random = RandomScene(3)
        let points = (0..<600).map { _ in random.uniform(-1, 1) } + [9, 9, 9], N = points.count / 3
        let splats = Splats(points: points, colors: [Float](repeating: 0.5, count: points.count), degree: 1)
        for k in 0..<N {
            let squares = (0..<N).filter { $0 != k }.map { other in
                (0..<3).reduce(Float(0)) {
                    $0 + (points[3 * k + $1] - points[3 * other + $1]) * (points[3 * k + $1] - points[3 * other + $1])
                }
            }.sorted()
            let expected = log((squares[0] + squares[1] + squares[2]) / 3) / 2
            #expect(abs(splats[3, k] - expected) < 1e-4)
        }
    }
}
