import Foundation
import Genera

/// `genera splat make-views FOLDER`: posed photographs of a scene of our own, to try training on.
public struct MakeViewsVerb: Verb {
    /// The word on the command line.
    public static let name = "make-views"
    /// One line for lists.
    public static let summary = "Make posed photographs of a small island, to try training on."
    /// What stands under the summary in the help.
    public static let discussion = """
        Writes a data set in the layout of NeRF's synthetic scenes: transforms_train.json, transforms_val.json, transforms_test.json and \
        pictures with alpha. The island is a distance function and is drawn by walking along rays, so that nothing has to be downloaded.
        """
    /// Command lines for the end of the help.
    public static let examples = [
        "genera splat make-views island",
        "genera train splat --data island -w --eval --preset draft --out runs/island",
        "genera render runs/island --turntable 24 --size 300x300 --out island.png",
    ]

    @Argument(help: "The folder to make.", completion: .directory) var folder: String
    @Option(help: ArgumentHelp("Photographs to train from.", valueName: "n")) var train = 60
    @Option(help: ArgumentHelp("Photographs to test with, half of them as val.", valueName: "n")) var test = 8
    @Option(help: ArgumentHelp("Columns and rows.", valueName: "n")) var size = 240
    @Option(help: ArgumentHelp("Rays a pixel, along each side.", valueName: "n")) var rays = 2

    /// For ArgumentParser.
    public init() {}

    /// Refuses values that make no sense, naming the option.
    public func validate() throws {
        guard (3...10_000).contains(train), (2...10_000).contains(test) else {
            throw ValidationError("--train must be from 3 and --test from 2 to 10,000.")
        }
        guard (8...4096).contains(size) else { throw ValidationError("--size must be from 8 to 4,096, got \(size).") }
        guard (1...8).contains(rays) else { throw ValidationError("--rays must be from 1 to 8, got \(rays).") }
    }

    /// Does it.
    ///
    /// - Throws: what is wrong with options, files or memory, in a sentence.
    public func run(_ run: RunContext) throws -> Outcome {
        guard !FileSystem.exists("\(folder)/transforms_train.json") else {
            throw GeneraError.cannotCreate(file: folder, reason: "already holds a data set.")
        }
        let sets = [("train", train), ("val", test / 2), ("test", test - test / 2)]
        let total = sets.reduce(0) { $0 + $1.1 }
        run.progress.report(.began(total: total, unit: "views"))
        var done = 0, turn = 0
        let began = DispatchTime.now().uptimeNanoseconds
        for (name, count) in sets {
            try FileSystem.makeFolders("\(folder)/\(name)")
            // A spiral over the upper half and a little below, by the golden angle: no two views stand close.
            let cameras = try (0..<count).map { try Self.camera(turn + $0, of: total, size) }
            turn += count
            let workers = max(run.workers, ProcessInfo.processInfo.activeProcessorCount)
            for start in stride(from: 0, to: count, by: workers) {
                if run.stop.isStopped { throw GeneraError.interrupted("Stopped after \(done) of \(total) views.") }
                let end = min(start + workers, count)
                let pictures = try Parallel.map(end - start, workers: workers) {
                    Self.picture(cameras[start + $0], rays)
                }
                for (k, picture) in pictures.enumerated() {
                    try PNG.write(picture, to: "\(folder)/\(name)/r_\(start + k).png")
                }
                done += pictures.count
                let rate = Double(done) / (Double(DispatchTime.now().uptimeNanoseconds - began) * 1e-9)
                run.progress.report(.advanced(done: done, total: total, rate: rate, detail: ""))
            }
            try AtomicFile.write(Self.transforms(cameras, name), to: "\(folder)/transforms_\(name).json")
        }
        run.progress.report(.finished("\(total) views"))
        return Outcome(facts: [Fact("views", total), Fact("folder", folder)])
    }

    private static let fieldOfView = 40.0

    private static func camera(_ index: Int, of total: Int, _ size: Int) throws -> Camera {
        // Every place on the spiral is used once; a stride keeps each set spread over all heights.
        let place = Double(index * 37 % max(total, 1)) / Double(total)
        let height = -0.25 + 1.15 * place, flat = max(1 - height * height, 0.05).squareRoot()
        let angle = 2.399963229728653 * Double(index)
        let eye = [3 * flat * cos(angle), 3 * flat * sin(angle), 3 * height - 0.1]
        return try .looking(
            from: eye, at: [0, 0, -0.08], up: [0, 0, 1], lens: .fieldOfView(fieldOfView), width: size, height: size)
    }

    private static func picture(_ camera: Camera, _ rays: Int) -> Image {
        let island = Island(), r = camera.rotation, c = camera.centre
        let eye = Island.Point(c[0], c[1], c[2])
        var bytes = [UInt8](repeating: 0, count: 4 * camera.width * camera.height)
        for y in 0..<camera.height {
            for x in 0..<camera.width {
                var (sum, hits) = (Island.Point(0, 0, 0), 0.0)
                for ray in 0..<rays * rays {
                    let u = Double(x) + (Double(ray % rays) + 0.5) / Double(rays) - camera.cx
                    let v = Double(y) + (Double(ray / rays) + 0.5) / Double(rays) - camera.cy
                    let d = [u / camera.fx, v / camera.fy, 1]
                    var along = Island.Point(0, 0, 0)
                    for k in 0..<3 { along[k] = (0..<3).reduce(0) { $0 + r[3 * $1 + k] * d[$1] } }
                    guard let color = island.color(from: eye, along: along / (along * along).sum().squareRoot()) else {
                        continue
                    }
                    (sum, hits) = (sum + color, hits + 1)
                }
                guard hits > 0 else { continue }
                let at = 4 * (y * camera.width + x)
                for k in 0..<3 { bytes[at + k] = UInt8(min(max(sum[k] / hits * 255 + 0.5, 0), 255)) }
                bytes[at + 3] = UInt8(hits / Double(rays * rays) * 255 + 0.5)
            }
        }
        return Image(width: camera.width, height: camera.height, channels: 4, bytes: bytes)
    }

    /// As NeRF's synthetic scenes have them: camera to world, with y up and z back.
    private static func transforms(_ cameras: [Camera], _ name: String) -> String {
        let frames = cameras.enumerated().map { index, camera -> String in
            let r = camera.rotation, c = camera.centre
            let rows = (0..<3).map { k in
                "[" + [r[k], -r[3 + k], -r[6 + k], c[k]].map { "\($0)" }.joined(separator: ", ") + "]"
            }
            let matrix = (rows + ["[0.0, 0.0, 0.0, 1.0]"]).joined(separator: ", ")
            return "    {\"file_path\": \"./\(name)/r_\(index)\", \"transform_matrix\": [\(matrix)]}"
        }
        let angle = fieldOfView * .pi / 180
        return "{\n  \"camera_angle_x\": \(angle),\n  \"frames\": [\n\(frames.joined(separator: ",\n"))\n  ]\n}\n"
    }
}
