import Genera

/// Where the reference implementations' inputs and outputs are.
public enum Golden {
    /// The folder with one folder of cases a family: `GENERA_GOLDEN`, else `golden` in the shared folder.
    public static var folder: String { Environment.value("GENERA_GOLDEN") ?? "\(shared)/golden" }

    /// The shared folder: `GENERA_SHARED`, else `shared` beside the repository.
    public static var shared: String { Environment.value("GENERA_SHARED") ?? "\(repository)/../shared" }

    /// The folder of the package this was compiled in, or the nearest above the current one that holds a `Package.swift`.
    public static var repository: String {
        let source = "\(#filePath)"
        let package = source.split(separator: "/").dropLast(3).map { "/" + $0 }.joined()
        if FileSystem.exists("\(package)/Package.swift") { return package }
        var here = "."
        for _ in 0..<16 {
            if FileSystem.exists("\(here)/Package.swift") { return here }
            here += "/.."
        }
        return "."
    }

    /// Whether a family has cases here. Says so on standard error if not, so that a skipped test is seen.
    public static func isPresent(_ family: String) -> Bool {
        let manifest = "\(folder)/\(family)/manifest.json"
        if FileSystem.exists(manifest) { return true }
        let text =
            "SKIPPED: the golden cases of '\(family)' are not here (\(manifest)). Set GENERA_GOLDEN to their folder.\n"
        _ = Descriptor.write(Array(text.utf8), to: 2)
        return false
    }

    /// The cases of a family, in the manifest's order. `folder` holds one folder a family.
    ///
    /// - Throws: `FormatError` if the manifest cannot be read or lists no cases.
    public static func cases(of family: String, in folder: String = Golden.folder) throws -> [GoldenCase] {
        let file = "\(folder)/\(family)/manifest.json"
        let manifest = try JSONText.parse(MappedFile(path: file).view, file: file)
        guard let items = manifest["cases"]?.items, !items.isEmpty else {
            throw FormatError(file: file, place: "cases", reason: "a list of cases was expected")
        }
        return try items.enumerated().map {
            try GoldenCase($1, number: $0, folder: "\(folder)/\(family)", manifest: file)
        }
    }
}

/// One case of a manifest: what went in, what came out, and how close one has to come.
public struct GoldenCase: Sendable {
    /// Its name, for messages only.
    public let name: String
    /// Which handler it needs.
    public let kind: String
    /// The whole entry of the manifest.
    public let json: JSONValue
    /// The family's folder.
    public let folder: String

    init(_ json: JSONValue, number: Int, folder: String, manifest: String) throws {
        guard let name = json["name"]?.text, let kind = json["kind"]?.text else {
            throw FormatError(file: manifest, place: "case \(number)", reason: "it has no name or no kind")
        }
        self.name = name
        self.kind = kind
        self.json = json
        self.folder = folder
    }

    /// The entry's value of a key, or nil.
    public subscript(key: String) -> JSONValue? { json[key] }

    /// The entry's configuration; null if it has none.
    public var config: JSONValue { json["config"] ?? .null }

    /// The relative tolerance; 1e-5 unless stated.
    public var rtol: Double { (json["tolerance"]?["rtol"] ?? json["rtol"])?.number ?? 1e-5 }

    /// The absolute tolerance; 1e-6 unless stated.
    public var atol: Double { (json["tolerance"]?["atol"] ?? json["atol"])?.number ?? 1e-6 }

    /// The parts of a tensor's name, which dots separate unless they are the point of a number: `p16.D1.5.out_sigma_0.05` has
    /// three.
    public static func words(of name: some StringProtocol) -> [String] {
        let letters = Array(name)
        func isDigit(_ place: Int) -> Bool { letters.indices.contains(place) && letters[place].isNumber }
        var words = [""]
        for (place, letter) in letters.enumerated() {
            if letter == ".", !(isDigit(place - 1) && isDigit(place + 1)) {
                words.append("")
            } else {
                words[words.count - 1].append(letter)
            }
        }
        return words.filter { !$0.isEmpty }
    }

    /// The case's tensors, mapped.
    ///
    /// - Throws: `FormatError` if it names no file, or the file is not what it should be.
    public func file() throws -> Safetensors {
        guard let file = json["file"]?.text else {
            throw FormatError(file: "\(folder)/manifest.json", place: name, reason: "it names no file")
        }
        return try Safetensors(path: "\(folder)/\(file)")
    }

    /// All tensors of the case by name, in the types they are written in.
    ///
    /// - Throws: as `file()`.
    public func tensors() throws -> [String: Tensor] {
        Dictionary(uniqueKeysWithValues: try file().tensors.map { ($0.name, Tensor($0.tensor)) })
    }
}
