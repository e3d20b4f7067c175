import Genera

/// What says which clean data is behind noisy data: E[y | x] at a noise level, by a network or in closed form.
public protocol Denoiser: Sendable {
    /// The shape of a sample: `[C, H, W]` of images, `[dimension]` of points.
    var shape: [Int] { get }

    /// The noise levels that it takes.
    var levels: ClosedRange<Double> { get }

    /// The levels that it knows, if it does not know all of the range: samplers go along these.
    var known: KnownLevels? { get }

    /// The number of classes that can be asked for; 0 where there are none.
    var classCount: Int { get }

    /// Evaluations of the network in one call.
    var evaluations: Int { get }

    /// How many samples go together so that a sample's bits do not depend on its neighbours.
    var laneCount: Int { get }

    /// The clean data behind `x` `[N] + shape` at noise level `sigma`: `[N] + shape`.
    ///
    /// - Parameter labels: class weights `[N, classCount]`; nil for no class.
    /// - Throws: errors of tensors.
    func denoised(_ x: Tensor, sigma: Double, labels: Tensor?) throws -> Tensor
}

extension Denoiser {
    /// All levels.
    public var levels: ClosedRange<Double> { 0...Double.infinity }
    /// All of the range.
    public var known: KnownLevels? { nil }
    /// No classes.
    public var classCount: Int { 0 }
    /// One.
    public var evaluations: Int { 1 }
    /// As many as make small samples worth their while.
    public var laneCount: Int { 256 }
}

extension PointsDenoiser: Denoiser {
    /// `[dimension]`.
    public var shape: [Int] { [points.shape[1]] }
    /// `[N, dimension] -> [N, dimension]`, float64.
    public func denoised(_ x: Tensor, sigma: Double, labels: Tensor?) throws -> Tensor { self(x, sigma: sigma) }
}

extension MixtureDenoiser: Denoiser {
    /// `[dimension]`.
    public var shape: [Int] { [means.first?.count ?? 0] }
    /// `[N, dimension] -> [N, dimension]`, float64.
    public func denoised(_ x: Tensor, sigma: Double, labels: Tensor?) throws -> Tensor { try self(x, sigma: sigma) }
}

extension NetworkDenoiser: Denoiser {
    /// `[C, H, W]`, or `[dimension]` of a network of points.
    public var shape: [Int] {
        let c = configuration
        return c.isOfPoints ? [c.imgChannels] : [c.imgChannels, c.imgResolution, c.imgResolution]
    }

    /// Those that the preconditioning takes.
    public var levels: ClosedRange<Double> { sigmaRange }

    /// Those of its list, if it is an iDDPM network.
    public var known: KnownLevels? { preconditioning.known }

    /// Those of the configuration.
    public var classCount: Int { configuration.labelDim }

    /// Small networks spend more time in starting operations than in doing them, so several images go together. In groups
    /// of four or more every kernel gives an image the same bits whatever its place and neighbours, provided that rows fill
    /// whole vectors. The number is part of what makes a seed's picture: changing it changes last bits.
    public var laneCount: Int {
        if configuration.isOfPoints { return 256 }
        let channels = configuration.modelChannels
        guard channels % 16 == 0 else { return 1 }
        return channels <= 64 ? 8 : 4
    }

    /// The denoiser at one noise level for the whole batch, float32.
    public func denoised(_ x: Tensor, sigma: Double, labels: Tensor?) throws -> Tensor {
        guard configuration.isOfPoints else { return self(x, sigma: sigma, labels: labels) }
        return self(x.unsqueezed(2).unsqueezed(3), sigma: sigma).reshaped(x.shape.sizes)
    }
}

/// Classifier-free guidance (Ho and Salimans, 2021): D(x) + strength (D(x | class) - D(x)). Without a class, or with strength 1, it is the
/// denoiser itself.
struct GuidedDenoiser: Denoiser {
    let base: any Denoiser
    let strength: Double

    var shape: [Int] { base.shape }
    var levels: ClosedRange<Double> { base.levels }
    var known: KnownLevels? { base.known }
    var classCount: Int { base.classCount }
    var evaluations: Int { base.evaluations * (strength == 1 ? 1 : 2) }
    var laneCount: Int { base.laneCount }

    func denoised(_ x: Tensor, sigma: Double, labels: Tensor?) throws -> Tensor {
        let conditional = try base.denoised(x, sigma: sigma, labels: labels)
        guard strength != 1, labels != nil else { return conditional }
        let unconditional = try base.denoised(x, sigma: sigma, labels: nil)
        return unconditional + (conditional - unconditional) * strength
    }
}
