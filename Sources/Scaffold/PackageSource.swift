#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Where a package gets Genera from.
public enum PackageSource: Sendable, Hashable {
    /// A folder with Genera's package; an absolute path.
    case folder(String)
    /// A git repository.
    case repository(String)

    /// Tells an address from a folder.
    ///
    /// - Throws: `ScaffoldError` for a folder that is not there or holds no package.
    init(_ text: String) throws {
        if text.contains("://") || text.hasSuffix(".git") || (text.contains("@") && text.contains(":")) {
            guard !text.contains("\""), !text.contains("\\"), !text.contains("\n") else {
                throw ScaffoldError(reason: "'\(text)' is not the address of a git repository.", path: nil)
            }
            self = .repository(text.hasSuffix("/") ? String(text.dropLast()) : text)
            return
        }
        guard let resolved = realpath(text, nil) else {
            throw ScaffoldError(reason: "There is no folder '\(text)' to take Genera from.", path: nil)
        }
        defer { free(resolved) }
        let folder = String(cString: resolved)
        guard access("\(folder)/Package.swift", R_OK) == 0, access("\(folder)/Sources/CPlugin", R_OK) == 0 else {
            throw ScaffoldError(
                reason: "'\(text)' is not Genera's package: it has no Package.swift with it.", path: nil)
        }
        self = .folder(folder)
    }

    /// What SwiftPM calls the package: the last part of where it is.
    var identity: String {
        let place: String
        switch self {
        case let .folder(path): place = path
        case let .repository(address): place = address
        }
        let last = place.split(whereSeparator: { $0 == "/" || $0 == ":" }).last.map(String.init) ?? "genera"
        return last.hasSuffix(".git") ? String(last.dropLast(4)) : last
    }

    /// The line of the manifest.
    func dependency(version: String) -> String {
        switch self {
        case let .folder(path):
            return ".package(path: \(Self.literal(path)))"
        case let .repository(address):
            return ".package(url: \(Self.literal(address)), exact: \"\(version)\")"
        }
    }

    private static func literal(_ text: String) -> String {
        "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }
}
