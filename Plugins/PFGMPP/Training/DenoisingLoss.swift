import Foundation
import Genera

/// The training objective: weighted squared error of the denoiser at random noise levels, per pixel
/// (Karras et al., 2022, eq. 8 and table 1; Xu et al., 2023, section 3).
public struct DenoisingLoss: Sendable {
    /// Which noise levels are drawn, and how much they count.
    public enum Form: String, Sendable, CaseIterable {
        /// ln sigma is normal; weight (sigma² + sigma_data²) / (sigma · sigma_data)².
        case edm
        /// The time of the variance-preserving diffusion is uniform in [1e-5, 1]; weight 1 / sigma².
        case vp
        /// ln sigma is uniform from 0.02 to 100; weight 1 / sigma².
        case ve

        /// The form that a preconditioning is trained with, as in the reference.
        ///
        /// - Throws: `ConfigurationError` for iDDPM, which is sampled and not trained.
        public init(of preconditioning: Preconditioning.Kind) throws {
            switch preconditioning {
            case .edm, .toy: self = .edm
            case .vp: self = .vp
            case .ve: self = .ve
            case .iddpm: throw ConfigurationError(field: "precond", reason: "is iddpm, which has no loss of its own")
            }
        }
    }

    /// Noise levels and weight.
    public var form = Form.edm
    /// Mean of ln sigma, of EDM's form.
    public var pMean = -1.2
    /// Standard deviation of ln sigma, of EDM's form.
    public var pStd = 1.2
    /// The data's standard deviation in EDM's weight.
    public var sigmaData = 0.5
    /// Multiplies every noise level after it is drawn (380/80 for 256x256 images in the reference's `lsun` mode).
    public var levelScale = 1.0

    /// Makes the loss.
    public init(
        _ form: Form = .edm, pMean: Double = -1.2, pStd: Double = 1.2, sigmaData: Double = 0.5, levelScale: Double = 1
    ) {
        self.form = form
        (self.pMean, self.pStd, self.sigmaData, self.levelScale) = (pMean, pStd, sigmaData, levelScale)
    }

    /// Noise levels from one number each, in float32 as in the reference: standard normal numbers for EDM's form, numbers
    /// uniform in [0, 1) for the others.
    public func levels(_ draws: [Double]) -> [Double] { draws.map { Double(level(Float($0)) * Float(levelScale)) } }

    private func level(_ draw: Float) -> Float {
        switch form {
        case .edm: return exp(draw * Float(pStd) + Float(pMean))
        case .ve: return 0.02 * pow(Float(100 / 0.02), draw)
        case .vp:
            let t = 1 + draw * Float(1e-5 - 1)
            return (exp(0.5 * 19.9 * (t * t) + 0.1 * t) - 1).squareRoot()
        }
    }

    /// Noise levels drawn for the rows of `noise`.
    func levels(_ noise: Noise, at address: DrawAddress) throws -> [Double] {
        levels(form == .edm ? try noise.normals(at: address) : try noise.uniforms(at: address))
    }

    /// How much a noise level counts.
    public func weight(_ sigma: Double) -> Double {
        form == .edm
            ? (sigma * sigma + sigmaData * sigmaData) / (sigma * sigmaData * sigma * sigmaData) : 1 / (sigma * sigma)
    }

    /// The loss of every pixel: `[N, C, H, W]`.
    ///
    /// - Parameters:
    ///   - clean: what the denoiser shall answer, `[N, C, H, W]`: the images in [-1, 1], or their stable targets.
    ///   - noisy: the images with noise of `sigmas`, one level an image.
    public func callAsFunction(
        _ denoiser: NetworkDenoiser, clean: Tensor, noisy: Tensor, sigmas: [Double], labels: Tensor? = nil,
        augment: Tensor? = nil
    ) -> Tensor {
        callAsFunction(
            denoiser, clean: clean, noisy: noisy, sigmas: sigmas, labels: labels, augment: augment, dropout: nil)
    }

    func callAsFunction(
        _ denoiser: NetworkDenoiser, clean: Tensor, noisy: Tensor, sigmas: [Double], labels: Tensor?,
        augment: Tensor? = nil,
        dropout: Dropout?
    ) -> Tensor {
        let denoised = denoiser(noisy, sigmas: sigmas, labels: labels, augment: augment, dropout: dropout)
        let weights = Tensor(sigmas.map { Float(weight($0)) }, shape: [sigmas.count, 1, 1, 1], device: clean.device)
        return (denoised - clean).squared() * weights
    }
}
