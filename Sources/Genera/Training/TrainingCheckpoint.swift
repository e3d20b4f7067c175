import Formats
import Tensors

/// What a run goes on from: a trainer's state after some steps, in one safetensors file.
struct TrainingCheckpoint {
    /// The trainer's state.
    let state: TrainingState
    /// Steps done.
    let step: Int
    /// Seconds of work in all sittings.
    let seconds: Double
    private let metadata: [String: String]
    /// The key of what tells the data apart.
    private static let dataKey = "genera.data-digest"

    /// Reads a file.
    ///
    /// - Throws: `FormatError` for one that is damaged.
    init(path: String) throws {
        let file = try Safetensors(path: path)
        try TensorSums.check(file, path: path)
        metadata = file.metadata
        func refuse(_ key: String) -> FormatError {
            let found = file.metadata[key].map { "it is \(JSONText.quote(String($0.prefix(40))))" } ?? "it is missing"
            return FormatError(
                file: path, place: "'\(key)' of its metadata", reason: "a number was expected, \(found)",
                advice: "this is no state of training, or a damaged one")
        }
        guard let step = file.metadata["genera.step"].flatMap(Int.init), (0...BatchOrder.mostSteps).contains(step)
        else {
            throw refuse("genera.step")
        }
        guard let seconds = file.metadata["genera.seconds"].flatMap(Double.init), seconds.isFinite, seconds >= 0 else {
            throw refuse("genera.seconds")
        }
        (self.step, self.seconds) = (step, seconds)
        var entries = try file.tensors.map { (name: $0.name, tensor: try Tensor($0.tensor).cloned().checked()) }
        // Until version 0.2 a state was that of one Adam, which counted its steps in the metadata.
        if let text = file.metadata["genera.adam-step"] {
            guard let count = Int(text), (0...BatchOrder.mostSteps).contains(count) else {
                throw refuse("genera.adam-step")
            }
            entries = entries.map { name, tensor in
                (name: name.hasPrefix("adam.") ? String(name.dropFirst("adam.".count)) : name, tensor: tensor)
            }
            entries.append((name: "steps", tensor: Tensor(count)))
        }
        state = TrainingState(entries, file: path)
    }

    /// Hands the state to a trainer.
    ///
    /// - Throws: `GeneraError.badData` for a state of another run, what the trainer throws, and `GeneraError.software` for a trainer
    ///   that does not take over all of it.
    func restore(_ trainer: any Trainer, family: String) throws {
        if let other = metadata[ModelCheckpoint.Key.family], other != family {
            throw GeneraError.otherFamily(file: state.file, found: other, wanted: family)
        }
        let samples = trainer.order.samples
        guard metadata["genera.dataset-size"] == "\(samples)" else {
            throw GeneraError.badData(
                file: state.file,
                reason:
                    "was trained on \(metadata["genera.dataset-size"].map { "\($0.prefix(20))" } ?? "other") samples, "
                    + "the data set now has \(samples)",
                advice: "give the same data, or begin a new run")
        }
        if let then = metadata[Self.dataKey], let now = try trainer.dataDigest, then != now {
            throw GeneraError.badData(
                file: state.file,
                reason:
                    "was trained on other data than the data set holds now (\(then.prefix(12)), now \(now.prefix(12)))",
                advice: "give the data that the run was begun with, or begin a new run")
        }
        try trainer.restore(state)
        let now = Dictionary(trainer.state.map { ($0.name, $0.tensor.shape) }) { first, _ in first }
        let then = Dictionary(state.entries.map { ($0.name, $0.tensor.shape) }) { first, _ in first }
        let different = Set(now.keys).union(then.keys).filter { now[$0] != then[$0] }.sorted()
        guard let first = different.first else { return }
        throw GeneraError.badData(
            file: state.file,
            reason: "'\(first)' is \(then[first].map { "\($0)" } ?? "not in it"), and "
                + "\(now[first].map { "\($0)" } ?? "nothing") in the training that goes on",
            advice: "go on with the options the run was begun with; a trainer restores all of its state")
    }

    /// Writes a trainer's state, whole or not at all.
    ///
    /// - Throws: `FormatError` with the system's reason, `TensorError` of a tensor.
    static func write(_ trainer: any Trainer, family: String, step: Int, seconds: Double, to path: String) throws {
        let tensors = try trainer.state.map { (name: $0.name, tensor: try RawTensor($0.tensor)) }
        var metadata = [
            ModelCheckpoint.Key.kind: "training", ModelCheckpoint.Key.family: family,
            ModelCheckpoint.Key.configuration: trainer.configuration, ModelCheckpoint.Key.version: Version.current,
            "genera.step": "\(step)", "genera.seconds": "\(seconds)",
            "genera.dataset-size": "\(trainer.order.samples)",
        ]
        metadata[dataKey] = try trainer.dataDigest
        try Safetensors.write(tensors, metadata: TensorSums.adding(to: metadata, of: tensors), to: path)
    }
}
