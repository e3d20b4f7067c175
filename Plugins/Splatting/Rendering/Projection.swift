import CSplats
import Genera

/// Splats on the screen, before they are blended; numbers of splats that are not seen are 0.
public struct ScreenSplats: Sendable {
    /// How many splats there are.
    public let count: Int
    /// Planes u, v, A, B, C, opacity, depth, red, green, blue, compensation, and 1 if it is seen, `[12, count]`. u and v count from
    /// the centre of the first pixel; the exponent is -(A dx^2 + C dy^2) / 2 - B dx dy; the compensation is in the opacity.
    public let planes: [Float]
    /// Radii in pixels along x and y, `[2, count]`.
    public let radii: [Int32]

    /// A number of a splat: 0 u, 1 v, 2...4 A, B, C, 5 opacity, 6 depth, 7...9 colour, 10 compensation, 11 seen.
    public subscript(plane: Int, splat: Int) -> Float { planes[plane * count + splat] }
}

/// Derivatives by what is on the screen, `[count, 16]`: u, v, A, B, C, opacity, red, green, blue, beta, depth of each splat in turn.
public struct ScreenGradients: Sendable {
    /// The numbers.
    public var rows: [Float]

    /// Zeros.
    public init(count: Int) { rows = Array(repeating: 0, count: count * Int(SPLAT_ROW)) }

    /// A derivative of a splat.
    public subscript(splat: Int, place: Int) -> Float {
        get { rows[splat * Int(SPLAT_ROW) + place] }
        set { rows[splat * Int(SPLAT_ROW) + place] = newValue }
    }
}

extension Rasterizer {
    /// Projects a scene without drawing it.
    ///
    /// - Throws: `GeneraError.unavailable` if memory runs out.
    public func project(_ splats: Splats, _ camera: Camera, _ rules: RenderRules = RenderRules()) throws -> ScreenSplats
    {
        let cRules = rules.kernelRules(camera, degree: splats.degree), cCamera = camera.kernelCamera(rules)
        return try splats.withKernelPlanes { scene in
            try withUnsafePointer(to: cCamera) { camera in
                try withUnsafePointer(to: cRules) { rules in
                    try withUnsafePointer(to: scene) { scene in
                        guard splat_project(frame, scene, camera, rules, nil, Int32(threads)) == 0 else {
                            throw Self.exhausted
                        }
                    }
                }
            }
            var planes = [Float](repeating: 0, count: 12 * splats.count)
            splat_frame_projected(frame, &planes)
            let radii = UnsafeBufferPointer(start: splat_frame_radii(frame), count: 2 * splats.count)
            return ScreenSplats(count: splats.count, planes: planes, radii: Array(radii))
        }
    }

    /// Derivatives by all stored numbers from those by what is on the screen.
    ///
    /// - Throws: `GeneraError.unavailable` if memory runs out.
    public func gradient(
        of splats: Splats, _ camera: Camera, _ rules: RenderRules = RenderRules(), from screen: ScreenGradients
    ) throws -> Splats {
        let cRules = rules.kernelRules(camera, degree: splats.degree), cCamera = camera.kernelCamera(rules)
        var gradients = Splats(count: splats.count, degree: splats.degree)
        try splats.withKernelPlanes { scene in
            try withUnsafePointer(to: cCamera) { camera in
                try withUnsafePointer(to: cRules) { rules in
                    try withUnsafePointer(to: scene) { scene in
                        guard splat_project(frame, scene, camera, rules, nil, Int32(threads)) == 0 else {
                            throw Self.exhausted
                        }
                    }
                }
            }
            _ = gradients.storage.withUnsafeMutableBufferPointer {
                splat_project_backward(frame, screen.rows, $0.baseAddress, Int32(threads))
            }
        }
        return gradients
    }
}

extension Splats {
    /// Colours by spherical harmonics alone, without the half that is added and the cut at 0 (Kerbl et al., 2023).
    ///
    /// - Parameter directions: one for each splat, of any length, `[3, count]`.
    /// - Returns: `[3, count]`.
    public func harmonics(towards directions: [Float]) -> [Float] {
        precondition(directions.count == 3 * count)
        var padded = [Float](repeating: 0, count: 3 * stride), values = padded
        for axis in 0..<3 {
            for splat in 0..<count { padded[axis * stride + splat] = directions[axis * count + splat] }
        }
        storage.withUnsafeBufferPointer {
            splat_harmonics(
                $0.baseAddress! + Plane.harmonics * stride, padded, Int64(stride), Int32(degree), &values)
        }
        return (0..<3).flatMap { axis in values[axis * stride..<axis * stride + count] }
    }
}
