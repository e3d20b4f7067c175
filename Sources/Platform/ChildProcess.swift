#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A program that is run to its end, its standard output taken, its standard error let through.
package struct ChildProcess {
    /// What it wrote to standard output.
    package let output: String
    /// Its exit status; 0 if a signal ended it.
    package let status: Int32
    /// The signal that ended it; 0 if none did.
    package let signal: Int32

    /// Runs a program.
    ///
    /// - Throws: ``FileError`` if it cannot be started.
    package static func run(_ program: String, _ words: [String]) throws -> ChildProcess {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw failure(program, errno) }
        #if canImport(Glibc)
            var actions = posix_spawn_file_actions_t()
        #else
            var actions: posix_spawn_file_actions_t?
        #endif
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        posix_spawn_file_actions_addclose(&actions, ends[0])
        var arguments: [UnsafeMutablePointer<CChar>?] = ([program] + words).map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var child = pid_t()
        let code = posix_spawn(&child, program, &actions, nil, &arguments, environ)
        close(ends[1])
        defer { close(ends[0]) }
        guard code == 0 else { throw failure(program, code) }
        let output = String(decoding: Descriptor.read(ends[0], limit: 16 << 20).bytes, as: UTF8.self)
        var state: Int32 = 0
        while waitpid(child, &state, 0) < 0, errno == EINTR {}
        return ChildProcess(output: output, status: state >> 8 & 0xFF, signal: state & 0x7F)
    }

    private static func failure(_ program: String, _ code: Int32) -> FileError {
        FileError(file: program, reason: "cannot be started: \(String(cString: strerror(code)))", kind: .unavailable)
    }
}
