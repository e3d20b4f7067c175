import Formats
import Foundation
import Genera

/// One reader of files, as it is tried with damaged ones. It may throw an error of the project's own or return; it may not trap,
/// hang, or take a gigabyte of a small file.
struct Reader: Sendable, CustomStringConvertible {
    /// What it is called: the folder of its corpus, and the word of `scripts/fuzz`.
    let name: String
    /// Reads a whole file, and all that can be asked of it.
    let read: @Sendable (ByteView) throws -> Void

    var description: String { name }

    init(_ name: String, _ read: @escaping @Sendable (ByteView) throws -> Void) {
        (self.name, self.read) = (name, read)
    }

    /// A reader that takes the path of a file with an ending.
    init(_ name: String, ending: String, _ read: @escaping @Sendable (String) throws -> Void) {
        self.init(name) { try Scratch.with($0, name: "file.\(ending)", read) }
    }

    static let all = arrays + tables + graphs + words + pictures + samples + molecules + scenes + cameras + texts

    /// The error that reading ends with; nil where all is well.
    func error(of bytes: ByteView) -> (any Error)? {
        do { try read(bytes) } catch {
            // The sentence is made of what is in the file, too.
            blackHole("\(error)")
            return error
        }
        return nil
    }

    /// Whether an error is one that readers may throw.
    static func isOurs(_ error: any Error) -> Bool { error is any KindedError }
}

/// Uses a value, so that making it is not left out.
@inline(never) func blackHole(_ value: some Any) { withExtendedLifetime(value) {} }

/// Files for readers that take paths: in memory where the system has such a folder.
enum Scratch {
    /// A folder of this process, kept until it ends.
    static let folder: String = {
        let root = FileManager.default.fileExists(atPath: "/dev/shm") ? "/dev/shm" : NSTemporaryDirectory()
        let path = "\(root)/genera-fuzz-\(ProcessInfo.processInfo.processIdentifier)"
        try? FileSystem.makeFolders(path)
        atexit { try? FileManager.default.removeItem(atPath: Scratch.folder) }
        return path
    }()

    /// Writes a file of some bytes and hands on its path.
    static func with(_ bytes: ByteView, name: String, _ body: (String) throws -> Void) throws {
        let path = "\(folder)/\(name)"
        try Data(bytes.array()).write(to: URL(fileURLWithPath: path))
        try body(path)
    }
}
