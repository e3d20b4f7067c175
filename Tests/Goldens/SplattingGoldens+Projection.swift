import Foundation
import Genera
import GeneraTesting
import Splatting

extension SplattingGoldens {
    /// Whole pictures of real scenes.
    static func render(_ one: GoldenCase, _ check: inout GoldenCheck) throws {
        guard let scene = one.config["scene"]?.text, let camera = one.config["camera"],
            let rows = camera["world_to_camera"]?.items, let width = camera["width"]?.number,
            let height = camera["height"]?.number, let fx = camera["fx"]?.number, let fy = camera["fy"]?.number
        else { throw CaseFault("the configuration names no scene or camera") }
        let splats = try SplatScene.read("\(Golden.shared)/\(scene)").splats
        check.equal("splats", splats.count, Int(try one.number("splats")))
        let matrix = rows.flatMap { ($0.items ?? []).compactMap(\.number) }
        let view = Camera(matrix, width: Int(width), height: Int(height), fx: fx, fy: fy)
        let background = (one.config["background"]?.items ?? []).compactMap(\.number).map(Float.init)
        var rules = RenderRules(.inria)
        rules.alphaMax = Float(one.config["alpha_max"]?.number ?? 0.99)
        rules.dilation = Float(one.config["dilation"]?.number ?? 0.3)
        rules.near = one.config["near"]?.number.map(Float.init)
        rules.listsWholeRectangles = true
        let rasterizer = try Rasterizer(), tensors = try CaseTensors(one)
        // Some cases hold the picture in half precision, or as a PNG alone.
        let (expected, rounding) = try picture(of: one, tensors, view)
        let drawn = try rasterizer.render(splats, view, rules, background: background)
        try check.picture(drawn.planes, expected, "image", 1e-4, rounding: rounding)
        let pairs = try one.number("num_rendered")
        check.close("pairs", Double(rasterizer.statistics.pairs), pairs, rtol: 1e-4, atol: 4)
        rules.listsWholeRectangles = false
        let exact = try rasterizer.render(splats, view, rules, background: background)
        try check.picture(exact.planes, expected, "exact tiles", 1e-4, rounding: rounding)
        if let alpha = tensors["alpha_f16"] {
            try check.picture(drawn.transmittance.map { 1 - $0 }, alpha.to(.float32), "alpha", rounding: 5e-4)
        }
        if let depth = tensors["expected_depth_f16"] {
            rules.content = .depth
            let depths = try rasterizer.render(splats, view, rules).planes.prefix(view.width * view.height)
            let values = try depth.array(of: Float.self)
            let far = zip(depths, values).filter { abs($0 - $1) > 2e-3 * max(1, abs($1)) }.count
            check.close("depth flips", Double(far), 0, rtol: 0, atol: Double(values.count) / 200)
        }
    }

    /// The expected picture `[3, H, W]`, and by how much it was rounded: some cases hold bytes.
    private static func picture(
        of one: GoldenCase, _ tensors: CaseTensors, _ camera: Camera
    ) throws -> (planes: Tensor, rounding: Float) {
        if let image = tensors["image_hwc"] { return (planes(image, camera), 0) }
        return (planes(try tensors.need("image_u8").to(.float32) * (1 / 255), camera), 1.001 / 255)
    }

    static func covariance(_ one: GoldenCase, _ check: inout GoldenCheck) throws {
        let tensors = try CaseTensors(one)
        let quaternions = try tensors.numbers("in.quats_wxyz"), scales = try tensors.numbers("in.scales")
        let cotangents = try tensors.numbers("in.cotangent"), N = scales.count / 3
        func rows(_ values: [Double], _ width: Int, _ k: Int) -> [Double] { Array(values[k * width..<(k + 1) * width]) }
        var found: (covariances: [Double], precisions: [Double], quats: [Double], scales: [Double]) = ([], [], [], [])
        for k in 0..<N {
            let (q, s) = (rows(quaternions, 4, k), rows(scales, 3, k))
            found.covariances += Covariance.matrix(q, scales: s)
            found.precisions += Covariance.matrix(q, scales: s, power: -1)
            let gradient = Covariance.gradient(q, scales: s, cotangent: rows(cotangents, 9, k))
            found.quats += gradient.quaternion
            found.scales += gradient.scales
        }
        try check.close("covars", Tensor(found.covariances, shape: [N, 3, 3]), tensors["covars"])
        try check.close("precis", Tensor(found.precisions, shape: [N, 3, 3]), tensors["precis"])
        try check.close("grad.quats", Tensor(found.quats, shape: [N, 4]), tensors["grad.quats"])
        try check.close("grad.scales", Tensor(found.scales, shape: [N, 3]), tensors["grad.scales"])
    }

    static func projection(_ one: GoldenCase, _ check: inout GoldenCheck) throws {
        let tensors = try CaseTensors(one)
        var splats = try Splats(
            tensors, positions: "in.means", logScales: "in.scales", rotations: "in.quats_wxyz", logits: nil,
            harmonics: nil)
        let N = splats.count
        for splat in 0..<N {
            for k in 0..<3 { splats[Splats.Plane.logScale + k, splat] = log(splats[Splats.Plane.logScale + k, splat]) }
            splats[Splats.Plane.opacity, splat] = 30  // an opacity of 1, so that the compensation is the opacity
        }
        let K = try tensors.numbers("in.K")
        var camera = Camera(
            try tensors.numbers("in.viewmat"), width: Int(try one.number("width")),
            height: Int(try one.number("height")), fx: K[0], fy: K[4])
        (camera.cx, camera.cy) = (K[2], K[5])
        switch one.config["camera_model"]?.text {
        case "pinhole": camera.projection = .pinhole
        case "ortho": camera.projection = .orthographic
        case "fisheye": camera.projection = .fisheye
        case let other: throw CaseFault("no camera is called '\(other ?? "")'")
        }
        var rules = RenderRules(.gsplat)
        rules.isAntialiased = true
        rules.listsWholeRectangles = true
        rules.dilation = Float(try one.number("eps2d"))
        rules.near = Float(try one.number("near"))
        let rasterizer = try Rasterizer()
        let screen = try rasterizer.project(splats, camera, rules)
        let valid = try tensors.need("valid").array(of: UInt8.self),
            radii = try tensors.need("radii").array(of: Int32.self)
        let means = try tensors.numbers("means2d"), conics = try tensors.numbers("conics")
        let depths = try tensors.numbers("depths"), compensations = try tensors.numbers("compensations")
        let cotangents = (
            means: try tensors.numbers("in.ct_means2d"), conics: try tensors.numbers("in.ct_conics"),
            depths: try tensors.numbers("in.ct_depths"), compensations: try tensors.numbers("in.ct_comp")
        )
        var rows = ScreenGradients(count: N)
        for splat in 0..<N {
            check.equal("valid[\(splat)]", screen[11, splat] == 1, valid[splat] != 0)
            guard valid[splat] != 0 else { continue }
            for k in 0..<2 {
                check.equal("radii[\(splat)][\(k)]", screen.radii[k * N + splat], radii[2 * splat + k])
                check.close("means2d[\(splat)][\(k)]", Double(screen[k, splat]) + 0.5, means[2 * splat + k])
                rows[splat, k] = Float(cotangents.means[2 * splat + k])
            }
            for k in 0..<3 {
                check.close("conics[\(splat)][\(k)]", Double(screen[2 + k, splat]), conics[3 * splat + k])
                rows[splat, 2 + k] = Float(cotangents.conics[3 * splat + k])
            }
            check.close("depths[\(splat)]", Double(screen[6, splat]), depths[splat])
            check.close("compensations[\(splat)]", Double(screen[10, splat]), compensations[splat])
            rows[splat, 5] = Float(cotangents.compensations[splat])
            rows[splat, 10] = Float(cotangents.depths[splat])
        }
        let gradient = try rasterizer.gradient(of: splats, camera, rules, from: rows)
        var byScale: [Float] = []
        for splat in 0..<N {
            for k in Splats.Plane.logScale..<Splats.Plane.logScale + 3 {
                byScale.append(gradient[k, splat] / exp(splats[k, splat]))
            }
        }
        try check.close("grad.means", gradient.tensor(Splats.Plane.position, 3), tensors["grad.means"])
        try check.close("grad.quats", gradient.tensor(Splats.Plane.rotation, 4), tensors["grad.quats"])
        try check.close("grad.scales", Tensor(byScale, shape: [N, 3]), tensors["grad.scales"])
    }

    static func sphericalHarmonics(_ one: GoldenCase, _ check: inout GoldenCheck) throws {
        let tensors = try CaseTensors(one)
        let degree = Int(try one.number("degree")), coefficients = try tensors.numbers("in.coeffs")
        let directions = try tensors.numbers("in.dirs"), cotangents = try tensors.numbers("in.cotangent")
        let N = directions.count / 3, K = (degree + 1) * (degree + 1)
        // Splats stand where the directions point, before a camera in the origin.
        var splats = Splats(count: N, degree: degree)
        for splat in 0..<N {
            for k in 0..<3 { splats[Splats.Plane.position + k, splat] = Float(directions[3 * splat + k]) }
            splats[Splats.Plane.rotation, splat] = 1
            for k in 0..<3 * K {
                splats[Splats.Plane.harmonics + k, splat] = Float(coefficients[3 * K * splat + k])
            }
        }
        let planes = (0..<3).flatMap { axis in (0..<N).map { Float(directions[3 * $0 + axis]) } }
        let colors = splats.harmonics(towards: planes)
        let rows = (0..<N).flatMap { splat in (0..<3).map { colors[$0 * N + splat] } }
        try check.close("colors", Tensor(rows, shape: [N, 3]), tensors["colors"])
        try gradients(splats, cotangents, tensors, &check)
    }

    /// Derivatives as training takes them. The panorama sees every direction; the first coefficient is raised so that no colour is cut.
    private static func gradients(
        _ splats: Splats, _ cotangents: [Double], _ tensors: CaseTensors, _ check: inout GoldenCheck
    ) throws {
        let N = splats.count, K = splats.coefficientCount
        var raised = splats, rows = ScreenGradients(count: N)
        for splat in 0..<N {
            for channel in 0..<3 {
                raised[Splats.Plane.harmonics + channel, splat] += 100
                rows[splat, 6 + channel] = Float(cotangents[3 * splat + channel])
            }
        }
        let camera = Camera(
            rotation: [1, 0, 0, 0, 1, 0, 0, 0, 1], translation: [0, 0, 0], width: 256, height: 128, fx: 1, fy: 1,
            projection: .panorama)
        var rules = RenderRules(.exact)
        rules.near = 1e-5
        rules.listsWholeRectangles = true
        let gradient = try Rasterizer().gradient(of: raised, camera, rules, from: rows)
        try check.close(
            "grad.coeffs", gradient.tensor(Splats.Plane.harmonics, 3 * K, shape: [N, K, 3]), tensors["grad.coeffs"])
        try check.close("grad.dirs", gradient.tensor(Splats.Plane.position, 3), tensors["grad.dirs"])
    }
}
