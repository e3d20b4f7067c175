import Formats
import Genera

/// What has to be known of a package to build its plugin without SwiftPM: the one module of a product that is a dynamic library.
struct PluginPackage {
    /// The product's name, which is the library's.
    let name: String
    /// The module's name.
    let module: String
    /// The module's sources, sorted.
    let sources: [String]
    /// What the manifest asks of the compiler.
    let flags: [String]

    /// Reads a manifest.
    ///
    /// - Parameter product: the product's name; nil if there is but one.
    /// - Throws: `GeneraError` for a package without such a product, or with one that needs more than Genera.
    init(_ manifest: JSONValue, folder: String, product: String?) throws {
        let target: JSONValue
        (name, target) = try Self.library(of: manifest, folder: folder, named: product)
        module = target["name"]?.text ?? ""
        try Self.refuseOthers(target, folder: folder, product: name)
        flags = try Self.flags(of: target, in: manifest, folder: folder)
        let place = "\(folder)/\(target["path"]?.text ?? "Sources/\(module)")"
        let excluded = (target["exclude"]?.items ?? []).compactMap(\.text).map { "\(place)/\($0)" }
        sources = Self.swiftFiles(in: place).filter { file in
            !excluded.contains { file == $0 || file.hasPrefix("\($0)/") }
        }
        guard !sources.isEmpty else {
            throw GeneraError.noInput(
                "\(place) holds no sources in Swift.", advice: "Write some, or correct Package.swift.")
        }
    }

    private static func library(of manifest: JSONValue, folder: String, named wanted: String?) throws
        -> (name: String, target: JSONValue)
    {
        let file = "\(folder)/Package.swift"
        let libraries = (manifest["products"]?.items ?? []).filter {
            $0["type"]?["library"]?.items?.first?.text == "dynamic"
        }
        let names = libraries.compactMap { $0["name"]?.text }
        guard let name = wanted ?? (names.count == 1 ? names[0] : nil) else {
            throw names.isEmpty
                ? GeneraError.badData(
                    file: file, reason: "has no product that is a dynamic library",
                    advice: "a plugin is .library(name: \"Moons\", type: .dynamic, targets: [\"Moons\"])")
                : GeneraError.usage("\(file) has several dynamic libraries: say which with --product \(names[0]).")
        }
        guard let library = libraries.first(where: { $0["name"]?.text == name }) else {
            let nearest = nearestName(to: name, in: names).map { " Did you mean '\($0)'?" } ?? ""
            throw GeneraError.usage("\(file) has no dynamic library '\(name)'.\(nearest)")
        }
        let members = (library["targets"]?.items ?? []).compactMap(\.text)
        let targets = (manifest["targets"]?.items ?? []).filter { $0["name"]?.text.map(members.contains) ?? false }
        guard targets.count == 1 else { throw needsMore("\(targets.count) targets", folder, name) }
        return (name, targets[0])
    }

    /// Refuses a target that needs other packages, targets or steps of building.
    private static func refuseOthers(_ target: JSONValue, folder: String, product: String) throws {
        let needed = (target["dependencies"]?.items ?? []).compactMap { dependency in
            ["product", "byName", "target"].lazy.compactMap { dependency[$0]?.items?.first?.text }.first
        }
        let others = needed.filter { $0 != "Genera" }
        guard others.isEmpty else { throw needsMore(others.joined(separator: ", "), folder, product) }
        if target["resources"]?.items?.isEmpty == false { throw needsMore("resources", folder, product) }
        if target["pluginUsages"]?.items?.isEmpty == false { throw needsMore("build plugins", folder, product) }
    }

    private static func needsMore(_ what: String, _ folder: String, _ product: String) -> GeneraError {
        .unavailable(
            "\(folder): the library '\(product)' needs \(what), and this command builds one target that needs Genera alone. "
                + "Use `swift build -c release --product \(product)` there.")
    }

    private static func flags(of target: JSONValue, in manifest: JSONValue, folder: String) throws -> [String] {
        let version = manifest["swiftLanguageVersions"]?.items?.compactMap(\.text).max()
        let tools = manifest["toolsVersion"]?["_version"]?.text.flatMap {
            $0.split(separator: ".").first.map(String.init)
        }
        var flags = ["-swift-version", version ?? (tools ?? "6")]
        for setting in target["settings"]?.items ?? [] where setting["tool"]?.text == "swift" {
            func value(_ kind: String) -> String? { setting["kind"]?[kind]?["_0"]?.text }
            if let name = value("define") {
                flags.append("-D\(name)")
            } else if let name = value("enableUpcomingFeature") {
                flags += ["-enable-upcoming-feature", name]
            } else if let name = value("enableExperimentalFeature") {
                flags += ["-enable-experimental-feature", name]
            } else if let version = value("swiftLanguageMode") {
                flags[1] = version
            } else {
                throw needsMore("settings of the compiler that it does not know", folder, target["name"]?.text ?? "")
            }
        }
        return flags
    }

    /// The files below a folder, sorted.
    private static func swiftFiles(in folder: String) -> [String] {
        FileSystem.names(in: folder).sorted().flatMap { name -> [String] in
            let path = "\(folder)/\(name)"
            if FileSystem.isFolder(path) { return name.hasPrefix(".") ? [] : swiftFiles(in: path) }
            return name.hasSuffix(".swift") ? [path] : []
        }
    }
}
