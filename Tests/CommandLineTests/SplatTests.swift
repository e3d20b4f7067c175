import Foundation
import Genera
import Testing

/// Scenes of splats, from the making of photographs to pictures of what was learned.
@Suite(.serialized) struct SplatTests {
    static let folder: Scratch? = try? trained()

    /// A folder with photographs and a short training.
    private static func trained() throws -> Scratch {
        let folder = try Scratch()
        expectSuccess(try run("splat make-views island --train 6 --test 4 --size 40 --rays 1 -q", in: folder))
        expectSuccess(
            try run(
                "train splat --data island -w --eval --iterations 80 --sh-degree 1 --preview-every 0 --out runs/a -q",
                in: folder))
        return folder
    }

    @Test("What was trained is drawn, and drawn again")
    func render() throws {
        let folder = try #require(Self.folder)
        expectSuccess(try run("render runs/a --size 64x48 --out a.png --force -q", in: folder))
        let image = try PNG.read(folder.file("a.png"))
        #expect((image.width, image.height, image.channels) == (64, 48, 3))
        expectSuccess(try run("reproduce a.png", in: folder))
        expectSuccess(
            try run("render runs/a --turntable 3 --size 32 --background none --out round.png --force -q", in: folder))
        #expect(try APNG.read(folder.file("round.png")).frames.count == 3)
        expectSuccess(
            try run("render runs/a --camera island/transforms_val.json --frames --out views --force -q", in: folder))
        #expect(folder.names().contains("views"))
    }

    @Test("Each channel is a picture", arguments: ["rgb", "alpha", "depth", "median-depth", "normal", "top"])
    func channels(channel: String) throws {
        let folder = try #require(Self.folder)
        expectSuccess(
            try run("render runs/a --channel \(channel) --size 48 --out \(channel).png --force -q", in: folder))
        #expect(try PNG.read(folder.file("\(channel).png")).width == 48)
    }

    @Test(
        "A scene goes through every format that is written, without an engine",
        arguments: ["ply", "spz", "splat", "safetensors"])
    func convert(ending: String) throws {
        let folder = try #require(Self.folder)
        let none = ["GENERA_ENGINE": "/nonexistent.so"]
        expectSuccess(try run("convert runs/a/model.safetensors b.\(ending) --force", in: folder, environment: none))
        expectSuccess(try run("inspect b.\(ending)", in: folder, environment: none))
        expectSuccess(
            try run("render b.\(ending) --size 32 --out b-\(ending).png --force", in: folder, environment: none))
    }

    @Test("Views are samples, whatever the batch")
    func samples() throws {
        let folder = try #require(Self.folder)
        expectSuccess(
            try run(
                "sample splat --checkpoint runs/a --turntable 5 --size 24 --count 5 --out s.png --force -q", in: folder)
        )
        expectSuccess(
            try run(
                "sample splat --checkpoint runs/a --turntable 5 --size 24 --count 5 --batch 2 --workers 1 --out t.png --force -q",
                in: folder))
        #expect(try PNG.read(folder.file("s.png")) == PNG.read(folder.file("t.png")))
    }

    @Test(
        "What cannot be is told in a sentence",
        arguments: [
            ("render missing.ply", 66, "missing.ply"), ("render runs/a --fov 180", 64, "less than 180"),
            ("render runs/a --size 0x4", 64, "--size"), ("render runs/a --eye 1,2", 64, "--eye"),
            ("render runs/a --eye 1,1,1 --target 1,1,1 --out x.png", 64, "looks at the same point"),
            ("render runs/a --camera island/transforms_val.json --view 99 --out x.png", 64, "none is '99'"),
            ("train splat --data nowhere", 66, "nowhere"), ("train splat", 64, "--data"),
            ("train splat --data island --lambda-dssim 2", 64, "--lambda-dssim"),
            ("render runs/a --chanel depth", 64, "--channel"),
        ] as [(String, Int32, String)])
    func refusals(words: String, status: Int32, fragment: String) throws {
        let folder = try #require(Self.folder)
        expectFailure(try run(words, in: folder), status, fragment)
        #expect(!folder.names().contains("x.png"))
    }

    @Test(
        "A damaged scene is told with its place",
        arguments: [
            ("not.ply", "hello", "this is text, not a scene of splats"), ("empty.ply", "", "empty"),
            (
                "cut.ply",
                "ply\nformat binary_little_endian 1.0\nelement vertex 2000000000\nproperty float x\nend_header\nabcd",
                "bytes"
            ),
            ("odd.splat", "\u{1}\u{2}abc", "32"), ("no.spz", "hello world, no scene", "spz"),
        ])
    func damaged(name: String, content: String, fragment: String) throws {
        let folder = try #require(Self.folder)
        try folder.write(content, to: name)
        expectFailure(try run("render \(name) --out x.png", in: folder), 65, fragment)
    }
}
