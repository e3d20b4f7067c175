import Foundation
import Genera

/// `genera splat speed [SCENE]`: how long drawing takes here.
public struct SpeedVerb: Verb {
    /// `speed`.
    public static let name = "speed"
    /// One line for lists.
    public static let summary = "Measure how long projection, drawing and derivatives take, with each instruction set."
    /// What it is about.
    public static let discussion = """
        Medians of wall times after two warm-ups, beside a plain rasteriser on one thread that draws pixel by pixel and takes no derivatives. \
        Without a scene, random splats before the camera are drawn. Close other programs first.
        """
    /// A scene, and a large random one.
    public static let examples = [
        "genera splat speed scene.ply --sizes 256x256,800x800 --out speed.md",
        "genera splat speed --splats 1000000 --sizes 1920x1080 --no-plain",
    ]

    @Argument(help: "A scene, or a run directory. (default: random splats)", completion: .file()) var scene: String?
    @Option(help: ArgumentHelp("How many random splats.", valueName: "n")) var splats = 100_000
    @Option(help: ArgumentHelp("Sizes of pictures.", valueName: "list")) var sizes = "256x256,800x800"
    @Option(help: ArgumentHelp("Numbers of threads. (default: 1 and one a processor)", valueName: "list")) var threads:
        String?
    @Option(help: ArgumentHelp("Measurements that a median is of.", valueName: "n")) var repeats = 9
    @Flag(inversion: .prefixedNo, help: "Measure the plain rasteriser too.") var plain = true
    @Option(name: .shortAndLong, help: "Of the random splats.") var seed: UInt64 = 0
    @OptionGroup(title: "Output") var output: OutputOptions

    /// For ArgumentParser.
    public init() {}

    /// Refuses values that make no sense, naming the option.
    public func validate() throws {
        guard (1...100_000_000).contains(splats) else {
            throw ValidationError("--splats must be from 1 to 100,000,000, got \(splats).")
        }
        guard (1...10_000).contains(repeats) else {
            throw ValidationError("--repeats must be from 1 to 10,000, got \(repeats).")
        }
        _ = try (pictureSizes(), threadCounts(processors: 1))
    }

    /// Measures, and writes the table.
    ///
    /// - Throws: errors of reading the scene and of writing; `GeneraError.interrupted` when stopped.
    public func run(_ run: RunContext) throws -> Outcome {
        let path = try output.path(or: "speed.csv")
        let scene = try scene.map { try Splatting.scene(at: $0, run) }
        var speed = DrawingSpeed(scene ?? SplatScene(DrawingSpeed.randomSplats(splats, seed: seed)))
        speed.repeats = repeats
        if scene == nil { speed.isRandom = true }
        var table = DrawingSpeed.table
        let counts = try threadCounts(processors: run.workers)
        for (width, height) in try pictureSizes() {
            for count in counts {
                for row in try speed.rows(width: width, height: height, threads: count, stop: run.stop) {
                    table.append(row)
                }
            }
            if plain, let row = try speed.plainRow(width: width, height: height) { table.append(row) }
        }
        try run.write(.table(table), to: path)
        var facts = [Fact("splats", speed.scene.splats.count)]
        if let peak = DrawingSpeed.peakMemory { facts.append(Fact("peak memory in MB", peak / 1_000_000)) }
        return Outcome(facts: facts, tables: [table])
    }

    private func pictureSizes() throws -> [(Int, Int)] {
        try sizes.split(separator: ",", omittingEmptySubsequences: false).map { word in
            let numbers = word.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
            guard numbers.count == 2, numbers.allSatisfy({ (1...Camera.mostPixels).contains($0) }) else {
                throw ValidationError("--sizes takes sizes as 800x600 between commas, got '\(word)'.")
            }
            return (numbers[0], numbers[1])
        }
    }

    private func threadCounts(processors: Int) throws -> [Int] {
        guard let threads else { return processors > 1 ? [1, processors] : [1] }
        return try threads.split(separator: ",", omittingEmptySubsequences: false).map { word in
            guard let count = Int(word), (1...256).contains(count) else {
                throw ValidationError("--threads takes numbers from 1 to 256 between commas, got '\(word)'.")
            }
            return count
        }
    }
}
