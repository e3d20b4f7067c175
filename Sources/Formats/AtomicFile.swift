#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Writes whole files: readers see the old content or the new, never a part.
///
/// The bytes go to a temporary file in the same folder, are flushed to the disk, and the file is renamed over the
/// target. After any failure the temporary file is removed and the target is as it was. A target that is a device
/// or a pipe (`/dev/stdout`) is written directly.
public enum AtomicFile {
    /// Where the content of a file goes; bytes are gathered into blocks of 1 MiB.
    public final class Sink {
        /// Number of bytes written so far.
        public private(set) var position = 0
        private let descriptor: Int32
        private let path: String
        private var buffer: [UInt8] = []

        init(_ descriptor: Int32, path: String) {
            self.descriptor = descriptor
            self.path = path
        }

        /// Appends bytes.
        ///
        /// - Throws: ``FormatError`` with the system's reason, for example a full disk.
        public func write(_ bytes: UnsafeRawBufferPointer) throws {
            position += bytes.count
            if buffer.count + bytes.count < 1 << 20 {
                buffer.append(contentsOf: bytes)
            } else {
                try flush()
                try put(bytes)
            }
        }

        /// Appends bytes.
        ///
        /// - Throws: ``FormatError`` with the system's reason, for example a full disk.
        public func write(_ bytes: [UInt8]) throws {
            try bytes.withUnsafeBytes { try write($0) }
        }

        /// Appends a view's bytes.
        ///
        /// - Throws: ``FormatError`` with the system's reason.
        public func write(_ view: ByteView) throws {
            try view.withUnsafeBytes { try write($0) }
        }

        /// Appends text as UTF-8.
        ///
        /// - Throws: ``FormatError`` with the system's reason.
        public func write(_ text: String) throws {
            var text = text
            try text.withUTF8 { try write(UnsafeRawBufferPointer($0)) }
        }

        func flush() throws {
            try buffer.withUnsafeBytes { try put($0) }
            buffer.removeAll(keepingCapacity: true)
        }

        private func put(_ bytes: UnsafeRawBufferPointer) throws {
            var done = 0
            while done < bytes.count {
                #if canImport(Glibc)
                    let written = Glibc.write(descriptor, bytes.baseAddress! + done, bytes.count - done)
                #elseif canImport(Musl)
                    let written = Musl.write(descriptor, bytes.baseAddress! + done, bytes.count - done)
                #else
                    let written = Darwin.write(descriptor, bytes.baseAddress! + done, bytes.count - done)
                #endif
                if written < 0 && errno == EINTR { continue }
                guard written >= 0 else { throw AtomicFile.failure(path, "write") }
                done += written
            }
        }
    }

    /// Writes what `body` puts into its sink to `path`.
    ///
    /// - Throws: ``FormatError`` with the system's reason, or what `body` throws; the target is then unchanged.
    public static func write(to path: String, _ body: (Sink) throws -> Void) throws {
        var status = stat()
        let exists = stat(path, &status) == 0
        let kind = status.st_mode & S_IFMT
        if exists && kind == S_IFDIR { throw FormatError(file: path, reason: "cannot write: it is a folder") }
        if exists && kind != S_IFREG { return try writeDirectly(to: path, body) }

        let (descriptor, temporary) = try openTemporary(beside: path)
        var isOpen = true
        do {
            let sink = Sink(descriptor, path: path)
            try body(sink)
            try sink.flush()
            if exists { _ = fchmod(descriptor, status.st_mode & 0o7777) }
            guard fsync(descriptor) == 0 else { throw failure(path, "flush") }
            isOpen = false
            guard close(descriptor) == 0 else { throw failure(path, "close") }
            guard rename(temporary, path) == 0 else { throw failure(path, "rename \(temporary) to it") }
        } catch {
            if isOpen { close(descriptor) }
            unlink(temporary)
            throw error
        }
        flushFolder(of: path)
    }

    /// Writes bytes to `path`.
    ///
    /// - Throws: ``FormatError`` with the system's reason; the target is then unchanged.
    public static func write(_ bytes: [UInt8], to path: String) throws {
        try write(to: path) { try $0.write(bytes) }
    }

    /// Writes text to `path` as UTF-8.
    ///
    /// - Throws: ``FormatError`` with the system's reason.
    public static func write(_ text: String, to path: String) throws {
        try write(to: path) { try $0.write(text) }
    }

    private static func writeDirectly(to path: String, _ body: (Sink) throws -> Void) throws {
        let descriptor = open(path, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(path, "open") }
        defer { close(descriptor) }
        let sink = Sink(descriptor, path: path)
        try body(sink)
        try sink.flush()
    }

    private static func openTemporary(beside path: String) throws -> (Int32, String) {
        let folder = folder(of: path)
        let name = path.split(separator: "/", omittingEmptySubsequences: true).last.map(String.init) ?? "file"
        for _ in 0..<16 {
            let tag = String(UInt64.random(in: 0...UInt64.max), radix: 36)
            let temporary = "\(folder)/.\(name.prefix(60)).\(tag).tmp"
            let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
            if descriptor >= 0 { return (descriptor, temporary) }
            if errno != EEXIST { break }
        }
        throw failure(path, "create a file in its folder")
    }

    private static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "" : String(path[..<slash])
    }

    private static func flushFolder(of path: String) {
        let folder = folder(of: path)
        let descriptor = open(folder.isEmpty ? "/" : folder, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }

    fileprivate static func failure(_ path: String, _ action: String) -> FormatError {
        let code = errno
        let advice =
            switch code {
            case ENOSPC, EDQUOT: "free some space or choose another folder"
            case EACCES, EPERM, EROFS: "choose a folder that you may write to"
            case ENOENT: "make the folder first"
            default: ""
            }
        return FormatError(file: path, reason: "cannot \(action): \(systemMessage(code))", advice: advice)
    }
}
