import Genera

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Questions about files, and folders made.
enum FileSystem {
    /// Whether something is there.
    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// Whether a folder is there.
    static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// Whether a path leads to something that is neither file nor folder, such as `/dev/null`.
    static func isDevice(_ path: String) -> Bool {
        var status = stat()
        let kind = stat(path, &status) == 0 ? status.st_mode & S_IFMT : S_IFREG
        return kind != S_IFREG && kind != S_IFDIR
    }

    /// The folder a path is in.
    static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// The last part of a path.
    static func name(of path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }

    /// The extension of a path in lower case, without the dot; empty if there is none.
    static func fileExtension(of path: String) -> String {
        let name = name(of: path)
        guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return "" }
        return name[name.index(after: dot)...].lowercased()
    }

    /// Makes a folder whose parent exists.
    ///
    /// - Throws: `GeneraError.cannotCreate` with the system's reason.
    static func makeFolder(_ path: String) throws {
        if isFolder(path) { return }
        guard mkdir(path, 0o777) == 0 else { throw cannotCreate(path, "cannot make this folder", errno) }
    }

    /// Makes a folder and those above it.
    ///
    /// - Throws: `GeneraError.cannotCreate` with the system's reason.
    static func makeFolders(_ path: String) throws {
        if isFolder(path) { return }
        let above = parent(of: path)
        if above != path, !isFolder(above) { try makeFolders(above) }
        try makeFolder(path)
    }

    /// Removes a file.
    ///
    /// - Throws: `GeneraError.inputOutput` with the system's reason.
    static func remove(_ path: String) throws {
        guard unlink(path) == 0 else {
            throw GeneraError.inputOutput(file: path, reason: "cannot be removed: \(String(cString: strerror(errno)))")
        }
    }

    /// Refuses a file that cannot be written, before the work that makes its content.
    ///
    /// - Throws: `GeneraError.cannotCreate`: it exists and `force` is false, or its folder does not take files.
    static func requireWritable(_ path: String, force: Bool) throws {
        if exists(path), !isDevice(path) {
            if isFolder(path) {
                throw GeneraError.cannotCreate(file: path, reason: "is a folder; a file was expected.")
            }
            guard force else {
                throw GeneraError.cannotCreate(file: path, reason: "exists already. Use --force to replace it.")
            }
        }
        if isDevice(path) { return }
        let folder = parent(of: path)
        guard isFolder(folder) else {
            throw GeneraError.cannotCreate(file: path, reason: "there is no folder \(folder). Make it first.")
        }
        guard access(folder, W_OK) == 0 else { throw cannotCreate(path, "cannot write into \(folder)", errno) }
    }

    private static func cannotCreate(_ path: String, _ what: String, _ code: Int32) -> GeneraError {
        .cannotCreate(
            file: path, reason: "\(what): \(String(cString: strerror(code))). Choose a place you may write to.")
    }
}

/// Files that the system makes up when they are read, which have no size.
enum SystemFile {
    /// The text of a file of at most a megabyte; nil if there is none.
    static func text(_ path: String) -> String? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes.prefix(count), as: UTF8.self)
    }
}
