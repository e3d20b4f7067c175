import Formats
import Platform
import Synchronization

/// What a run has read and written: its models, other files that the result depends on, and its artefacts.
public final class RunRecord: Sendable {
    /// A model that was read.
    public struct Model: Sendable, Hashable {
        /// As it was named.
        public let name: String
        /// Its file or folder.
        public let path: String
    }

    private struct State {
        var models: [Model] = []
        var inputs: [String] = []
        var outputs: [String] = []
        var digests: [String: String] = [:]
    }

    private let state = Mutex(State())

    /// Nothing read or written yet.
    public init() {}

    /// The models that were read, in the order in which they were asked for first.
    public var models: [Model] { state.withLock { $0.models } }

    /// The other files that were read, in the order in which they were named first.
    public var inputs: [String] { state.withLock { $0.inputs } }

    /// The files that were written, in order.
    public var outputs: [String] { state.withLock { $0.outputs } }

    /// SHA-256 of a file, worked out once; of a folder, that of the list of its files with theirs.
    ///
    /// - Throws: `FormatError` for one that cannot be read.
    public func digest(of path: String) throws -> String {
        if let known = state.withLock({ $0.digests[path] }) { return known }
        let digest = try Self.digest(path)
        state.withLock { $0.digests[path] = digest }
        return digest
    }

    private static func digest(_ path: String) throws -> String {
        guard FileSystem.isFolder(path) else { return try FileDigest.sha256(file: path) }
        let lines = try FileSystem.names(in: path).filter { !FileSystem.isFolder("\(path)/\($0)") }.map { name in
            "\(try FileDigest.sha256(file: "\(path)/\(name)"))  \(name)\n"
        }
        return FileDigest.sha256(ByteView(lines.joined().utf8))
    }

    /// Notes what another record has read.
    public func add(_ other: RunRecord) {
        for model in other.models { note(model: model.name, path: model.path) }
        for input in other.inputs { note(input: input) }
    }

    func note(model name: String, path: String) {
        let model = Model(name: name, path: path)
        state.withLock { if !$0.models.contains(model) { $0.models.append(model) } }
    }

    func note(input path: String) { state.withLock { if !$0.inputs.contains(path) { $0.inputs.append(path) } } }

    /// Notes a file that is written. - Returns: how many were written before.
    func note(output path: String) -> Int {
        state.withLock {
            $0.outputs.append(path)
            return $0.outputs.count - 1
        }
    }
}
