import Genera

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A folder that is there for a moment.
enum TemporaryPlace {
    /// Runs `body` with the path of a new folder, which is removed afterwards with the files in it.
    ///
    /// - Throws: `GeneraError.cannotCreate` where there is no place for it; what `body` throws.
    static func using<Result>(_ body: (String) throws -> Result) throws -> Result {
        let base = Environment.value("TMPDIR") ?? "/tmp"
        var name = Array("\(base)/genera-XXXXXX".utf8CString)
        guard mkdtemp(&name) != nil else {
            throw GeneraError.cannotCreate(
                file: base, reason: "cannot make a folder here: \(String(cString: strerror(errno))). Set TMPDIR.")
        }
        let folder = String(decoding: name.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        defer {
            for name in FileSystem.names(in: folder) { unlink("\(folder)/\(name)") }
            rmdir(folder)
        }
        return try body(folder)
    }
}
