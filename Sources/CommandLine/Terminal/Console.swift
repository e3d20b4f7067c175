import Platform
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The two streams of the program: results on standard output, everything else on standard error.
enum Console {
    /// Writes a line of results.
    static func result(_ line: String) { write(line + "\n", to: 1) }

    /// Writes a line for people, in place of a bar if one stands there.
    static func error(_ line: String) {
        write((hasBar.exchange(false, ordering: .relaxed) ? clearLine : "") + line + "\n", to: 2)
    }

    /// Draws a line that the next one takes the place of.
    static func bar(_ text: String) {
        hasBar.store(true, ordering: .relaxed)
        write(clearLine + text.prefix(max(width - 1, 20)), to: 2)
    }

    private static let hasBar = Atomic(false)
    private static let clearLine = "\r\u{1B}[K"

    /// Writes text as it is.
    static func write(_ text: String, to descriptor: Int32) { _ = write(Array(text.utf8), to: descriptor) }

    /// Writes bytes. - Returns: 0, or the number of the system's error.
    @discardableResult static func write(_ bytes: [UInt8], to descriptor: Int32) -> Int32 {
        Descriptor.write(bytes, to: descriptor)
    }

    /// Whether a stream is a terminal.
    static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

    /// The width of the terminal behind standard error.
    static var width: Int {
        var size = winsize()
        guard ioctl(2, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }
}
