import Foundation
import Genera
import GeneraTesting
import Testing

@testable import Splatting

@Suite struct PosedViewsTests {
    let folder = TemporaryFolder()

    /// A picture of one colour.
    private func picture(_ colour: [Int] = [200, 100, 50], width: Int = 64, height: Int = 48) -> Image {
        Image(width: width, height: height, channels: colour.count, fill: colour)
    }

    private func save(_ image: Image, _ name: String) throws {
        let path = folder.file(name)
        try FileSystem.makeFolders(FileSystem.parent(of: path))
        try PNG.write(image, to: path)
    }

    private func save(_ text: String, _ name: String) throws {
        try AtomicFile.write(Array(text.utf8), to: folder.file(name))
    }

    private func evaluated() -> ViewReading {
        var reading = ViewReading()
        reading.isEvaluated = true
        return reading
    }

    // MARK: COLMAP

    private func colmap(_ names: [String], pictures: [String]? = nil) throws {
        try COLMAPFixture(names).write(to: folder.file("sparse/0"))
        for name in pictures ?? names { try save(picture(), "images/\(name)") }
    }

    @Test("COLMAP: photographs sorted by name, every eighth for tests, points, the cameras' extent")
    func colmap() throws {
        let names = (0..<17).map { String(format: "p%02d.png", ($0 * 5) % 17) }
        try colmap(names)
        let all = try PosedViews.read(path: folder.path)
        #expect(all.kind == .colmap && all.train.map(\.name) == (0..<17).map { String(format: "p%02d", $0) })
        #expect(all.test.isEmpty && all.val.isEmpty && all.remarks.isEmpty && all.points.count == 2)
        // Cameras on a circle of radius 4 at one height: all as far from their mean.
        #expect(abs(all.extent.radius - 1.1 * 4 * cos(20 * Double.pi / 180)) < 1e-9)
        let split = try PosedViews.read(path: folder.path, evaluated())
        #expect(split.test.map(\.name) == ["p00", "p08", "p16"] && split.train.count == 14)
        var every = evaluated()
        every.testEvery = 4
        #expect(try PosedViews.read(path: folder.path, every).test.count == 5)
        #expect(all.train[0].camera.cx == 33)
        var centred = ViewReading()
        centred.cameras.isCentred = true
        #expect(try PosedViews.read(path: folder.path, centred).train[0].camera.cx == 32)
    }

    @Test(
        "COLMAP: photographs that are not there are counted; if none is there that is an error; a model's own folder will do"
    )
    func missing() throws {
        try colmap(["a.png", "b.png", "c.png"], pictures: ["b.png"])
        let views = try PosedViews.read(path: folder.path)
        #expect(views.train.map(\.name) == ["b"])
        #expect(
            views.remarks
                == ["2 of 3 photographs are not there and left aside, the first \(folder.path)/images/a.png"])
        #expect(try PosedViews.read(path: folder.file("sparse/0")).train.map(\.name) == ["b"])
        #expect(
            sentence { try PosedViews.read(path: folder.path, self.evaluated()) }.contains(
                "no photograph is left to train on"))
        var elsewhere = ViewReading()
        elsewhere.images = "images_4"
        let fault = sentence { try PosedViews.read(path: folder.path, elsewhere) }
        #expect(fault.contains("none of its 3 photographs is there, the first \(folder.path)/images_4/a.png"))
    }

    @Test("COLMAP: the largest of several models is taken, and that is said")
    func models() throws {
        try COLMAPFixture(["a.png"]).write(to: folder.file("sparse/0"))
        try COLMAPFixture(["a.png", "b.png"]).write(to: folder.file("sparse/1"), isBinary: false)
        for name in ["a.png", "b.png"] { try save(picture(), "images/\(name)") }
        let views = try PosedViews.read(path: folder.path)
        #expect(views.train.count == 2)
        #expect(
            views.remarks == ["2 sparse models are there; \(folder.path)/sparse/1 has most pictures, 2, and is taken"])
    }

    @Test("COLMAP: shrunk photographs keep their cameras' angles; cut or turned ones are refused")
    func sizes() throws {
        try colmap(["a.png"])
        try save(picture(width: 32, height: 24), "images_2/a.png")
        var half = ViewReading()
        half.images = "images_2"
        let camera = try PosedViews.read(path: folder.path, half).train[0].camera
        #expect([camera.fx, camera.fy, camera.cx, camera.cy] == [25, 30, 16.5, 10.5] && camera.width == 32)
        try save(picture(width: 48, height: 64), "images/a.png")
        let turned = sentence { try PosedViews.read(path: folder.path) }
        #expect(turned.contains("images/a.png: is 48x64, but its camera 64x48; it was turned"))
        try save(picture(width: 64, height: 32), "images/a.png")
        #expect(sentence { try PosedViews.read(path: folder.path) }.contains("all of them shrunk alike"))
        try AtomicFile.write(Array("GIF89a".utf8), to: folder.file("images/a.png"))
        #expect(sentence { try PosedViews.read(path: folder.path) }.contains("a.png: this is a GIF picture"))
    }

    @Test("COLMAP without points begins with random ones among its cameras")
    func noPoints() throws {
        try colmap(["a.png", "b.png"])
        try FileSystem.remove(folder.file("sparse/0/points3D.bin"))
        var reading = ViewReading()
        reading.pointCount = 50
        let views = try PosedViews.read(path: folder.path, reading)
        #expect(views.points.count == 50 && views.remarks.contains { $0.contains("50 are drawn") })
    }

    // MARK: NeRF and nerfstudio

    private static let pose = "[[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 4], [0, 0, 0, 1]]"

    private func frames(_ names: [String], _ members: String = #""camera_angle_x": 0.8"#) -> String {
        let frames = names.map { #"{"file_path": "\#($0)", "transform_matrix": \#(Self.pose)}"# }
        return "{\(members), \"frames\": [\(frames.joined(separator: ", "))]}"
    }

    @Test("NeRF: the files say which photographs are for what; without evaluation training has the tests too")
    func nerf() throws {
        for (part, names) in [
            ("train", ["./train/r_1", "./train/r_0"]), ("val", ["./val/r_0"]), ("test", ["./test/r_0"]),
        ] {
            try save(frames(names), "transforms_\(part).json")
            for name in names { try save(picture([10, 20, 30, 255]), "\(name.dropFirst(2)).png") }
        }
        let all = try PosedViews.read(path: folder.path)
        #expect(all.kind == .nerf && all.train.map(\.name) == ["train/r_1", "train/r_0", "test/r_0"])
        #expect(all.val.map(\.name) == ["val/r_0"] && all.test.isEmpty)
        #expect(all.points.count == 100_000)
        let split = try PosedViews.read(path: folder.path, evaluated())
        #expect(split.train.count == 2 && split.test.map(\.name) == ["test/r_0"])
        #expect(isClose([all.train[0].camera.fx], [32 / tan(0.4)]))
        #expect(isClose(all.train[0].camera.centre, [0, 0, 4]))
        try save(picture([10, 20, 30, 255], width: 60, height: 48), "train/r_0.png")
        let fault = sentence { try PosedViews.read(path: folder.path) }
        #expect(fault.contains("r_0.png: is 60x48, but") && fault.contains("r_1.png is 64x48"))
        #expect(
            sentence { try PosedViews.read(path: folder.file("train")) }.contains("is no data set of posed photographs")
        )
        #expect(sentence { try PosedViews.read(path: folder.file("nowhere")) }.contains("there is no such folder"))
    }

    @Test("nerfstudio: lists of the file split it, else every eighth; points of a file, masks by name")
    func nerfstudio() throws {
        let names = (0..<9).map { "images/f\($0).png" }
        for name in names { try save(picture(), name) }
        let lens = #""fl_x": 50, "w": 64, "h": 48"#
        try save(frames(names, lens), "transforms.json")
        let split = try PosedViews.read(path: folder.path, evaluated())
        #expect(split.kind == .nerfstudio && split.test.map(\.name) == ["images/f0", "images/f8"])
        let lists =
            #", "train_filenames": ["images/f1.png", "./images/f2.png"], "val_filenames": ["images/f3.png"], "test_filenames": ["images/f4.png"]"#
        let cloud = #", "ply_file_path": "cloud.ply""#
        try save(frames(names, lens + lists + cloud), "transforms.json")
        try save(
            "ply\nformat ascii 1.0\nelement vertex 2\nproperty float x\nproperty float y\nproperty float z\nproperty uchar red\nproperty uchar green\nproperty uchar blue\nend_header\n1 2 3 255 0 51\n4 5 6 0 0 0\n",
            "cloud.ply")
        try save(picture([255], width: 64, height: 48), "masks/images/f1.png")
        let listed = try PosedViews.read(path: folder.file("transforms.json"), evaluated())
        #expect(listed.train.map(\.name) == ["images/f1", "images/f2"])
        #expect(listed.val.map(\.name) == ["images/f3"] && listed.test.map(\.name) == ["images/f4"])
        #expect(listed.points.positions == [1, 2, 3, 4, 5, 6] && listed.points.colours[0...2] == [1, 0, 0.2])
        #expect(listed.train[0].maskPath == folder.file("masks/images/f1.png") && listed.train[1].maskPath == nil)
        var bare = evaluated()
        bare.masks = .none
        #expect(try PosedViews.read(path: folder.path, bare).train[0].maskPath == nil)
        bare.masks = .folder("stencils")
        #expect(sentence { try PosedViews.read(path: folder.path, bare) }.contains("no such folder of masks"))
        #expect(try PosedViews.read(path: folder.path).train.count == 3)
    }

    // MARK: Sizes and points

    @Test("Resolutions: rounded to even halves, cut above 1,600, or a width")
    func resolution() throws {
        func size(_ resolution: ViewReading.Resolution, _ width: Int, _ height: Int) -> [Int] {
            let size = resolution.size(width: width, height: height)
            return [size.width, size.height]
        }
        #expect(size(.divided(2), 101, 103) == [50, 52] && size(.divided(8), 100, 20) == [12, 2])
        #expect(size(.automatic, 1600, 1200) == [1600, 1200] && size(.automatic, 1919, 1079) == [1600, 899])
        #expect(size(.width(400), 800, 600) == [400, 300] && size(.divided(8), 2, 2) == [1, 1])
        #expect(
            try ViewReading.Resolution(number: 4) == .divided(4) && ViewReading.Resolution(number: -1) == .automatic)
        #expect(try ViewReading.Resolution(number: 3) == .width(3))
        #expect(sentence { try ViewReading.Resolution(number: 0) }.contains("got 0"))
    }

    @Test("Random points: in their cube, nearly mid grey, a function of seed and number alone")
    func randomPoints() {
        let points = InitialPoints.random(1000, seed: 5)
        #expect(points.count == 1000 && points.positions.allSatisfy { abs($0) <= 1.3 })
        #expect((points.positions.max() ?? 0) > 1.25 && (points.positions.min() ?? 0) < -1.25)
        let mean = points.positions.reduce(0, +) / 3000
        #expect(abs(mean) < 0.06)
        #expect(points.colours.allSatisfy { $0 >= 0.5 && $0 < 0.5012 })
        #expect(InitialPoints.random(10, seed: 5).positions == Array(points.positions.prefix(30)))
        #expect(InitialPoints.random(10, seed: 6) != InitialPoints.random(10, seed: 5))
        let moved = InitialPoints.random(100, halfSide: 0.5, centre: [10, 20, 30], seed: 1).positions
        #expect(moved.enumerated().allSatisfy { abs($1 - [10, 20, 30][$0 % 3]) <= 0.5 })
    }

    @Test("Random points are the numbers of the noise at that address")
    func address() throws {
        let noise = try Noise(seed: 11, samples: [0, 1, 2]).uniform([6], at: .start).array(of: Float.self)
        let points = InitialPoints.random(3, seed: 11)
        for index in 0..<3 {
            for axis in 0..<3 {
                #expect(points.positions[3 * index + axis] == (2 * noise[6 * index + axis] - 1) * 1.3)
            }
        }
    }
}
