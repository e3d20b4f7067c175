#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The process this is.
enum Process {
    /// Ends it. Buffers are flushed; destructors of loaded libraries do not run, which saves their time and their faults.
    static func exit(_ status: Int32) -> Never {
        fflush(nil)
        _exit(status)
    }

    /// The file it runs from.
    static var executable: String {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        guard count > 0 else { return Swift.CommandLine.arguments.first ?? "genera" }
        return String(decoding: buffer.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// Lets Ctrl-C and requests to end through, also where the program that started this one had blocked them.
    static func listenToSignals() {
        var signals = sigset_t()
        sigemptyset(&signals)
        for number in [SIGINT, SIGTERM] { sigaddset(&signals, number) }
        sigprocmask(SIG_UNBLOCK, &signals, nil)
    }

    /// The value of an environment variable, if it is set and not empty.
    static func environment(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The number of processors that this process may use.
    static var processorCount: Int {
        let online = max(Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))), 1)
        let line = SystemFile.text("/proc/self/status")?.split(separator: "\n").first { $0.hasPrefix("Cpus_allowed:") }
        guard let line else { return online }
        let allowed = line.dropFirst("Cpus_allowed:".count).compactMap { $0.hexDigitValue?.nonzeroBitCount }.reduce(
            0, +)
        return allowed > 0 ? min(allowed, online) : online
    }
}
