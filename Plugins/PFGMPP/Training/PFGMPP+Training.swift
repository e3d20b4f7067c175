import Genera

extension PFGMPP {
    /// A training: what is learned from, the network that learns, and how.
    ///
    ///     var training = try PFGMPP.Training(.eightGaussians, D: 64)
    ///     training.schedule.batch = 256
    ///     let report = try training.run(in: "run", TrainingSettings.with { $0.steps = 2000 })
    public struct Training: Sendable {
        /// What is learned from.
        public var data: Examples
        /// The network, its preconditioning, and the D it is trained with. It must fit the data.
        public var network: NetworkConfiguration
        /// Which noise levels are drawn, and how much they count.
        public var loss: DenoisingLoss
        /// What the denoiser shall answer.
        public var targets = Targets.clean
        /// How far noise goes at finite D.
        public var radii = Radii.exact
        /// Multiplies the loss, for types with few digits.
        public var lossScale = 1.0
        /// The weights at the start.
        public var start = Start.drawn
        /// Batch, learning rate and average.
        public var schedule = TrainingSchedule()
        /// The length in samples.
        public var samples = 200e6
        /// Samples an evaluation of the loss; a matter of memory and speed.
        public var cut = 32
        /// The largest norm of the gradient; nil for no clipping.
        public var clip: Double?

        /// A training of a network by the loss of its preconditioning.
        ///
        /// - Throws: `ConfigurationError` for iDDPM, which is sampled and not trained.
        public init(_ data: Examples, network: NetworkConfiguration) throws {
            (self.data, self.network) = (data, network)
            loss = DenoisingLoss(try .init(of: network.preconditioning), sigmaData: network.sigmaData)
        }

        /// A training of the network that usually goes with the data: DDPM++ for images, the small one of the release notebook for points.
        public init(_ data: Examples, D: Double = 2048) throws {
            var c = NetworkConfiguration(modelType: data.arePoints ? .toyMLP : .songUNet)
            let shape = data.shape
            (c.imgChannels, c.imgResolution) = (shape[0], shape[1])
            c.D = D.isFinite ? D : nil
            if !data.arePoints { (c.channelMult, c.dropout) = ([2, 2, 2], 0.13) }
            if case let .images(_, _, augmented) = data, augmented > 0 { c.augmentDim = 9 }
            try self.init(data, network: c)
        }
    }

    /// What is learned from.
    public enum Examples: Sendable {
        /// Images, half of them mirrored if asked for, with each of EDM's augmentations at a probability.
        case images(ImageDataset, mirrored: Bool = false, augmented: Double = 0)
        /// Points, each of them an example.
        case points(PointCloud)
        /// Eight Gaussians of deviation 0.1 around the unit circle.
        case eightGaussians
        /// The release notebook's two clusters in ten dimensions, seen in a thousand.
        case twoClusters
    }

    /// What the denoiser shall answer.
    public enum Targets: Sendable, Equatable {
        /// The example itself.
        case clean
        /// The posterior mean over a batch of references (Xu et al., 2023, "stable target field").
        case stable(references: Int = 4096)
    }

    /// How far noise goes at finite D.
    public enum Radii: Sendable, Equatable {
        /// As the law says.
        case exact
        /// As the reference draws them: by a Beta number clipped to [0.001, 0.999].
        case clipped
    }

    /// The weights at the start.
    public enum Start: Sendable {
        /// Drawn from the seed.
        case drawn
        /// Those of a model.
        case model(ModelCheckpoint)
    }
}

extension PFGMPP.Training {
    /// The plan of the optimiser: Adam along the schedule.
    public var plan: OptimiserPlan { schedule.plan(samples: samples, cut: cut, clip: clip) }

    /// The trainer, for drivers. `seed` draws new weights.
    ///
    /// - Throws: `ConfigurationError` for what does not go together, `KeyMismatch` for weights of another network.
    public func trainer(seed: UInt64 = 0, device: Device = .cpu) throws -> any Trainer {
        try ObjectiveTrainer(PFGMPPObjective(self, seed: seed, device: device), plan)
    }

    /// Trains in a new folder, to the end of the settings or of the schedule.
    ///
    /// - Parameter resuming: whether the folder holds a run of this training that was stopped, which goes on to the same bits.
    /// - Throws: as `trainer`, and what `TrainingDriver` throws.
    public func run(
        in folder: String, _ settings: TrainingSettings, resuming: Bool = false,
        device: Device = .cpu, progress: any ProgressSink = SilentProgress()
    ) throws -> TrainingReport {
        let driver = TrainingDriver(
            try trainer(seed: settings.seed, device: device), settings: settings, family: PFGMPP.name,
            directory: folder, progress: progress)
        return try resuming ? driver.resume() : driver.start()
    }

    /// Refuses what does not go together.
    ///
    /// - Throws: `ConfigurationError`.
    func validate() throws {
        func require(_ holds: Bool, _ field: String, _ reason: String) throws {
            if !holds { throw ConfigurationError(field: field, reason: reason) }
        }
        try network.validate()
        let (shape, c) = (data.shape, network)
        try require(
            shape == [c.imgChannels, c.imgResolution, c.imgResolution], "img_resolution",
            "and img_channels are \(c.imgResolution) and \(c.imgChannels), the data is \(shape)")
        try require(
            data.arePoints == c.isOfPoints, "model_type", "is \(c.modelType.rawValue), which is not for this data")
        try require(loss.form != .vp || c.D == nil, "D", "is finite; the loss of vp is of Gaussian noise")
        try require(radii == .exact || c.D != nil, "D", "is infinite; Gaussian noise has no radii to clip")
        guard case let .images(dataset, _, augmented) = data else { return }
        try require(
            c.labelDim == 0 || c.labelDim == dataset.classCount, "label_dim",
            "is \(c.labelDim), and the data has \(dataset.classCount) classes")
        try require(
            c.augmentDim == (augmented > 0 ? 9 : 0), "augment_dim",
            "is \(c.augmentDim); it is 9 with augmentations, and 0 without")
    }
}

extension PFGMPP.Examples {
    /// Whether they are points.
    var arePoints: Bool {
        if case .images = self { return false }
        return true
    }

    /// The shape of one: `[C, H, W]`, of points `[dimension, 1, 1]`.
    var shape: [Int] {
        switch self {
        case let .images(dataset, _, _): dataset.shape
        case let .points(cloud): [cloud.dimension, 1, 1]
        case .eightGaussians: [2, 1, 1]
        case .twoClusters: [1000, 1, 1]
        }
    }

    /// The examples by number.
    func examples(on device: Device) throws -> any TrainingExamples {
        var points: PointExamples
        switch self {
        case let .images(dataset, mirrored, augmented):
            return ImageExamples(dataset: dataset, xflip: mirrored, augment: augmented, device: device)
        case let .points(cloud): points = PointExamples(cloud)
        case .eightGaussians: points = .eightGaussians()
        case .twoClusters: points = try .twoClusters()
        }
        points.device = device
        return points
    }
}

extension PFGMPP.Examples {
    /// The words for the sets of points that are known.
    static let names = ["eight-gaussians", "two-clusters"]

    /// Reads what a word names: a known set of points, or a file of points, all of whose points are examples. Nil for something
    /// else, as images are.
    ///
    /// - Throws: `FormatError` or `GeneraError` for a file that cannot be used.
    public init?(named text: String) throws {
        if let known = Self.names.firstIndex(of: text) {
            self = known == 0 ? .eightGaussians : .twoClusters
            return
        }
        guard PointCloud.format(reading: text) != nil else { return nil }
        let clouds = try PointCloud.source(at: text).all()
        guard let first = clouds.first, first.dimension <= 100_000, clouds.contains(where: { $0.count > 0 }) else {
            throw GeneraError.badData(
                file: text, reason: "holds no points of at most 100,000 dimensions", advice: "give a file of points")
        }
        self = .points(try PointCloud(clouds.flatMap(\.values), columns: first.columns))
    }
}
