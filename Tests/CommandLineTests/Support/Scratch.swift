import Foundation

/// A folder that goes away with the value.
final class Scratch: Sendable {
    /// The folder.
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "genera-tests-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// A path in the folder.
    func file(_ name: String) -> String { "\(path)/\(name)" }

    /// Whether something is there.
    func has(_ name: String) -> Bool { FileManager.default.fileExists(atPath: file(name)) }

    /// Names in the folder, without hidden ones.
    func names(_ folder: String = "") -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: file(folder))) ?? []).filter { !$0.hasPrefix(".std") }
            .sorted()
    }

    /// A file's bytes.
    func bytes(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(filePath: file(name)))) }

    /// A file's text.
    func text(_ name: String) throws -> String { String(decoding: try bytes(name), as: UTF8.self) }

    /// Writes bytes.
    func write(_ bytes: some Sequence<UInt8>, to name: String) throws {
        try Data(bytes).write(to: URL(filePath: file(name)))
    }

    /// Writes text.
    func write(_ text: String, to name: String) throws { try write(text.utf8, to: name) }
}
