import Synchronization
import Tensors

/// Trains an objective by one optimiser.
///
///     let trainer = try ObjectiveTrainer(objective, OptimiserPlan(steps: 3000, batch: 256) { _ in 1e-3 })
public final class ObjectiveTrainer: Trainer {
    /// What is trained.
    public let objective: any Objective
    /// How.
    public let plan: OptimiserPlan
    private let optimiser: Mutex<Optimiser>

    /// Begins with the objective's parameters as they are.
    ///
    /// - Throws: if a parameter is poisoned.
    public init(_ objective: any Objective, _ plan: OptimiserPlan) throws {
        (self.objective, self.plan) = (objective, plan)
        optimiser = Mutex(
            try Optimiser(
                "", objective.parameters, plan.rule, clip: plan.clip, average: plan.average, cleaning: plan.cleaning))
    }

    /// The objective's.
    public var configuration: String { objective.configuration }
    /// The plan's.
    public var stepCount: Int { plan.steps }
    /// The objective's samples in the plan's batches.
    public var order: BatchOrder { BatchOrder(samples: objective.datasetSize, batch: plan.batch, ends: plan.ends) }
    /// The weights that are trained, without buffers.
    public var parameterCount: Int { objective.parameters.reduce(0) { $0 + $1.tensor.elementCount } }

    /// The objective's.
    public var facts: [Fact] { objective.facts }
    /// The objective's for the samples of a part.
    public var partBytes: Int? { objective.sampleBytes.map { $0 * partSize } }
    /// As the plan cuts batches.
    public var partCount: Int { (plan.batch + partSize - 1) / partSize }
    private var partSize: Int { max(min(plan.cut ?? plan.batch, plan.batch), 1) }
    /// The objective's.
    public var dataDigest: String? { get throws { try objective.dataDigest } }

    /// One step: `loss`, and what the optimiser says.
    ///
    /// - Throws: as `TrainingStep.gradients` and `Optimiser.step`.
    public func advance(_ step: TrainingStep) throws -> [Metric] {
        let (objective, plan) = (objective, plan)
        return try optimiser.withLock { optimiser in
            let (loss, gradients) = try step.gradients(of: optimiser.parameters, cut: plan.cut, ofSum: objective.loss)
            return [.mean("loss", loss)]
                + (try optimiser.step(gradients, rate: plan.rate(step.number), isLogged: step.isLogged))
        }
    }

    /// The optimiser's state, and the buffers as `buffer.NAME`.
    public var state: [(name: String, tensor: Tensor)] {
        optimiser.withLock { $0.state } + objective.buffers.map { (name: "buffer.\($0.name)", tensor: $0.tensor) }
    }

    /// Overwrites the objective's parameters and buffers, and what is remembered of them.
    ///
    /// - Throws: `GeneraError.badData` for a state of another network.
    public func restore(_ state: TrainingState) throws {
        let buffers = try objective.buffers.map { ($0.tensor, try state.tensor("buffer.\($0.name)")) }
        try optimiser.withLock { try $0.restore(state) }
        for (buffer, value) in buffers { try buffer.copy(from: value) }
    }

    /// The averages, or the parameters where no average is kept, and the buffers.
    ///
    /// - Throws: errors of tensors.
    public func model() throws -> ModelCheckpoint {
        try ModelCheckpoint(family: "", configuration: objective.configuration, tensors: weights)
    }

    /// The objective's, over the weights of the model.
    public func sampler() throws -> (any Sampler)? { try objective.previewSampler(weights: weights) }

    /// The objective's, of the weights of the model.
    public func assess() throws -> [Metric] { try objective.assessment(weights: weights) }

    private var weights: [(name: String, tensor: Tensor)] { optimiser.withLock { $0.averaged } + objective.buffers }
}
