import Tensors

extension Optimiser {
    /// All that evolves: `x.weight.NAME`, a line for each memory of the rule (`x.mean.NAME`, `x.square.NAME`), `x.average.NAME`, and
    /// `x.steps`, the number of steps taken.
    public var state: [(name: String, tensor: Tensor)] {
        kinds.flatMap { kind, tensors in zip(names, tensors).map { (name: key(kind, $0), tensor: $1) } }
            + [(name: "\(prefix)steps", tensor: Tensor(stepCount))]
    }

    /// Takes over a saved state, whole or not at all. Parameters that keep their shape are overwritten in place, so that networks that
    /// hold them see it.
    ///
    /// - Parameter resizing: whether parameters may come back in other shapes, as they do where rows are added or dropped. They are then
    ///   new tensors.
    /// - Throws: `GeneraError.badData` that names what is missing or does not fit.
    public mutating func restore(_ state: TrainingState, resizing: Bool = false) throws {
        let steps = try state.count("\(prefix)steps")
        let saved = try names.indices.map { index in
            try kinds.map { kind, tensors in
                try fit(state, key(kind, names[index]), like: tensors[index], resizing: resizing)
            }
        }
        for (index, tensors) in saved.enumerated() {
            for tensor in tensors where tensor.shape != tensors[0].shape {
                throw GeneraError.badData(
                    file: state.file,
                    reason:
                        "'\(prefix)\(names[index])' is \(tensors[0].shape), and what is remembered of it \(tensor.shape)",
                    advice: "the file is damaged")
            }
        }
        for (index, tensors) in saved.enumerated() {
            if tensors[0].shape == parameters[index].shape {
                try parameters[index].copy(from: tensors[0])
            } else {
                parameters[index] = try tensors[0].requiringGradient()
            }
            for number in memory.indices { memory[number][index] = tensors[1 + number] }
            if average.isKept { averages[index] = tensors[1 + memory.count] }
        }
        stepCount = steps
    }

    /// The kinds of tensors there are for each parameter, weights first.
    private var kinds: [(name: String, tensors: [Tensor])] {
        [("weight", parameters)] + zip(rule.memories, memory).map { ($0, $1) }
            + (average.isKept ? [("average", averages)] : [])
    }

    private func key(_ kind: String, _ name: String) -> String { "\(prefix)\(kind).\(name)" }

    private func fit(_ state: TrainingState, _ key: String, like own: Tensor, resizing: Bool) throws -> Tensor {
        let saved = try state.tensor(key)
        guard saved.dtype == own.dtype, saved.shape == own.shape || (resizing && saved.rank == own.rank) else {
            throw GeneraError.badData(
                file: state.file, reason: "'\(key)' is \(saved.summary), \(own.summary) is needed",
                advice: "go on with the options the run was begun with")
        }
        return try saved.to(own.device).checked()
    }
}
