import ArgumentParser
import Genera

/// `genera fit-image`: a picture as a sum of splats.
public struct FitImageVerb: Verb {
    /// `fit-image`.
    public static let name = "fit-image"
    /// One line for lists.
    public static let summary = "Fit a picture with splats in a plane, or draw such splats at any size."
    /// What it is about.
    public static let discussion =
        "The picture is a sum of Gaussians, or of generalised exponentials with an exponent each (--kernel general). "
        + "What is written is the picture that they make (.png) or the splats themselves (.gsi); "
        + "transparent pixels are laid over white."
    /// Fitting, drawing larger, and how many splats are needed.
    public static let examples = [
        "genera fit-image in.png --splats 5000 --out out.png --save out.gsi",
        "genera fit-image --from out.gsi --size 1024x1024 --out large.png",
        "genera fit-image in.png --study 500,1000,2000 --out study.csv --plot study.png",
    ]
    /// True.
    public static let hasShortForm = true

    @Argument(help: "The picture to fit: PNG, JPEG or WebP.") var picture: String?
    @OptionGroup(title: "Fit") var fit: FlatFitOptions

    @Option(help: ArgumentHelp("Draw the splats of a file instead of fitting.", valueName: "path")) var from: String?
    @Option(help: ArgumentHelp("Columns and rows of the picture that is drawn, as 640x480.", valueName: "WxH"))
    var size: String?

    @Option(help: ArgumentHelp("Write the splats, too.", valueName: "path")) var save: String?
    @Flag(help: "Write splats in few bits (about 74 each), with colours fitted to what the others become.")
    var compact = false

    @Option(
        help: ArgumentHelp(
            "Fit with each of these numbers of splats and both kernels; --out is a table.", valueName: "list"))
    var study: String?
    @Option(help: ArgumentHelp("Draw the study's PSNR into a PNG.", valueName: "path")) var plot: String?
    @OptionGroup(title: "Output") var output: OutputOptions

    /// For ArgumentParser.
    public init() {}

    /// Refuses values that make no sense, naming the option.
    public func validate() throws {
        guard (picture == nil) != (from == nil) else {
            throw ValidationError("Name a picture to fit, or splats to draw with --from; one of the two.")
        }
        let endings = study != nil ? ["csv", "tsv", "json", "md", "txt"] : ["png", "gsi"]
        if let out = output.out, !endings.contains(FileSystem.fileExtension(of: out)) {
            throw ValidationError("--out takes a file that ends in .\(endings.joined(separator: ", .")), got '\(out)'.")
        }
        if let save, FileSystem.fileExtension(of: save) != "gsi" {
            throw ValidationError("--save takes the name of a .gsi file, got '\(save)'.")
        }
        if let plot, FileSystem.fileExtension(of: plot) != "png" {
            throw ValidationError("--plot takes the name of a PNG file, got '\(plot)'.")
        }
        try validateTogether()
        _ = try asked()
        _ = try counts()
    }

    private func validateTogether() throws {
        if from != nil {
            for (isGiven, option) in [(study != nil, "--study"), (save != nil, "--save"), (compact, "--compact")]
            where isGiven {
                throw ValidationError("\(option) belongs to fitting; --from only draws.")
            }
            if output.out.map(FileSystem.fileExtension(of:)) == "gsi" {
                throw ValidationError("--from draws a picture: give --out the name of a PNG file.")
            }
        }
        guard plot == nil || study != nil else { throw ValidationError("--plot belongs to --study.") }
        if study != nil, save != nil || size != nil {
            throw ValidationError("--study writes a table; --save and --size do not go with it.")
        }
    }

    /// Fits or draws.
    ///
    /// - Throws: errors of reading the picture or the splats; `GeneraError` for files that cannot be written, and
    ///   when it was stopped.
    public func run(_ run: RunContext) throws -> Outcome {
        let path = try output.path(or: study == nil ? "fit.png" : "fit-image.csv")
        for other in [save, plot].compactMap({ $0 }) { try FileSystem.requireWritable(other, force: output.force) }
        if let from { return try draw(from, to: path, run) }
        let target = try FlatTarget(run.input(picture ?? ""))
        let fit = fit.fit(threads: fit.threads ?? run.workers)
        if study != nil { return try measure(target, fit, path, run) }
        return try make(target, fit, path, run)
    }

    private func draw(_ file: String, to path: String, _ run: RunContext) throws -> Outcome {
        let splats = try FlatFile.read(run.input(file))
        let size = try asked() ?? (splats.width, splats.height)
        guard size.0 * size.1 <= FlatTarget.mostPixels else {
            throw GeneraError.usage(
                "\(file) makes a picture of \(size.0)x\(size.1), more than 100 megapixels: give --size.")
        }
        let image = splats.image(width: size.0, height: size.1, threads: fit.threads ?? run.workers)
        try run.write(.picture(image), to: path)
        return Outcome(facts: [Fact("splats", splats.count), Fact("size", "\(size.0)x\(size.1)")])
    }

    private func make(_ target: FlatTarget, _ fit: FlatFit, _ path: String, _ run: RunContext) throws -> Outcome {
        run.progress.report(.began(total: fit.steps, unit: "steps"))
        let clock = ContinuousClock()
        let began = clock.now
        var splats = try fit.splats(target.planes, width: target.width, height: target.height, stop: run.stop) {
            step, error in
            let quality = ImageLoss.Terms.decibels(error)
            let seconds = Double((clock.now - began) / .seconds(1))
            run.progress.report(
                .advanced(
                    done: step, total: fit.steps, rate: Double(step) / max(seconds, 1e-9),
                    detail: "PSNR \((quality * 100).rounded() / 100) dB"))
        }
        var codes: FlatCodes?
        if compact {
            let coded = try fit.compact(splats, target: target.planes, stop: run.stop)
            (splats, codes) = (coded.splats, coded.codes)
        }
        let quality = target.quality(of: splats, threads: fit.threads)
        var facts = [
            Fact("splats", splats.count), Fact("PSNR (dB)", .number(quality.psnr)), Fact("SSIM", .number(quality.ssim)),
        ]
        let files = [save, FileSystem.fileExtension(of: path) == "gsi" ? path : nil].compactMap { $0 }
        for file in files {
            try run.write(
                .file { [splats, codes] in
                    if let codes {
                        try FlatFile.write(splats, codes, to: $0)
                    } else {
                        try FlatFile.write(splats, to: $0)
                    }
                }, to: file)
        }
        if let file = files.first, let bytes = try? FileSystem.contents(of: file).count {
            facts.append(Fact("bits a pixel", Double(8 * bytes) / Double(target.width * target.height)))
        }
        if !files.contains(path) {
            let size = try asked()
            try run.write(.picture(splats.image(width: size?.0, height: size?.1, threads: fit.threads)), to: path)
        }
        return Outcome(facts: facts)
    }

    private func measure(_ target: FlatTarget, _ fit: FlatFit, _ path: String, _ run: RunContext) throws -> Outcome {
        let study = FlatStudy(fit: fit, counts: try counts() ?? [])
        let rows = try study.rows(target, stop: run.stop, progress: run.progress)
        let table = FlatStudy.table(rows)
        try run.write(.table(table), to: path)
        if let plot { try run.write(.picture(FlatStudy.plot(rows)), to: plot) }
        return Outcome(tables: [table])
    }

    /// The size of `--size`.
    private func asked() throws -> (Int, Int)? {
        guard let size else { return nil }
        let sides = size.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
        guard sides.count == 2, let width = sides[0], let height = sides[1], (1...65_536).contains(width),
            (1...65_536).contains(height), width * height <= FlatTarget.mostPixels
        else {
            throw ValidationError(
                "--size takes columns and rows such as 640x480, at most 100 megapixels, got '\(size)'.")
        }
        return (width, height)
    }

    private func counts() throws -> [Int]? {
        try study.map { text in
            try text.split(separator: ",", omittingEmptySubsequences: false).map { word in
                guard let count = Int(word), (1...FlatFitOptions.mostSplats).contains(count) else {
                    throw ValidationError("--study takes numbers of splats such as 500,1000, got '\(text)'.")
                }
                return count
            }
        }
    }
}
