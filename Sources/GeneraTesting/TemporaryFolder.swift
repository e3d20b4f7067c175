import Genera

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A folder that is made for a test and removed, with all in it, when the value goes.
public final class TemporaryFolder: Sendable {
    /// Its path.
    public let path: String

    /// Makes a folder under `TMPDIR` or `/tmp`.
    public init() {
        let root = Environment.value("TMPDIR") ?? "/tmp"
        var template = Array("\(root)/genera-XXXXXX".utf8CString)
        precondition(mkdtemp(&template) != nil, "No folder can be made under \(root).")
        path = String(decoding: template.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// The path of a file in it.
    public func file(_ name: String) -> String { "\(path)/\(name)" }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
