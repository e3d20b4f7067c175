import Foundation
import Genera
import GeneraTesting
import Testing

@testable import Splatting

/// Which photographs training reads, and what it does about lenses that distort.
@Suite struct TrainingDataTests {
    let folder = TemporaryFolder()

    /// Five photographs in one file of nerfstudio's, and a scene to begin with.
    ///
    /// - Parameter distortion: the lens's first radial coefficient.
    private func write(distortion: Double = 0) throws {
        try FileSystem.makeFolders(folder.file("images"))
        let cameras = try CameraPath.orbit(
            .init(centre: [0, 0, 0], radius: 5, elevation: 20, up: [0, 0, 1]), count: 5, lens: .fieldOfView(40),
            width: 40,
            height: 30)
        let frames = try cameras.enumerated().map { index, camera -> JSONValue in
            let name = "images/p\(index).png"
            try PNG.write(
                Image(width: 40, height: 30, channels: 3, fill: [90, 120, 40 * index]), to: folder.file(name))
            return ["file_path": .string(name), "transform_matrix": PhotographedScene.matrix(camera)]
        }
        let file: JSONValue = [
            "w": 40, "h": 30, "fl_x": .number(cameras[0].fx), "fl_y": .number(cameras[0].fy), "cx": 20, "cy": 15,
            "camera_model": "OPENCV", "k1": .number(distortion), "frames": .array(frames),
        ]
        try AtomicFile.write(Array(file.json.utf8), to: folder.file("transforms.json"))
        try PhotographedScene.scene(seed: 5).write(to: folder.file("start.ply"))
    }

    private func trainer(_ words: String) throws -> any Trainer {
        let options = try SplatTrainingOptions.parse(
            ["--data", folder.path, "--start", folder.file("start.ply")] + words.split(separator: " ").map(String.init))
        return try Splatting.trainer(options, RunContext())
    }

    /// The views that previews show: those for tests, or else all.
    private func names(_ words: String) throws -> [String] {
        let sampler = try #require(try trainer(words).sampler())
        return try #require(try sampler.names(noise: Noise(seed: 0, samples: Array(0..<(sampler.sampleCount ?? 0)))))
    }

    @Test("photographs for tests: none, every eighth, or another rule")
    func testEvery() throws {
        try write()
        #expect(try names("").count == 5)
        #expect(try names("--eval") == ["images/p0"])
        #expect(try names("--eval --test-every 2") == ["images/p0", "images/p2", "images/p4"])
        #expect(try names("--eval --test_every 4") == ["images/p0", "images/p4"])
        for words in ["--test-every 2", "--eval --test-every 1", "--eval --test-every x"] {
            #expect(throws: (any Error).self) { try trainer(words) }
        }
    }

    @Test("a lens that distorts is an error, unless it is ignored or taken out")
    func distortion() throws {
        try write(distortion: 0.1)
        #expect(sentence { try trainer("") }.contains("distort"))
        #expect(try names("--distortion ignored").count == 5)
        #expect(try names("--distortion removed").count == 5)
        #expect(throws: (any Error).self) { try trainer("--distortion perhaps") }
        let views = ["--scene", folder.file("start.ply"), "--data", folder.path, "--split", "all"]
        func sampler(_ words: [String]) throws -> any Sampler {
            try Splatting.sampler(Splatting.SamplingOptions.parse(views + words), RunContext())
        }
        #expect(sentence { try sampler([]) }.contains("distort"))
        #expect(try sampler(["--distortion", "removed"]).sampleCount == 5)
        func cameras(_ words: [String]) throws -> [NamedCamera] {
            try ViewOptions.parse(["--camera", folder.file("transforms.json")] + words)
                .cameras(for: PhotographedScene.scene(seed: 5), RenderRules())
        }
        #expect(sentence { try cameras([]) }.contains("distort"))
        #expect(try cameras(["--distortion", "ignored"]).count == 5)
    }
}
