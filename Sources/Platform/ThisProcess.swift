#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The process this is.
package enum ThisProcess {
    /// Ends it. Buffers are flushed; destructors of loaded libraries do not run, which saves their time and their faults.
    package static func exit(_ status: Int32) -> Never {
        fflush(nil)
        _exit(status)
    }

    /// The file it runs from, links followed; nil where the system does not tell.
    package static var executable: String? {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        return count > 0 ? String(decoding: buffer.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self) : nil
    }

    /// Makes the process ready for work, whatever the program that started it has left behind:
    ///
    /// - Ctrl-C and requests to end come through, also where they were blocked;
    /// - a file that grows over the limit is an error of the write, with a sentence, not the end of the process;
    /// - streams that were closed stay so. Else the next file to be opened would get the number of standard output, and
    ///   results would be written into it.
    package static func prepare() {
        listenToSignals()
        signal(SIGXFSZ, SIG_IGN)
        for stream in Int32(0)...2 where fcntl(stream, F_GETFD) < 0 {
            // The lowest free number, so this one. Nothing can be written to it.
            _ = open("/dev/null", O_RDONLY)
        }
    }

    private static func listenToSignals() {
        var signals = sigset_t()
        sigemptyset(&signals)
        for number in [SIGINT, SIGTERM, SIGHUP] { sigaddset(&signals, number) }
        sigprocmask(SIG_UNBLOCK, &signals, nil)
        StopSignals.endAtOnce()
    }

    /// Lets the calling thread rest.
    package static func sleep(_ seconds: Double) { usleep(useconds_t(min(max(seconds, 0), 1000) * 1e6)) }

    /// Bytes of memory that the process has; nil where the system does not tell.
    package static var residentBytes: Int? {
        SystemFile.text("/proc/self/statm")?.split(separator: " ").dropFirst().first.flatMap { Int($0) }.map {
            $0 * Int(sysconf(Int32(_SC_PAGESIZE)))
        }
    }

    /// Bytes of memory that it can still have: what the machine, its control group and its own limit leave. Nil where the system does
    /// not tell.
    package static var availableBytes: Int? {
        func kilobytes(_ key: String, in path: String) -> Int? {
            let line = SystemFile.text(path)?.split(separator: "\n").first { $0.hasPrefix("\(key):") }
            return line?.split(separator: " ").compactMap { Int($0) }.first.map { $0 * 1024 }
        }
        func number(_ path: String) -> Int? {
            SystemFile.text(path).flatMap { Int($0.split(separator: "\n").first ?? "") }
        }
        func group(_ limit: String, _ usage: String) -> Int? {
            guard let limit = number(limit), let usage = number(usage) else { return nil }
            return max(limit - usage, 0)
        }
        var own = rlimit()
        let hasLimit = getrlimit(addressSpaceLimit, &own) == 0 && own.rlim_cur < rlim_t(Int.max)
        let space = hasLimit ? kilobytes("VmSize", in: "/proc/self/status").map { max(Int(own.rlim_cur) - $0, 0) } : nil
        return [
            kilobytes("MemAvailable", in: "/proc/meminfo"), space,
            group("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"),
            group("/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory/memory.usage_in_bytes"),
        ].compactMap(\.self).min()
    }

    #if canImport(Glibc)
        private static var addressSpaceLimit: __rlimit_resource_t { __rlimit_resource_t(RLIMIT_AS.rawValue) }
    #else
        private static var addressSpaceLimit: Int32 { RLIMIT_AS }
    #endif

    /// The number of processors that this process may use.
    package static var processorCount: Int {
        let online = max(Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))), 1)
        let line = SystemFile.text("/proc/self/status")?.split(separator: "\n").first { $0.hasPrefix("Cpus_allowed:") }
        guard let line else { return online }
        let allowed = line.dropFirst("Cpus_allowed:".count).compactMap { $0.hexDigitValue?.nonzeroBitCount }.reduce(
            0, +)
        return allowed > 0 ? min(allowed, online) : online
    }
}

/// Files that the system makes up when they are read, which have no size.
package enum SystemFile {
    /// The text of a file of at most 16 MiB; nil if there is none.
    package static func text(_ path: String) -> String? {
        (try? FileSystem.contents(of: path, limit: 16 << 20)).map { String(decoding: $0, as: UTF8.self) }
    }
}
