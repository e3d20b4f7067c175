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

    /// The value of an environment variable, if it is set and not empty.
    static func environment(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The number of processors that this process may use.
    static var processorCount: Int {
        #if canImport(Glibc)
        var set = cpu_set_t()
        guard sched_getaffinity(0, MemoryLayout<cpu_set_t>.size, &set) == 0 else { return 1 }
        let count = withUnsafeBytes(of: &set) { $0.reduce(0) { $0 + $1.nonzeroBitCount } }
        return max(count, 1)
        #else
        return max(Int(sysconf(_SC_NPROCESSORS_ONLN)), 1)
        #endif
    }
}
