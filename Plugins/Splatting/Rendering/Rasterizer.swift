import CSplats
import Foundation
import Genera

/// Draws views of splats, and takes derivatives of them. It keeps the memory of one view for the next.
///
/// Results are the same bits for any number of threads.
public final class Rasterizer {
    let frame: OpaquePointer
    /// Threads that work on a view.
    public var threads: Int
    private var last: (splats: Splats, camera: Camera, rules: RenderRules)?

    /// A rasteriser.
    ///
    /// - Throws: `GeneraError.unavailable` if there is no memory.
    public init(threads: Int = ProcessInfo.processInfo.activeProcessorCount) throws {
        guard let frame = splat_frame_create() else { throw Self.exhausted }
        (self.frame, self.threads) = (frame, max(1, min(threads, 256)))
    }

    deinit { splat_frame_free(frame) }

    static var exhausted: GeneraError {
        .unavailable("There is not enough memory for this view. Render it smaller, or in parts.")
    }

    /// Which vector instructions the hot loops use on this processor: avx512, avx2 or base.
    public static var instructionSet: String { String(cString: splat_target()) }

    /// What one view shows beside colours.
    public struct Details: OptionSet, Sendable {
        /// The bits.
        public let rawValue: Int
        /// Details of bits.
        public init(rawValue: Int) { self.rawValue = rawValue }
        /// The 1-based place in its tile's list of the last splat that a pixel blends.
        public static let last = Details(rawValue: 1)
        /// The splat of the greatest weight in a pixel.
        public static let top = Details(rawValue: 2)
        /// The depth at which the transmittance of a pixel falls below one half.
        public static let medianDepth = Details(rawValue: 4)
    }

    /// Draws a view of a scene over a background.
    ///
    /// - Parameters:
    ///   - background: red, green and blue, 0...1.
    ///   - rows: the band of the picture that is drawn, the same bits as in the whole, of which no derivatives can be taken; nil for all.
    /// - Throws: `GeneraError.unavailable` if memory runs out.
    public func render(
        _ splats: Splats, _ camera: Camera, _ rules: RenderRules = RenderRules(), background: [Float] = [0, 0, 0],
        details: Details = [], rows: Range<Int>? = nil
    ) throws -> RenderedView {
        let view = try splats.withKernelPlanes {
            try render($0, chosen: nil, camera, rules, background: background, details: details, rows: rows)
        }
        last = view.height == camera.height ? (splats, camera, rules) : nil
        return view
    }

    /// Draws those splats of some planes whose bits are set, of which no derivatives can be taken; nil for all.
    func render(
        _ planes: SplatPlanes, chosen: UnsafePointer<UInt16>?, _ camera: Camera, _ rules: RenderRules,
        background: [Float],
        details: Details, rows: Range<Int>?
    ) throws -> RenderedView {
        let rows = rows ?? 0..<camera.height
        precondition(rows.lowerBound >= 0 && rows.upperBound <= camera.height && !rows.isEmpty, "rows of the picture")
        var view = RenderedView(width: camera.width, rows: rows, background: background, details: details)
        let cRules = rules.kernelRules(camera, degree: Int(planes.degree)), cCamera = camera.kernelCamera(rules)
        splat_frame_choose(frame, chosen)
        defer { splat_frame_choose(frame, nil) }
        let status = view.withPicture { picture in
            withUnsafePointer(to: cCamera) { camera in
                withUnsafePointer(to: cRules) { rules in
                    withUnsafePointer(to: planes) {
                        splat_render(frame, $0, camera, rules, nil, picture, Int32(threads))
                    }
                }
            }
        }
        last = nil
        guard status == 0 else { throw Self.exhausted }
        return view
    }

    /// Derivatives of a loss by all stored numbers, from those by the picture that was drawn last.
    ///
    /// - Parameters:
    ///   - view: what `render` gave.
    ///   - gradient: dL/dC, `[3, height, width]`.
    ///   - alphaGradient: dL/dA of A = 1 - T, `[height, width]`; nil where it is not used.
    /// - Returns: gradients in the planes of the scene, and derivatives by u and v in pixels, `[2, count]`.
    /// - Throws: `GeneraError.unavailable` if memory runs out.
    public func backward(
        _ view: RenderedView, gradient: [Float], alphaGradient: [Float]? = nil
    ) throws -> (parameters: Splats, screen: [Float]) {
        guard let last else { throw GeneraError.usage("There is no view to take derivatives of: render one first.") }
        precondition(gradient.count == 3 * view.width * view.height)
        var gradients = Splats(count: last.splats.count, degree: last.splats.degree)
        var screen = [Float](repeating: 0, count: 2 * last.splats.count)
        let status = last.splats.withKernelPlanes { _ in
            gradients.storage.withUnsafeMutableBufferPointer { into in
                splat_backward(
                    frame, view.planes, gradient, view.transmittance, alphaGradient, into.baseAddress, &screen,
                    Int32(threads))
            }
        }
        guard status == 0 else { throw Self.exhausted }
        return (gradients, screen)
    }

    /// Lets go of the scene that was drawn last, so that it can change without being copied.
    func forget() { last = nil }

    /// Tile pairs, and splats that reached a tile, of the last view.
    public var statistics: (pairs: Int, visible: Int) {
        (Int(splat_frame_pairs(frame)), Int(splat_frame_visible(frame)))
    }

    /// Radii of the last view in pixels along x and y, 0 for splats that were not seen, `[2, count]`.
    public var radii: UnsafeBufferPointer<Int32> {
        UnsafeBufferPointer(start: splat_frame_radii(frame), count: 2 * (last?.splats.count ?? 0))
    }
}

extension Splats {
    /// Works on the planes as the kernels take them. The pointer is good inside the body alone.
    func withKernelPlanes<Result>(_ body: (SplatPlanes) throws -> Result) rethrows -> Result {
        try storage.withUnsafeBufferPointer {
            try body(
                SplatPlanes(planes: $0.baseAddress, stride: Int64(stride), count: Int64(count), degree: Int32(degree)))
        }
    }
}
