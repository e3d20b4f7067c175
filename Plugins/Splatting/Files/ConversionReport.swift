import Foundation
import Genera

/// What a file that was written keeps of a scene, and what it loses.
struct ConversionReport: Sendable {
    /// The scene that was to be written.
    let before: SplatScene
    /// The scene that the file gives back.
    let after: SplatScene
    /// Bytes of the file that the scene came from; nil for a folder, or a scene without a file.
    let bytesBefore: Int?
    /// Bytes of the file that was written.
    let bytesAfter: Int?
    /// What the format rounds.
    let precision: String

    /// Reads a file that was written.
    ///
    /// - Parameter source: the file that the scene came from; empty for none.
    /// - Throws: `FormatError` if the file cannot be read again.
    init(_ scene: SplatScene, from source: String, written path: String) throws {
        before = scene
        after = try SplatScene.read(path, dropInvalid: true)
        (bytesBefore, bytesAfter) = (Self.size(source), Self.size(path))
        precision = try SplatFormat.writing(to: path).precision
    }

    /// The report in words and numbers.
    ///
    /// - Throws: `GeneraError.unavailable` if there is no memory for the pictures.
    func facts() throws -> [Fact] {
        let (old, new) = (before.splats, after.splats)
        var facts = [
            Fact("splats", new.count), Fact("splats left out", old.count - new.count),
            Fact("SH degree", new.degree == old.degree ? "\(new.degree), kept" : "\(new.degree), was \(old.degree)"),
        ]
        if old.hasShapes { facts.append(Fact("shapes", new.hasShapes ? "kept" : "turned into sizes")) }
        if before.isAntialiased {
            facts.append(Fact("antialiased", after.isAntialiased ? "kept" : "the mark is lost"))
        }
        facts.append(Fact("precision", precision))
        if let bytesBefore { facts.append(Fact("bytes before", bytesBefore)) }
        if let bytesAfter { facts.append(Fact("bytes after", bytesAfter)) }
        if !before.remarks.isEmpty { facts.append(Fact("remarks", before.remarks.joined(separator: "; "))) }
        return try facts + SceneComparison.facts(before, after)
    }

    private static func size(_ path: String) -> Int? {
        guard !path.isEmpty, !FileSystem.isFolder(path) else { return nil }
        return try? MappedFile(path: path).view.count
    }
}

/// How far pictures of two scenes differ.
enum SceneComparison {
    /// Views around the scene.
    static let viewCount = 8
    /// Columns and rows of a picture.
    static let side = 256
    /// Splats in tiles of all views together, above which there are fewer views.
    private static let pairLimit = 80_000_000

    /// The peak signal-to-noise ratio over all views, and that of the view that differs most.
    static func facts(_ before: SplatScene, _ after: SplatScene) throws -> [Fact] {
        guard before.splats.count > 0 else { return [] }
        let errors = try errors(before, after)
        let mean = errors.reduce(0, +) / Double(errors.count)
        let pictures = "\(errors.count) of \(side)x\(side) around the scene"
        return [
            Fact("PSNR (dB)", decibels(mean)), Fact("least PSNR (dB)", decibels(errors.max() ?? 0)),
            Fact("pictures", mean == 0 ? "\(pictures), all the same" : pictures),
        ]
    }

    /// The mean squared difference of each view, of colours that a screen shows: 0...1.
    static func errors(_ before: SplatScene, _ after: SplatScene) throws -> [Double] {
        let framing = Framing(before.splats)
        let orbit = CameraPath.Orbit(
            centre: framing.centre, radius: framing.distance(fieldOfView: 45, aspect: 1), elevation: 15,
            up: before.up ?? [0, -1, 0])
        let cameras = try CameraPath.orbit(
            orbit, count: viewCount, lens: .fieldOfView(45), width: side, height: side)
        let rasterizer = try Rasterizer()
        func picture(_ scene: SplatScene, _ camera: Camera) throws -> [Float] {
            try rasterizer.render(scene.splats, camera, RenderRules(for: scene), background: [1, 1, 1]).planes
        }
        var (errors, step, index) = ([Double](), 1, 0)
        while index < cameras.count {
            let first = try picture(before, cameras[index])
            let pairs = rasterizer.statistics.pairs
            errors.append(error(first, try picture(after, cameras[index])))
            // Scenes of huge splats take seconds a view: of these fewer views are enough.
            while step < cameras.count, pairs * (cameras.count / step) > pairLimit { step *= 2 }
            index += step
        }
        return errors
    }

    private static func error(_ first: [Float], _ second: [Float]) -> Double {
        var sum = 0.0
        for (a, b) in zip(first, second) {
            let difference = min(max(a, 0), 1) - min(max(b, 0), 1)
            sum += Double(difference * difference)
        }
        return sum / Double(max(first.count, 1))
    }

    // JSON has no infinite numbers.
    private static func decibels(_ error: Double) -> Table.Cell {
        error > 0 ? .number(-10 * log10(error)) : .text("infinite")
    }
}

extension RenderRules {
    /// The rules that suit a scene: those of the program that most scenes come from.
    init(for scene: SplatScene) {
        self.init()
        isAntialiased = scene.isAntialiased
        shapeStrength = scene.splats.hasShapes ? 0.1 : nil
    }
}
