import Testing

@testable import Genera

@Suite struct TrainingPicturesTests {
    @Test(
        "The mean of losses looks back at a tenth of the curve, ten points at most",
        arguments: [
            (2, 0.0), (10, 0), (20, 0.5), (100, 0.9), (10_000, 0.9),
        ])
    func smoothing(count: Int, keeps: Double) {
        #expect(abs(TrainingPictures.smoothing(of: count) - keeps) < 1e-12)
    }
}
