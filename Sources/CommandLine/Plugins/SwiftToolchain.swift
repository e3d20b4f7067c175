import Formats
import Genera

/// The compiler that plugins are built with, which must be the one that built this program: Swift on Linux has no stable binary
/// interface.
struct SwiftToolchain {
    /// The path of `swiftc`.
    let compiler: String
    /// The path of `swift`, which reads manifests.
    let packages: String

    /// The first one on `PATH`.
    ///
    /// - Throws: `GeneraError.unavailable` if there is none, or one of another version.
    init() throws {
        let wanted = PluginTag.current.swiftVersion
        let folders = (Environment.value("PATH") ?? "").split(separator: ":")
        guard let folder = folders.first(where: { FileSystem.exists("\($0)/swiftc") }) else {
            throw GeneraError.unavailable(
                "There is no swiftc on PATH. Install Swift \(wanted), which this program was built with.")
        }
        (compiler, packages) = ("\(folder)/swiftc", "\(folder)/swift")
        let found = Self.version(in: try ChildProcess.run(compiler, ["--version"]).output)
        guard found == wanted else {
            throw GeneraError.unavailable(
                "\(compiler) is Swift \(found ?? "of an unknown version"), but this program was built by Swift \(wanted), and a "
                    + "plugin needs the same compiler. Put that one first on PATH.")
        }
    }

    /// The version in the compiler's own words, with three numbers: `Swift version 6.3 (swift-6.3-RELEASE)` is `6.3.0`.
    static func version(in text: String) -> String? {
        guard let mark = text.firstRange(of: "Swift version ") else { return nil }
        let numbers = text[mark.upperBound...].prefix { $0.isNumber || $0 == "." }.split(separator: ".")
        guard !numbers.isEmpty, numbers.allSatisfy({ Int($0) != nil }) else { return nil }
        return (numbers.map(String.init) + ["0", "0"]).prefix(3).joined(separator: ".")
    }

    /// What the manifest of a package says.
    ///
    /// - Throws: `GeneraError` for a folder without a package, or a manifest that is not understood.
    func manifest(of folder: String) throws -> JSONValue {
        guard FileSystem.exists("\(folder)/Package.swift") else {
            throw GeneraError.noInput(
                "\(folder) holds no package: there is no Package.swift.",
                advice: "`\(ProgramName.current) plugin new NAME` writes one.")
        }
        let child = try ChildProcess.run(packages, ["package", "--package-path", folder, "dump-package"])
        guard child.status == 0, child.signal == 0 else {
            throw GeneraError.badData(file: "\(folder)/Package.swift", reason: "is not understood by `swift package`")
        }
        return try JSONText.parse(ByteView(Array(child.output.utf8)), file: "\(folder)/Package.swift")
    }

    /// Compiles; what the compiler has to say goes to standard error.
    ///
    /// - Throws: `GeneraError.badData` for sources that do not compile.
    func compile(_ words: [String], package folder: String) throws {
        let child = try ChildProcess.run(compiler, words)
        guard child.signal == 0 else { throw GeneraError.interrupted("The compiler was stopped by a signal.") }
        guard child.status == 0 else { throw GeneraError.badData(file: folder, reason: "does not compile, see above") }
    }
}
