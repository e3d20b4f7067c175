import Genera
import GeneraTesting
import Splatting

extension SplattingGoldens {
    /// Forward and all derivatives, against the published kernels and against true derivatives in double precision.
    static func raster(_ one: GoldenCase, _ check: inout GoldenCheck) throws {
        let tensors = try CaseTensors(one)
        let splats = try Splats(tensors)
        let isAntialiased = one.config["compensation"] != nil
        let camera = Camera(
            try tensors.numbers("in.world_to_camera"), width: Int(try one.number("width")),
            height: Int(try one.number("height")), fx: try one.number("fx"), fy: try one.number("fy"))
        var rules = RenderRules(.inria)
        rules.degree = one.config["sh_degree_active"]?.number.map(Int.init)
        rules.scaleModifier = Float(one.config["scale_modifier"]?.number ?? 1)
        rules.shapeStrength = one.config["shape_strength"]?.number.map(Float.init)
        rules.isAntialiased = isAntialiased
        let background = try tensors.numbers("in.background").map(Float.init)
        try forward(tensors, splats, camera, rules, background, &check)
        if !isAntialiased { try published(tensors, splats, camera, rules, background, &check) }
        try trueGradient(tensors, splats, camera, rules, background, &check)
    }

    private static func cotangent(_ tensors: CaseTensors, _ camera: Camera) throws -> [Float] {
        if let chw = tensors["in.cotangent_image_chw"] { return try chw.array(of: Float.self) }
        return try planes(try tensors.need("in.cotangent_image_hwc"), camera).array(of: Float.self)
    }

    static func planes(_ image: Tensor, _ camera: Camera) -> Tensor { image.permuted([2, 0, 1]).contiguous() }

    private static func forward(
        _ tensors: CaseTensors, _ splats: Splats, _ camera: Camera, _ rules: RenderRules, _ background: [Float],
        _ check: inout GoldenCheck
    ) throws {
        let rasterizer = try Rasterizer()
        let view = try rasterizer.render(splats, camera, rules, background: background)
        let expected = try tensors["image_chw"] ?? planes(try tensors.need("image_hwc"), camera)
        try check.picture(view.planes, expected, "image")
        let size: Shape = [camera.height, camera.width]
        if let transmittance = tensors["final_T"] { try check.picture(view.transmittance, transmittance, "final_T") }
        if let alpha = tensors["alpha_f64path"] {
            try check.picture(view.transmittance.map { 1 - $0 }, alpha, "alpha")
        }
        if let depth = tensors["expected_depth_f64path"] {
            var depths = rules
            depths.content = .depth
            let drawn = try rasterizer.render(splats, camera, depths)
            try check.picture(Array(drawn.planes.prefix(size.elementCount)), depth, "depth", 1e-4)
        }
        if let compensated = tensors["opacity_compensated"] {
            let screen = try rasterizer.project(splats, camera, rules)
            let seen = try compensated.array(of: Float.self)
            for splat in 0..<splats.count where screen[11, splat] == 1 {
                check.close("opacity \(splat)", Double(screen[5, splat]), Double(seen[splat]), rtol: 1e-4, atol: 1e-6)
            }
        }
    }

    private static func published(
        _ tensors: CaseTensors, _ splats: Splats, _ camera: Camera, _ rules: RenderRules, _ background: [Float],
        _ check: inout GoldenCheck
    ) throws {
        var rules = rules
        rules.hasPublishedGradient = true
        rules.listsWholeRectangles = true
        let rasterizer = try Rasterizer()
        let view = try rasterizer.render(splats, camera, rules, background: background, details: [.last])
        let last = try tensors.need("n_contrib").array(of: Int32.self)
        let flips = zip(view.last, last).filter { $0 != $1 }.count
        check.close("n_contrib flips", Double(flips), 0, rtol: 0, atol: max(Double(last.count) / 1000, 1))
        check.equal(
            "radii", Array(rasterizer.radii.prefix(splats.count)), try tensors.need("radii").array(of: Int32.self))
        let (gradient, screen) = try rasterizer.backward(view, gradient: try cotangent(tensors, camera))
        let N = splats.count
        let ndc = (0..<N).flatMap { [screen[$0] * Float(camera.width) / 2, screen[N + $0] * Float(camera.height) / 2] }
        try check.close("grad.mean2d_ndc", Tensor(ndc, shape: [N, 2]), tensors["grad.mean2d_ndc"])
        try check.close("grad.xyz", gradient.tensor(Splats.Plane.position, 3), tensors["grad.xyz"])
        let K = splats.coefficientCount
        try check.close(
            "grad.sh", gradient.tensor(Splats.Plane.harmonics, 3 * K, shape: [N, K, 3]), tensors["grad.sh"])
        try check.close("rawgrad.log_scale", gradient.tensor(Splats.Plane.logScale, 3), tensors["rawgrad.log_scale"])
        try check.close("rawgrad.quat", gradient.tensor(Splats.Plane.rotation, 4), tensors["rawgrad.quat"])
        try check.close(
            "rawgrad.logit_opacity", gradient.tensor(Splats.Plane.opacity, 1), tensors["rawgrad.logit_opacity"])
        if let shape = tensors["rawgrad.shape"] {
            try check.close("rawgrad.shape", gradient.tensor(Splats.Plane.shape, 1, shape: shape.shape.sizes), shape)
        }
        try screenSplats(try rasterizer.project(splats, camera, rules), tensors, &check)
    }

    private static func screenSplats(
        _ screen: ScreenSplats, _ tensors: CaseTensors, _ check: inout GoldenCheck
    ) throws {
        let radii = try tensors.need("radii").array(of: Int32.self)
        let conic = try tensors.numbers("conic_opacity"), depth = try tensors.numbers("depth_z")
        let centres = try tensors.numbers("means2d"), colors = try tensors.numbers("rgb")
        for splat in 0..<screen.count where radii[splat] > 0 && screen[11, splat] == 1 {
            for k in 0..<4 {
                check.close("conic_opacity[\(splat)][\(k)]", Double(screen[2 + k, splat]), conic[4 * splat + k])
            }
            check.close("depth_z[\(splat)]", Double(screen[6, splat]), depth[splat])
            for k in 0..<2 { check.close("means2d[\(splat)][\(k)]", Double(screen[k, splat]), centres[2 * splat + k]) }
            for k in 0..<3 { check.close("rgb[\(splat)][\(k)]", Double(screen[7 + k, splat]), colors[3 * splat + k]) }
        }
    }

    private static func trueGradient(
        _ tensors: CaseTensors, _ splats: Splats, _ camera: Camera, _ rules: RenderRules, _ background: [Float],
        _ check: inout GoldenCheck
    ) throws {
        let rasterizer = try Rasterizer()
        let view = try rasterizer.render(splats, camera, rules, background: background)
        let gradient = try rasterizer.backward(view, gradient: try cotangent(tensors, camera)).parameters
        let N = splats.count, K = splats.coefficientCount
        let expected: [(String, Int, Int, [Int])] = [
            ("xyz", Splats.Plane.position, 3, [N, 3]), ("log_scale", Splats.Plane.logScale, 3, [N, 3]),
            ("quat", Splats.Plane.rotation, 4, [N, 4]), ("logit_opacity", Splats.Plane.opacity, 1, [N]),
            ("sh", Splats.Plane.harmonics, 3 * K, [N, K, 3]),
        ]
        for (name, plane, width, shape) in expected {
            let golden = try tensors.need("autograd64.\(name)")
            try check.close("autograd64.\(name)", gradient.tensor(plane, width, shape: shape), golden)
        }
        if let shape = tensors["autograd64.shape"] {
            try check.close("autograd64.shape", gradient.tensor(Splats.Plane.shape, 1, shape: shape.shape.sizes), shape)
        }
    }
}

extension GoldenCheck {
    /// Compares pixels. Where a threshold flips, one pixel in a thousand, they may differ by 5e-3.
    ///
    /// - Parameter rounding: by how much the expected values were rounded.
    mutating func picture(
        _ got: [Float], _ expected: Tensor, _ name: String, _ tolerance: Float = 2e-5, rounding: Float = 0
    ) throws {
        let values = try expected.array(of: Float.self)
        guard values.count == got.count else { return fail("\(name): \(got.count) values, not \(values.count)") }
        let differences = zip(got, values).map { abs($0 - $1) / max(1, abs($1)) }
        let far = differences.filter { $0 > tolerance + rounding }.count
        close("\(name) flips", Double(far), 0, rtol: 0, atol: max(Double(got.count) / 1000, 1))
        close("\(name) worst", Double(differences.max() ?? 0), 0, rtol: 0, atol: 5e-3)
        let mean = Double(differences.reduce(0, +)) / Double(max(got.count, 1))
        close("\(name) mean", mean, 0, rtol: 0, atol: 2e-6 + Double(rounding))
    }
}
