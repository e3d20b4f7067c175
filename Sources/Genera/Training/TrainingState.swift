import Formats
import Tensors

/// All that evolves in training: weights, their averages, Adam's means, and how far it has come.
struct TrainingState {
    let names: [String]
    /// The objective's own leaves, changed in place.
    let parameters: [Tensor]
    var averages: [Tensor]
    var adam: Adam
    var step = 0
    /// Seconds of work in all sittings.
    var seconds = 0.0

    /// The state before the first step.
    init(_ objective: any Objective) throws {
        let named = objective.parameters
        names = named.map(\.name)
        parameters = named.map(\.tensor)
        averages = try parameters.map { try $0.detached().cloned().checked() }
        adam = try Adam(parameters)
    }

    /// The averages and the buffers: a model that is ready for sampling.
    func exported(_ objective: any Objective) -> [(name: String, tensor: Tensor)] {
        zip(names, averages).map { (name: $0, tensor: $1) } + objective.buffers
    }

    /// Writes the state, whole or not at all.
    func save(to path: String, _ objective: any Objective, metadata: [String: String]) throws {
        func raw(_ prefix: String, _ tensors: [Tensor]) throws -> [(name: String, tensor: RawTensor)] {
            try zip(names, tensors).map { (name: "\(prefix).\($0)", tensor: try RawTensor($1)) }
        }
        let buffers = try objective.buffers.map { (name: "buffer.\($0.name)", tensor: try RawTensor($0.tensor)) }
        let tensors =
            try raw("weight", parameters) + raw("average", averages) + raw("adam.mean", adam.first)
            + raw("adam.square", adam.second) + buffers
        var metadata = metadata
        metadata[ModelCheckpoint.Key.kind] = "training"
        metadata[ModelCheckpoint.Key.configuration] = objective.configuration
        metadata[ModelCheckpoint.Key.version] = Version.current
        metadata["genera.step"] = "\(step)"
        metadata["genera.adam-step"] = "\(adam.stepCount)"
        metadata["genera.seconds"] = "\(seconds)"
        metadata["genera.dataset-size"] = "\(objective.datasetSize)"
        try Safetensors.write(tensors, metadata: metadata, to: path)
    }

    /// The state of a file; the objective's parameters and buffers are overwritten.
    ///
    /// - Throws: `FormatError` for a file that is damaged, `GeneraError.badData` for one that is of another run.
    init(loading path: String, into objective: any Objective) throws {
        try self.init(objective)
        let file = try Safetensors(path: path)
        func number(_ key: String) throws -> Double {
            guard let value = file.metadata[key].flatMap(Double.init) else {
                throw GeneraError.badData(
                    file: path, reason: "its metadata lack '\(key)'", advice: "is it a state of training?")
            }
            return value
        }
        guard try number("genera.dataset-size") == Double(objective.datasetSize) else {
            throw GeneraError.badData(
                file: path,
                reason: "was trained on \(file.metadata["genera.dataset-size"]!) samples, the data set now has "
                    + "\(objective.datasetSize)", advice: "give the same data, or begin a new run")
        }
        func tensors(_ prefix: String) throws -> [Tensor] {
            try zip(names, parameters).map { name, parameter in
                let raw = try file.tensor("\(prefix).\(name)")
                guard raw.shape == parameter.shape.sizes else {
                    throw GeneraError.badData(
                        file: path, reason: "'\(name)' is \(raw.shape), the network needs \(parameter.shape)",
                        advice: "go on with the configuration the run was begun with")
                }
                return try Tensor(raw).cloned().to(parameter.device).checked()
            }
        }
        let (weights, means, squares) = (try tensors("weight"), try tensors("adam.mean"), try tensors("adam.square"))
        averages = try tensors("average")
        adam = Adam(first: means, second: squares, stepCount: Int(try number("genera.adam-step")))
        step = Int(try number("genera.step"))
        seconds = try number("genera.seconds")
        let buffers = try objective.buffers.map { ($0.tensor, Tensor(try file.tensor("buffer.\($0.name)"))) }
        for (parameter, weight) in zip(parameters, weights) { try parameter.copy(from: weight) }
        for (buffer, value) in buffers { try buffer.copy(from: value) }
    }
}
