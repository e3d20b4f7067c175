import ArgumentParser
import Genera

/// What is written of an evaluation, and where.
struct ReportOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Measure for several values of an option, for example steps=5,10,20,35; any option of `genera sample`, checkpoint and seed.",
            valueName: "option=list"))
    var sweep: Sweep?

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("The numbers as .json or .csv, or a drawing of them as .png.", valueName: "file"))
    var out: String?

    @Flag(help: "Replace what is there.")
    var force = false

    /// The file to write, checked before anything is drawn; nil if none is asked for.
    ///
    /// - Throws: `GeneraError.usage` for a name that ends in nothing known, `cannotCreate` for a place that takes no files.
    func plan() throws -> ReportFile? {
        guard let out else { return nil }
        guard let kind = ReportFile.Kind(rawValue: FileSystem.fileExtension(of: out)) else {
            throw GeneraError.usage("--out takes the name of a .json, .csv or .png file, got '\(out)'.")
        }
        try FileSystem.requireWritable(out, force: force)
        if kind == .csv { try FileSystem.requireWritable(OutputPlan.recipeFile(of: out), force: force) }
        return ReportFile(path: out, kind: kind)
    }
}

/// A file with an evaluation in it.
struct ReportFile {
    /// What it holds.
    enum Kind: String {
        /// All numbers.
        case json
        /// A table, a row for each measure of each setting; all numbers stand beside it as JSON.
        case csv
        /// A drawing.
        case png
    }

    /// Where it is.
    let path: String
    /// What it holds.
    let kind: Kind

    /// Writes it, whole or not at all.
    ///
    /// - Throws: errors of drawing and of the system.
    func write(_ report: EvaluationReport) throws {
        switch kind {
        case .json: try AtomicFile.write(report.json.text + "\n", to: path)
        case .csv:
            try CSV.write(rows: report.rows, header: EvaluationReport.header, to: path)
            try AtomicFile.write(report.json.text + "\n", to: OutputPlan.recipeFile(of: path))
        case .png: try AtomicFile.write(PNG.encode(report.picture(), text: report.texts(out: path)), to: path)
        }
    }
}
