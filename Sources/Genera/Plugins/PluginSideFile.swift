import Platform

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What lies beside an installed plugin as `NAME.genera-plugin.json`: enough to know, without opening the library, whether
/// it fits and what it brings.
public struct PluginSideFile: Codable, Sendable, Hashable {
    /// A family of the plugin.
    public struct Family: Codable, Sendable, Hashable {
        /// Its name on the command line.
        public let name: String
        /// One line on it.
        public let summary: String

        /// Notes a family.
        public init(name: String, summary: String) {
            self.name = name
            self.summary = summary
        }
    }

    /// The library's file name.
    public let file: String
    /// Bytes of the library.
    public let bytes: Int
    /// What the library was built with.
    public let tag: String
    /// What it brings.
    public let families: [Family]

    /// Describes a library.
    public init(file: String, bytes: Int, tag: PluginTag, families: [Family]) {
        self.file = file
        self.bytes = bytes
        self.tag = tag.description
        self.families = families
    }

    /// The path of the side file of a library: `libMoons.so` has `Moons.genera-plugin.json` beside it.
    public static func path(of library: String) -> String {
        "\(FileSystem.parent(of: library))/\(PluginFile.name(of: library)).genera-plugin.json"
    }

    /// The side file of a library; nil if there is none.
    ///
    /// - Throws: `PluginError` if it is no side file.
    public static func read(of library: String) throws -> PluginSideFile? {
        let path = path(of: library)
        guard FileSystem.exists(path) else { return nil }
        do {
            let file = try MappedFile(path: path)
            guard file.count < 1 << 20 else { throw FileError(file: path, reason: "is too large", kind: .data) }
            return try JSONDecoder().decode(
                PluginSideFile.self, from: file.view.withUnsafeBytes { Data($0) })
        } catch {
            throw PluginError(
                path, "is not the description of a plugin",
                advice: "Install the plugin again with `genera plugin install`.")
        }
    }

    /// Writes the side file of a library, whole or not at all.
    ///
    /// - Throws: `FileError` with the system's reason.
    public func write(of library: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try AtomicFile.write(String(decoding: encoder.encode(self), as: UTF8.self) + "\n", to: Self.path(of: library))
    }
}
