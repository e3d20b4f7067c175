import ArgumentParser
import Genera

// The one place where the words of `genera train pfgmpp` become values.
extension PFGMPPTrainingOptions {
    /// The training that the words describe.
    ///
    /// - Throws: what reading the data or the model to start from throws; `GeneraError` for data that the words do not go with.
    func training(_ run: RunContext) throws -> PFGMPP.Training {
        let (data, network) = try arch == "toy" ? points() : images(run)
        var training = try PFGMPP.Training(data, network: network)
        (training.loss.pMean, training.loss.pStd, training.loss.levelScale) = (pMean, pStd, lsun ? 380.0 / 80 : 1)
        training.targets = stf ? .stable(references: rbatch) : .clean
        training.radii = clipCompat ? .clipped : .exact
        training.lossScale = ls
        if let transfer { training.start = .model(try run.model(of: PFGMPP.self, named: transfer)) }
        optimiser.set(&training)
        return training
    }

    private func points() throws -> (PFGMPP.Examples, NetworkConfiguration) {
        guard let points = try PFGMPP.Examples(named: data) else {
            let names = PFGMPP.Examples.names.joined(separator: ", ")
            throw GeneraError.usage(
                "--arch toy learns points: --data is \(names) or a file of points (.npy, .npz, .csv, .tsv, .h5ad), got '\(data)'."
            )
        }
        var c = NetworkConfiguration(modelType: .toyMLP)
        c.imgChannels = points.shape[0]
        try complete(&c)
        return (points, c)
    }

    private func images(_ run: RunContext) throws -> (PFGMPP.Examples, NetworkConfiguration) {
        guard !PFGMPP.Examples.names.contains(data) else {
            throw GeneraError.usage("--data \(data) are points: train them with --preset points, or --arch toy.")
        }
        let dataset = try ImageDataset.load(data, limit: maxImages, progress: run.progress)
        var c = NetworkConfiguration(modelType: arch == "adm" ? .dhariwalUNet : .songUNet)
        if arch == "ncsnpp" {
            (c.embeddingType, c.encoderType, c.channelMultNoise) = (.fourier, .residual, 2)
            c.resampleFilter = [1, 3, 3, 1]
        }
        if arch != "adm" { c.channelMult = [2, 2, 2] }
        try dataset.requireSquare()
        (c.imgResolution, c.imgChannels) = (dataset.height, dataset.channels)
        if cond {
            guard dataset.classCount > 0 else {
                throw GeneraError.badData(
                    file: dataset.name, reason: "--cond was given, but the data set has no labels", advice: "")
            }
            c.labelDim = dataset.classCount
        }
        c.channelMult = try channelMultipliers() ?? c.channelMult
        c.numBlocks = nblock ?? c.numBlocks
        c.attnResolutions = try attention() ?? c.attnResolutions
        c.channelMultEmb = channelMultEmb ?? c.channelMultEmb
        (c.dropout, c.labelDropout) = (dropout ?? 0.13, labelDropout)
        c.augmentDim = augment > 0 ? 9 : 0
        try complete(&c)
        return (.images(dataset, mirrored: xflip, augmented: augment), c)
    }

    /// What networks of images and of points have in common.
    private func complete(_ c: inout NetworkConfiguration) throws {
        c.preconditioning = try Preconditioning.Kind(word: precond)
        c.modelChannels = cbase ?? c.modelChannels
        c.sigmaData = sigmaData ?? c.sigmaData
        c.D = dimension.isInfinite ? nil : dimension
        try c.validate()
    }
}

extension PFGMPPOptimiserOptions {
    /// Sets what belongs to the optimiser.
    func set(_ training: inout PFGMPP.Training) {
        training.schedule.batch = batchSize
        (training.schedule.rate, training.schedule.ramp) = (lr, lrRampupKimg * 1000)
        training.schedule.halfLife = ema.map { $0 * 1e6 } ?? emaHalflifeKimg * 1000
        training.schedule.halfLifeRamp = emaRampupRatio
        (training.samples, training.cut) = (duration * 1e6, microBatch)
        training.clip = gradientClip > 0 ? gradientClip : nil
    }
}
