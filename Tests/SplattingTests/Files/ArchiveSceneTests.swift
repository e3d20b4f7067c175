import Foundation
import Genera
import Testing

@testable import Splatting

/// Scenes as named tensors: models of Genera, safetensors, files of PyTorch.
struct ArchiveSceneTests {
    @Test("A scene is a model and back", arguments: [false, true])
    func checkpoint(hasShapes: Bool) throws {
        var scene = Scenes.random(13, degree: 2, hasShapes: hasShapes)
        scene.isAntialiased = true
        let model = scene.checkpoint()
        #expect(model.family == "splat" && model.configuration == #"{"degree": 2, "antialiased": true}"#)
        #expect(
            model["means"]?.shape == [13, 3] && model["sh0"]?.shape == [13, 1, 3] && model["shN"]?.shape == [13, 8, 3])
        #expect(model["opacities"]?.shape == [13] && (model["shapes"] != nil) == hasShapes)
        let back = try SplatScene(model)
        #expect(back.splats == scene.splats && back.isAntialiased)
        let read = try Scenes.roundTrip(scene, as: "safetensors")
        #expect(read.splats == scene.splats && read.isAntialiased)
    }

    @Test("Tensors of others in safetensors, also with all harmonics in one")
    func bare() throws {
        let splats = Scenes.random(7, degree: 1).splats
        let first = Splats.Plane.harmonics
        let tensors: [(name: String, tensor: RawTensor)] = [
            ("means", RawTensor(splats.rows(0..<3), shape: [7, 3])),
            ("scales", RawTensor(splats.rows(3..<6), shape: [7, 3])),
            ("quats", RawTensor(splats.rows(6..<10), shape: [7, 4])),
            ("opacities", RawTensor(splats.rows(10..<11), shape: [7, 1])),
            ("coeffs", RawTensor(splats.rows(first..<splats.planeCount), shape: [7, 4, 3])),
            ("picture", RawTensor([1, 2, 3] as [Float], shape: [3])),
        ]
        let read = try Scenes.inFolder { folder in
            try Safetensors.write(tensors, to: "\(folder)/a.safetensors")
            return try SplatScene.read("\(folder)/a.safetensors")
        }
        #expect(read.splats == splats && read.remarks == ["1 tensors were left aside: picture"])
    }

    @Test("gsplat's and Nerfstudio's checkpoints")
    func gsplat() throws {
        let splats = Scenes.random(11, degree: 3).splats
        let tensors = TorchFile.tensors(splats)
        let gsplat = try TorchFile.bytes(.dictionary([("step", .whole(7)), ("splats", .dictionary(tensors))]))
        #expect(try Scenes.read(gsplat, named: "ckpt.pt").splats == splats)
        let nerfstudio = try TorchFile.bytes(
            .dictionary([
                (
                    "pipeline",
                    .dictionary(
                        tensors.map { name, item in
                            let other = ["sh0": "features_dc", "shN": "features_rest"][name] ?? name
                            return ("_model.gauss_params.\(other)", item)
                        })
                )
            ]))
        #expect(try Scenes.read(nerfstudio, named: "step.ckpt").splats == splats)
    }

    @Test("Checkpoints of the 3DGS and GES authors' code", arguments: [false, true])
    func authors(hasShapes: Bool) throws {
        let splats = Scenes.random(9, degree: 1, hasShapes: hasShapes).splats
        let bytes = try TorchFile.bytes(TorchFile.capture(splats, hasShapes: hasShapes))
        #expect(try Scenes.read(bytes, named: "chkpnt30000.pth").splats == splats)
    }

    @Test("Tensors that do not fit are refused by name")
    func faults() throws {
        var tensors = TorchFile.tensors(Scenes.random(4, degree: 0).splats)
        tensors[2] = ("quats", .tensor([Float](repeating: 1, count: 12), [4, 3]))
        let wrong = try TorchFile.bytes(.dictionary([("splats", .dictionary(tensors))]))
        let message = Scenes.message { try Scenes.read(wrong, named: "a.pt") }
        #expect(message.contains("tensor 'quats'") && message.contains("[4, 3]") && message.contains("4 rows of 4"))
        tensors.remove(at: 2)
        let missing = try TorchFile.bytes(.dictionary([("splats", .dictionary(tensors))]))
        #expect(Scenes.message { try Scenes.read(missing, named: "a.pt") }.contains("no tensor 'quats'"))
    }

    @Test("The family's formats know files by their content, and write models")
    func formats() throws {
        let scene = Scenes.random(5, degree: 1)
        let formats = SplatScene.formats
        try Scenes.inFolder { folder in
            for ending in ["ply", "compressed.ply", "spz", "splat"] {
                let path = "\(folder)/a.\(ending)"
                let own = try #require(formats.first { $0.fileExtensions.contains(FileSystem.fileExtension(of: path)) })
                try own.write?(scene.checkpoint(), path)
                #expect(try formats.filter { try $0.holds(path) }.map(\.summary) == [own.summary], "\(ending)")
                let model = try own.read(path)
                #expect(model.path == path && model["means"]?.shape == [5, 3])
            }
            try scene.checkpoint().save(to: "\(folder)/a.safetensors")
            #expect(try formats.allSatisfy { try !$0.holds("\(folder)/a.safetensors") })
        }
    }
}
