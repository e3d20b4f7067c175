import Foundation
import Testing

/// What a run of the program came to.
struct Outcome: CustomStringConvertible {
    /// The exit status; 128 and the number for a signal.
    let status: Int32
    /// Standard output.
    let output: String
    /// Standard error.
    let error: String
    /// Standard output as it came.
    let bytes: [UInt8]

    var description: String { "status \(status)\nstdout: \(output.prefix(2000))\nstderr: \(error.prefix(2000))" }

    /// Standard error without lines of progress.
    var complaint: String {
        error.split(separator: "\n").last { $0.hasPrefix("genera: ") }.map(String.init) ?? ""
    }
}

/// The real executable: `GENERA_EXECUTABLE`, or the one beside the tests.
enum Program {
    /// Its path.
    static let path: String = {
        if let path = ProcessInfo.processInfo.environment["GENERA_EXECUTABLE"] { return path }
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().path
        let places = [bundleFolder, "\(root)/.build/debug", "\(root)/.build/release"].compactMap {
            $0.map { "\($0)/genera" }
        }
        return places.first { FileManager.default.isExecutableFile(atPath: $0) } ?? "genera"
    }()

    /// The folder of the test bundle, which is loaded into this process.
    private static var bundleFolder: String? {
        let maps = (try? String(contentsOfFile: "/proc/self/maps", encoding: .utf8)) ?? ""
        let line = maps.split(separator: "\n").first { $0.contains(".xctest") }
        return line?.split(separator: " ").last.map { URL(filePath: String($0)).deletingLastPathComponent().path }
    }

    /// Starts the program in a folder. The caller waits.
    static func start(
        _ words: [String], of program: String = path, in folder: Scratch, environment: [String: String] = [:]
    ) throws -> Running {
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = words
        process.currentDirectoryURL = URL(filePath: folder.path)
        process.environment = ProcessInfo.processInfo.environment
            .merging(["HOME": folder.path, "GENERA_MODELS": folder.path]) { $1 }.merging(environment) { $1 }
        let files = (folder.file(".stdout-\(UUID().uuidString)"), folder.file(".stderr-\(UUID().uuidString)"))
        for file in [files.0, files.1] { _ = FileManager.default.createFile(atPath: file, contents: nil) }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle(forWritingAtPath: files.0)
        process.standardError = FileHandle(forWritingAtPath: files.1)
        try process.run()
        return Running(process: process, output: files.0, error: files.1)
    }

    /// Runs the program to its end.
    static func run(
        _ words: [String], of program: String = path, in folder: Scratch, environment: [String: String] = [:]
    ) throws -> Outcome {
        try start(words, of: program, in: folder, environment: environment).outcome()
    }
}

/// A program at work.
struct Running {
    let process: Process
    let output: String
    let error: String

    /// Waits for its end, and kills it when that takes more than a minute.
    func outcome() -> Outcome {
        let end = Date().addingTimeInterval(60)
        while process.isRunning, Date() < end { usleep(2000) }
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
        let bytes = FileManager.default.contents(atPath: output) ?? Data()
        let complaint = FileManager.default.contents(atPath: error) ?? Data()
        let signal: Int32 = process.terminationReason == .uncaughtSignal ? 128 : 0
        return Outcome(
            status: process.terminationStatus + signal, output: String(decoding: bytes, as: UTF8.self),
            error: String(decoding: complaint, as: UTF8.self), bytes: Array(bytes))
    }

    /// Waits until something holds, at most so many seconds. - Returns: whether it does.
    func wait(seconds: Double, until holds: () -> Bool) -> Bool {
        let end = Date().addingTimeInterval(seconds)
        while Date() < end, process.isRunning {
            if holds() { return true }
            usleep(2000)
        }
        return holds()
    }
}

/// Runs the program by a shell, with words split at spaces.
///
/// - Parameters:
///   - before: what the shell does first, for example `ulimit -f 1`.
///   - redirection: what follows the words, for example `>/dev/full`.
func runInShell(
    _ words: String, before: String = ":", redirection: String = "", in folder: Scratch
) throws -> Outcome {
    let script = "\(before); exec \"$0\" \(words) \(redirection)"
    return try Program.run(
        ["-c", script, Program.path], of: "/bin/sh", in: folder)
}

/// Runs the program with words split at spaces.
func run(_ words: String, in folder: Scratch, environment: [String: String] = [:]) throws -> Outcome {
    try Program.run(words.split(separator: " ").map(String.init), in: folder, environment: environment)
}

/// Expects an end with one sentence on standard error.
func expectFailure(
    _ outcome: Outcome, _ status: Int32, _ fragments: String..., at location: SourceLocation = #_sourceLocation
) {
    #expect(outcome.status == status, "\(outcome)", sourceLocation: location)
    #expect(!outcome.complaint.isEmpty, "\(outcome)", sourceLocation: location)
    for fragment in fragments {
        #expect(outcome.complaint.contains(fragment), "wanted '\(fragment)'\n\(outcome)", sourceLocation: location)
    }
}

/// Expects a good end.
func expectSuccess(_ outcome: Outcome, at location: SourceLocation = #_sourceLocation) {
    #expect(outcome.status == 0, "\(outcome)", sourceLocation: location)
}
