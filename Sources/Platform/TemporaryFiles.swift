import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The temporary files that this process is writing, noted where a handler of signals can read them: memory that never moves, without
/// locks for the reader.
enum TemporaryFiles {
    private static let width = 4096
    private static let count = 16
    private nonisolated(unsafe) static let names: UnsafeMutablePointer<CChar> = {
        let memory = UnsafeMutablePointer<CChar>.allocate(capacity: width * count)
        memory.initialize(repeating: 0, count: width * count)
        return memory
    }()
    private static let lock = Mutex(())

    /// Makes ready, before a handler is installed.
    static func prepare() { _ = names }

    /// Notes a file. - Returns: its place; nil where there is none left, or the name is too long.
    static func note(_ path: String) -> Int? {
        let bytes = path.utf8CString
        guard bytes.count <= width else { return nil }
        return lock.withLock { _ in
            guard let place = (0..<count).first(where: { names[$0 * width] == 0 }) else { return nil }
            // The first byte comes last: until then the place looks empty.
            for offset in (0..<bytes.count).reversed() { names[place * width + offset] = bytes[offset] }
            return place
        }
    }

    /// Forgets a file that is no longer there.
    static func forget(_ place: Int?) {
        guard let place else { return }
        lock.withLock { _ in names[place * width] = 0 }
    }

    /// Removes all that are noted. Safe in a handler of signals.
    static func removeAll() {
        for place in 0..<count where names[place * width] != 0 { unlink(names + place * width) }
    }

    /// Removes what processes that are gone left beside a target: files of its temporary names that nobody holds.
    static func sweep(folder: String, beginning: String) {
        for name in FileSystem.names(in: folder.isEmpty ? "/" : folder)
        where name.hasPrefix(beginning) && name.hasSuffix(".tmp") {
            let path = "\(folder)/\(name)"
            let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
            guard descriptor >= 0 else { continue }
            defer { close(descriptor) }
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { unlink(path) }
        }
    }
}
