import CPlugin

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A package for a new family of models: family, tiny network, objective, sampler, plugin, program, tests, configuration.
/// As it is written it builds, passes its tests, trains in seconds and draws a scatter plot.
public struct Scaffold: Sendable {
    /// The family's name on the command line, for example `two-moons`.
    public let family: String
    /// The module, for example `TwoMoons`.
    public let module: String
    /// Where the package gets Genera from.
    public let source: PackageSource
    /// The version of Genera.
    public let version: String

    /// Plans a package.
    ///
    /// - Parameters:
    ///   - family: lower-case letters, digits and hyphens, a letter first.
    ///   - genera: a folder with Genera's package, or a git address.
    ///   - version: the tag to ask for at a git address.
    /// - Throws: `ScaffoldError` for a name or a place that will not do.
    public init(family: String, genera: String, version: String) throws {
        try FamilyName.check(family)
        self.family = family
        module = Self.module(of: family)
        source = try PackageSource(genera)
        self.version = version
    }

    /// The module of a family's package: `two-moons` has `TwoMoons`.
    public static func module(of family: String) -> String { FamilyName.module(family) }

    /// The version of Genera that this was compiled with.
    public static var version: String { String(cString: genera_version()) }

    /// The folder with the package that this was compiled in, if it is still there.
    public static var builtIn: String? {
        let folder = "\(#filePath)".split(separator: "/").dropLast(3).map { "/" + $0 }.joined()
        return access("\(folder)/Package.swift", R_OK) == 0 ? folder : nil
    }

    /// The files of the package, in the order in which one reads them.
    var files: [(path: String, content: [UInt8])] {
        func text(_ template: String) -> [UInt8] { Array(filled(template).utf8) }
        return [
            ("Package.swift", text(Template.manifest)), ("README.md", text(Template.readme)),
            ("train.yaml", text(Template.configuration)), (".gitignore", text(Template.ignored)),
            ("Sources/\(module)/\(module)Family.swift", text(Template.family)),
            ("Sources/\(module)/VelocityNetwork.swift", text(Template.network)),
            ("Sources/\(module)/FlowSampler.swift", text(Template.sampler)),
            ("Sources/\(module)/FlowObjective.swift", text(Template.objective)),
            ("Sources/\(module)/TwoMoonsData.swift", text(Template.data)),
            ("Sources/\(module)/Speed.swift", text(Template.verb)),
            ("Sources/\(module)/Plugin.swift", text(Template.plugin)),
            ("Sources/genera-\(family)/main.swift", text(Template.program)),
            ("Tests/\(module)Tests/\(module)Tests.swift", text(Template.tests)),
            ("Tests/\(module)Tests/Golden/\(family)/manifest.json", text(Template.goldenManifest)),
            ("Tests/\(module)Tests/Golden/\(family)/velocity.safetensors", GoldenVelocity().file),
        ]
    }

    private func filled(_ template: String) -> String {
        let values = [
            ("__FAMILY__", family), ("__MODULE__", module), ("__DEPENDENCY__", source.dependency(version: version)),
            ("__PACKAGE__", source.identity), ("__VERSION__", version),
        ]
        return values.reduce(template) { text, value in text.replacing(value.0, with: value.1) }
    }

    /// Writes the package into a new folder: all of it or nothing.
    ///
    /// - Returns: the files' paths.
    /// - Throws: `ScaffoldError` if the folder holds something, or a file cannot be written.
    public func write(to folder: String, dryRun: Bool = false) throws -> [String] {
        try NewFolder.requireFree(folder)
        let paths = files.map { "\(folder)/\($0.path)" }
        if !dryRun { try NewFolder.write(files, to: folder) }
        return paths
    }

    /// What to type after the package was written.
    public func nextSteps(folder: String, program: String) -> [String] {
        [
            "cd \(folder)", "\(program) plugin build --install",
            "\(program) train \(family) --config train.yaml --out runs/first",
            "\(program) sample \(family) --checkpoint runs/first --count 4000 --out \(family).png",
            "swift test                # compiles Genera too, minutes",
            "swift build -c release    # .build/release/genera-\(family), a program of its own",
        ]
    }
}

/// Why a package was not written.
public struct ScaffoldError: Error, Equatable, CustomStringConvertible {
    /// What is wrong.
    public let reason: String
    /// The path in question; nil for a wrong name or place.
    public let path: String?

    /// Makes an error.
    public init(reason: String, path: String?) {
        self.reason = reason
        self.path = path
    }

    /// Whether the words of the user are wrong, and not the file system.
    public var isUsage: Bool { path == nil }

    /// One or two sentences.
    public var description: String { path.map { "\($0): \(reason)" } ?? reason }
}

/// The names that a family may have.
enum FamilyName {
    /// Modules that the package cannot have, since it uses them.
    private static let taken: Set<String> = [
        "ArgumentParser", "CommandLine", "Foundation", "Formats", "Genera", "GeneraTesting", "Imaging", "Layers",
        "Metrics", "PFGMPP", "Scaffold", "Solvers", "Swift", "Tensors", "Testing", "XCTest", "Yams",
    ]

    /// Refuses a name that cannot be that of a family and of its module.
    static func check(_ name: String) throws {
        let isWord =
            name.utf8.first.map { (97...122).contains($0) } == true && name.utf8.count <= 40
            && name.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 45 }
            && !name.hasSuffix("-") && !name.contains("--")
        guard isWord else {
            let better = suggestion(name)
            throw ScaffoldError(
                reason:
                    "'\(name)' cannot name a family: use up to 40 lower-case letters, digits and single hyphens, a letter first"
                    + (better.isEmpty ? "." : ", for example '\(better)'."), path: nil)
        }
        if ["classifier", "help"].contains(name) {
            throw ScaffoldError(reason: "'\(name)' is a word of the command line. Choose another name.", path: nil)
        }
        let module = module(name)
        if taken.contains(where: { $0.lowercased() == module.lowercased() }) {
            throw ScaffoldError(
                reason: "'\(name)' would give a module '\(module)', which exists already. Choose another name.",
                path: nil)
        }
    }

    /// `two-moons` as `TwoMoons`.
    static func module(_ name: String) -> String {
        name.split(separator: "-").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    }

    /// `TwoMoons` or `Two moons` as `two-moons`.
    private static func suggestion(_ name: String) -> String {
        var words = ""
        for character in name where character.isASCII {
            if character.isUppercase, !words.isEmpty, !words.hasSuffix("-") { words += "-" }
            if character.isLetter || character.isNumber {
                words += character.lowercased()
            } else if !words.isEmpty, !words.hasSuffix("-") {
                words += "-"
            }
        }
        let trimmed = words.hasSuffix("-") ? String(words.dropLast()) : words
        return String(trimmed.drop { !$0.isLetter }.prefix(40))
    }
}
