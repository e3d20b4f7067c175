import Foundation
import Genera
import GeneraTesting
import Testing

@testable import Splatting

@Suite struct DistortionTests {
    let folder = TemporaryFolder()

    /// A smooth picture over directions.
    private static func colour(_ x: Double, _ y: Double) -> [Double] {
        [0.5 + 0.4 * sin(5 * x), 0.5 + 0.4 * cos(4 * y), 0.5 + 0.3 * sin(3 * x + 2 * y)]
    }

    /// What a lens makes of that, by searching for the direction that it puts on each pixel.
    private func photograph(_ lens: DistortedCamera) -> Image {
        let camera = lens.camera
        var values: [Float] = []
        for row in 0..<camera.height {
            for column in 0..<camera.width {
                let bent = [
                    (Double(column) + 0.5 - camera.cx) / camera.fx, (Double(row) + 0.5 - camera.cy) / camera.fy,
                ]
                var (x, y) = (bent[0], bent[1])
                for _ in 0..<50 {
                    guard let seen = lens.distortion.distorted(x, y) else { break }
                    (x, y) = (x - (seen.x - bent[0]), y - (seen.y - bent[1]))
                }
                values += Self.colour(x, y).map { Float($0) }
            }
        }
        return Image(width: camera.width, height: camera.height, channels: 3, values: values, bitDepth: 16)
    }

    private static let lenses: [LensDistortion] = [
        LensDistortion(.radialTangential, radial: [-0.2, 0.05]),
        LensDistortion(.radialTangential, radial: [0.1, -0.02], tangential: [0.01, -0.005]),
        LensDistortion(.radialTangential, radial: [0.2, 0.02, 0.01, 0.1, 0.03, 0.01]),
        LensDistortion(.fisheye, radial: [0.05, -0.01, 0.002, 0.001]),
    ]

    @Test("What a lens bends is straightened, and what it does not show does not count", arguments: lenses)
    func straightened(distortion: LensDistortion) throws {
        let camera = Camera(
            rotation: [1, 0, 0, 0, 1, 0, 0, 0, 1], translation: [0, 0, 0], width: 90, height: 70, fx: 80, fy: 84,
            cx: 47, cy: 33, projection: distortion.kind == .fisheye ? .fisheye : .pinhole)
        let lens = DistortedCamera(camera: camera, distortion: distortion)
        try PNG.write(photograph(lens), to: folder.file("p.png"))
        for target in [camera, camera.centred, camera.resized(width: 45, height: 35)] {
            let view = View(name: "p", camera: target, imagePath: folder.file("p.png"), distorted: lens)
            let straight = try Photograph.read(view)
            let mask = try #require(straight.mask)
            let size = target.width * target.height
            #expect(mask.reduce(0, +) > 0.6 * Float(size))
            for row in 0..<target.height {
                for column in 0..<target.width where mask[row * target.width + column] == 1 {
                    let x = (Double(column) + 0.5 - target.cx) / target.fx
                    let y = (Double(row) + 0.5 - target.cy) / target.fy
                    for (channel, value) in Self.colour(x, y).enumerated() {
                        let read = straight.planes[channel * size + row * target.width + column]
                        #expect(abs(Double(read) - value) < 0.012, "(\(column), \(row)) \(channel)")
                    }
                }
            }
        }
    }

    @Test("Coefficients of files come to their places", arguments: [false, true])
    func places(isBinary: Bool) throws {
        let cases: [(Int, [Double], LensDistortion)] = [
            (2, [50, 33, 21, 0.1], .init(.radialTangential, radial: [0.1])),
            (3, [50, 33, 21, 0.1, 0.2], .init(.radialTangential, radial: [0.1, 0.2])),
            (
                4, [50, 60, 33, 21, 0.1, 0.2, 0.3, 0.4],
                .init(.radialTangential, radial: [0.1, 0.2], tangential: [0.3, 0.4])
            ),
            (
                6, [50, 60, 33, 21, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8],
                .init(.radialTangential, radial: [0.1, 0.2, 0.5, 0.6, 0.7, 0.8], tangential: [0.3, 0.4])
            ),
            (5, [50, 60, 33, 21, 0.1, 0.2, 0.3, 0.4], .init(.fisheye, radial: [0.1, 0.2, 0.3, 0.4])),
            (8, [50, 33, 21, 0.1], .init(.fisheye, radial: [0.1])),
        ]
        for (model, parameters, distortion) in cases {
            var fixture = try COLMAPFixture(["a.png"])
            fixture.lenses[0].model = model
            fixture.lenses[0].parameters = parameters
            try fixture.write(to: folder.file("m"), isBinary: isBinary)
            let read = try COLMAPModel(folder: folder.file("m"))
            let taken = try read.photographed(read.pictures[0], CameraReading(isCentred: true, distortion: .removed))
            #expect(taken.distorted?.distortion == distortion)
            // The lens bends around its own centre, wherever the camera without distortion has its.
            #expect(taken.distorted?.camera.cx == 33 && taken.camera.cx == 32)
            #expect(try read.photographed(read.pictures[0], CameraReading(distortion: .ignored)).distorted == nil)
        }
        var fixture = try COLMAPFixture(["a.png"])
        (fixture.lenses[0].model, fixture.lenses[0].parameters) = (7, [50, 60, 33, 21, 0.9])
        try fixture.write(to: folder.file("m"), isBinary: isBinary)
        let fault = sentence { try COLMAPModel(folder: folder.file("m")).cameras(CameraReading(distortion: .removed)) }
        #expect(fault.contains("it is of the model FOV and distorts (0.9)"))
    }

    @Test("Beyond the radius where polynomials turn back nothing is seen")
    func turningBack() {
        let barrel = LensDistortion(.radialTangential, radial: [-0.3])
        #expect(barrel.distorted(1.05, 0) != nil && barrel.distorted(1.06, 0) == nil)
        let fisheye = LensDistortion(.fisheye, radial: [])
        #expect(fisheye.distorted(3.1, 0) != nil && fisheye.distorted(0, 3.2) == nil && fisheye.isNone)
    }

    @Test("A data set of nerfstudio whose lens distorts is straightened as it is read, if asked for")
    func nerfstudio() throws {
        try PNG.write(Image(width: 64, height: 48, channels: 3, fill: [200, 100, 50]), to: folder.file("a.png"))
        let text =
            #"{"fl_x": 30, "cx": 30, "w": 64, "h": 48, "k1": 0.3, "p2": 0.01, "frames": [{"file_path": "a.png", "transform_matrix": [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 4], [0, 0, 0, 1]]}]}"#
        try AtomicFile.write(Array(text.utf8), to: folder.file("transforms.json"))
        #expect(
            sentence { try PosedViews.read(path: folder.path) }.contains(
                "the lens distorts (OPENCV, k1 = 0.3, p2 = 0.01)"))
        var reading = ViewReading()
        reading.cameras.distortion = .removed
        let view = try PosedViews.read(path: folder.path, reading).train[0]
        #expect(view.distorted?.distortion == LensDistortion(.radialTangential, radial: [0.3], tangential: [0, 0.01]))
        let photograph = try Photograph.read(view)
        let mask = try #require(photograph.mask)
        #expect(mask[24 * 64 + 32] == 1 && mask[0] == 0 && photograph.planes[0] == 0)
        #expect(abs(photograph.planes[24 * 64 + 32] - 200.0 / 255) < 1e-5)
    }
}
