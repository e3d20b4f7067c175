import Tensors

/// Which samples are wanted and how the machine is to be used. Only `indices`, `seed`, `precision` and `device` decide what
/// the samples are.
public struct SamplingRequest: Sendable {
    /// The samples' indices.
    public var indices: [Int]
    /// The seed.
    public var seed: UInt64
    /// Samples that a worker takes at a time and hands over together; a matter of memory alone. What the sampler's `lanes`
    /// keep together stays together, also where that is more.
    public var batch: Int
    /// Threads that work on samples.
    public var workers: Int
    /// Threads that one operation may use, on each worker.
    public var intraOpThreads: Int
    /// Steps between previews; 0 for none.
    public var previewEvery: Int
    /// Whether the result holds the previews of every sample.
    public var keepsTrajectory: Bool
    /// Which part of the indices this process does, of how many: every `count`-th from place `index`; of samplers with
    /// coupled lanes every `count`-th block.
    public var shard: (index: Int, count: Int)
    /// Where the noise comes from; nil is the built-in generator with `seed`.
    public var noise: (any NoiseSource)?
    /// How products are computed, for samplers that do not see to it themselves.
    public var precision: Precision
    /// Where the sampler computes.
    public var device: Device

    /// The indices of samples lie below this.
    static let indexLimit = 1 << 32

    /// Makes a request.
    public init(
        indices: [Int], seed: UInt64 = 0, batch: Int = 64, workers: Int = 1, intraOpThreads: Int = 1,
        previewEvery: Int = 0, keepsTrajectory: Bool = false, shard: (index: Int, count: Int) = (0, 1),
        noise: (any NoiseSource)? = nil, precision: Precision = .exact, device: Device = .cpu
    ) {
        self.indices = indices
        self.seed = seed
        self.batch = batch
        self.workers = workers
        self.intraOpThreads = intraOpThreads
        self.previewEvery = previewEvery
        self.keepsTrajectory = keepsTrajectory
        self.shard = shard
        self.noise = noise
        self.precision = precision
        self.device = device
    }

    /// The indices of this shard, for a sampler with such lanes.
    public func ownIndices(_ lanes: Lanes) -> [Int] {
        guard shard.count > 1 else { return indices }
        func isOwn(_ number: Int) -> Bool { number % shard.count == shard.index }
        switch lanes {
        case .alike: return indices.enumerated().filter { isOwn($0.offset) }.map(\.element)
        case .coupled:
            let own = lanes.blocks(of: indices).enumerated().filter { isOwn($0.offset) }
            return own.flatMap { $0.element.places }.sorted().map { indices[$0] }
        }
    }

    func validate<S: Sampler>(for sampler: S) throws {
        func need(_ holds: Bool, _ text: String) throws { if !holds { throw GeneraError.usage(text) } }
        try need(batch >= 1, "--batch must be at least 1, got \(batch).")
        try need(workers >= 1, "--workers must be at least 1, got \(workers).")
        try need(intraOpThreads >= 1, "Each worker needs at least one thread, got \(intraOpThreads).")
        try need(previewEvery >= 0, "--preview-every must not be negative, got \(previewEvery).")
        try need(
            shard.count >= 1 && (0..<shard.count).contains(shard.index),
            "A shard is I/N with 0 <= I < N, got \(shard.index)/\(shard.count).")
        if let bad = indices.first(where: { !(0..<Self.indexLimit).contains($0) }) {
            throw GeneraError.usage("The index of a sample lies in 0..<2^32, got \(bad).")
        }
        guard let count = sampler.sampleCount, let bad = indices.first(where: { $0 >= count }) else { return }
        throw GeneraError.usage(
            count == 1
                ? "There is one sample, with the index 0; got the index \(bad)."
                : "There are \(count) samples, with the indices 0 to \(count - 1); got the index \(bad).")
    }

    /// Runs `body` in the precision that is asked for, unless the sampler sees to that itself.
    func scope<S: Sampler, R>(of sampler: S, _ body: () throws -> R) rethrows -> R {
        sampler.appliesPrecision ? try body() : try precision.scope(on: device, body)
    }
}

/// Adds up what samples cost.
struct SamplingCost {
    private(set) var samples = 0
    private(set) var evaluations = 0
    private(set) var most = 0

    /// Counts some samples by their evaluations.
    mutating func add(_ evaluations: [Int]) {
        samples += evaluations.count
        self.evaluations += evaluations.reduce(0, +)
        most = max(most, evaluations.max() ?? 0)
    }
}

/// What a sampling run cost.
public struct SamplingReport: Sendable {
    /// Evaluations of the network a sample: the mean over the finished samples of what their states counted. A batch that goes
    /// through the network once counts as one for each of its samples.
    public let nfe: Double
    /// The evaluations of the sample that took the most.
    public let largestNFE: Int
    /// Seconds from start to end.
    public let seconds: Double
    /// Samples finished.
    public let samples: Int
    /// Whether the run was stopped before all were done.
    public let wasStopped: Bool

    init(_ cost: SamplingCost, seconds: Double, wasStopped: Bool) {
        nfe = Double(cost.evaluations) / Double(max(cost.samples, 1))
        (largestNFE, samples) = (cost.most, cost.samples)
        (self.seconds, self.wasStopped) = (seconds, wasStopped)
    }

    /// Samples finished a second.
    public var perSecond: Double { seconds > 0 ? Double(samples) / seconds : 0 }
}

/// The samples of a run, in the order of the request's indices.
public struct SamplingResult<Sample: Sendable>: Sendable {
    /// The indices that were finished.
    public let indices: [Int]
    /// Their samples.
    public let samples: [Sample]
    /// Each sample's previews, in the order of `trajectorySteps`; empty unless asked for. Samples that were finished before
    /// others have fewer: their last is the end.
    public let trajectories: [[Sample]]
    /// The steps after which previews were taken; -1 is the start.
    public let trajectorySteps: [Int]
    /// What it cost.
    public let report: SamplingReport
}

/// Samples on their way.
public struct SamplingPreview<Sample: Sendable>: Sendable {
    /// The step just done, counted from 0; -1 is the start.
    public let step: Int
    /// The samples' indices.
    public let indices: [Int]
    /// The samples as they look now.
    public let samples: [Sample]
}
