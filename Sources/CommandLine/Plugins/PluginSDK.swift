import Genera

/// What plugins are compiled against without compiling Genera: the modules of the core that runs, the headers that they name, and
/// the core itself. `scripts/sdk` leaves it beside the program.
struct PluginSDK {
    /// Where the core is.
    let core: String

    private var folder: String { "\(core)/sdk" }

    /// The one of this program.
    ///
    /// - Throws: `GeneraError.unavailable` where there is none.
    init() throws {
        core = FileSystem.parent(of: ThisProcess.executable ?? ".")
        guard FileSystem.exists("\(folder)/modules/Genera.swiftmodule"),
            FileSystem.exists("\(core)/\(Self.library("Genera"))")
        else {
            throw GeneraError.unavailable(
                "There is nothing to compile plugins against at \(folder). `make build` in Genera's folder leaves it in a build, "
                    + "`make install` beside an installed program; `swift build -c release` in the plugin's needs neither."
            )
        }
    }

    /// The file name of a library.
    static func library(_ name: String) -> String {
        #if os(macOS)
            "lib\(name).dylib"
        #else
            "lib\(name).so"
        #endif
    }

    /// The compiler's words for a package.
    ///
    /// - Parameters:
    ///   - library: the file to make.
    ///   - cache: a folder for compiled headers.
    /// - Throws: errors of reading the folder.
    func words(_ package: PluginPackage, library: String, cache: String) throws -> [String] {
        let doors = FileSystem.names(in: "\(folder)/c").filter { $0.hasSuffix(".modulemap") }.sorted()
        let places = String(decoding: try FileSystem.contents(of: "\(folder)/flags"), as: UTF8.self)
            .split(separator: "\n").map(String.init)
        let headers = doors.map { "-fmodule-map-file=\(folder)/c/\($0)" } + places
        return ["-emit-library", "-o", library, "-module-name", package.module, "-parse-as-library"]
            + ["-O", "-whole-module-optimization", "-num-threads", "\(ThisProcess.processorCount)"] + package.flags
            + ["-I", "\(folder)/modules"] + headers.flatMap { ["-Xcc", $0] } + ["-module-cache-path", cache]
            + ["-L", core, "-lGenera"] + package.sources
    }
}
