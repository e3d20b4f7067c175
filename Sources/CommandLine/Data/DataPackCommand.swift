import ArgumentParser
import Genera
import Imaging

extension Image.Resampling: ExpressibleByArgument {}

/// `genera data pack IN --size N --out FILE.zip`.
struct DataPackCommand: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "pack", abstract: "Make a data set of pictures that do not agree in size, channels or alpha.",
            discussion: Examples.text(
                "genera data pack photographs --size 32 --out photographs.zip",
                "genera data pack scans --size 64 --crop pad --channels grey --out scans.zip"))
    }

    @Argument(
        help: "What images are read from: a folder or zip archive, NumPy's arrays, an IDX file, CIFAR-10 binaries.",
        completion: .file())
    var path: String

    @Option(help: ArgumentHelp("Pixels a side.", valueName: "n"))
    var size: Int

    @Option(
        help: ArgumentHelp(
            "How a picture becomes a square: centre cuts out its middle, none squeezes it, pad fills it up.",
            valueName: "how"))
    var crop = PicturePacking.Crop.centre

    @Option(help: ArgumentHelp("rgb or grey. (default: rgb; of arrays those they have)", valueName: "channels"))
    var channels: PicturePacking.Channels?

    @Option(
        help: ArgumentHelp(
            "What transparency is laid over, and squares are filled up with: white, black, grey or #rrggbb. (default: white)",
            valueName: "colour"))
    var background: ColourWord?

    @Option(
        help: ArgumentHelp("How sizes are changed: lanczos, box (the mean of an area) or nearest.", valueName: "filter")
    )
    var filter = Image.Resampling.lanczos

    @Option(help: ArgumentHelp("Only the first so many. (default: all)", valueName: "n"))
    var maxImages: Int?

    @OptionGroup(title: "Output") var output: DataOutput

    func validate() throws {
        guard (1...4096).contains(size) else { throw ValidationError("--size must be from 1 to 4,096, got \(size).") }
        if let maxImages, maxImages < 1 { throw ValidationError("--max-images must be at least 1, got \(maxImages).") }
    }

    func run() throws {
        try output.check()
        let progress = TerminalProgress.sink(output.talk)
        let set = try PictureSet.open(path, limit: maxImages)
        progress.report(set.remarks, of: path)
        let packing = PicturePacking(
            size: size, crop: crop, channels: channels ?? (set.channels == 1 ? .grey : .rgb),
            background: background?.color ?? .white, filter: filter)
        try PictureArchive.write(set, packing: packing, to: output.out, progress: progress)
        output.say(count: set.count, classes: set.classNames ?? [])
    }
}
