import Foundation
import Genera
import GeneraTesting
import Splatting

extension SplattingGoldens {
    /// Ten steps of the reference's trainer, then clone, split, prune and reset.
    ///
    /// At both ends of a training the kernels of the frequency mask are narrower than a pixel: their difference is a few millionths of the
    /// picture, and its last bits decide on which side of one half a pixel falls. What half of the loss then looks at differs by a few
    /// pixels between any two programs, and `Ends` says how much may follow from that.
    static func gesTrain(_ one: GoldenCase, _ check: inout GoldenCheck) throws {
        let tensors = try CaseTensors(one)
        let plan = try plan(of: one)
        let points = try tensors.need("in.points").array(of: Float.self)
        let colors = try tensors.need("in.colors").array(of: Float.self)
        let splats = Splats(points: points, colors: colors, degree: plan.degree)
        var learner = try SplatLearner(plan, splats, extent: try one.number("extent"), threads: 2)
        let views = try (0..<3).map { try GoldenView(one, tensors, camera: $0) }
        let order = (one.config["camera_order"]?.items ?? []).compactMap(\.number).map { Int($0) }
        let start = Int(try one.number("start_iteration")), steps = Int(try one.number("iterations"))
        let losses = try tensors.numbers("losses")
        for k in 0..<steps {
            let view = views[order[k]], iteration = start + k + 1
            let terms = try view.target.withUnsafeBufferPointer {
                try learner.differentiate(
                    view.camera, target: $0.baseAddress!, iteration: iteration, background: plan.background,
                    degree: k < steps / 2 ? 0 : 1)
            }
            let ends = Ends(iteration: iteration, of: plan)
            check.close("loss \(k + 1)", terms.loss, losses[k], rtol: ends.areRounding ? 1.5e-2 : 1e-3, atol: 0)
            if k == 0 { try first(learner, tensors, view.camera, ends, &check) }
            learner.step(iteration: iteration)
            if tensors["step\(k + 1).xyz"] != nil {
                try compare("step\(k + 1)", learner.trained.splats, tensors, ends, &check)
            }
        }
        // What is called init was recorded as a reference to numbers that went on learning.
        let ends = Ends(iteration: start + steps, of: plan)
        try compare("init", learner.trained.splats, tensors, ends, &check)
        try statistics(learner, tensors, ends, &check)
        try densified(&learner.trained, plan, one, tensors, ends, &check)
    }

    /// Whether the mask hangs on rounding, and what share of numbers may then be off.
    private struct Ends {
        let areRounding: Bool
        var share: Double { areRounding ? 0.6 : 0 }

        init(iteration: Int, of plan: SplatTraining) {
            areRounding = FrequencyMask.deviation(progress: Double(iteration) / Double(plan.iterations)) < 0.15
        }
    }

    private struct GoldenView {
        let camera: Camera
        let target: [Float]

        init(_ one: GoldenCase, _ tensors: CaseTensors, camera: Int) throws {
            self.camera = Camera(
                try tensors.numbers("in.cam\(camera).world_to_camera"), width: Int(try one.number("width")),
                height: Int(try one.number("height")), fx: try one.number("fx"), fy: try one.number("fy"))
            target = try tensors.need("in.cam\(camera).target_chw").array(of: Float.self)
        }
    }

    private static func plan(of one: GoldenCase) throws -> SplatTraining {
        var plan = SplatTraining(.ges)
        plan.iterations = Int(try one.number("total_iterations"))
        plan.degree = Int(try one.number("sh_degree"))
        plan.background = (one.config["background"]?.items ?? []).compactMap(\.number).map(Float.init)
        plan.densification.gradientThreshold = Float(try one.number("densify_grad_threshold"))
        plan.densification.leastOpacity = Float(try one.number("min_opacity"))
        plan.densification.percentDense = Float(try one.number("percent_dense"))
        plan.hasPublishedGradient = true
        return plan
    }

    private static let parts: [(name: String, plane: Int, width: Int)] = [
        ("xyz", Splats.Plane.position, 3), ("scaling", Splats.Plane.logScale, 3),
        ("rotation", Splats.Plane.rotation, 4), ("opacity", Splats.Plane.opacity, 1),
        ("shape", Splats.Plane.shape, 1), ("f_dc", Splats.Plane.harmonics, 3),
    ]

    private static func compare(
        _ prefix: String, _ splats: Splats, _ tensors: CaseTensors, rtol: Double? = nil, atol: Double? = nil,
        _ ends: Ends, _ check: inout GoldenCheck
    ) throws {
        for (name, plane, width) in parts + [("f_rest", Splats.Plane.harmonics + 3, 3 * splats.coefficientCount - 3)] {
            let expected = try tensors.need("\(prefix).\(name)")
            guard expected.shape.sizes.first == splats.count else {
                return check.fail("\(prefix).\(name): \(splats.count) splats, not \(expected.shape)")
            }
            let got = splats.tensor(plane, width, shape: expected.shape.sizes)
            try check.mostlyClose("\(prefix).\(name)", got, expected, share: ends.share, rtol: rtol, atol: atol)
        }
    }

    private static func first(
        _ learner: SplatLearner, _ tensors: CaseTensors, _ camera: Camera, _ ends: Ends, _ check: inout GoldenCheck
    ) throws {
        try check.picture(learner.picture, try tensors.need("render_step1_chw"), "render_step1")
        var gradient = Splats(count: learner.trained.splats.count, degree: learner.plan.degree)
        for plane in 0..<gradient.planeCount {
            for k in 0..<gradient.count { gradient[plane, k] = learner.gradients[plane * gradient.stride + k] }
        }
        try compare("grad_step1", gradient, tensors, rtol: 2e-3, atol: 2e-6, ends, &check)
        let N = gradient.count, half = [Float(camera.width) / 2, Float(camera.height) / 2]
        let ndc = (0..<N).flatMap { k in (0..<2).map { learner.screenGradient[$0 * N + k] * half[$0] } }
        try check.mostlyClose(
            "grad_step1.viewspace_xy", Tensor(ndc, shape: [N, 2]), tensors["grad_step1.viewspace_xy"],
            share: ends.share, rtol: 2e-3, atol: 2e-6)
    }

    private static func statistics(
        _ learner: SplatLearner, _ tensors: CaseTensors, _ ends: Ends, _ check: inout GoldenCheck
    ) throws {
        let N = learner.trained.splats.count
        try check.close("denom", Tensor(learner.trained.timesSeen, shape: [N, 1]), tensors["denom"])
        try check.mostlyClose(
            "grad_accum", Tensor(learner.trained.gradientSums, shape: [N, 1]), tensors["grad_accum"], share: ends.share)
        try check.mostlyClose(
            "max_radii2D", Tensor(learner.trained.largestRadii, shape: [N]), tensors["max_radii2D"], share: ends.share,
            atol: 1)
    }

    private static func densified(
        _ trained: inout TrainedSplats, _ plan: SplatTraining, _ one: GoldenCase, _ tensors: CaseTensors,
        _ ends: Ends, _ check: inout GoldenCheck
    ) throws {
        let noise = try tensors.need("in.split_noise").array(of: Float.self)
        let extent = Float(try one.number("extent"))
        _ = try plan.densification.apply(
            to: &trained, extent: extent, removesLarge: one.config["max_screen_size"]?.number != nil
        ) { copies in
            guard ends.areRounding || copies * 3 <= noise.count else {
                throw CaseFault("\(copies) copies of splits, more than there is noise for")
            }
            return (0..<copies * 3).map { noise[$0 % noise.count] }
        }
        guard let count = tensors["densified.xyz"]?.shape.sizes.first,
            !ends.areRounding || count == trained.splats.count
        else {
            let count = try tensors.need("densified.xyz").shape[0]
            return check.close("densified", Double(trained.splats.count), Double(count), rtol: 0.05, atol: 2)
        }
        try compare("densified", trained.splats, tensors, ends, &check)
        let expected = try tensors.need("densified.adam_exp_avg.scaling"), splats = trained.splats
        var moments: [Float] = []
        for k in 0..<splats.count {
            for axis in 0..<3 {
                moments.append(trained.moments.first[(Splats.Plane.logScale + axis) * splats.stride + k])
            }
        }
        try check.mostlyClose(
            "adam_exp_avg.scaling", Tensor(moments, shape: [splats.count, 3]), expected, share: ends.share, rtol: 5e-3,
            atol: 1e-5)
        trained.resetOpacities()
        try check.close(
            "after_opacity_reset.opacity", trained.splats.tensor(Splats.Plane.opacity, 1, shape: [splats.count, 1]),
            tensors["after_opacity_reset.opacity"])
    }
}

extension GoldenCheck {
    /// Compares two tensors of which a share of the elements may be off.
    mutating func mostlyClose(
        _ name: String, _ got: Tensor, _ expected: Tensor?, share: Double, rtol: Double? = nil, atol: Double? = nil
    ) throws {
        guard share > 0, let expected, got.shape == expected.shape, got.elementCount > 0 else {
            return try close(name, got, expected, rtol: rtol, atol: atol)
        }
        let pairs = zip(try got.array(of: Double.self), try expected.array(of: Double.self))
        let off = pairs.filter { abs($0 - $1) > (atol ?? self.atol) + (rtol ?? self.rtol) * abs($1) }.count
        close("\(name): share off", Double(off) / Double(got.elementCount), 0, rtol: 0, atol: share)
    }
}
