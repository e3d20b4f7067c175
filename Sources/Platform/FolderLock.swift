#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Keeps a folder to one holder. The folder itself is locked, so that nothing is left behind by a process that ends, however it ends.
package final class FolderLock {
    /// Someone else has the lock.
    package struct Held: Error {
        /// The process, where the system tells it.
        package let process: Int32?

        /// Whether it is this process itself.
        package var isOwn: Bool { process == getpid() }
    }

    /// The open folder; -1 where it cannot be opened.
    private let descriptor: Int32

    /// Locks a folder until this is gone.
    ///
    /// - Throws: `Held`. A folder that cannot be locked, as on some network file systems, is taken as free.
    package init(_ path: String) throws { descriptor = try Self.lock(path) }

    deinit { if descriptor >= 0 { close(descriptor) } }

    private static func lock(_ path: String) throws -> Int32 {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0, flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK else {
            return descriptor
        }
        defer { close(descriptor) }
        throw Held(process: holder(of: descriptor))
    }

    private static func holder(of descriptor: Int32) -> Int32? {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return nil }
        // 7: FLOCK  ADVISORY  WRITE 4711 fe:00:16221177 0 EOF
        for line in (SystemFile.text("/proc/locks") ?? "").split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count > 5, words[1] == "FLOCK", words[5].hasSuffix(":\(status.st_ino)") else { continue }
            return Int32(words[4]).flatMap { $0 > 0 ? $0 : nil }
        }
        return nil
    }
}
