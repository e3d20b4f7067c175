import Foundation
import Genera
import GeneraTesting
import Testing

@testable import Splatting

/// Views beside photographs: a data set of pictures that a scene itself was drawn in.
@Suite struct ComparedViewsTests {
    let folder = TemporaryFolder()
    let scene = PhotographedScene.scene(seed: 3)

    private func sampler(_ words: [String]) throws -> ViewSampler {
        let options = try Splatting.SamplingOptions.parse(["--scene", folder.file("scene.ply")] + words)
        return try #require(try Splatting.sampler(options, RunContext()) as? ViewSampler)
    }

    private func evaluated(_ sampler: ViewSampler, _ measures: [Measure<Image>] = [.psnr, .ssim]) throws -> Evaluation {
        let driver = EvaluationDriver<Image>(measures: measures, settings: EvaluationSettings(halves: 0))
        let count = try #require(sampler.sampleCount)
        let reference = try driver.reference(for: count, of: sampler, in: nil)
        #expect(reference.isPaired)
        return try driver.evaluate(sampler, SamplingRequest(indices: Array(0..<count)), against: reference)
    }

    @Test("a scene beside its own pictures: no error at all over the background they were laid on")
    func own() throws {
        try scene.write(to: folder.file("scene.ply"))
        try PhotographedScene.write(scene, over: nil, to: folder.path)
        let sampler = try sampler(["--data", folder.path, "-w"])
        #expect(sampler.sampleCount == 3 && sampler.hasCounterparts)
        #expect(try sampler.names(noise: Noise(seed: 0, samples: [2, 0])) == ["test/r_2", "test/r_0"])
        let evaluation = try evaluated(sampler)
        // Photographs with alpha are cut to 8 bits after they are laid over white.
        let psnr = try #require(evaluation["psnr"]).drawn.value
        #expect(psnr > 45, "\(psnr)")
        #expect(try #require(evaluation["ssim"]).drawn.value > 0.99)
    }

    @Test("opaque photographs of the scene are met exactly; those of another are as far as a direct formula says")
    func exact() throws {
        try scene.write(to: folder.file("scene.ply"))
        try PhotographedScene.write(scene, over: [0, 0, 0], to: folder.path)
        #expect(try evaluated(sampler(["--data", folder.path]))["psnr"]?.drawn.value == .infinity)

        try PhotographedScene.scene(seed: 4).write(to: folder.file("scene.ply"))
        let sampler = try sampler(["--data", folder.path])
        let psnr = try #require(try evaluated(sampler)["psnr"]).drawn.value
        let noise = Noise(seed: 0, samples: [0, 1, 2])
        let pictures = try sampler.finish(sampler.start(noise: noise))
        let photographs = try #require(try sampler.reference(noise: noise))
        let values = zip(pictures, photographs).map { picture, photograph -> Double in
            let squares = zip(picture.values, photograph.values).map { Double(($0 - $1) * ($0 - $1)) }
            return -10 * log10(squares.reduce(0, +) / Double(squares.count))
        }
        #expect(abs(psnr - values.reduce(0, +) / 3) < 1e-4 && psnr < 30)
    }

    @Test(
        "parts of a data set: test, train and all; val where there is no test; an empty part is an error that counts the others"
    )
    func splits() throws {
        try scene.write(to: folder.file("scene.ply"))
        try PhotographedScene.write(scene, over: [0, 0, 0], to: folder.path)
        #expect(try sampler(["--data", folder.path, "--split", "train"]).sampleCount == 2)
        #expect(try sampler(["--data", folder.path, "--split", "all"]).sampleCount == 5)
        let error = #expect(throws: GeneraError.self) { try sampler(["--data", folder.path, "--split", "val"]) }
        #expect("\(try #require(error))".contains("2 for training, 3 for tests and 0 to watch"))
        try FileManager.default.moveItem(
            atPath: folder.file("transforms_test.json"), toPath: folder.file("transforms_val.json"))
        #expect(try sampler(["--data", folder.path]).sampleCount == 3)
        #expect(try sampler(["--data", folder.path, "-r", "2"]).cameras[0].camera.width == 24)
    }

    @Test(
        "words that exclude each other",
        arguments: [
            "--size 20", "--eye 1,2,3", "--turntable 3", "--camera x.json", "--background none", "-r 0",
            "--test-every 1",
            "--split everything",
        ])
    func refused(_ words: String) throws {
        try scene.write(to: folder.file("scene.ply"))
        try PhotographedScene.write(scene, over: [0, 0, 0], to: folder.path)
        #expect(throws: (any Error).self) {
            try sampler(["--data", folder.path] + words.split(separator: " ").map(String.init))
        }
    }

    @Test("what a mask leaves out counts as met")
    func masked() throws {
        try scene.write(to: folder.file("scene.ply"))
        try PhotographedScene.write(scene, over: [0, 0, 0], to: folder.path)
        try FileSystem.makeFolders(folder.file("masks/test"))
        // The left half of the first photograph is painted over and masked.
        let path = folder.file("test/r_0.png")
        let photograph = try Image.read(path: path)
        guard case var .bytes(bytes) = photograph.samples else { return }
        for row in 0..<48 { for place in 0..<3 * 24 { bytes[row * 3 * 48 + place] = 255 } }
        try PNG.write(Image(width: 48, height: 48, channels: 3, bytes: bytes), to: path)
        let mask = (0..<48 * 48).map { UInt8($0 % 48 < 24 ? 0 : 255) }
        try PNG.write(Image(width: 48, height: 48, channels: 1, bytes: mask), to: folder.file("masks/test/r_0.png"))
        #expect(try evaluated(sampler(["--data", folder.path]))["psnr"]?.drawn.value == .infinity)
        try FileManager.default.removeItem(atPath: folder.file("masks"))
        let noise = Noise(seed: 0, samples: [0])
        let plain = try sampler(["--data", folder.path])
        #expect(try plain.reference(noise: noise) != plain.finish(plain.start(noise: noise)))
    }

    @Test(
        "genera render --data: a sheet, and numbered files, each with scene, photograph and difference; PSNR and SSIM of 8 bits"
    )
    func render() throws {
        try PhotographedScene.scene(seed: 4).write(to: folder.file("scene.ply"))
        try PhotographedScene.write(scene, over: [0, 0, 0], to: folder.path)
        func outcome(_ words: [String]) throws -> Outcome {
            try RenderVerb.parse([folder.file("scene.ply"), "--data", folder.path] + words).run(RunContext())
        }
        let sheet = try outcome(["--out", folder.file("sheet.png")])
        let picture = try Image.read(path: folder.file("sheet.png"))
        #expect(picture.width == 3 * 50 + 2 && picture.height == 3 * 50 + 2)
        let files = try outcome(["--frames", "--out", folder.file("views")])
        #expect(sheet.tables == files.tables && sheet.tables[0].rows.count == 3)
        let strip = try Image.read(path: folder.file("views/0000.png"))
        let (left, middle) = (
            try strip.cropped(x: 2, y: 2, width: 48, height: 48), try strip.cropped(x: 52, y: 2, width: 48, height: 48)
        )
        let right = try strip.cropped(x: 102, y: 2, width: 48, height: 48)
        #expect(middle == (try Image.read(path: folder.file("test/r_0.png"))))
        #expect(right == ComparisonWriter.difference(left, middle))
        let (a, b) = (Self.planes(left), Self.planes(middle))
        guard case let .number(psnr) = sheet.tables[0].rows[0][1], case let .number(ssim) = sheet.tables[0].rows[0][2]
        else {
            Issue.record("a view has two numbers")
            return
        }
        #expect(abs(psnr - (try ImageSimilarity.psnr(a, b))) < 1e-4)
        #expect(abs(ssim - (try StructuralSimilarity(edges: .zeros)(a, b))) < 1e-5)
        #expect(throws: (any Error).self) { try outcome(["--channel", "depth", "--out", folder.file("x.png")]) }
    }

    private static func planes(_ image: Image) -> PixelPlanes {
        PixelPlanes(interleaved: image.values, channels: 3, height: image.height, width: image.width)
    }
}

/// A scene and pictures of it as a data set.
enum PhotographedScene {
    /// Some dozen soft splats around the origin.
    static func scene(seed: UInt64) -> SplatScene {
        var scene = Scenes.random(60, degree: 1, seed: seed)
        for i in 0..<60 {
            for axis in 0..<3 {
                scene.splats[axis, i] *= 0.3
                scene.splats[Splats.Plane.logScale + axis, i] =
                    scene.splats[Splats.Plane.logScale + axis, i] * 0.2 - 1.5
            }
        }
        return scene
    }

    /// Five pictures of 48x48 pixels on a circle, two of them for training.
    ///
    /// - Parameter paper: what is behind the scene; nil for pictures with alpha.
    static func write(_ scene: SplatScene, over paper: [Float]?, to folder: String) throws {
        let cameras = try CameraPath.orbit(
            .init(centre: [0, 0, 0], radius: 5, elevation: 20, up: [0, 0, 1]), count: 5, lens: .fieldOfView(40),
            width: 48,
            height: 48)
        let rasterizer = try Rasterizer(threads: 1)
        for (part, chosen) in [("train", 3..<5), ("test", 0..<3)] {
            try FileSystem.makeFolders("\(folder)/\(part)")
            var frames: [JSONValue] = []
            for index in chosen {
                let name = "\(part)/r_\(index)"
                let view = try rasterizer.render(scene.splats, cameras[index], background: paper ?? [0, 0, 0])
                try PNG.write(paper == nil ? view.imageWithAlpha : view.image, to: "\(folder)/\(name).png")
                frames.append(["file_path": .string("./\(name)"), "transform_matrix": matrix(cameras[index])])
            }
            let file: JSONValue = ["camera_angle_x": .number(cameras[0].fieldOfView.across), "frames": .array(frames)]
            try AtomicFile.write(Array(file.json.utf8), to: "\(folder)/transforms_\(part).json")
        }
    }

    /// Camera to world in the axes of OpenGL.
    static func matrix(_ camera: Camera) -> JSONValue {
        let (turn, centre) = (camera.cameraToWorld, camera.centre)
        let rows = (0..<3).map { row -> [Double] in
            [turn[3 * row], -turn[3 * row + 1], -turn[3 * row + 2], centre[row]]
        }
        return .array((rows + [[0, 0, 0, 1]]).map { .array($0.map { .number($0) }) })
    }
}
