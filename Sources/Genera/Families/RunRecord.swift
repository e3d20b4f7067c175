import Synchronization

/// What a run has read: its model, and other files that the result depends on.
public final class RunRecord: Sendable {
    /// A model that was read.
    public struct Model: Sendable, Hashable {
        /// As it was named.
        public let name: String
        /// Its file or folder.
        public let path: String
    }

    private let state = Mutex<(models: [Model], inputs: [String])>(([], []))

    /// Nothing read yet.
    public init() {}

    /// The models that were read, in the order in which they were asked for first.
    public var models: [Model] { state.withLock { $0.models } }

    /// The other files that were read, in the order in which they were named first.
    public var inputs: [String] { state.withLock { $0.inputs } }

    /// Notes what another record has.
    public func add(_ other: RunRecord) {
        for model in other.models { note(model: model.name, path: model.path) }
        for input in other.inputs { note(input: input) }
    }

    func note(model name: String, path: String) {
        let model = Model(name: name, path: path)
        state.withLock { if !$0.models.contains(model) { $0.models.append(model) } }
    }

    func note(input path: String) { state.withLock { if !$0.inputs.contains(path) { $0.inputs.append(path) } } }
}
