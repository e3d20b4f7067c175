import Genera

/// Draws pictures of a scene as the words of a command ask for.
struct SceneDrawing: Sendable {
    let scene: SplatScene
    let rules: RenderRules
    let channel: DrawingOptions.Channel
    let background: Background

    init(_ scene: SplatScene, _ options: DrawingOptions) {
        (self.scene, rules) = (scene, options.rules(for: scene))
        (channel, background) = (options.channel, options.background)
    }

    /// Colours of a scene over a background.
    init(_ scene: SplatScene, _ rules: RenderRules, over background: [Float]) {
        (self.scene, self.rules, channel, self.background) = (scene, rules, .rgb, .color(background))
    }

    /// A picture of the scene.
    ///
    /// - Throws: `GeneraError.unavailable` if memory runs out.
    func picture(_ camera: Camera, _ rasterizer: Rasterizer) throws -> Image {
        let splats = scene.splats
        switch channel {
        case .rgb:
            guard case let .color(color) = background else {
                return try rasterizer.render(splats, camera, rules).imageWithAlpha
            }
            return try rasterizer.render(splats, camera, rules, background: color).image
        case .alpha:
            return try rasterizer.render(splats, camera, rules).grey { 1 - $0.transmittance[$1] }
        case .depth:
            var rules = rules
            rules.content = .depth
            let view = try rasterizer.render(splats, camera, rules)
            return view.depthImage { $0.transmittance[$1] < 0.5 ? $0.planes[$1] / (1 - $0.transmittance[$1]) : 0 }
        case .medianDepth:
            return try rasterizer.render(splats, camera, rules, details: .medianDepth).depthImage { $0.medianDepth[$1] }
        case .normal:
            var rules = rules
            rules.content = .normals
            return try rasterizer.render(splats, camera, rules).normalImage
        case .top:
            return try rasterizer.render(splats, camera, rules, details: .top).topImage
        }
    }
}

extension RenderedView {
    /// A picture in grey of a number in 0...1 of each pixel.
    func grey(_ value: (RenderedView, Int) -> Float) -> Image {
        Image(width: width, height: height, channels: 1, bytes: (0..<width * height).map { Self.byte(value(self, $0)) })
    }

    /// A picture in 16 bits of depths, 0 where there are none: near bright, far dark.
    func depthImage(_ value: (RenderedView, Int) -> Float) -> Image {
        let depths = (0..<width * height).map { value(self, $0) }
        let seen = depths.filter { $0 > 0 }
        let near = seen.min() ?? 0, far = max(seen.max() ?? 1, near + 1e-6)
        let words = depths.map { depth -> UInt16 in
            guard depth > 0 else { return 0 }
            return UInt16(min(max(65535 - 60000 * (depth - near) / (far - near), 0), 65535))
        }
        return Image(width: width, height: height, channels: 1, words: words)
    }

    /// Normals as colours: right red, up green, towards the camera blue.
    var normalImage: Image {
        let area = width * height
        var bytes = [UInt8](repeating: 0, count: 3 * area)
        for pixel in 0..<area where transmittance[pixel] < 0.5 {
            let n = [planes[pixel], -planes[area + pixel], -planes[2 * area + pixel]]
            let length = max((n[0] * n[0] + n[1] * n[1] + n[2] * n[2]).squareRoot(), 1e-12)
            for k in 0..<3 { bytes[3 * pixel + k] = Self.byte(0.5 + 0.5 * n[k] / length) }
        }
        return Image(width: width, height: height, channels: 3, bytes: bytes)
    }

    /// Splats in colours that tell neighbours apart.
    var topImage: Image {
        var bytes = [UInt8](repeating: 0, count: 3 * width * height)
        for (pixel, splat) in top.enumerated() where splat >= 0 {
            var hash = UInt32(bitPattern: splat) &* 2_654_435_761
            hash ^= hash >> 15
            hash = hash &* 2_246_822_519
            for k in 0..<3 { bytes[3 * pixel + k] = UInt8(55 + (hash >> UInt32(8 * k) & 255) * 200 / 255) }
        }
        return Image(width: width, height: height, channels: 3, bytes: bytes)
    }
}
