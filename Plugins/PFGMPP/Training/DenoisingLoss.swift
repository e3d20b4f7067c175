import Foundation
import Genera

/// The training objective: weighted squared error of the denoiser at random noise levels, per pixel
/// (Karras et al., 2022, eq. 8; Xu et al., 2023, section 3).
public struct DenoisingLoss: Sendable {
    /// Mean of ln sigma.
    public var pMean = -1.2
    /// Standard deviation of ln sigma.
    public var pStd = 1.2
    /// The data's standard deviation in the weight.
    public var sigmaData = 0.5
    /// Multiplies every noise level after it is drawn (380/80 for 256x256 images in the reference's `lsun` mode).
    public var levelScale = 1.0

    /// Makes the loss.
    public init(pMean: Double = -1.2, pStd: Double = 1.2, sigmaData: Double = 0.5, levelScale: Double = 1) {
        (self.pMean, self.pStd, self.sigmaData, self.levelScale) = (pMean, pStd, sigmaData, levelScale)
    }

    /// Noise levels from standard normal numbers, computed in float32 as in the reference.
    public func levels(_ normals: [Double]) -> [Double] {
        normals.map { Double(Foundation.exp(Float($0) * Float(pStd) + Float(pMean)) * Float(levelScale)) }
    }

    /// (sigma² + sigma_data²) / (sigma · sigma_data)².
    public func weight(_ sigma: Double) -> Double {
        (sigma * sigma + sigmaData * sigmaData) / (sigma * sigmaData * sigma * sigmaData)
    }

    /// The loss of every pixel: `[N, C, H, W]`.
    ///
    /// - Parameters:
    ///   - clean: the images, `[N, C, H, W]`, in [-1, 1].
    ///   - noisy: the same with noise of `sigmas`, one level an image.
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
