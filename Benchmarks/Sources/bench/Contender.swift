import Foundation

/// A process that does the same work as others when it is told to, so that all can take turns.
final class Contender {
    let name: String
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private var buffer = Data()

    init(_ name: String, _ executable: String, _ arguments: [String], environment: [String: String] = [:]) throws {
        self.name = name
        process.executableURL = URL(fileURLWithPath: executable)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        guard try line().hasPrefix("ready") else { throw Failed(what: "\(name) did not start") }
    }

    func callAsFunction(_ command: String) throws -> Double {
        input.fileHandleForWriting.write(Data((command + "\n").utf8))
        let answer = try line()
        guard let number = Double(answer) else { throw Failed(what: "\(name) answered '\(answer)' to \(command)") }
        return number
    }

    func end() {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
    }

    private func line() throws -> String {
        while true {
            if let end = buffer.firstIndex(of: 10) {
                defer { buffer = Data(buffer[(end + 1)...]) }
                return String(decoding: buffer[..<end], as: UTF8.self)
            }
            let more = output.fileHandleForReading.availableData
            guard !more.isEmpty else { throw Failed(what: "\(name) ended") }
            buffer += more
        }
    }
}

/// Python with PyTorch, if there is one.
enum Python {
    static let path: String? = {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        guard let path = folders.map({ "\($0)/python3" }).first(where: FileManager.default.isExecutableFile) else {
            return missing()
        }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = ["-c", "import torch, numpy"]
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return missing() }
        process.waitUntilExit()
        return process.terminationStatus == 0 ? path : missing()
    }()

    private static func missing() -> String? {
        print("\nNo PyTorch to compare with: `python3 -m pip install torch numpy`. The figures are ours alone.")
        return nil
    }

    /// The script beside this package's sources.
    static func contender(_ arguments: [String]) throws -> Contender? {
        try path.map { try Contender("eager PyTorch", $0, [script] + arguments) }
    }

    private static var script: String {
        let here = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        return here.deletingLastPathComponent().deletingLastPathComponent().appending(path: "reference/ddpmpp.py").path
    }
}
