import Genera

/// One kind of file of splats: how it is known, read and written.
struct SplatFormat: Sendable {
    /// A file, or a folder whose bytes are nil.
    struct Source: Sendable {
        let path: String
        let view: ByteView?

        /// Looks at a path.
        init(path: String) throws {
            self.path = path
            view = FileSystem.isFolder(path) ? nil : try MappedFile(path: path).view
        }

        init(path: String, view: ByteView?) { (self.path, self.view) = (path, view) }

        /// The bytes.
        func bytes() throws -> ByteView {
            guard let view else {
                throw FormatError(file: path, reason: "is a folder, a file was expected")
            }
            return view
        }

        /// Whether the file ends so, in lower case and without the dot.
        func ends(_ ending: String) -> Bool { FileSystem.fileExtension(of: path) == ending }
    }

    /// The endings of its files, the one that is written first.
    let fileExtensions: [String]
    /// One line for lists.
    let summary: String
    /// Whether it is told by its content.
    let recognises: @Sendable (Source) -> Bool
    /// Reads it; its splats need not be fit for drawing.
    let read: @Sendable (Source) throws -> SplatScene
    /// Writes it; nil for one that is only read.
    var write: (@Sendable (SplatScene, String, SplatScene.WritingOptions) throws -> Void)?
    /// What writing rounds, for people.
    var precision = ""

    /// All formats, those that are told by their content alone before those that are told by their ending.
    static let all: [SplatFormat] = [ply, compressedPLY, spz, sog, gltf, safetensors, torch, kSplat, dotSplat]

    /// The format of a source: by content, else, so that a damaged file is told by the reader it was meant for, by its ending.
    static func find(_ source: Source) throws -> SplatFormat {
        if let format = all.first(where: { $0.recognises(source) }) { return format }
        let ending = FileSystem.fileExtension(of: source.path)
        let kind = source.view.map { FileKind($0) } ?? .other
        if kind.isHarm || kind == .text {
            let (reason, advice) = kind.refusal(wanted: "a scene of splats")
            throw FormatError(file: source.path, reason: reason, advice: advice)
        }
        if let format = all.first(where: { $0.fileExtensions.contains(ending) }) { return format }
        throw FormatError(
            file: source.path, reason: "is not a scene of splats in any format that is read",
            advice: "read are \(endings(all))")
    }

    /// The format that an ending asks for when writing; the longest of them counts.
    static func writing(to path: String) throws -> SplatFormat {
        let name = FileSystem.name(of: path).lowercased()
        let candidates = all.filter { $0.write != nil }
        let found = candidates.flatMap { format in format.fileExtensions.map { (format, $0) } }
            .filter { name.hasSuffix(".\($0.1)") }.max { $0.1.count < $1.1.count }
        if let found { return found.0 }
        throw FormatError(
            file: path, reason: "no format of splats that is written ends so",
            advice: "written are \(endings(candidates))", kind: .usage)
    }

    private static func endings(_ formats: [SplatFormat]) -> String {
        var seen: Set<String> = []
        return formats.flatMap(\.fileExtensions).filter { seen.insert($0).inserted }.map { ".\($0)" }
            .joined(separator: ", ")
    }
}

extension SplatFormat {
    static let ply = SplatFormat(
        fileExtensions: ["ply"], summary: "splats as the 3DGS authors' code writes them, all numbers in full",
        recognises: { $0.view.map(PLY.isPLY) ?? (InriaPLY.latest(in: $0.path) != nil) },
        read: { source in
            let latest = source.view == nil ? InriaPLY.latest(in: source.path) : nil
            let file = try latest.map { try PLY(path: $0) } ?? PLY(source.bytes(), file: source.path)
            return CompressedPLY.holds(file) ? try CompressedPLY.read(file) : try InriaPLY.read(file)
        },
        write: { try InriaPLY.write($0, to: $1, $2) }, precision: "all numbers in full")

    static let compressedPLY = SplatFormat(
        fileExtensions: ["compressed.ply"], summary: "PlayCanvas's compressed PLY, 16 bytes a splat",
        recognises: { source in
            guard let view = source.view, PLY.isPLY(view) else { return false }
            return view.contains(Array("element chunk ".utf8), within: 1 << 12)
        },
        read: ply.read, write: { try CompressedPLY.write($0.packable(for: $1, $2), to: $1) },
        precision:
            "positions and sizes 10 and 11 bits in the ranges of 256 neighbours, rotations 10 bits a number, all else 8"
    )

    static let spz = SplatFormat(
        fileExtensions: ["spz"], summary: "Niantic's SPZ, versions 1 to 4, about 20 bytes a splat and less",
        recognises: { source in
            guard let view = source.view else { return false }
            if SPZ.isPlain(view) { return true }
            guard Gzip.isCompressed(view) else { return false }
            return (try? Gzip.prefix(view, count: 4, file: "")).map(SPZ.isPlain) ?? false
        },
        read: { try SPZ($0.bytes(), file: $0.path).scene() },
        write: { try SPZ.write($0.packable(for: $1, $2), to: $1, version: $2.spzVersion) },
        precision:
            "positions 24 bits, to 1/4096 where they fit; sizes 1/16 of their logarithm; rotations 8 to 10 bits a number; "
            + "colours and opacities 8 bits; SH 5 bits of degree 1, 4 bits above")

    static let dotSplat = SplatFormat(
        fileExtensions: ["splat"], summary: "antimatter15's .splat, 32 bytes a splat, colours without direction",
        // It has no mark of its own.
        recognises: { $0.ends("splat") && $0.view.map { $0.count % DotSplat.stride == 0 && !PLY.isPLY($0) } ?? false },
        read: { try DotSplat.read($0.bytes(), file: $0.path) },
        write: { scene, path, options in try DotSplat.write(scene.packable(for: path, options), to: path) },
        precision:
            "positions and sizes in full, rotations, colours and opacities 8 bits, colours cut to 0...1; in another order"
    )

    static let sog = SplatFormat(
        fileExtensions: ["sog"],
        summary: "PlayCanvas's SOG, versions 1 and 2: pictures of numbers, in a folder or a zip",
        recognises: { SOG.holds($0) || FileSystem.name(of: $0.path) == "meta.json" },
        read: { try SOG($0, decode: SOG.decodePicture).scene() })

    static let gltf = SplatFormat(
        fileExtensions: ["glb", "gltf"], summary: "glTF with splats by KHR_gaussian_splatting",
        recognises: { $0.view.map(SplatGLTF.holds) ?? false },
        read: { try SplatGLTF($0.bytes(), file: $0.path).scene() })

    static let safetensors = SplatFormat(
        fileExtensions: ["safetensors"], summary: "safetensors with gsplat's names: means, scales, quats, ...",
        recognises: { $0.view.map(SplatArchive.holdsSafetensors) ?? false },
        read: { try SplatArchive.readSafetensors($0.bytes(), file: $0.path) },
        write: { scene, path, _ in try scene.checkpoint().save(to: path) },
        precision: "all numbers in full, or float16 with --half")

    static let torch = SplatFormat(
        fileExtensions: ["pt", "pth", "ckpt"],
        summary: "checkpoints of gsplat, Nerfstudio, and the 3DGS and GES authors' code",
        recognises: { $0.view.map(SplatArchive.holdsTorch) ?? false },
        read: { try SplatArchive.readTorch($0.bytes(), file: $0.path) })

    static let kSplat = SplatFormat(
        fileExtensions: ["ksplat"], summary: "mkkellogg's .ksplat, version 0.1",
        recognises: { $0.ends("ksplat") && $0.view.map(KSplat.holds) ?? false },
        read: { try KSplat($0.bytes(), file: $0.path).scene() })
}
