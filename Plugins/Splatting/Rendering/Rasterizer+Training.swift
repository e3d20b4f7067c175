import CSplats
import Genera

extension Rasterizer {
    /// Draws planes that the caller keeps as they are until `differentiate` is done with them.
    func draw(
        _ planes: SplatPlanes, _ camera: Camera, _ rules: RenderRules, into picture: inout SplatPicture
    ) throws {
        let kernelCamera = camera.kernelCamera(rules)
        let rules = rules.kernelRules(camera, degree: Int(planes.degree))
        let status = withUnsafePointer(to: planes) { planes in
            withUnsafePointer(to: kernelCamera) { camera in
                withUnsafePointer(to: rules) { rules in
                    splat_render(frame, planes, camera, rules, nil, &picture, Int32(threads))
                }
            }
        }
        guard status == 0 else { throw Self.exhausted }
    }

    /// Derivatives of the view that `draw` drew last.
    func differentiate(
        _ image: UnsafePointer<Float>, _ slope: UnsafePointer<Float>, _ gradients: UnsafeMutablePointer<Float>,
        _ screen: inout [Float]
    ) throws {
        guard splat_backward(frame, image, slope, nil, nil, gradients, &screen, Int32(threads)) == 0 else {
            throw Self.exhausted
        }
    }

    /// Radii of the last view, `[2, count]`.
    func radii(count: Int) -> UnsafeBufferPointer<Int32> {
        UnsafeBufferPointer(start: splat_frame_radii(frame), count: 2 * count)
    }
}
