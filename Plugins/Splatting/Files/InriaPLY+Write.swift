import Genera

extension InriaPLY {
    /// Writes a scene with the columns, and in the order, of the authors' code.
    static func write(_ scene: SplatScene, to path: String, _ options: SplatScene.WritingOptions) throws {
        var splats = scene.splats
        let shapes = Array(splats.plane(Splats.Plane.shape))
        let isShaped = shapes.contains { $0 != 0 }
        let fusing = ShapeFusing(
            rule: options.fusing == .exact ? .exact : .legacy, strength: options.shapeStrength)
        if isShaped { fusing.apply(to: &splats) }
        let zeros = [Float](repeating: 0, count: splats.count)[...]
        var columns: [PLY.Column] = []
        func add(_ name: String, _ plane: Int) { columns.append(.init(name, .floats(splats.plane(plane)))) }
        for (axis, name) in ["x", "y", "z"].enumerated() { add(name, axis) }
        for name in ["nx", "ny", "nz"] { columns.append(.init(name, .floats(zeros))) }
        for channel in 0..<3 { add("f_dc_\(channel)", Splats.Plane.harmonics + channel) }
        for index in 0..<3 * (splats.coefficientCount - 1) { add("f_rest_\(index)", splats.plane(ofRest: index)) }
        add("opacity", Splats.Plane.opacity)
        for axis in 0..<3 { add("scale_\(axis)", Splats.Plane.logScale + axis) }
        for part in 0..<4 { add("rot_\(part)", Splats.Plane.rotation + part) }
        var comments = scene.isAntialiased ? ["SplatRenderMode: mip"] : []
        if let up = scene.upComment { comments.append(up) }
        if isShaped, options.keepsShapes {
            columns.append(.init("shape", .floats(shapes[...])))
            comments.append(fusing.comment)
        }
        try PLY.write([.init("vertex", count: splats.count, columns)], comments: comments, to: path)
    }
}

extension SplatScene {
    /// The scene for a format of few bits a number, with its shapes in its sizes.
    ///
    /// - Throws: `FormatError` for a splat that cannot be drawn, which bits cannot say.
    func packable(for path: String, _ options: WritingOptions) throws -> SplatScene {
        if let fault = splats.firstFault {
            throw FormatError(
                file: path, place: "splat \(fault.splat)", reason: "cannot write: \(fault.reason)",
                advice: "drop such splats first")
        }
        var scene = self
        ShapeFusing(rule: options.fusing == .exact ? .exact : .legacy, strength: options.shapeStrength)
            .apply(to: &scene.splats)
        scene.splats.withPlane(Splats.Plane.shape) { $0.update(repeating: 0) }
        return scene
    }
}
