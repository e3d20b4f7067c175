import ArgumentParser

/// What is written, and where.
struct PictureOptions: ParsableArguments {
    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "A picture of all samples (FILE.png, '-' for standard output), a file of data, or a folder with a picture of each (DIR/). (default: FAMILY-seedN.png)",
            valueName: "path"))
    var out: String?

    @Flag(help: "Replace what is there.")
    var force = false

    @Option(help: ArgumentHelp("Pictures in a row. (default: about as many as rows)", valueName: "n"))
    var columns: Int?

    @Option(
        help: ArgumentHelp(
            "Pixels a pixel of a sample is drawn with. (default: small samples are enlarged)", valueName: "n"))
    var scale: Int?

    @Option(help: ArgumentHelp("An animated PNG of the samples on their way.", valueName: "file.png"))
    var trajectory: String?

    @Option(help: ArgumentHelp("Steps between the frames of --trajectory.", valueName: "n"))
    var previewEvery = 1

    @Flag(help: "Check everything and say what would be drawn, but draw nothing.")
    var dryRun = false

    func validate() throws {
        func need(_ value: Int?, _ name: String, _ limit: Int) throws {
            guard let value, !(1...limit).contains(value) else { return }
            throw ValidationError("--\(name) must be from 1 to \(limit.grouped), got \(value).")
        }
        try need(columns, "columns", 10_000)
        try need(scale, "scale", 64)
        try need(previewEvery, "preview-every", 1_000_000)
        if let trajectory, !trajectory.lowercased().hasSuffix("png") {
            throw ValidationError("--trajectory takes the name of a PNG file, got '\(trajectory)'.")
        }
    }

    /// How the samples are laid out in a picture.
    var layout: Layout { Layout(columns: columns, scale: scale) }
}
