import Foundation
import Genera
import GeneraTesting
import Testing

@testable import Splatting

@Suite struct COLMAPTests {
    let folder = TemporaryFolder()

    private func cameras(_ fixture: COLMAPFixture, _ reading: CameraReading = .init(), isBinary: Bool = true) throws
        -> [NamedCamera]
    {
        let place = folder.file(isBinary ? "b" : "t")
        try fixture.write(to: place, isBinary: isBinary)
        return try COLMAPModel(folder: place).cameras(reading)
    }

    @Test("Binary and text say the same: poses, lenses, names with spaces, points")
    func formats() throws {
        let fixture = try COLMAPFixture(["b.png", "a picture.png", "c/d.png"])
        let (binary, text) = (try cameras(fixture), try cameras(fixture, isBinary: false))
        #expect(binary == text && binary.map(\.name) == ["b", "a picture", "d"])
        let orbit = try CameraPath.orbit(.init(radius: 4), count: 3, width: 64, height: 48)
        for (read, written) in zip(binary, orbit) {
            #expect(isClose(read.camera.rotation, written.rotation, 1e-12))
            #expect(isClose(read.camera.centre, written.centre, 1e-12))
            #expect([read.camera.fx, read.camera.fy, read.camera.cx, read.camera.cy] == [50, 60, 33, 21])
        }
        let centred = try cameras(fixture, CameraReading(isCentred: true))[0].camera
        #expect((centred.cx, centred.cy) == (32, 24))
        let points = try COLMAPBinary.points(ByteView(fixture.pointsBinary), file: "p")
        #expect(points == (try COLMAPText.points(ByteView(Array(fixture.pointsText.utf8)), file: "p")))
        #expect(points.positions == [1, 2, 3, -0.5, 0.25, 8] && points.colours[0...2] == [1, 0, 0.2])
    }

    @Test(
        "Every model of COLMAP is known by number and name; without distortion it is a pinhole, a fisheye or a panorama"
    )
    func models() throws {
        let counts = [3, 4, 4, 5, 8, 8, 12, 5, 4, 5, 12, 16, 4, 5, 3, 4, 6, 2]
        #expect(COLMAPCameraModel.all.map(\.parameterCount) == counts)
        for model in COLMAPCameraModel.all {
            #expect(COLMAPCameraModel.named(model.name) == model && COLMAPCameraModel.numbered(model.number) == model)
            var fixture = try COLMAPFixture()
            let intrinsic: [Double] = model.hasOneFocal ? [50, 33, 21] : [50, 60, 33, 21]
            let zeros = [Double](repeating: 0, count: max(model.parameterCount - intrinsic.count, 0))
            fixture.lenses[0].model = model.number
            fixture.lenses[0].parameters = Array((intrinsic + zeros).prefix(model.parameterCount))
            for isBinary in [true, false] {
                let camera = try cameras(fixture, isBinary: isBinary)[0].camera
                #expect(camera.projection == model.base, "\(model.name)")
                #expect(model.base == .panorama || camera.cx == 33)
            }
            guard !zeros.isEmpty else { continue }
            // EUCM's last parameter alone does not distort.
            fixture.lenses[0].parameters[intrinsic.count] = 0.25
            let fault = sentence { try cameras(fixture) }
            #expect(fault.contains("camera 1: it is of the model \(model.name) and distorts (0.25)"), "\(fault)")
            #expect(fault.contains("undistort"))
            #expect(try cameras(fixture, CameraReading(distortion: .ignored)).count == 3)
        }
        #expect(COLMAPCameraModel.numbered(18) == nil && COLMAPCameraModel.numbered(-1) == nil)
    }

    @Test("Files of rigs and frames beside a model change nothing")
    func rigs() throws {
        let fixture = try COLMAPFixture()
        try fixture.write(to: folder.file("m"))
        let before = try COLMAPModel(folder: folder.file("m")).cameras(.init())
        for name in ["rigs.bin", "frames.bin"] { try AtomicFile.write([1, 2, 3], to: folder.file("m/\(name)")) }
        #expect(try COLMAPModel(folder: folder.file("m")).cameras(.init()) == before)
    }

    @Test("What is wrong with a binary model is said with its place")
    func binaryFaults() throws {
        let good = try COLMAPFixture()
        func fault(_ change: (inout COLMAPFixture) -> Void) -> String {
            var fixture = good
            change(&fixture)
            return sentence { try cameras(fixture) }
        }
        #expect(fault { $0.lenses = [] }.contains("cameras.bin: holds no cameras"))
        #expect(fault { $0.pictures = [] }.contains("images.bin: holds no pictures: none was registered"))
        #expect(fault { $0.lenses[0].model = 99 }.contains("there is no camera model 99; models 0 to 17 are known"))
        #expect(fault { $0.lenses[0].width = 0 }.contains("its width is 0 pixels"))
        #expect(fault { $0.lenses[0].parameters[0] = .nan }.contains("a parameter is not finite"))
        #expect(fault { $0.lenses[0].parameters[0] = -5 }.contains("camera 1: its focal lengths are -5.0 and 60.0"))
        #expect(fault { $0.lenses.append($0.lenses[0]) }.contains("camera 1 comes twice"))
        #expect(fault { $0.pictures[1].lens = 4 }.contains("image 8 (a.png): its camera 4 is not in cameras.bin"))
        #expect(fault { $0.pictures[0].quaternion = [0, 0, 0, 0] }.contains("image 7 (b.png)"))
        #expect(fault { $0.pictures[0].translation[0] = .infinity }.contains("is not finite"))
        #expect(fault { $0.pictures[0].name = "" }.contains("its name is empty or not UTF-8"))
        for (bytes, read) in [
            (good.camerasBinary, { (view: ByteView) in _ = try COLMAPBinary.lenses(view, file: "f") }),
            (good.imagesBinary, { _ = try COLMAPBinary.pictures($0, file: "f") }),
            (good.pointsBinary, { _ = try COLMAPBinary.points($0, file: "f") }),
        ] {
            for count in 0..<bytes.count {
                let fault = sentence { try read(ByteView(Array(bytes.prefix(count)))) }
                #expect(fault.hasPrefix("f: ") && fault.contains("byte"), "\(count): \(fault)")
            }
            var bomb = bytes
            bomb.replaceSubrange(0..<8, with: [255, 255, 255, 255, 255, 255, 255, 127])
            #expect(sentence { try read(ByteView(bomb)) }.contains("needs more bytes than"))
        }
    }

    @Test("What is wrong with a text model is said with its line")
    func textFaults() throws {
        func lens(_ text: String) -> String {
            sentence { try COLMAPText.lenses(ByteView(Array(text.utf8)), file: "cameras.txt") }
        }
        func picture(_ text: String) -> String {
            sentence { try COLMAPText.pictures(ByteView(Array(text.utf8)), file: "images.txt") }
        }
        func point(_ text: String) -> String {
            sentence { try COLMAPText.points(ByteView(Array(text.utf8)), file: "points3D.txt") }
        }
        #expect(
            lens("# x\n1 SPHERE 4 4 1")
                == "cameras.txt: line 2: there is no camera model 'SPHERE'; models of COLMAP 4 and older are known")
        #expect(lens("1 PINHOLE 4 4 1 1 2").contains("a parameter of PINHOLE is missing"))
        #expect(lens("1 PINHOLE 4 4 1 1 2 2 9").contains("PINHOLE has 4 parameters, and there are more"))
        #expect(lens("1 PINHOLE 4 0 1 1 2 2").contains("the height is 0 pixels"))
        #expect(lens("x PINHOLE 4 4 1 1 2 2").contains("the number of the camera is 'x', a whole number was expected"))
        #expect(lens("1 PINHOLE 4 4 nan 1 2 2").contains("a parameter of PINHOLE is 'nan', a number was expected"))
        #expect(picture("1 1 0 0 0 0 0 0 1\n\n").contains("line 1: the name is missing"))
        #expect(picture("1 0 0 0 0 0 0 0 1 a.png\n\n").contains("line 1: the quaternion is 0"))
        #expect(
            picture("1 1 0 0 0 0 0 0 1 a.png\n\n2 1 0 0 y 0 0 0 1 b.png\n").contains("line 3: the quaternion is 'y'"))
        #expect(point("1 0 0 0 256 0 0 1").contains("the colour 256 is not in 0...255"))
        #expect(point("1 0 0").contains("the position is missing"))
    }
}
