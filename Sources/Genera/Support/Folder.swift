#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Folders and file names.
enum Folder {
    /// Makes a folder and those above it.
    ///
    /// - Throws: `GeneraError.cannotCreate` with the system's reason.
    static func make(_ path: String) throws {
        if isFolder(path) { return }
        let above = parent(of: path)
        if above != path, !exists(above) { try make(above) }
        if mkdir(path, 0o777) != 0, errno != EEXIST {
            let reason = String(cString: strerror(errno))
            throw GeneraError.cannotCreate(
                file: path, reason: "cannot make this folder: \(reason). Choose a folder that you may write to.")
        }
        guard isFolder(path) else {
            throw GeneraError.cannotCreate(file: path, reason: "is a file; a folder was expected. Choose another name.")
        }
    }

    /// The names in a folder, sorted; none if it cannot be read.
    static func names(in path: String) -> [String] {
        guard let folder = opendir(path) else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// Whether something is there.
    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// Whether a folder is there.
    static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// Whether a file without content is there.
    static func isEmptyFile(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG && status.st_size == 0
    }

    /// The folder a path is in.
    static func parent(of path: String) -> String {
        let trimmed = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        guard let slash = trimmed.lastIndex(of: "/") else { return "." }
        return slash == trimmed.startIndex ? "/" : String(trimmed[..<slash])
    }

    /// Removes a file if it is there.
    static func remove(_ path: String) { unlink(path) }

    /// The value of an environment variable, if it is set and not empty.
    static func environment(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    }
}
