import Genera

/// The camera models of COLMAP 4 by number and name: how many parameters they have, and what they are without distortion.
struct COLMAPCameraModel: Sendable, Equatable {
    let number: Int
    let name: String
    let parameterCount: Int
    /// One focal length for both axes, so that the parameters begin f, cx, cy instead of fx, fy, cx, cy.
    let hasOneFocal: Bool
    /// What is left where all distortion is 0.
    let base: Camera.Projection

    private init(_ number: Int, _ name: String, _ parameterCount: Int, _ hasOneFocal: Bool, _ base: Camera.Projection) {
        (self.number, self.name, self.parameterCount) = (number, name, parameterCount)
        (self.hasOneFocal, self.base) = (hasOneFocal, base)
    }

    static let all: [COLMAPCameraModel] = [
        .init(0, "SIMPLE_PINHOLE", 3, true, .pinhole), .init(1, "PINHOLE", 4, false, .pinhole),
        .init(2, "SIMPLE_RADIAL", 4, true, .pinhole), .init(3, "RADIAL", 5, true, .pinhole),
        .init(4, "OPENCV", 8, false, .pinhole), .init(5, "OPENCV_FISHEYE", 8, false, .fisheye),
        .init(6, "FULL_OPENCV", 12, false, .pinhole), .init(7, "FOV", 5, false, .pinhole),
        .init(8, "SIMPLE_RADIAL_FISHEYE", 4, true, .fisheye), .init(9, "RADIAL_FISHEYE", 5, true, .fisheye),
        .init(10, "THIN_PRISM_FISHEYE", 12, false, .fisheye),
        .init(11, "RAD_TAN_THIN_PRISM_FISHEYE", 16, false, .fisheye),
        .init(12, "SIMPLE_DIVISION", 4, true, .pinhole), .init(13, "DIVISION", 5, false, .pinhole),
        .init(14, "SIMPLE_FISHEYE", 3, true, .fisheye), .init(15, "FISHEYE", 4, false, .fisheye),
        .init(16, "EUCM", 6, false, .pinhole), .init(17, "EQUIRECTANGULAR", 2, true, .panorama),
    ]

    static func numbered(_ number: Int) -> COLMAPCameraModel? { all.indices.contains(number) ? all[number] : nil }
    static func named(_ name: some StringProtocol) -> COLMAPCameraModel? { all.first { $0.name == name } }

    /// The parameters that bend straight lines.
    func distortion(_ parameters: [Double]) -> [Double] {
        switch name {
        case "EQUIRECTANGULAR": []
        // A sphere's weight of 0 is a plane, whatever its shape.
        case "EUCM": [parameters[4]]
        default: Array(parameters.dropFirst(hasOneFocal ? 3 : 4))
        }
    }

    /// The same as polynomials of OpenCV; nil for models that those do not describe.
    func polynomials(_ parameters: [Double]) -> LensDistortion? {
        let k = Array(parameters.dropFirst(hasOneFocal ? 3 : 4))
        return switch name {
        case "SIMPLE_RADIAL", "RADIAL": LensDistortion(.radialTangential, radial: k)
        case "OPENCV", "FULL_OPENCV":
            LensDistortion(.radialTangential, radial: Array(k[0...1]) + Array(k[4...]), tangential: Array(k[2...3]))
        case "SIMPLE_RADIAL_FISHEYE", "RADIAL_FISHEYE", "OPENCV_FISHEYE": LensDistortion(.fisheye, radial: k)
        default: nil
        }
    }

    /// Focal lengths and principal point in pixels.
    func lens(_ parameters: [Double], width: Int, height: Int) -> (fx: Double, fy: Double, cx: Double, cy: Double) {
        if base == .panorama { return (1, 1, Double(width) / 2, Double(height) / 2) }
        return hasOneFocal
            ? (parameters[0], parameters[0], parameters[1], parameters[2])
            : (parameters[0], parameters[1], parameters[2], parameters[3])
    }
}
