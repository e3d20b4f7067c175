import Synchronization

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
/// target. After any failure the temporary file is removed and the target is as it was. Links are followed: the file
/// they lead to is replaced, the links stay. A target that is a device or a pipe (`/dev/stdout`) is written directly.
///
/// A temporary file is held by a lock while it is written. What a process that was killed left is therefore known to be nobody's, and
/// removed by the next that writes the same target.
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
        /// - Throws: ``FileError`` with the system's reason, for example a full disk.
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
        /// - Throws: ``FileError`` with the system's reason, for example a full disk.
        public func write(_ bytes: [UInt8]) throws {
            try bytes.withUnsafeBytes { try write($0) }
        }

        /// Appends a view's bytes.
        ///
        /// - Throws: ``FileError`` with the system's reason.
        public func write(_ view: ByteView) throws {
            try view.withUnsafeBytes { try write($0) }
        }

        /// Appends text as UTF-8.
        ///
        /// - Throws: ``FileError`` with the system's reason.
        public func write(_ text: String) throws {
            var text = text
            try text.withUTF8 { try write(UnsafeRawBufferPointer($0)) }
        }

        func flush() throws {
            try buffer.withUnsafeBytes { try put($0) }
            buffer.removeAll(keepingCapacity: true)
        }

        private func put(_ bytes: UnsafeRawBufferPointer) throws {
            let code = Descriptor.write(bytes, to: descriptor)
            guard code == 0 else { throw FileError(file: path, cannot: "write", code, kind: .inputOutput) }
        }
    }

    /// Writes what `body` puts into its sink to `path`.
    ///
    /// - Throws: ``FileError`` with the system's reason, or what `body` throws; the target is then unchanged.
    public static func write(to path: String, _ body: (Sink) throws -> Void) throws {
        var status = stat()
        let exists = stat(path, &status) == 0
        let kind = status.st_mode & S_IFMT
        if exists && kind == S_IFDIR {
            throw FileError(file: path, reason: "cannot write: it is a folder", kind: .cannotCreate)
        }
        let target = try FileSystem.followingLinks(path)
        if exists && (kind != S_IFREG || isStream(target)) { return try writeDirectly(to: path, body) }

        let (descriptor, temporary) = try openTemporary(beside: target, path)
        let note = TemporaryFiles.note(temporary)
        defer { TemporaryFiles.forget(note) }
        var isOpen = true
        func failure(_ action: String) -> FileError { FileError(file: path, cannot: action, kind: .inputOutput) }
        do {
            let sink = Sink(descriptor, path: path)
            try body(sink)
            try sink.flush()
            if exists { _ = fchmod(descriptor, status.st_mode & 0o7777) }
            guard fsync(descriptor) == 0 else { throw failure("flush") }
            isOpen = false
            guard close(descriptor) == 0 else { throw failure("close") }
            try publish(temporary, as: target, path)
        } catch {
            if isOpen { close(descriptor) }
            unlink(temporary)
            throw error
        }
        flushFolder(of: target)
    }

    /// Notes that a file is not there yet and shall not replace one that another process writes in the meantime.
    static func expectNew(_ path: String) { new.withLock { _ = $0.insert(path) } }

    /// Forgets that: what is there may be replaced.
    static func expectAny(_ path: String) { new.withLock { _ = $0.remove(path) } }

    private static let new = Mutex<Set<String>>([])

    /// Gives a temporary file its name.
    private static func publish(_ temporary: String, as target: String, _ path: String) throws {
        // What this process has written once, it may write again.
        let mustBeNew = new.withLock { $0.remove(path) != nil }
        if mustBeNew {
            if link(temporary, target) == 0 {
                unlink(temporary)
                return
            }
            if errno == EEXIST {
                throw FileError(
                    file: path, reason: "cannot write: another process has written it in the meantime",
                    advice: "use --force to replace it", kind: .cannotCreate)
            }
            // Some file systems have no links of this kind.
        }
        guard rename(temporary, target) == 0 else {
            throw FileError(file: path, cannot: "rename \(temporary) to it", kind: .inputOutput)
        }
    }

    /// Writes bytes to `path`.
    ///
    /// - Throws: ``FileError`` with the system's reason; the target is then unchanged.
    public static func write(_ bytes: [UInt8], to path: String) throws {
        try write(to: path) { try $0.write(bytes) }
    }

    /// Writes text to `path` as UTF-8.
    ///
    /// - Throws: ``FileError`` with the system's reason.
    public static func write(_ text: String, to path: String) throws {
        try write(to: path) { try $0.write(text) }
    }

    /// Whether a path is a name of an open file, as `/dev/stdout` is: the one that reads it holds the file, not its name.
    private static func isStream(_ target: String) -> Bool {
        target.hasPrefix("/proc/") || target.hasPrefix("/dev/fd/")
    }

    private static func writeDirectly(to path: String, _ body: (Sink) throws -> Void) throws {
        // Standard output may be a file that others have written to before.
        let descriptor = open(path, O_WRONLY | O_APPEND | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError(file: path, cannot: "open", kind: .cannotCreate) }
        var isOpen = true
        defer { if isOpen { close(descriptor) } }
        let sink = Sink(descriptor, path: path)
        try body(sink)
        try sink.flush()
        isOpen = false
        guard close(descriptor) == 0 else { throw FileError(file: path, cannot: "close", kind: .inputOutput) }
    }

    private static func openTemporary(beside target: String, _ path: String) throws -> (Int32, String) {
        let folder = folder(of: target)
        let name = target.split(separator: "/", omittingEmptySubsequences: true).last.map(String.init) ?? "file"
        TemporaryFiles.sweep(folder: folder, beginning: ".\(name.prefix(60)).")
        for _ in 0..<16 {
            let tag = String(UInt64.random(in: 0...UInt64.max), radix: 36)
            let temporary = "\(folder)/.\(name.prefix(60)).\(tag).tmp"
            let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
            if descriptor >= 0 {
                flock(descriptor, LOCK_EX | LOCK_NB)
                return (descriptor, temporary)
            }
            if errno != EEXIST { break }
        }
        throw FileError(file: path, cannot: "create a file in its folder", kind: .cannotCreate)
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
}
