import Genera

/// Draws pictures of a scene as the words of a command ask for.
struct SceneDrawing: Sendable {
    let scene: SplatScene
    let rules: RenderRules
    let channel: DrawingOptions.Channel
    let background: Background
    /// How many times as wide and high the picture is drawn before it is averaged.
    var supersample = 1
    /// A lens that is sharp at one distance alone; nil for a pinhole.
    var lens: ThinLens?
    /// Rows of the picture that are drawn at a time; nil for as many as fit `bandBytes`.
    var bandRows: Int?

    /// Splats that stand for many where these are small, and how far from them these may be, in pixels; nil for all splats.
    var detail: (tree: DetailTree, pixels: Double)?

    /// Bytes of floating-point numbers that are worked on at a time, unless rows are asked for.
    static let bandBytes = 256 << 20

    /// - Parameter background: what is behind the scene where the options do not say it.
    init(_ scene: SplatScene, _ options: DrawingOptions, background: Background = .color([1, 1, 1])) {
        (self.scene, rules) = (scene, options.rules(for: scene))
        (channel, self.background) = (options.channel, options.background ?? background)
        (supersample, bandRows) = (options.supersample, options.tileRows)
        guard let aperture = options.aperture else { return }
        lens = ThinLens(
            radius: aperture, focus: options.focus.map { .distance($0) } ?? .point(Framing(scene.splats).centre),
            count: options.lensSamples)
    }

    /// Colours of a scene over a background.
    init(_ scene: SplatScene, _ rules: RenderRules, over background: [Float]) {
        (self.scene, self.rules, channel, self.background) = (scene, rules, .rgb, .color(background))
    }

    /// A picture of the scene.
    ///
    /// - Throws: `GeneraError.unavailable` if memory runs out; `usage` for what cannot be drawn of this camera.
    func picture(_ camera: Camera, _ rasterizer: Rasterizer) throws -> Image {
        var rules = rules
        switch channel {
        case .rgb:
            if case .none = background { return try joined(camera, rules, rasterizer) { $0.imageWithAlpha } }
            return try joined(camera, rules, rasterizer) { $0.image }
        case .alpha: return try joined(camera, rules, rasterizer) { $0.alphaImage }
        case .depth:
            rules.content = .depth
            return try depthImage(camera, rules, rasterizer) {
                $0.transmittance[$1] < 0.5 ? $0.planes[$1] / (1 - $0.transmittance[$1]) : 0
            }
        case .medianDepth:
            return try depthImage(camera, rules, details: .medianDepth, rasterizer) { $0.medianDepth[$1] }
        case .normal:
            rules.content = .normals
            return try joined(camera, rules, rasterizer) { $0.normalImage }
        case .top: return try joined(camera, rules, details: .top, rasterizer) { $0.topImage }
        }
    }

    /// The pictures in 8 bits of all bands, one below the other.
    private func joined(
        _ camera: Camera, _ rules: RenderRules, details: Rasterizer.Details = [], _ rasterizer: Rasterizer,
        _ image: (RenderedView) -> Image
    ) throws -> Image {
        var (bytes, channels) = ([UInt8](), 0)
        try forEachBand(camera, rules, details: details, rasterizer) { band in
            let image = image(band)
            guard case let .bytes(more) = image.samples else { return }
            channels = image.channels
            bytes.reserveCapacity(channels * camera.width * camera.height)
            bytes += more
        }
        return Image(width: camera.width, height: camera.height, channels: channels, bytes: bytes)
    }

    /// Depths of all bands as one picture: near and far are those of the whole.
    private func depthImage(
        _ camera: Camera, _ rules: RenderRules, details: Rasterizer.Details = [], _ rasterizer: Rasterizer,
        _ depth: (RenderedView, Int) -> Float
    ) throws -> Image {
        var depths: [Float] = []
        depths.reserveCapacity(camera.width * camera.height)
        try forEachBand(camera, rules, details: details, rasterizer) { band in
            for pixel in 0..<band.width * band.height { depths.append(depth(band, pixel)) }
        }
        return RenderedView.depthImage(depths, width: camera.width, height: camera.height)
    }
}
