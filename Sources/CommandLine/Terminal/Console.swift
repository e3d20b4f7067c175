import Platform
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The two streams of the program: results on standard output, everything else on standard error.
enum Console {
    /// Writes a line of results for people, or several, fit for a terminal whatever file its words come from. What could not be written
    /// is told at the end of the run: see `lostResults`.
    static func result(_ line: String) { result(bytes: Array((Printable.text(line) + "\n").utf8)) }

    /// Writes results for programs. JSON escapes what it has to, and stays exact.
    static func result(json: String) { result(bytes: Array((json + "\n").utf8)) }

    /// Writes results as they are; a bar that stands there goes. After a failure nothing more is written, so that what is there has no holes.
    static func result(bytes: [UInt8]) {
        failure.withLock { failure in
            guard failure == nil else { return }
            if hasBar.exchange(false, ordering: .relaxed) { tell(clearLine) }
            let code = Descriptor.write(bytes, to: 1)
            if code != 0 { failure = FileError(file: "standard output", cannot: "write", code, kind: .inputOutput) }
        }
    }

    /// Why results are missing; nil while all were written. `GeneraMain` ends the program with it.
    static var lostResults: FileError? { failure.withLock { $0 } }
    private static let failure = Mutex<FileError?>(nil)

    /// Writes a line for people, in place of a bar if one stands there.
    static func error(_ line: String) {
        tell((hasBar.exchange(false, ordering: .relaxed) ? clearLine : "") + Printable.text(line) + "\n")
    }

    /// Draws a line that the next one takes the place of.
    static func bar(_ text: String) {
        hasBar.store(true, ordering: .relaxed)
        tell(clearLine + Printable.line(text).prefix(max(width - 1, 20)))
    }

    private static let hasBar = Atomic(false)
    private static let clearLine = "\r\u{1B}[K"

    /// Writes to standard error. Nobody is left to tell of a failure.
    private static func tell(_ text: String) { _ = Descriptor.write(Array(text.utf8), to: 2) }

    /// Whether a stream is a terminal.
    static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

    /// The width of the terminal behind standard error.
    static var width: Int {
        var size = winsize()
        guard ioctl(2, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }
}
