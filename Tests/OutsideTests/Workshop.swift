import Foundation
import Genera
import GeneraTesting

/// A folder outside the project, in which packages that depend on Genera are built as a stranger would, once for all tests.
final class Workshop: Sendable {
    /// What a command came to.
    struct Outcome: CustomStringConvertible, Sendable {
        let status: Int32
        let output: String
        let error: String
        var description: String { "status \(status)\n\(output.suffix(3000))\n\(error.suffix(6000))" }

        /// The last line of complaint.
        var complaint: String { error.split(separator: "\n").last.map(String.init) ?? "" }
    }

    /// The workshop, with the guide's commands done.
    static let guided = Result { try Workshop(following: true) }

    let folder = TemporaryFolder()
    /// What the guide's commands came to.
    let guide: Outcome
    /// The address of a repository with this version's tag.
    let repository: String

    /// The folder of the package that the guide writes by hand.
    var package: String { folder.file("mixture") }
    /// The folder of the package that the scaffold writes.
    var scaffolded: String { folder.file("two-moons") }

    /// Makes a workshop.
    ///
    /// - Parameter following: whether to do what the guide says, which takes minutes.
    init(following guide: Bool) throws {
        Self.removeAtExit(folder.path)
        repository = "file://\(folder.file("genera.git"))"
        // What lies in the folder now, committed or not: the program under test was built from that, and a plugin must be.
        let clone = Self.bash(
            """
            set -e
            git clone -q --bare '\(Golden.repository)' genera.git
            export GIT_DIR=$PWD/genera.git
            git --work-tree='\(Golden.repository)' add -A
            state=$(git -c user.name=tests -c user.email=tests@localhost commit-tree -m state -p HEAD $(git write-tree))
            git tag -f \(Version.current) $state
            """, in: folder.path)
        guard clone.status == 0 else { throw ComparisonFailure("no clone: \(clone)") }
        // Programs built here find the engine where an installation would have left it.
        let engine = try Engine.information().path
        try FileManager.default.createDirectory(atPath: folder.file("data/genera"), withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(
            atPath: folder.file("data/genera/engine"),
            withDestinationPath: URL(filePath: engine).deletingLastPathComponent().path)
        guard guide else {
            self.guide = Outcome(status: 0, output: "", error: "")
            return
        }
        let text = try String(contentsOfFile: "\(Golden.repository)/docs/Writing-a-plugin.md", encoding: .utf8)
            .replacing("https://example.com/genera.git", with: repository)
        self.guide = Self.bash(Guide(markdown: text).script, in: folder.path, data: folder.file("data"))
        // Bad plugins will be built beside the guide's; who loads a whole folder needs one without them.
        _ = Self.bash("mkdir plugins && cp .build/release/libMixture* plugins", in: package)
    }

    nonisolated(unsafe) private static var litter: [String] = []

    /// Removes a folder when the tests end: what is static is never let go.
    private static func removeAtExit(_ path: String) {
        if litter.isEmpty {
            atexit { for path in Workshop.litter { try? FileManager.default.removeItem(atPath: path) } }
        }
        litter.append(path)
    }

    /// Runs commands in a folder of the workshop.
    func run(_ commands: String, in place: String = ".", environment: [String: String] = [:]) -> Outcome {
        Self.bash(commands, in: folder.file(place), data: folder.file("data"), environment: environment)
    }

    /// Runs commands with `genera` on the path and a data folder of their own.
    private static func bash(
        _ commands: String, in place: String, data: String = "/nonexistent", environment: [String: String] = [:]
    ) -> Outcome {
        let process = Process()
        process.executableURL = URL(filePath: "/bin/bash")
        process.arguments = ["-c", commands]
        process.currentDirectoryURL = URL(filePath: place)
        let own = ProcessInfo.processInfo.environment
        let program = own["GENERA_EXECUTABLE"] ?? "\(Golden.repository)/.build/release/genera"
        let path = "\(URL(filePath: program).deletingLastPathComponent().path):\(own["PATH"] ?? "/usr/bin:/bin")"
        // Traits in the same order in every build plan, so that no plan compiles everything anew.
        let fixed = ["PATH": path, "XDG_DATA_HOME": data, "SWIFT_DETERMINISTIC_HASHING": "1"]
        process.environment = own.merging(fixed) { $1 }.merging(environment) { $1 }
        let files = (UUID().uuidString, UUID().uuidString)
        let (output, error) = ("/tmp/genera-\(files.0)", "/tmp/genera-\(files.1)")
        for file in [output, error] { _ = FileManager.default.createFile(atPath: file, contents: nil) }
        defer { for file in [output, error] { try? FileManager.default.removeItem(atPath: file) } }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle(forWritingAtPath: output)
        process.standardError = FileHandle(forWritingAtPath: error)
        do { try process.run() } catch { return Outcome(status: 127, output: "", error: "\(error)") }
        process.waitUntilExit()
        func text(_ file: String) -> String {
            String(decoding: (try? Data(contentsOf: URL(filePath: file))) ?? Data(), as: UTF8.self)
        }
        let signal = process.terminationReason == .uncaughtSignal ? Int32(128) : 0
        return Outcome(status: process.terminationStatus + signal, output: text(output), error: text(error))
    }
}
