import Foundation

/// Numbers of splats as files write them: colours, opacities and sizes before or after their activations.
enum SplatCoding {
    /// The logit that stands for an opacity of exactly 0 or 1, of which the true one is infinite.
    static let largestLogit: Float = 40
    /// The logarithm that stands for a size of 0.
    static let smallestLogScale: Float = -30
    /// The logarithm of the third size of flat splats, which have two.
    static let flatLogScale: Float = -16

    /// The logit of an opacity, -40...40.
    static func logit(_ opacity: Double) -> Float {
        if opacity <= 0 { return -largestLogit }
        if opacity >= 1 { return largestLogit }
        return max(-largestLogit, min(largestLogit, Float(-Foundation.log(1 / opacity - 1))))
    }

    /// The opacity of a logit.
    static func opacity(_ logit: Float) -> Double { 1 / (1 + Foundation.exp(-Double(logit))) }

    /// The logarithm of a size; of 0 a very small one, and not a number of what is less.
    static func logScale(_ scale: Float) -> Float {
        scale == 0 ? smallestLogScale : Float(Foundation.log(Double(scale)))
    }

    /// The coefficient of a colour, 0...1.
    static func harmonic(_ colour: Double) -> Float { Float((colour - 0.5) * (1 / Splats.constantHarmonic)) }

    /// The colour of a coefficient.
    static func colour(_ harmonic: Float) -> Double { 0.5 + Splats.constantHarmonic * Double(harmonic) }

    /// The logits of the opacities 0/255, 1/255, ..., 1.
    static let logits: [Float] = (0..<256).map { logit(Double($0) / 255) }

    /// The nearest byte to a number.
    static func byte(_ value: Double) -> UInt8 { value.isNaN ? 0 : UInt8(max(0, min(255, value.rounded()))) }

    /// The degree of harmonics with `count` coefficients a channel beside the first; nil where there is none.
    static func degree(rest count: Int) -> Int? { [0, 3, 8, 15, 24].firstIndex(of: count) }
}

extension Splats {
    /// What a plane holds, by the names that files of splats have for it.
    func name(ofPlane plane: Int) -> String {
        switch plane {
        case Plane.position..<Plane.logScale: ["x", "y", "z"][plane]
        case Plane.logScale..<Plane.rotation: "scale_\(plane - Plane.logScale)"
        case Plane.rotation..<Plane.opacity: "rot_\(plane - Plane.rotation)"
        case Plane.opacity: "opacity"
        case Plane.shape: "shape"
        case Plane.harmonics..<Plane.harmonics + 3: "f_dc_\(plane - Plane.harmonics)"
        default:
            // Files count all coefficients of a channel before those of the next.
            {
                let (coefficient, channel) = ((plane - Plane.harmonics) / 3, (plane - Plane.harmonics) % 3)
                return "f_rest_\(channel * (coefficientCount - 1) + coefficient - 1)"
            }()
        }
    }

    /// The plane of the coefficient that files call `f_rest_index`.
    func plane(ofRest index: Int) -> Int {
        let rest = coefficientCount - 1
        return Plane.harmonics + 3 * (1 + index % rest) + index / rest
    }

    /// Addresses of all planes, for work on several at once.
    mutating func withPlanes<Result>(
        _ body: ([UnsafeMutablePointer<Float>]) throws -> Result
    ) rethrows -> Result {
        let (planes, stride) = (planeCount, stride)
        return try storage.withUnsafeMutableBufferPointer { memory in
            // Without splats there is no memory, and nobody writes to it.
            let base = memory.baseAddress ?? UnsafeMutablePointer(bitPattern: 64)!
            return try body((0..<planes).map { base + $0 * stride })
        }
    }
}
