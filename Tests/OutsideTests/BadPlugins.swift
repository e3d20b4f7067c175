import Foundation
import Genera
import GeneraTesting

/// Plugins with something wrong, really built, beside five good ones. They are further products of the package that the guide
/// wrote, so that Genera is not compiled once more for them. A built-in family's sources are compiled there too.
enum BadPlugins {
    /// A plugin whose family draws one point at the origin.
    private struct Recipe {
        let name: String
        /// Flags for the C headers it is compiled with.
        var flags: [String] = []
        /// The family's name.
        var family: String?
        /// Statements in front of the list of families.
        var before = ""
        /// Statements in the sampler's `advance` and `finish`.
        var advance = "", finish = ""
        /// Whether the entry point that registers is there.
        var registers = true
    }

    private static let recipes: [Recipe] =
        [
            Recipe(name: "OtherVersion", flags: ["-DGENERA_VERSION=\\\"9.9.9\\\""]),
            Recipe(name: "OtherInterface", flags: ["-DGENERA_PLUGIN_ABI=77"]),
            Recipe(name: "OtherCompiler", flags: ["-DGENERA_PLUGIN_COMPILER=\\\"60000 Clang of another day\\\""]),
            Recipe(name: "NoEntry", registers: false),
            Recipe(name: "Throws", before: "throw GeneraError.usage(\"This plugin never works.\")"),
            Recipe(name: "CrashesAtOnce", before: "fatalError(\"on purpose\")"),
            Recipe(name: "Taken", family: "pfgmpp"),
            Recipe(name: "NoWord", family: "Not A Word"),
            Recipe(name: "CrashesInAdvance", advance: "if step == 1 { fatalError(\"on purpose\") }"),
            Recipe(name: "CrashesInFinish", finish: "fatalError(\"on purpose\")"),
            Recipe(name: "NotFinite", advance: "x = x * Double.nan"),
            Recipe(name: "OtherState", before: "missingFunction()"),
        ] + (1...5).map { Recipe(name: "Good\($0)") }

    private static func source(_ recipe: Recipe) -> String {
        let family = recipe.family ?? recipe.name.lowercased()
        let missing =
            recipe.name == "OtherState"
            ? "@_silgen_name(\"$s6Genera15missingFunctionyyF\") func missingFunction()\n" : ""
        let register = """
            @_cdecl("genera_plugin_register")
            public func register(_ host: UnsafeMutableRawPointer) -> Int32 {
                PluginEntry.register(host) {
                    \(recipe.before)
                    return [Family.self]
                }
            }
            """
        return """
            import Genera
            \(missing)
            struct Options: ParsableArguments, Sendable {}
            struct Origin: Sampler {
                typealias Sample = PointCloud
                var stepCount: Int { 3 }
                func start(noise: Noise) throws -> Tensor { Tensor.zeros([noise.samples.count, 2]) }
                func advance(_ x: inout Tensor, step: Int, noise: Noise) throws { \(recipe.advance) }
                func finish(_ x: Tensor) throws -> [PointCloud] {
                    \(recipe.finish)
                    return try PointCloud.rows(of: x)
                }
            }
            enum Family: SamplingFamily {
                static let name = "\(family)"
                static let summary = "The origin."
                static let citation = Citation(title: "Origin", authors: ["A Point"], year: 2026, venue: "Nowhere")
                static func sampler(_ options: Options, _ run: RunContext) throws -> any Sampler { Origin() }
            }
            @_cdecl("genera_plugin_info")
            public func info() -> UnsafePointer<CChar> { genera_plugin_tag() }
            \(recipe.registers ? register : "")

            """
    }

    private static func manifest(repository: String) -> String {
        let products = recipes.map { ".library(name: \"\($0.name)\", type: .dynamic, targets: [\"\($0.name)\"])," }
        let targets = recipes.map { recipe in
            let flags = recipe.flags.flatMap { ["\"-Xcc\"", "\"\($0)\""] }.joined(separator: ", ")
            return """
                .target(name: "\(recipe.name)", dependencies: [.product(name: "Genera", package: "genera")],
                    swiftSettings: [\(flags.isEmpty ? "" : ".unsafeFlags([\(flags)])")]),
                """
        }
        return """
            // swift-tools-version: 6.1
            import PackageDescription
            let package = Package(
                name: "Mixture", platforms: [.macOS(.v15)],
                products: [\(products.joined(separator: "\n"))],
                dependencies: [.package(url: "\(repository)", exact: "\(Version.current)")],
                targets: [
                    .target(name: "StrangersPFGMPP", dependencies: [.product(name: "Genera", package: "genera")]),
                    .target(name: "StrangersLevels"),
                    .target(name: "StrangersKernels", dependencies: ["StrangersLevels"]),
                    .target(
                        name: "StrangersSplatting",
                        dependencies: [.product(name: "Genera", package: "genera"), "StrangersKernels"]),
                    .target(name: "StrangersGraphKernels", dependencies: ["StrangersLevels"]),
                    .target(
                        name: "StrangersGDSS",
                        dependencies: [.product(name: "Genera", package: "genera"), "StrangersGraphKernels"]),
                    .target(name: "StrangersTextKernels", dependencies: ["StrangersLevels"]),
                    .target(
                        name: "StrangersRADD",
                        dependencies: [.product(name: "Genera", package: "genera"), "StrangersTextKernels"]),
                    \(targets.joined(separator: "\n"))
                ]
            )

            """
    }

    /// Writes the package's files over a copy of the guide's package, whose build folder it goes on with.
    static func write(into folder: String, repository: String) throws {
        try manifest(repository: repository).write(toFile: "\(folder)/Package.swift", atomically: true, encoding: .utf8)
        for recipe in recipes {
            let place = "\(folder)/Sources/\(recipe.name)"
            try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
            try source(recipe).write(toFile: "\(place)/Family.swift", atomically: true, encoding: .utf8)
        }
        // A built-in family as a stranger's: its sources compile where there is nothing but the public API.
        let strangers = "\(folder)/Sources/StrangersPFGMPP"
        if !FileManager.default.fileExists(atPath: strangers) {
            try FileManager.default.copyItem(atPath: "\(Golden.repository)/Plugins/PFGMPP", toPath: strangers)
            try FileManager.default.copyItem(
                atPath: "\(Golden.repository)/Sources/CLevels", toPath: "\(folder)/Sources/StrangersLevels")
            try writeStrangers("Splatting", kernels: "CSplats", as: "StrangersKernels", into: "\(folder)/Sources")
            try writeStrangers("GDSS", kernels: "CGDSS", as: "StrangersGraphKernels", into: "\(folder)/Sources")
            try writeStrangers("RADD", kernels: "CRADD", as: "StrangersTextKernels", into: "\(folder)/Sources")
        }
    }

    /// A family with its kernels under another name, because two packages cannot have a module of one name.
    private static func writeStrangers(_ name: String, kernels: String, as other: String, into sources: String) throws {
        let files = FileManager.default, family = "\(sources)/Strangers\(name)"
        try files.copyItem(atPath: "\(Golden.repository)/Plugins/\(name)", toPath: family)
        try files.moveItem(atPath: "\(family)/Kernels", toPath: "\(sources)/\(other)")
        for case let name as String in files.enumerator(atPath: family) ?? .init() where name.hasSuffix(".swift") {
            let text = try String(contentsOfFile: "\(family)/\(name)", encoding: .utf8)
            try text.replacingOccurrences(of: "import \(kernels)", with: "import \(other)")
                .write(toFile: "\(family)/\(name)", atomically: true, encoding: .utf8)
        }
    }

    /// Writes a package with one good plugin that depends on sources of Genera in a folder beside it.
    static func writeGood(into folder: String, genera: String) throws {
        let place = "\(folder)/Sources/Good"
        try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
        try source(Recipe(name: "Good")).write(toFile: "\(place)/Family.swift", atomically: true, encoding: .utf8)
        let text = """
            // swift-tools-version: 6.1
            import PackageDescription
            let package = Package(
                name: "Good", platforms: [.macOS(.v15)],
                products: [.library(name: "Good", type: .dynamic, targets: ["Good"])],
                dependencies: [.package(path: "../\(genera)")],
                targets: [.target(name: "Good", dependencies: [.product(name: "Genera", package: "\(genera)")])]
            )

            """
        try text.write(toFile: "\(folder)/Package.swift", atomically: true, encoding: .utf8)
    }

    /// Builds them, and one with a core of its own: its objects linked with all of Genera's.
    static let build = """
        set -e
        swift build -c release
        cd .build/release
        objects=$(find CPlugin.build CEngine.build CHDF5.build CPNG.build CJPEG.build Platform.build Tensors.build Layers.build Formats.build Imaging.build Solvers.build \\
            Metrics.build Genera.build ArgumentParser.build ArgumentParserToolInfo.build Yams.build CYaml.build \\
            -name '*.o' 2>/dev/null)
        swiftc -emit-library -o libOwnCore.so Good1.build/*.o $objects -lcrypto -lpng -ljpeg -lwebp -lz -lzstd -lcairo -lfreetype -lfontconfig -lfftw3 -lm
        """
}
