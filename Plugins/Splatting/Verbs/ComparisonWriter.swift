import Foundation
import Genera

/// Writes views of a scene beside their photographs, and says how near they are.
struct ComparisonWriter {
    let drawing: SceneDrawing
    let views: ComparedViews
    /// A file for one sheet, or a folder.
    let path: String
    let isOneSheet: Bool
    let replacesFiles: Bool

    /// Differences are shown so many times as large as they are.
    static let contrast = 4

    private struct Measured {
        let name: String
        let psnr: Double
        let ssim: Double
    }

    /// - Throws: `GeneraError.interrupted` when stopped; errors of drawing, reading and writing.
    func run(_ run: RunContext) throws -> Outcome {
        let rasterizer = try Rasterizer(threads: max(run.workers, ProcessInfo.processInfo.activeProcessorCount))
        var loss = ImageLoss(threads: max(run.workers, 1))
        let cameras = views.cameras
        if !isOneSheet { try FileSystem.makeFolders(path) }
        var measured: [Measured] = []
        var sheets: [Image] = []
        for (index, named) in cameras.enumerated() {
            if run.stop.isStopped { throw GeneraError.interrupted("Stopped after \(index) of \(cameras.count) views.") }
            let picture = try drawing.picture(named.camera, rasterizer)
            let photograph = try views.image(index) { picture }
            let terms = try Self.terms(picture, photograph, &loss)
            measured.append(Measured(name: named.name, psnr: terms.psnr, ssim: terms.ssim))
            let strip = [picture, photograph, Self.difference(picture, photograph)]
            if isOneSheet {
                sheets += strip
            } else {
                let file = "\(path)/\(String(format: "%04d", index)).png"
                try FileSystem.requireWritable(file, force: replacesFiles)
                try run.write(.picture(ImageGrid.arrange(strip, columns: 3, scale: 1)), to: file)
            }
        }
        if isOneSheet { try run.write(.picture(ImageGrid.arrange(sheets, columns: 3, scale: 1)), to: path) }
        return outcome(measured)
    }

    private func outcome(_ measured: [Measured]) -> Outcome {
        func mean(_ value: (Measured) -> Double) -> Double {
            measured.reduce(0) { $0 + value($1) } / Double(max(measured.count, 1))
        }
        let facts = [
            Fact("views", measured.count), Fact("mean PSNR", Self.rounded(mean(\.psnr), 100)),
            Fact("mean SSIM", Self.rounded(mean(\.ssim), 10_000)), Fact("file", isOneSheet ? path : "\(path)/"),
        ]
        return Outcome(facts: facts, tables: [table(measured)])
    }

    private func table(_ measured: [Measured]) -> Table {
        Table(
            "views",
            columns: ["view", .init("PSNR", unit: "dB", digits: .places(2)), .init("SSIM", digits: .places(4))],
            rows: measured.map { [.text($0.name), .number($0.psnr), .number($0.ssim)] })
    }

    private static func rounded(_ value: Double, _ steps: Double) -> Double { (value * steps).rounded() / steps }

    /// PSNR and SSIM of pictures in 8 bits.
    private static func terms(_ picture: Image, _ photograph: Image, _ loss: inout ImageLoss) throws -> ImageLoss.Terms
    {
        guard (picture.width, picture.height) == (photograph.width, photograph.height) else {
            throw GeneraError.software("A view and its photograph differ in size.")
        }
        return loss.evaluate(
            render: planes(picture), target: planes(photograph), width: picture.width, height: picture.height
        ).terms
    }

    private static func planes(_ image: Image) -> [Float] {
        guard case let .bytes(bytes) = image.samples else { return [] }
        let area = image.width * image.height
        return (0..<3 * area).map { Float(bytes[$0 % area * 3 + $0 / area]) / 255 }
    }

    /// How far pictures are apart, black where they are equal.
    static func difference(_ a: Image, _ b: Image) -> Image {
        guard case let .bytes(first) = a.samples, case let .bytes(second) = b.samples else { return a }
        let bytes = zip(first, second).map { UInt8(min(abs(Int($0) - Int($1)) * contrast, 255)) }
        return Image(width: a.width, height: a.height, channels: a.channels, bytes: bytes)
    }
}
