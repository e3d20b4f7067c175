import Foundation
import RADD
import Testing

@Suite struct MaskingNoiseTests {
    @Test func logLinearNoiseMasksAsManyInEachStretch() {
        let noise = MaskingNoise()
        for t: Float in [0.1, 0.5, 0.9] {
            #expect(abs(1 - (-noise.total(t)).exponential - 0.999 * t) < 1e-6)
        }
    }
}

extension Float {
    fileprivate var exponential: Float { Float(Foundation.exp(Double(self))) }
}
