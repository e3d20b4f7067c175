#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Files written into a new folder, all or none: they are gathered in a folder beside it, which then gets its name.
enum NewFolder {
    /// Refuses a folder that holds something.
    ///
    /// - Throws: `ScaffoldError`.
    static func requireFree(_ folder: String) throws {
        guard access(folder, F_OK) == 0 else { return }
        throw ScaffoldError(reason: "exists already, and nothing is overwritten. Choose another folder.", path: folder)
    }

    /// Writes files.
    ///
    /// - Throws: `ScaffoldError` with the system's reason; nothing is then left.
    static func write(_ files: [(path: String, content: [UInt8])], to folder: String) throws {
        let draft = "\(folder).\(getpid()).new"
        var made: [String] = []
        do {
            try make(draft, &made)
            for file in files {
                let parts = file.path.split(separator: "/")
                for count in 1..<max(parts.count, 1) {
                    try make(([Substring(draft)] + parts.prefix(count)).joined(separator: "/"), &made)
                }
                try put(file.content, at: "\(draft)/\(file.path)", &made)
            }
            guard rename(draft, folder) == 0 else { throw failure(folder) }
        } catch {
            for path in made.reversed() { if unlink(path) != 0 { rmdir(path) } }
            throw error
        }
    }

    private static func make(_ path: String, _ made: inout [String]) throws {
        if access(path, F_OK) == 0 { return }
        guard mkdir(path, 0o777) == 0 else { throw failure(path) }
        made.append(path)
    }

    private static func put(_ content: [UInt8], at path: String, _ made: inout [String]) throws {
        guard let file = fopen(path, "wx") else { throw failure(path) }
        made.append(path)
        let written = fwrite(content, 1, content.count, file)
        guard fclose(file) == 0, written == content.count else { throw failure(path) }
    }

    private static func failure(_ path: String) -> ScaffoldError {
        ScaffoldError(reason: "cannot be written: \(String(cString: strerror(errno)))", path: path)
    }
}
