import Tensors

extension FeatureExtractor {
    /// How a network takes images.
    public enum Input: String, Sendable, CaseIterable {
        /// float32 in [-1, 1], `[N, C, H, W]`.
        case signed
        /// Bytes 0 to 255, `[N, 3, H, W]`; grey is repeated.
        case bytes
    }

    /// The features of a TorchScript module: a program, which is run as its author wrote it.
    ///
    /// - Throws: errors of loading it.
    public static func script(runningCodeOf path: String, input: Input = .signed) throws -> FeatureExtractor {
        let module: ScriptModule
        do {
            module = try ScriptModule(runningCodeOf: path)
        } catch let error as TensorError {
            throw GeneraError.badData(
                file: path, reason: "is no TorchScript module that LibTorch can load: \(error.message)", advice: "")
        }
        return FeatureExtractor(path) { samples in
            let features = try batched(samples) { module(try prepared($0, input)) }
            guard features.shape.count >= 2, features.shape[0] == samples.shape[0] else {
                throw GeneraError.badData(
                    file: path, reason: "gives \(features.shape) for \(samples.shape[0]) samples",
                    advice: "a module gives a row of features for each sample")
            }
            return try features.reshaped([features.shape[0], -1]).checked()
        }
    }

    private static func prepared(_ samples: Tensor, _ input: Input) throws -> Tensor {
        guard input == .bytes else { return samples }
        guard samples.shape.count == 4 else {
            throw GeneraError.usage("--extractor-input bytes is for images, not for samples of \(samples.shape).")
        }
        let bytes = ((samples + 1) * 127.5).rounded().clamp(0, 255).to(.uint8)
        return samples.shape[1] == 1 ? Tensor.concatenated([bytes, bytes, bytes], axis: 1) : bytes
    }
}
