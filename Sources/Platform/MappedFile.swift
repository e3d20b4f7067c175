#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A file mapped into memory, so that only the pages that are looked at are read.
///
/// The mapping is private: a write to it (a tensor changed in place) stays in this process and never reaches the
/// file. It lives as long as this value or any view of it. Another process that cuts the file short while it is
/// mapped makes the access fail with a bus error; writers should replace files, as ``AtomicFile`` does.
public struct MappedFile: Sendable {
    /// The path as it was given.
    public let path: String
    /// All bytes of the file.
    public let view: ByteView

    /// Number of bytes.
    public var count: Int { view.count }

    /// Maps the file at `path`.
    ///
    /// - Throws: ``FileError`` when the file is missing, unreadable, a folder, not a plain file, empty, or a pointer of Git LFS, which
    ///   no reader takes.
    public init(path: String) throws {
        self.path = path
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            throw FileError(file: path, cannot: "open", kind: .noInput)
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw FileError(file: path, cannot: "look up", kind: .inputOutput)
        }
        switch status.st_mode & S_IFMT {
        case S_IFREG: break
        case S_IFDIR: throw FileError(file: path, reason: "is a folder, a file was expected", kind: .data)
        default:
            throw FileError(
                file: path, reason: "is not a plain file", advice: "copy it to a plain file first", kind: .data)
        }
        guard status.st_size > 0 else {
            throw FileError(
                file: path, reason: "is empty (0 bytes)", advice: FileKind.empty.advice, kind: .data)
        }
        view = ByteView(try Self.map(descriptor, count: Int(status.st_size), path: path))
        // Their few lines would be text to some readers and nonsense to the others.
        guard status.st_size > 2000 || FileKind(view) != .lfsPointer else {
            let (reason, advice) = FileKind.lfsPointer.refusal(wanted: "")
            throw FileError(file: path, reason: reason, advice: advice, kind: .data)
        }
    }

    private static func map(_ descriptor: Int32, count: Int, path: String) throws -> Memory {
        #if canImport(Darwin)
            let flags = MAP_PRIVATE
        #else
            let flags = MAP_PRIVATE | MAP_NORESERVE
        #endif
        guard let base = mmap(nil, count, PROT_READ | PROT_WRITE, flags, descriptor, 0), base != MAP_FAILED else {
            throw FileError(file: path, cannot: "map \(count) bytes", kind: .inputOutput)
        }
        return Memory(UnsafeRawBufferPointer(start: base, count: count)) {
            munmap(UnsafeMutableRawPointer(mutating: $0.baseAddress!), $0.count)
        }
    }

    /// Calls `body` with `length` bytes from `offset` on.
    ///
    /// - Throws: ``FileError`` when the range is not inside the file, and what `body` throws.
    public func withBytes<Result>(
        from offset: Int, count length: Int, _ body: (UnsafeRawBufferPointer) throws -> Result
    ) throws -> Result {
        guard let part = view.slice(from: offset, count: length) else {
            throw FileError(
                file: path, reason: "byte \(offset): \(length) bytes were wanted, the file has \(count) in all",
                advice: "the file is cut short or damaged", kind: .data)
        }
        return try part.withUnsafeBytes(body)
    }
}
