import CSplats
import Foundation
import Genera

/// A scene with fewer splats where it is far away: a tree of Gaussians, each with the moments of those that it stands for.
///
/// Splats lie along a curve that keeps neighbours together (Morton, 1966), and every four nodes have one above them. A node has the mean
/// and the covariance of the mixture below it, weighed by opacity times area, the weighted means of the harmonics, and an opacity that keeps
/// the integral but is never less than that of its parts (after Kerbl et al., 2024).
///
/// A picture draws, in place of splats, nodes from whose centre no centre of theirs is farther than a number of pixels on the screen.
public final class DetailTree: @unchecked Sendable {
    /// What the cuts came to so far.
    public struct Statistics: Sendable, Equatable {
        /// Cuts.
        public internal(set) var cuts = 0
        /// Splats and nodes that were drawn, of all cuts.
        public internal(set) var drawn = 0
        /// Seconds that the cuts took.
        public internal(set) var seconds = 0.0
        /// The greatest distance, in pixels, that a node's splats may have had from it.
        public internal(set) var deviation = 0.0
    }

    private let tree: UnsafeMutablePointer<SplatTree>
    private let lock = NSLock()
    private var counted = Statistics()
    /// Seconds that building took.
    public let buildSeconds: Double

    /// Builds the tree of a scene.
    ///
    /// - Parameter rules: how splats become as large as they are drawn; pictures are to be drawn by rules with the same scale.
    /// - Throws: `GeneraError.unavailable` if memory runs out.
    public init(_ splats: Splats, _ rules: RenderRules = RenderRules()) throws {
        let began = DispatchTime.now().uptimeNanoseconds
        let made = splats.withKernelPlanes {
            splat_tree_create(
                $0.planes, $0.stride, $0.count, $0.degree, rules.scaleModifier,
                rules.isExponential ? 0 : rules.shapeStrength ?? 0)
        }
        guard let made else { throw Rasterizer.exhausted }
        tree = made
        buildSeconds = Double(DispatchTime.now().uptimeNanoseconds - began) * 1e-9
    }

    deinit { splat_tree_free(tree) }

    /// What the cuts came to so far.
    public var statistics: Statistics { lock.withLock { counted } }

    /// A node that is drawn, and what it stands for.
    public struct Node: Sendable, Equatable {
        /// Where it is.
        public let position: [Float]
        /// Splats of the scene.
        public let splats: [Int]
    }

    /// What would be drawn for a camera.
    ///
    /// - Throws: `GeneraError.usage` for a projection that no bound is known of.
    public func nodes(_ camera: Camera, _ rules: RenderRules = RenderRules(), pixels: Double) throws -> [Node] {
        try lock.withLock {
            try cut(camera, rules, pixels)
            var nodes: [Node] = []
            let shape = tree.pointee
            withUnsafeBytes(of: shape.starts) { starts in
                withUnsafeBytes(of: shape.counts) { counts in
                    let starts = starts.bindMemory(to: Int64.self), counts = counts.bindMemory(to: Int64.self)
                    for level in 0..<Int(shape.levels) {
                        for index in 0..<Int(counts[level]) {
                            let node = Int(starts[level]) + index
                            guard shape.chosen[node / 16] >> UInt16(node % 16) & 1 == 1 else { continue }
                            let splats = index << (2 * level)..<min((index + 1) << (2 * level), Int(shape.count))
                            nodes.append(
                                Node(
                                    position: (0..<3).map { shape.planes[$0 * Int(shape.stride) + node] },
                                    splats: splats.map { Int(shape.order[$0]) }))
                        }
                    }
                }
            }
            return nodes
        }
    }

    /// Draws a view.
    ///
    /// - Parameter pixels: how far from a node on the screen the centres of its splats may be.
    /// - Throws: `GeneraError.unavailable` if memory runs out; `usage` for a projection that no bound is known of.
    public func render(
        _ camera: Camera, _ rules: RenderRules = RenderRules(), pixels: Double, by rasterizer: Rasterizer,
        background: [Float] = [0, 0, 0], details: Rasterizer.Details = [], rows: Range<Int>? = nil
    ) throws -> RenderedView {
        try lock.withLock {
            try cut(camera, rules, pixels)
            let shape = tree.pointee
            let planes = SplatPlanes(
                planes: UnsafePointer(shape.planes), stride: shape.stride, count: shape.stride, degree: shape.degree)
            return try rasterizer.render(
                planes, chosen: UnsafePointer(shape.chosen), camera, rules, background: background, details: details,
                rows: rows)
        }
    }

    private func cut(_ camera: Camera, _ rules: RenderRules, _ pixels: Double) throws {
        guard camera.projection == .pinhole || camera.projection == .orthographic else {
            throw GeneraError.usage(
                "Levels of detail are for the projections pinhole and orthographic, not \(camera.projection.rawValue): leave out --lod."
            )
        }
        let began = DispatchTime.now().uptimeNanoseconds, kernel = camera.kernelCamera(rules)
        var eye = SplatEye(
            rotation: kernel.rotation, translation: kernel.translation, focal: max(abs(kernel.fx), abs(kernel.fy)),
            near_plane: rules.kernelRules(camera, degree: 0).near_plane,
            orthographic: camera.projection == .orthographic ? 1 : 0)
        var deviation: Float = 0
        counted.drawn += Int(splat_tree_cut(tree, &eye, Float(pixels), &deviation))
        counted.cuts += 1
        counted.deviation = max(counted.deviation, Double(deviation))
        counted.seconds += Double(DispatchTime.now().uptimeNanoseconds - began) * 1e-9
    }
}
