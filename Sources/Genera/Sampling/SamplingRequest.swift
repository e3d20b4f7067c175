/// Which samples are wanted and how the machine is to be used. Only `indices` and `seed` decide what the samples are.
public struct SamplingRequest: Sendable {
    /// The samples' indices.
    public var indices: [Int]
    /// The seed.
    public var seed: UInt64
    /// Samples in flight at a time on each worker; a matter of memory alone.
    public var batch: Int
    /// Threads that work on samples.
    public var workers: Int
    /// Threads that one operation may use, on each worker.
    public var intraOpThreads: Int
    /// Steps between previews; 0 for none.
    public var previewEvery: Int
    /// Whether the result holds the previews of every sample.
    public var keepsTrajectory: Bool
    /// Which part of the indices this process does, of how many: every `count`-th from place `index`.
    public var shard: (index: Int, count: Int)
    /// Where the noise comes from; nil is the built-in generator with `seed`.
    public var noise: (any NoiseSource)?

    /// Makes a request.
    public init(
        indices: [Int], seed: UInt64 = 0, batch: Int = 64, workers: Int = 1, intraOpThreads: Int = 1,
        previewEvery: Int = 0, keepsTrajectory: Bool = false, shard: (index: Int, count: Int) = (0, 1),
        noise: (any NoiseSource)? = nil
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
    }

    func validate() throws {
        func need(_ holds: Bool, _ text: String) throws { if !holds { throw GeneraError.usage(text) } }
        try need(batch >= 1, "--batch must be at least 1, got \(batch).")
        try need(workers >= 1, "--workers must be at least 1, got \(workers).")
        try need(intraOpThreads >= 1, "Each worker needs at least one thread, got \(intraOpThreads).")
        try need(previewEvery >= 0, "--preview-every must not be negative, got \(previewEvery).")
        try need(
            shard.count >= 1 && (0..<shard.count).contains(shard.index),
            "A shard is I/N with 0 <= I < N, got \(shard.index)/\(shard.count).")
        if let bad = indices.first(where: { !(0..<1 << 32).contains($0) }) {
            throw GeneraError.usage("The index of a sample lies in 0..<2^32, got \(bad).")
        }
    }

    /// The indices of this shard.
    var ownIndices: [Int] {
        shard.count == 1
            ? indices : indices.enumerated().filter { $0.offset % shard.count == shard.index }.map(\.element)
    }
}

/// What a sampling run cost.
public struct SamplingReport: Sendable {
    /// Evaluations of the network a sample.
    public let nfe: Int
    /// Seconds from start to end.
    public let seconds: Double
    /// Samples finished.
    public let samples: Int
    /// Whether the run was stopped before all were done.
    public let wasStopped: Bool

    /// Samples finished a second.
    public var perSecond: Double { seconds > 0 ? Double(samples) / seconds : 0 }
}

/// The samples of a run, in the order of the request's indices.
public struct SamplingResult<Sample: Sendable>: Sendable {
    /// The indices that were finished.
    public let indices: [Int]
    /// Their samples.
    public let samples: [Sample]
    /// Each sample's previews, in the order of `trajectorySteps`; empty unless asked for.
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
