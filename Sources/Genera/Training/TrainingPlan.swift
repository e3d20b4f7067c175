import Platform

/// What a training will do and what it takes, before its first step.
public struct TrainingPlan: Sendable {
    /// What a person wants to know, in order: the network, its weights, the data, batch and length, memory, files.
    public let facts: [Fact]
    /// The memory.
    public let memory: TrainingMemory
}

/// The memory of a training in bytes.
public struct TrainingMemory: Sendable, Hashable {
    /// What the process has now: the engine, the data, the weights and what the optimiser remembers of them.
    public let held: Int
    /// The derivatives of all workers.
    public let gradients: Int
    /// What losses keep for their derivatives, of all workers, roughly; nil if the trainer cannot tell.
    public let parts: Int?
    /// What the process can still have; nil if the system does not tell, or tensors live elsewhere.
    public let free: Int?

    /// What a step takes beside what is held.
    public var step: Int { gradients.addingClamped(parts ?? 0) }
    /// All of it.
    public var total: Int { held.addingClamped(step) }
    /// Whether it is likely not to do.
    public var isTight: Bool { free.map { Double(step) > 0.9 * Double($0) } ?? false }
    /// Whether it cannot do, even if the estimate is half too high.
    public var isHopeless: Bool { free.map { Double(step) > 1.5 * Double($0) } ?? false }
}

extension TrainingDriver {
    /// What the training will do and what it takes.
    ///
    /// - Throws: errors of tensors.
    public func plan() throws -> TrainingPlan {
        let (order, weights, memory) = (trainer.order, try trainer.parameterCount, try memory())
        let checkpoint = Self.bytes(of: trainer.state)
        let (batch, samples) = (order.batch, order.samplesSeen(after: totalSteps))
        let rounds = Double(samples) / Double(max(order.samples, 1))
        var facts = [Fact("family", family)] + trainer.facts
        facts += [
            Fact("parameters", .integer(weights)),
            Fact("data", "\(Text.grouped(order.samples)) training samples"),
            Fact("steps", .integer(totalSteps)),
            Fact("batch", .integer(batch)),
            Fact(
                "length",
                "\(Text.grouped(samples)) samples, the data \(Text.significant(rounds, rounds < 10 ? 2 : 3)) times"),
            Fact("device", "\(settings.device)" + (settings.device == .cpu ? ", \(settings.workerCount) threads" : "")),
            Fact(
                "memory", "about \(Text.bytes(memory.total))" + (memory.parts == nil ? ", and what a step needs" : "")),
            Fact(
                "files",
                "\(run.path): \(settings.keep) checkpoints of \(Text.bytes(checkpoint)), one every \(Text.grouped(settings.checkpointEvery)) steps"
            ),
        ]
        return TrainingPlan(facts: facts, memory: memory)
    }

    /// Says the plan, and what is to be feared of it.
    ///
    /// - Throws: `GeneraError.unavailable` where memory cannot do.
    func announce(_ plan: TrainingPlan) throws {
        for line in FactLines.lines(plan.facts.map { [$0.name, $0.value.text()] }) { progress.report(.news(line)) }
        let memory = plan.memory
        guard memory.isTight, let free = memory.free else { return }
        let sentence =
            "A step takes about \(Text.bytes(memory.step)) beside the \(Text.bytes(memory.held)) in use, and \(Text.bytes(free)) are free"
        let advice =
            memory.parts == nil ? "a smaller network" : "smaller parts of a step, fewer --workers or a smaller network"
        guard !memory.isHopeless else {
            throw GeneraError.unavailable("\(sentence): this training does not fit. Choose \(advice).")
        }
        progress.report(.warning("\(sentence): if the process is killed, choose \(advice)."))
    }

    private func memory() throws -> TrainingMemory {
        let workers = min(settings.workerCount, max(trainer.partCount, 1))
        // The sum of all parts, and one set for each worker.
        let gradients = try trainer.parameterCount.multipliedClamped(4).multipliedClamped(workers + 1)
        return TrainingMemory(
            held: ThisProcess.residentBytes ?? 0, gradients: gradients,
            parts: trainer.partBytes.map { $0.multipliedClamped(workers) },
            free: settings.device == .cpu ? ThisProcess.availableBytes : nil)
    }

    private static func bytes(of state: [(name: String, tensor: Tensor)]) -> Int {
        state.reduce(0) { $0 + $1.tensor.elementCount * $1.tensor.dtype.byteCount }
    }
}

extension Int {
    fileprivate func addingClamped(_ other: Int) -> Int {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }

    fileprivate func multipliedClamped(_ other: Int) -> Int {
        let (product, overflow) = multipliedReportingOverflow(by: other)
        return overflow ? .max : product
    }
}
