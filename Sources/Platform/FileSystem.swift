#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Questions about files and folders, and folders made.
public enum FileSystem {
    // MARK: What is there

    /// Whether something is there.
    public static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// Whether a folder is there.
    public static func isFolder(_ path: String) -> Bool { kind(path) == S_IFDIR }

    /// Whether a path leads to something that is neither file nor folder, such as `/dev/null`.
    public static func isDevice(_ path: String) -> Bool { kind(path).map { $0 != S_IFREG && $0 != S_IFDIR } ?? false }

    /// Whether a file without content is there.
    public static func isEmptyFile(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG && status.st_size == 0
    }

    /// The names in a folder, sorted; none if it cannot be read.
    public static func names(in path: String) -> [String] {
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

    /// The bytes of a file, a pipe or a device, read to the end.
    ///
    /// For large files that need not be read as a whole there is ``MappedFile``.
    /// - Throws: ``FileError`` when it is missing, unreadable, a folder, or has more than `limit` bytes.
    public static func contents(of path: String, limit: Int = 1 << 30) throws -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError(file: path, cannot: "open", kind: .noInput) }
        defer { close(descriptor) }
        guard kind(path) != S_IFDIR else {
            throw FileError(file: path, reason: "is a folder, a file was expected", kind: .data)
        }
        let (bytes, error) = Descriptor.read(descriptor, limit: limit)
        guard error == 0 else { throw FileError(file: path, cannot: "read", error, kind: .inputOutput) }
        guard bytes.count <= limit else {
            throw FileError(file: path, reason: "is larger than the limit of \(limit) bytes", kind: .data)
        }
        return bytes
    }

    // MARK: Names

    /// The folder a path is in: `.` for a bare name. A slash at the end does not count.
    public static func parent(of path: String) -> String {
        let trimmed = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        guard let slash = trimmed.lastIndex(of: "/") else { return "." }
        return slash == trimmed.startIndex ? "/" : String(trimmed[..<slash])
    }

    /// The last part of a path.
    public static func name(of path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }

    /// The extension of a path in lower case, without the dot; empty if there is none.
    public static func fileExtension(of path: String) -> String {
        let name = name(of: path)
        guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return "" }
        return name[name.index(after: dot)...].lowercased()
    }

    /// The path of the file that a path leads to, links followed. A link to a file that is not there gives that file.
    ///
    /// - Throws: ``FileError`` for links that lead in a circle.
    package static func followingLinks(_ path: String) throws -> String {
        var place = path
        for _ in 0..<40 {
            var status = stat()
            guard lstat(place, &status) == 0, status.st_mode & S_IFMT == S_IFLNK else { return place }
            var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
            let count = readlink(place, &buffer, buffer.count)
            guard count > 0 else { return place }
            let target = String(decoding: buffer.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self)
            place = target.hasPrefix("/") ? target : "\(parent(of: place))/\(target)"
        }
        throw FileError(file: path, cannot: "follow the link", ELOOP, kind: .cannotCreate)
    }

    // MARK: Changes

    /// Makes a folder whose parent exists, unless it is there.
    ///
    /// - Throws: ``FileError`` with the system's reason.
    public static func makeFolder(_ path: String) throws {
        if isFolder(path) { return }
        guard mkdir(path, 0o777) != 0 else { return }
        let code = errno
        // Another process may have made it in between.
        if isFolder(path) { return }
        if code == EEXIST {
            throw FileError(
                file: path, reason: "is a file; a folder was expected", advice: "choose another name",
                kind: .cannotCreate)
        }
        throw FileError(file: path, cannot: "make this folder", code, kind: .cannotCreate)
    }

    /// Makes a folder and those above it, as far as they are not there.
    ///
    /// - Throws: ``FileError`` with the system's reason.
    public static func makeFolders(_ path: String) throws {
        if isFolder(path) { return }
        let above = parent(of: path)
        if above != path, !exists(above) { try makeFolders(above) }
        try makeFolder(path)
    }

    /// Adds a line to the end of a file, which is made if it is not there.
    ///
    /// - Throws: ``FileError`` with the system's reason; a part of the line may then be there.
    public static func append(line: String, to path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw FileError(file: path, cannot: "open it to add a line", kind: .cannotCreate) }
        let code = Descriptor.write(Array((line + "\n").utf8), to: descriptor)
        let closed = close(descriptor) == 0 ? 0 : errno
        guard code == 0, closed == 0 else {
            throw FileError(file: path, cannot: "add a line", code == 0 ? closed : code, kind: .inputOutput)
        }
    }

    /// Removes a file.
    ///
    /// - Throws: ``FileError`` with the system's reason.
    public static func remove(_ path: String) throws {
        guard unlink(path) == 0 else { throw FileError(file: path, cannot: "remove", kind: .inputOutput) }
    }

    /// Refuses a file that cannot be written, before the work that makes its content. Without `force` the file is new when it is
    /// written too, or that is an error.
    ///
    /// - Throws: ``FileError``: it exists and `force` is false, or its folder does not take files.
    public static func requireWritable(_ path: String, force: Bool) throws {
        func refusal(_ reason: String) -> FileError { FileError(file: path, reason: reason, kind: .cannotCreate) }
        if isDevice(path) { return }
        if isFolder(path) { throw refusal("is a folder; a file was expected.") }
        guard force || !exists(path) else { throw refusal("exists already. Use --force to replace it.") }
        let folder = parent(of: path)
        guard isFolder(folder) else { throw refusal("there is no folder \(folder). Make it first.") }
        guard access(folder, W_OK) == 0 else {
            throw FileError(file: path, cannot: "write into \(folder)", kind: .cannotCreate)
        }
        force ? AtomicFile.expectAny(path) : AtomicFile.expectNew(path)
    }

    private static func kind(_ path: String) -> mode_t? {
        var status = stat()
        return stat(path, &status) == 0 ? status.st_mode & S_IFMT : nil
    }
}
