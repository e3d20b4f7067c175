import ArgumentParser
import Genera
import Imaging
import Platform

/// `genera data inspect PATH`.
struct DataInspectCommand: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "inspect", abstract: "Say what a file of samples or a data set holds, and draw some of it.",
            discussion: Examples.text(
                "genera data inspect photographs", "genera data inspect train-images-idx3-ubyte --preview digits.png",
                "genera data inspect molecules.json", "genera data inspect cells.csv --preview cells.png"))
    }

    @Argument(
        help:
            "Images (a folder or zip archive of PNG, JPEG or WebP files, NumPy's arrays, an IDX file, CIFAR-10 binaries), points, graphs, texts or curves, in any file that samples are read from.",
        completion: .file())
    var path: String

    @Option(
        name: .customLong("as"),
        help: ArgumentHelp(
            "What it holds, where the file alone does not say: \(SampleKind.list).", valueName: "kind"))
    var kind: SampleKind?

    @Option(
        help: ArgumentHelp(
            "Columns of a table of points whose values say which rows are one sample, for example patient,day.",
            valueName: "columns"))
    var groupBy: String?

    @Option(help: ArgumentHelp("Draw samples into this picture.", valueName: "file.png"))
    var preview: String?

    @Option(
        help: ArgumentHelp(
            "How many samples the picture shows, spread over the set. (default: 64; of points and curves 10,000)",
            valueName: "n"))
    var count: Int?

    @Flag(help: "Replace what is there.")
    var force = false

    @OptionGroup(title: "Talk") var talk: TalkOptions

    func validate() throws {
        if let count, !(1...10_000).contains(count) {
            throw ValidationError("--count must be from 1 to 10,000, got \(count).")
        }
        if groupBy != nil, kind ?? .points != .points { throw ValidationError("--group-by is for points.") }
        if let preview, FileSystem.fileExtension(of: preview) != "png" {
            throw ValidationError("--preview takes the name of a PNG file, got '\(preview)'.")
        }
    }

    func run() throws {
        if let preview { try FileSystem.requireWritable(preview, force: force) }
        func inspect<Sample: Drawable>(_ type: Sample.Type) throws {
            // Pictures are looked at one by one, so that what does not go together can be told of.
            let pictures = type == Image.self && FileSystem.exists(path) ? try PictureSet.open(path) : nil
            try self.inspect(pictures as? any SampleSource<Sample> ?? Sample.source(at: path, progress: progress))
        }
        if let groupBy { return try self.inspect(PointGroups(PointTable(path: path, groupedBy: groupBy))) }
        let type: any Drawable.Type = if let kind { kind.type } else { try sampleType() }
        try inspect(type)
    }

    private var progress: any ProgressSink { TerminalProgress.sink(talk) }

    /// The type whose file this is: by its content, else by its name.
    ///
    /// - Throws: `GeneraError.noInput` if nothing is there, `badData` that lists what is read.
    private func sampleType() throws -> any Drawable.Type {
        guard FileSystem.exists(path) else {
            throw GeneraError.noInput("\(path): there is no such file or folder of samples.")
        }
        let own = CurrentRegistry.value.sampling.flatMap { $0.sampleTypes }
        let common = SampleKind.allCases.map { $0.type as any Drawable.Type }
        let types = own + common
        func knows<Sample: Drawable>(_ type: Sample.Type, _ byName: Bool) -> Bool {
            Sample.format(reading: path, byName: byName) != nil
        }
        // What only a name tells is what most files of the name are: a table one of points, whatever families keep in tables.
        if let type = types.first(where: { knows($0, false) }) ?? (common + own).first(where: { knows($0, true) }) {
            return type
        }
        // Opening it says what to give instead.
        if (try? Image.size(path: path)) != nil { return Image.self }
        func endings<Sample: Drawable>(_ type: Sample.Type) -> [String] {
            Sample.formats.filter { $0.read != nil }.flatMap(\.fileExtensions)
        }
        let known = types.flatMap { endings($0) }.reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
        throw try unknownSamples(
            path, read: "folders of images, and \(known.map { ".\($0)" }.joined(separator: ", "))")
    }

    private func inspect<Sample: Drawable>(_ source: any SampleSource<Sample>) throws {
        let findings = try SampleFinding.all(of: source, progress: progress)
        if let preview { try draw(source, to: preview) }
        talk.print(
            FactLines.lines(
                findings.filter { !$0.name.isEmpty }.map { [$0.name, $0.text] }
                    + (preview.map { [["preview", $0]] } ?? [])),
            json: .object(
                findings.flatMap(\.members) + [JSONValue.Member("preview", preview.map { .string($0) } ?? .null)]))
    }

    /// Draws samples that are spread over all.
    private func draw<Sample: Drawable>(_ source: any SampleSource<Sample>, to file: String) throws {
        let usual = Sample.pictureLimit > 10_000 ? 10_000 : 64
        let shown = min(count ?? usual, source.count, Sample.pictureLimit)
        let samples = try source.samples((0..<shown).map { $0 * source.count / shown })
        let picture = samples.count == 1 ? try samples[0].drawn() : try Sample.picture(of: samples)
        try AtomicFile.write(PNG.encode(picture, text: [PNG.Text("Software", Version.software)]), to: file)
    }
}
