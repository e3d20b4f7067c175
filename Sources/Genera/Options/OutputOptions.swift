import ArgumentParser
import Platform

/// Where a verb writes its file.
public struct OutputOptions: ParsableArguments, Sendable {
    /// The file; nil for the verb's own choice.
    @Option(name: .shortAndLong, help: ArgumentHelp("The file to write.", valueName: "path"))
    public var out: String?

    /// Whether a file that is there is replaced.
    @Flag(help: "Replace what is there.")
    public var force = false

    /// For ArgumentParser.
    public init() {}

    /// The file to write. Call it before the work begins: a place that cannot be written is refused at once.
    ///
    /// - Parameter own: the verb's own choice, where none was named.
    /// - Throws: `GeneraError.cannotCreate` for a file that is there without `--force`, or a folder that takes none.
    public func path(or own: String) throws -> String {
        let path = out ?? own
        try FileSystem.requireWritable(path, force: force)
        return path
    }
}
