import Genera
import Imaging

@testable import Splatting

extension Reader {
    /// Scenes of splats, and of flat ones.
    static let scenes: [Reader] = [
        scene("splat-ply", "ply"), scene("dot-splat", "splat"), scene("ksplat", "ksplat"), scene("spz", "spz"),
        scene("sog", "sog"), scene("gltf", "gltf"), scene("splat-safetensors", "safetensors"),
        scene("splat-torch", "pt"),
        // Past the archive and the pictures, whose checksums damage does not get by.
        Reader("sog-meta") { view in
            try Scratch.with(view, name: "meta.json") { path in
                for name in ["a.webp", "b.webp", "c.webp"] {
                    try AtomicFile.write([1], to: "\(Scratch.folder)/\(name)")
                }
                let source = try SplatFormat.Source(path: path)
                let scene = try SOG(source) { _, name, _ in
                    let (width, height) = name.hasSuffix("c.webp") ? (192, 1) : (2, 2)
                    // Rotations need the last byte of a pixel to be 252 or more, labels of the palette the second to be 0.
                    var bytes: [UInt8] = []
                    for pixel in 0..<width * height {
                        bytes += [UInt8(pixel % 64), 0, UInt8(37 * pixel % 256), UInt8(252 + pixel % 4)]
                    }
                    return Image(width: width, height: height, channels: 4, bytes: bytes)
                }.scene()
                blackHole(try scene.checked(file: path, dropInvalid: true))
            }
        },
        Reader("flat-splats") { view in
            let splats = try FlatFile.read(view, file: "f")
            if splats.width * splats.height < 1 << 12, splats.count < 64 { blackHole(splats.render()) }
        },
        Reader("initial-points") { blackHole(try InitialPoints.read(PLY($0, file: "f"))) },
    ]

    /// Reads a scene as people's files are read: by content first, dropping what cannot be drawn.
    private static func scene(_ name: String, _ ending: String) -> Reader {
        Reader(name) { view in
            func read(_ path: String) throws {
                let source = SplatFormat.Source(path: path, view: view)
                let scene = try SplatFormat.find(source).read(source).checked(file: path, dropInvalid: true)
                precondition(scene.splats.firstFault == nil)
                if scene.splats.count < 1 << 12 { blackHole(SceneFacts(scene)) }
            }
            // Checkpoints are read by their paths.
            guard SplatArchive.isCheckpoint(view) else { return try read("\(Scratch.folder)/scene.\(ending)") }
            try Scratch.with(view, name: "scene.\(ending)", read)
        }
    }

    /// Cameras, and the photographs that they took.
    static let cameras: [Reader] = [
        Reader("colmap-cameras") { view in
            for lens in try COLMAPBinary.lenses(view, file: "f").values { readLens(lens) }
        },
        Reader("colmap-images") { blackHole(try COLMAPBinary.pictures($0, file: "f")) },
        Reader("colmap-points") { blackHole(try COLMAPBinary.points($0, file: "f")) },
        Reader("colmap-cameras-text") { view in
            for lens in try COLMAPText.lenses(view, file: "f").values { readLens(lens) }
        },
        Reader("colmap-images-text") { blackHole(try COLMAPText.pictures($0, file: "f")) },
        Reader("colmap-points-text") { blackHole(try COLMAPText.points($0, file: "f")) },
        Reader("camera-lists") { view in
            for distortion in [CameraReading.Distortion.refused, .ignored, .removed] {
                for isCentred in [false, true] {
                    let reading = CameraReading(isCentred: isCentred, distortion: distortion, size: (8, 8))
                    guard let list = try? CameraList.read(view, file: "\(Scratch.folder)/f", reading) else { continue }
                    for named in list.cameras { precondition(named.camera.fault == nil) }
                    blackHole(list.json.json)
                }
            }
            blackHole(try CameraList.read(view, file: "\(Scratch.folder)/f"))
        },
        Reader("photograph", ending: "picture") { path in
            let size = try Image.size(path: path)
            guard size.width * size.height < 1 << 20 else { return }
            let camera = try CameraPath.orbit(.init(radius: 2), count: 1, width: 7, height: 5)[0]
            for isExact in [false, true] {
                let loading = Photograph.Loading(background: [1, 0, 0.5], isExact: isExact, takesAlphaAsMask: isExact)
                let view = View(name: "a", camera: camera, imagePath: path, maskPath: path)
                blackHole(try Photograph.read(view, loading))
            }
        },
    ]

    private static func readLens(_ lens: COLMAPModel.Lens) {
        blackHole((lens.model.distortion(lens.parameters), lens.model.polynomials(lens.parameters)))
        blackHole(lens.model.lens(lens.parameters, width: lens.width, height: lens.height))
    }
}
