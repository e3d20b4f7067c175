import Foundation
import Genera
import GeneraTesting
import Testing

@testable import Splatting

/// Data sets of other people's, against what independent readers say of them.
@Suite struct RealViewTests {
    private enum Real {
        static let folder = "\(Golden.shared)/data/real"
        static let guitar = "\(Golden.shared)/data/splats/guitar-views"

        static func isHere(_ path: String) -> Bool {
            if FileSystem.exists(path) { return true }
            print("SKIPPED: tests on real photographs need \(path); set GENERA_SHARED")
            return false
        }

        static func answer(_ key: String) throws -> [String: Any] {
            let data = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/answers.json"))
            let all = try JSONSerialization.jsonObject(with: data) as? [String: Any]
            return try #require(all?[key] as? [String: Any])
        }
    }

    private static let maupertuis = "colmap/kapture/samples/maupertuis/colmap"

    @Test(
        "A COLMAP model in text: cameras, points, photographs", .enabled(if: Real.isHere("\(Real.folder)/answers.json"))
    )
    func colmap() throws {
        let answer = try Real.answer("\(Self.maupertuis)/reconstruction")
        var reading = ViewReading()
        reading.resolution = .divided(1)
        let views = try PosedViews.read(path: "\(Real.folder)/\(Self.maupertuis)", reading)
        #expect(views.kind == .colmap && views.train.count == answer["images"] as? Int && views.remarks.isEmpty)
        #expect(views.points.count == answer["points"] as? Int)
        let parameters = try #require(answer["params0"] as? [Double])
        let camera = views.train[0].camera
        #expect([camera.fx, camera.fy, camera.cx, camera.cy] == [parameters[0]] + parameters)
        #expect([camera.width, camera.height] == answer["size"] as? [Int])
        let name = try #require(answer["first_image"] as? String)
        #expect(views.train[0].imagePath.hasSuffix(name))
        #expect(isClose(camera.centre, try #require(answer["first_center"] as? [Double]), 1e-4))
        let box = try #require(answer["bbox"] as? [[Double]])
        for axis in 0..<3 {
            let values = stride(from: axis, to: views.points.positions.count, by: 3).map { views.points.positions[$0] }
            #expect(abs(Double(values.min() ?? 0) - box[0][axis]) < 1e-3)
            #expect(abs(Double(values.max() ?? 0) - box[1][axis]) < 1e-3)
        }
        let photographs = Photographs(views.train)
        try photographs.load(workers: 2)
        let photograph = try photographs.photograph(0)
        #expect((photograph.width, photograph.height) == (camera.width, camera.height))
        // Points that the model saw lie in front of the cameras and mostly inside the pictures.
        let seen = (0..<views.points.count).count { index in
            let point = (0..<3).map { Double(views.points.positions[3 * index + $0]) }
            let pixel = projected(point, camera)
            return pixel.depth > 0 && (0...1919).contains(pixel.u) && (0...1079).contains(pixel.v)
        }
        #expect(seen > views.points.count / 2)
    }

    @Test("nerfstudio's file: pose, lens and pixels", .enabled(if: Real.isHere("\(Real.folder)/answers.json")))
    func nerfstudio() throws {
        let views = try PosedViews.read(path: "\(Real.folder)/nerfstudio/test_dataset")
        let answer = try Real.answer("nerfstudio/test_dataset/train/r_0.png")
        #expect(views.train.count == 1 && views.points.count == 100)
        let camera = views.train[0].camera
        #expect([camera.width, camera.height] == answer["size"] as? [Int] && camera.fx == 50 && camera.cy == 25)
        #expect(isClose(camera.centre, [-0.05379832163453102, 3.845470428466797, 1.2080823183059692], 1e-5))
        let image = try Image.read(path: views.train[0].imagePath)
        guard case .bytes(let bytes) = image.samples else { Issue.record("not 8 bits"); return }
        let digest = FileDigest.sha256(ByteView(bytes))
        #expect(digest.hasPrefix(try #require(answer["rgba_sha256"] as? String)))
    }

    @Test("Rendered views of a guitar: a NeRF data set with transparency", .enabled(if: Real.isHere(Real.guitar)))
    func guitar() throws {
        var reading = ViewReading()
        reading.isEvaluated = true
        let views = try PosedViews.read(path: Real.guitar, reading)
        #expect((views.train.count, views.test.count, views.val.count) == (40, 4, 4))
        for view in views.train + views.val {
            #expect(abs(Vector.length(view.camera.centre) - 4.031) < 1e-3)
            let seen = projected([0, 0, 0], view.camera)
            #expect(isClose([seen.u, seen.v], [100, 100], 1e-6))
            #expect(abs(view.camera.fieldOfView.across - 0.6911112070083618) < 1e-9)
        }
        let photographs = Photographs(views.train, .init(background: [1, 1, 1]))
        try photographs.load(workers: 2)
        let photograph = try photographs.photograph(0)
        let alpha = try #require(photograph.alpha)
        #expect(photograph.planes.count == 120_000 && (alpha.min() ?? 1) == 0 && (alpha.max() ?? 0) > 0.9)
        let empty = try #require(alpha.firstIndex(of: 0))
        #expect(photograph.planes[empty] == 1)
    }
}
