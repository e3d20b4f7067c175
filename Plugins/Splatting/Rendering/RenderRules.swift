import CSplats

/// How a scene becomes a picture: which of the conventions in use, and what is composited.
public struct RenderRules: Sendable, Equatable {
    /// The conventions of the programs that splats come from. They differ in which pixels a splat may touch at all and in how far
    /// Jacobians are trusted; elsewhere they agree.
    public enum Convention: String, Sendable, CaseIterable {
        /// The published rasteriser (Kerbl et al., 2023), also that of GES: a splat is seen in the tiles of a square of three deviations.
        case inria
        /// gsplat: 3.33 deviations along each axis, a principal point of its own, a near plane of 0.01.
        case gsplat
        /// Whatever is at least 1/255, wherever it lies.
        case exact
    }

    /// What is composited from front to back.
    public enum Content: Sendable {
        /// Colours by spherical harmonics.
        case color
        /// The depth of the centres, in the first channel.
        case depth
        /// Unit normals in the camera's axes: the shortest axis of a splat, turned towards the camera.
        case normals
    }

    /// The convention.
    public var convention: Convention
    /// The greatest degree of harmonics that is looked at; nil for the scene's own.
    public var degree: Int?
    /// Multiplies all scales.
    public var scaleModifier: Float = 1
    /// Whether opacities are lowered as far as the screen filter widens a splat (Yu et al., 2024).
    public var isAntialiased = false
    /// rho of the modification function phi = 2 sigmoid(rho s) of GES, which multiplies scales; nil where shapes do not count.
    public var shapeStrength: Float?
    /// Whether a splat falls off as exp(-q^(beta/2) / 2) with beta = 2 + shape, the kernel that GES describes but does not render.
    public var isExponential = false
    /// What is composited.
    public var content = Content.color
    /// The greatest alpha of a splat.
    public var alphaMax: Float = 0.99
    /// Whether derivatives are those of the published kernels where these differ from the true ones: at the cut of alpha, and where
    /// the Jacobian's argument is cut.
    public var hasPublishedGradient = false
    /// Whether the lists of tiles hold whole rectangles, as the published ones do; the picture is the same.
    public var listsWholeRectangles = false
    /// Added to the screen covariance's diagonal, in square pixels.
    public var dilation: Float = 0.3
    /// Splats nearer than this are not seen; nil for the convention's own.
    public var near: Float?
    /// Whether a camera's principal point is put into the centre of the picture; nil for the convention's own: the published one knows
    /// no other.
    public var isCentred: Bool?

    /// Rules of a convention.
    public init(_ convention: Convention = .inria) { self.convention = convention }

    /// As the kernels take them.
    func kernelRules(_ camera: Camera, degree: Int) -> SplatRules {
        var rules = SplatRules()
        let isGsplat = convention == .gsplat
        rules.near_plane = near ?? (isGsplat ? 0.01 : 0.2)
        rules.far_plane = isGsplat ? 1e10 : .greatestFiniteMagnitude
        let tangents = (Double(camera.width) / (2 * camera.fx), Double(camera.height) / (2 * camera.fy))
        if isGsplat {
            rules.clamp.0 = Float(-(camera.cx / camera.fx + 0.3 * tangents.0))
            rules.clamp.1 = Float((Double(camera.width) - camera.cx) / camera.fx + 0.3 * tangents.0)
            rules.clamp.2 = Float(-(camera.cy / camera.fy + 0.3 * tangents.1))
            rules.clamp.3 = Float((Double(camera.height) - camera.cy) / camera.fy + 0.3 * tangents.1)
        } else {
            let limits = (Float(1.3 * tangents.0), Float(1.3 * tangents.1))
            rules.clamp = (-limits.0, limits.0, -limits.1, limits.1)
        }
        rules.dilation = dilation
        (rules.alpha_max, rules.alpha_min, rules.stop) = (alphaMax, 1 / 255, 1e-4)
        rules.scale_modifier = scaleModifier
        rules.shape_strength = isExponential ? 0 : shapeStrength ?? 0
        rules.least_determinant = isGsplat ? 1e-10 : 0
        rules.degree = Int32(min(self.degree ?? degree, degree))
        switch convention {
        case .inria: rules.tiles = Int32(SPLAT_TILES_SQUARE)
        case .gsplat: rules.tiles = Int32(SPLAT_TILES_AXES)
        case .exact: rules.tiles = Int32(SPLAT_TILES_ANY)
        }
        rules.whole_rectangles = listsWholeRectangles ? 1 : 0
        rules.antialiased = isAntialiased ? 1 : 0
        rules.exponential = isExponential ? 1 : 0
        rules.inria_gradient = hasPublishedGradient ? 1 : 0
        switch content {
        case .color: rules.content = Int32(SPLAT_COLOR)
        case .depth: rules.content = Int32(SPLAT_DEPTH)
        case .normals: rules.content = Int32(SPLAT_NORMALS)
        }
        return rules
    }
}

extension Camera {
    /// As the kernels take it.
    func kernelCamera(_ rules: RenderRules) -> SplatCamera {
        var camera = SplatCamera()
        let r = rotation.map(Float.init), t = translation.map(Float.init), c = centre.map(Float.init)
        camera.rotation = (r[0], r[1], r[2], r[3], r[4], r[5], r[6], r[7], r[8])
        camera.translation = (t[0], t[1], t[2])
        camera.center = (c[0], c[1], c[2])
        (camera.fx, camera.fy) = (Float(fx), Float(fy))
        let isCentred = rules.isCentred ?? (rules.convention == .inria)
        camera.cx = Float((isCentred ? Double(width) / 2 : cx) - 0.5)
        camera.cy = Float((isCentred ? Double(height) / 2 : cy) - 0.5)
        (camera.width, camera.height) = (Int32(width), Int32(height))
        switch projection {
        case .pinhole: camera.projection = Int32(SPLAT_PINHOLE)
        case .orthographic: camera.projection = Int32(SPLAT_ORTHOGRAPHIC)
        case .fisheye: camera.projection = Int32(SPLAT_FISHEYE)
        case .panorama: camera.projection = Int32(SPLAT_PANORAMA)
        }
        return camera
    }
}
