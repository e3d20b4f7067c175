import Tensors

/// Changes of what is trained between steps. Parameters that are changed are new tensors: take `parameters` anew afterwards.
extension Optimiser {
    /// Keeps some rows of every parameter, with what is remembered of them.
    ///
    /// - Parameter rows: which rows along the first axis, as `bool [n]` or as numbers `int64 [k]`, in whose order they are kept.
    /// - Throws: `GeneraError.software` for parameters with different numbers of rows, or a mask of another length; errors of tensors.
    public mutating func keep(rows: Tensor) throws {
        let count = try rowCount()
        var chosen = try rows.checked()
        if chosen.dtype == .bool {
            guard chosen.shape == [count] else {
                throw GeneraError.software("A mask of \(chosen.shape) was given for \(count) rows of '\(name)'.")
            }
            chosen = Operator.nonzero([.tensor(chosen)]).reshaped([-1])
        }
        try change { tensor, _ in Operator.indexSelect([.tensor(tensor), .int(0), .tensor(chosen.to(tensor.device))]) }
    }

    /// Adds rows to every parameter. What is remembered of them is 0, and their average they themselves.
    ///
    /// - Parameter rows: for each parameter rows `[k, …]`, as many of each.
    /// - Throws: `GeneraError.software` for rows that do not fit; errors of tensors.
    public mutating func append(_ rows: [Tensor]) throws {
        _ = try rowCount()
        let counts = Set(try rows.map { try $0.checked().shape.first ?? -1 })
        let fits = zip(rows, parameters).allSatisfy { $0.shape.sizes.dropFirst() == $1.shape.sizes.dropFirst() }
        guard rows.count == parameters.count, counts.count <= 1, fits, !counts.contains(-1) else {
            throw GeneraError.software(
                "Rows \(rows.map(\.shape)) cannot be added to the parameters \(parameters.map(\.shape)) of '\(name)'.")
        }
        let added = try zip(rows, parameters).map { row, own in
            try Self.copy(row).to(own.dtype).to(own.device).checked()
        }
        try change { tensor, part in
            let new = part.isMemory ? try Self.zeros(like: added[part.index]) : added[part.index]
            return .concatenated([tensor, new], axis: 0)
        }
    }

    /// Puts another tensor in the place of a parameter. What was remembered of it is 0, and its average it itself.
    ///
    /// - Parameters:
    ///   - index: which parameter.
    ///   - tensor: of any shape; copied.
    /// - Throws: errors of tensors.
    public mutating func replace(_ index: Int, by tensor: Tensor) throws {
        let new = try Self.copy(tensor).to(parameters[index].device).checked()
        for number in memory.indices { memory[number][index] = try Self.zeros(like: new) }
        if average.isKept { averages[index] = try Self.copy(new) }
        parameters[index] = try new.requiringGradient()
    }

    /// The number of rows, which all parameters share.
    private func rowCount() throws -> Int {
        let counts = Set(parameters.map { $0.shape.first ?? -1 })
        guard counts.count == 1, let count = counts.first, count >= 0 else {
            throw GeneraError.software(
                "The parameters of '\(name)' do not have the same rows: \(parameters.map(\.shape)).")
        }
        return count
    }

    /// Puts what `body` makes of each tensor in its place; nothing is changed if it fails for one.
    private mutating func change(_ body: (Tensor, (index: Int, isMemory: Bool)) throws -> Tensor) throws {
        func made(_ tensors: [Tensor], isMemory: Bool) throws -> [Tensor] {
            try withoutGradients {
                try tensors.enumerated().map { try body($1.detached(), ($0, isMemory)).checked() }
            }
        }
        let memory = try self.memory.map { try made($0, isMemory: true) }
        let averages = try made(self.averages, isMemory: false)
        parameters = try made(parameters, isMemory: false).map { try $0.requiringGradient() }
        (self.memory, self.averages) = (memory, averages)
    }
}

extension Operator {
    fileprivate static let nonzero = Operator("nonzero")
    fileprivate static let indexSelect = Operator("index_select")
}
