import CPlugin
import Platform

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A shared library that may be a plugin, looked at without opening it: nothing in it is executed.
public struct PluginFile: Sendable {
    /// The library's path, links resolved.
    public let path: String
    /// Its size in bytes.
    public let bytes: Int
    /// What it was built with; nil if it holds no tag and so is no plugin.
    public let tag: PluginTag?
    /// Whether it holds a copy of Genera's core.
    public let hasOwnCore: Bool
    /// What lies beside it.
    public let sideFile: PluginSideFile?

    /// The name people use: `Moons` for `libMoons.so`.
    public var name: String { Self.name(of: path) }

    static func name(of path: String) -> String {
        let file = path.split(separator: "/").last.map(String.init) ?? path
        let stem = file.split(separator: ".").first.map(String.init) ?? file
        return stem.hasPrefix("lib") && stem.count > 3 ? String(stem.dropFirst(3)) : stem
    }

    /// Whether a file's name is that of a shared library.
    static func isLibraryName(_ name: String) -> Bool { name.hasSuffix(".so") || name.hasSuffix(".dylib") }

    /// Looks at a file.
    ///
    /// - Throws: `PluginError` if it is not there, cannot be read, or is no shared library.
    public init(path given: String) throws {
        guard let resolved = realpath(given, nil) else {
            throw PluginError(
                given, "there is no such plugin",
                advice: "Check the path; `genera plugin list` shows what is installed.",
                kind: .noInput)
        }
        path = String(cString: resolved)
        free(resolved)
        guard !FileSystem.isFolder(path) else {
            throw PluginError(
                given, "is a folder", advice: "Name a library in it, or set GENERA_PLUGINS to the folder.",
                kind: .noInput
            )
        }
        guard !FileSystem.isEmptyFile(path) else { throw Self.notALibrary(given) }
        let file: MappedFile
        do { file = try MappedFile(path: path) } catch {
            throw PluginError(given, "cannot be read", advice: "Check its permissions.", kind: .noInput)
        }
        guard Self.isSharedLibrary(file.view) else { throw Self.notALibrary(given) }
        bytes = file.count
        let core = Self.text(after: PluginTag.coreMark, in: file.view)
        tag = Self.text(after: GENERA_PLUGIN_MARK + " abi=", in: file.view).flatMap { PluginTag($0, core: core) }
        hasOwnCore = Self.text(after: "@(#)genera-" + "core ", in: file.view) != nil
        sideFile = try PluginSideFile.read(of: path)
    }

    private static func notALibrary(_ path: String) -> PluginError {
        PluginError(
            path, "is not a shared library",
            advice: "Build a product of type .dynamic, and name the library that `swift build` leaves.")
    }

    /// Why a program cannot load it, as far as can be told from outside; nil if nothing speaks against it.
    public func obstacle(for program: PluginTag = .current) -> PluginError? {
        if hasOwnCore {
            return PluginError(
                path, "carries its own copy of Genera's core",
                advice: "Let it depend on the product 'Genera' alone, which is a dynamic library, and build it anew.")
        }
        if let sideFile, let reason = PluginTag(sideFile.tag)?.mismatch(with: program) {
            return PluginError(path, reason, advice: Self.rebuild)
        }
        guard let tag else {
            return PluginError(
                path, "is not a plugin of Genera: it holds no tag",
                advice: "Export genera_plugin_info and genera_plugin_register as docs/Writing-a-plugin.md shows.")
        }
        if let reason = tag.mismatch(with: program) { return PluginError(path, reason, advice: Self.rebuild) }
        if let sideFile, sideFile.tag != tag.description || sideFile.bytes != bytes {
            return PluginError(
                path, "is not the library that \(PluginSideFile.path(of: path)) describes",
                advice: "Install it again with `genera plugin install --force`, or remove the description.")
        }
        return nil
    }

    static let rebuild = "Build it again, with the Genera of this program and the same compiler."

    /// Refuses a file that others than its owner and root could have changed, or its folder.
    ///
    /// - Throws: `PluginError` with what to change.
    public func requireTrusted() throws {
        for place in [FileSystem.parent(of: path), path] {
            guard let reason = Self.distrust(place) else { continue }
            throw PluginError(
                place, reason,
                advice: "Others could have put code there. Take the right away, or load it nevertheless with --trust.",
                kind: .notPermitted)
        }
    }

    /// Why others could have changed what is at a path; nil if they could not.
    static func distrust(_ path: String) -> String? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        if status.st_mode & S_IWOTH != 0 { return "is writable by everyone" }
        if status.st_uid != 0, status.st_uid != getuid() { return "belongs to another user" }
        return nil
    }

    /// ELF with the type of a shared object, or Mach-O.
    private static func isSharedLibrary(_ view: ByteView) -> Bool {
        switch view.integer(at: 0, as: UInt32.self) {
        case 0x464C_457F: return view.integer(at: 16, as: UInt16.self) == 3 && view.count > 64
        case 0xFEED_FACF, 0xBEBA_FECA: return true
        default: return false
        }
    }

    /// The text that begins with some words and ends at a zero, if the file holds it. At most 1 kB.
    private static func text(after words: String, in view: ByteView) -> String? {
        let pattern = Array(words.utf8)
        return view.withUnsafeBytes { bytes in
            let place = genera_find(bytes.baseAddress, UInt64(bytes.count), pattern, UInt64(pattern.count))
            guard let found = Int(exactly: place), found >= 0 else { return nil }
            return String(decoding: bytes[found...].prefix(1024).prefix { $0 != 0 }, as: UTF8.self)
        }
    }
}
