#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Versions of the C libraries that are in the process, as they say themselves.
enum LinkedLibrary {
    private typealias Words = @convention(c) (OpaquePointer?) -> UnsafePointer<CChar>?

    /// libpng.
    static var png: String? { symbol("png_get_libpng_ver").flatMap(words) }

    /// Cairo.
    static var cairo: String? { symbol("cairo_version_string").flatMap(words) }

    /// FFTW, whose version is a text and not a function.
    static var fftw: String? {
        symbol("fftw_version").map { String(cString: $0.assumingMemoryBound(to: CChar.self)) }
    }

    private static func words(_ function: UnsafeMutableRawPointer) -> String? {
        unsafeBitCast(function, to: Words.self)(nil).map { String(cString: $0) }
    }

    private static func symbol(_ name: String) -> UnsafeMutableRawPointer? { dlsym(dlopen(nil, RTLD_NOW), name) }
}
