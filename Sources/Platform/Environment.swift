#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// What the program's surroundings say to it.
public enum Environment {
    /// The value of an environment variable; nil if it is not set or empty.
    public static func value(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The folder for data of this user's programs, `$XDG_DATA_HOME` or `~/.local/share`; nil without a home.
    package static func dataFolder(_ value: (String) -> String? = Self.value) -> String? {
        value("XDG_DATA_HOME") ?? value("HOME").map { "\($0)/.local/share" }
    }

    /// The folder for what this user's programs can fetch or make again, `$XDG_CACHE_HOME` or `~/.cache`; nil without a home.
    package static func cacheFolder(_ value: (String) -> String? = Self.value) -> String? {
        value("XDG_CACHE_HOME") ?? value("HOME").map { "\($0)/.cache" }
    }
}
