#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Whole files in and out by POSIX calls, with the system's own words in every error.
enum Files {
    /// The bytes of a file of at most `limit` bytes.
    static func contents(of path: String, limit: Int = 1 << 30) throws -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("cannot be opened", path) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failure("cannot be read", path) }
        guard status.st_mode & S_IFMT != S_IFDIR else {
            throw ImagingError(file: path, reason: "is a folder, not a file")
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(min(max(Int(status.st_size), 0), limit))
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = Self.retrying { buffer.withUnsafeMutableBytes { Self.readBytes(descriptor, $0) } }
            guard count >= 0 else { throw failure("cannot be read", path) }
            if count == 0 { return bytes }
            bytes += buffer[..<count]
            guard bytes.count <= limit else {
                throw ImagingError(file: path, reason: "is larger than the limit of \(limit) bytes")
            }
        }
    }

    /// Writes a file as a whole or not at all: a temporary file beside it, flushed to disk, then renamed over it.
    static func writeAtomically(_ bytes: [UInt8], to path: String) throws {
        try refuseSpecialFile(path)
        let temporary = temporaryPath(beside: path)
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw failure("cannot be written", path) }
        do {
            defer { close(descriptor) }
            try writeAll(bytes, to: descriptor, path: path)
            guard fsync(descriptor) == 0 else { throw failure("cannot be flushed to disk", path) }
        } catch {
            unlink(temporary)
            throw error
        }
        guard rename(temporary, path) == 0 else {
            let error = failure("cannot be put in place", path)
            unlink(temporary)
            throw error
        }
    }

    /// Renaming over a device or a pipe would replace it.
    private static func refuseSpecialFile(_ path: String) throws {
        var facts = stat()
        guard lstat(path, &facts) == 0, [S_IFCHR, S_IFBLK, S_IFIFO, S_IFSOCK].contains(facts.st_mode & S_IFMT) else {
            return
        }
        throw ImagingError(file: path, reason: "is not a regular file", advice: "Give another path for the picture.")
    }

    private static func writeAll(_ bytes: [UInt8], to descriptor: CInt, path: String) throws {
        var written = 0
        while written < bytes.count {
            let count = Self.retrying {
                bytes[written...].withUnsafeBytes { Self.writeBytes(descriptor, $0) }
            }
            guard count >= 0 else { throw failure("cannot be written", path) }
            written += count
        }
    }

    private static func readBytes(_ descriptor: CInt, _ into: UnsafeMutableRawBufferPointer) -> Int {
        read(descriptor, into.baseAddress, into.count)
    }

    private static func writeBytes(_ descriptor: CInt, _ from: UnsafeRawBufferPointer) -> Int {
        write(descriptor, from.baseAddress, from.count)
    }

    private static func retrying(_ call: () -> Int) -> Int {
        while true {
            let result = call()
            if result >= 0 || errno != EINTR { return result }
        }
    }

    private static func temporaryPath(beside path: String) -> String {
        let cut = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
        let token = String(UInt64.random(in: .min ... .max), radix: 36)
        return "\(path[..<cut]).\(path[cut...].prefix(80)).\(getpid()).\(token).tmp"
    }

    private static func failure(_ what: String, _ path: String) -> ImagingError {
        let code = errno
        return ImagingError(file: path, reason: "\(what): \(String(cString: strerror(code)))")
    }
}
