import ArgumentParser
import Genera
import Imaging

/// `genera data inspect PATH`.
struct DataInspectCommand: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "inspect", abstract: "Say what a data set of images holds, and draw some of it.",
            discussion: Examples.text(
                "genera data inspect emoji.zip", "genera data inspect train-images-idx3-ubyte --preview digits.png"))
    }

    @Argument(help: "A folder or zip archive of PNG files, an IDX file, or CIFAR-10 binaries.", completion: .file())
    var path: String

    @Option(help: ArgumentHelp("Draw images into this picture.", valueName: "file.png"))
    var preview: String?

    @Option(help: ArgumentHelp("How many images the picture shows, spread over the set.", valueName: "n"))
    var count = 64

    @Flag(help: "Replace what is there.")
    var force = false

    @OptionGroup(title: "Talk") var talk: TalkOptions

    func validate() throws {
        guard (1...10_000).contains(count) else {
            throw ValidationError("--count must be from 1 to 10,000, got \(count).")
        }
        if let preview, FileSystem.fileExtension(of: preview) != "png" {
            throw ValidationError("--preview takes the name of a PNG file, got '\(preview)'.")
        }
    }

    func run() throws {
        if let preview { try FileSystem.requireWritable(preview, force: force) }
        let data = try ImageDataset.load(path)
        if let preview { try draw(data, to: preview) }
        let sizes = classSizes(data)
        var facts = [
            ["images", data.count.grouped], ["size", "\(data.width)x\(data.height)"], ["channels", "\(data.channels)"],
            ["classes", data.classCount == 0 ? "none" : "\(data.classCount)"],
        ]
        if let least = sizes.min(), let most = sizes.max() { facts.append(["in a class", "\(least) to \(most)"]) }
        if let preview { facts.append(["preview", preview]) }
        talk.print(FactLines.lines(facts), json: Self.json(data, sizes, preview))
    }

    /// How many images each class has.
    private func classSizes(_ data: ImageDataset) -> [Int] {
        var sizes = Array(repeating: 0, count: data.classCount)
        for row in data.labelRows {
            if let label = row.firstIndex(where: { $0 != 0 }) { sizes[label] += 1 }
        }
        return sizes
    }

    private func draw(_ data: ImageDataset, to file: String) throws {
        let shown = min(count, data.count)
        let images = (0..<shown).map { data.picture($0 * data.count / shown) }
        try AtomicFile.write(
            PNG.encode(ImageGrid.arrange(images), text: [PNG.Text("Software", Version.software)]), to: file)
    }

    private static func json(_ data: ImageDataset, _ sizes: [Int], _ preview: String?) -> JSONOutput {
        .object([
            ("images", .integer(data.count)), ("width", .integer(data.width)), ("height", .integer(data.height)),
            ("channels", .integer(data.channels)), ("classes", .integer(data.classCount)),
            ("classSizes", .list(sizes.map { .integer($0) })), ("preview", JSONOutput(preview)),
        ])
    }
}
