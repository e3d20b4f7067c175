import Genera

/// A network in training: its parameters with what the optimiser remembers, and those that no loss depends on.
struct ScoreLearner: Sendable {
    let network: any ScoreNetwork
    var optimiser: Optimiser
    /// Parameters that never meet the output. They keep their first values.
    private let unused: [(name: String, tensor: Tensor)]
    /// All names in the network's order.
    private let order: [String]

    init(
        _ name: String, _ c: ScoreNetworkConfiguration, in scope: ParameterScope, _ rule: Adam, clip: Double?,
        average: Average
    ) throws {
        network = try c.network(in: scope)
        let entries = scope.entries.map { (name: $0.name, tensor: $0.tensor) }
        order = entries.map(\.name)
        unused = entries.filter { c.isUnused($0.name) }
        optimiser = try Optimiser(
            name, entries.filter { !c.isUnused($0.name) }, rule, clip: clip, average: average)
    }

    /// The weights of a model: as they are, or averaged.
    func weights(averaged: Bool) -> [(name: String, tensor: Tensor)] {
        let own = averaged ? optimiser.averaged : zip(optimiser.names, optimiser.parameters).map { ($0, $1) }
        let table = Dictionary(uniqueKeysWithValues: (own + unused).map { ($0.name, $0.tensor) })
        return order.map { ($0, table[$0]!) }
    }

    /// What has to be saved beside the optimiser's state.
    func state(_ name: String) -> [(name: String, tensor: Tensor)] {
        optimiser.state + unused.map { (name: "\(name).unused.\($0.name)", tensor: $0.tensor) }
    }

    mutating func restore(_ state: TrainingState, _ name: String) throws {
        let values = try unused.map { ($0.tensor, try state.tensor("\(name).unused.\($0.name)")) }
        try optimiser.restore(state)
        for (tensor, value) in values { try withoutGradients { try tensor.copy(from: value) } }
    }
}
