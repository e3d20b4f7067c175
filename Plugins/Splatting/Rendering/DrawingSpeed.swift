import CSplats
import Foundation
import Genera

/// Measures how long views of a scene take.
struct DrawingSpeed {
    let scene: SplatScene
    /// Random splats lie before a camera in the origin.
    var isRandom = false
    var repeats = 9

    init(_ scene: SplatScene) { self.scene = scene }

    static var table: Table {
        let times = ["projection", "forward", "forward and backward"].map {
            Table.Column($0, unit: "ms", digits: .places(2))
        }
        return Table(
            "Drawing", columns: ["size", "threads", "instructions"] + times + [.init("tile pairs")])
    }

    /// Random splats before a camera in the origin that looks along z.
    static func randomSplats(_ count: Int, seed: UInt64) -> Splats {
        var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
        func uniform(_ low: Float, _ high: Float) -> Float {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return low + (high - low) * Float(state >> 40) / Float(1 << 24)
        }
        var splats = Splats(count: count, degree: 0)
        for k in 0..<count {
            let depth = uniform(2, 8)
            splats[0, k] = uniform(-0.7, 0.7) * depth
            splats[1, k] = uniform(-0.5, 0.5) * depth
            splats[2, k] = depth
            for plane in 3..<6 { splats[plane, k] = uniform(-6.5, -4) }
            for plane in 6..<10 { splats[plane, k] = uniform(-1, 1) }
            splats[10, k] = uniform(-2, 3)
            for plane in 12..<15 { splats[plane, k] = uniform(-1.5, 1.5) }
        }
        return splats
    }

    private func camera(_ width: Int, _ height: Int) throws -> Camera {
        if isRandom {
            return Camera(
                rotation: [1, 0, 0, 0, 1, 0, 0, 0, 1], translation: [0, 0, 0], width: width, height: height,
                fx: Double(width) * 0.8,
                fy: Double(width) * 0.8)
        }
        let framing = Framing(scene.splats)
        let orbit = CameraPath.Orbit(
            centre: framing.centre, radius: framing.distance(fieldOfView: 45, aspect: Double(width) / Double(height)),
            elevation: 15, up: scene.up ?? [0, -1, 0])
        return try CameraPath.orbit(orbit, count: 1, lens: .fieldOfView(45), width: width, height: height)[0]
    }

    /// A row for each instruction set of this processor.
    func rows(width: Int, height: Int, threads: Int, stop: StopToken) throws -> [[Table.Cell]] {
        let camera = try camera(width, height), rules = RenderRules()
        let slope = [Float](repeating: 1e-3, count: 3 * width * height)
        defer { splat_force_target(0) }
        return try [(3, "avx512"), (2, "avx2"), (1, "base")].compactMap { level, name -> [Table.Cell]? in
            splat_force_target(Int32(level))
            guard Rasterizer.instructionSet == name else { return nil }
            guard !stop.isStopped else { throw GeneraError.interrupted("Stopped while measuring.") }
            let rasterizer = try Rasterizer(threads: threads)
            let projection = try projectionTime(camera, rules, threads)
            let forward = try median { _ = try rasterizer.render(scene.splats, camera, rules) }
            let both = try median {
                _ = try rasterizer.backward(rasterizer.render(scene.splats, camera, rules), gradient: slope)
            }
            return [
                .text("\(width)x\(height)"), .integer(threads), .text(name), .number(projection), .number(forward),
                .number(both), .integer(rasterizer.statistics.pairs),
            ]
        }
    }

    /// A row for the plain rasteriser; nil if memory runs out.
    func plainRow(width: Int, height: Int) throws -> [Table.Cell]? {
        let camera = try camera(width, height)
        guard (try? Self.plainView(scene.splats, camera)) != nil else { return nil }
        var fewer = self
        fewer.repeats = min(repeats, 3)
        let forward = try fewer.median(warmUps: 0) { _ = try Self.plainView(scene.splats, camera) }
        return [.text("\(width)x\(height)"), .integer(1), .text("plain"), .empty, .number(forward), .empty, .empty]
    }

    /// A view by the plain rasteriser.
    static func plainView(_ splats: Splats, _ camera: Camera, background: [Float] = [0, 0, 0]) throws -> RenderedView {
        var view = RenderedView(width: camera.width, rows: 0..<camera.height, background: background, details: [])
        let rules = RenderRules()
        var kernelRules = rules.kernelRules(camera, degree: min(splats.degree, 3)),
            kernelCamera = camera.kernelCamera(rules)
        let status = splats.withKernelPlanes { planes in
            var planes = planes
            return view.withPicture { splat_plain_render(&planes, &kernelCamera, &kernelRules, $0) }
        }
        guard status == 0 else { throw Rasterizer.exhausted }
        return view
    }

    private func projectionTime(_ camera: Camera, _ rules: RenderRules, _ threads: Int) throws -> Double {
        guard let frame = splat_frame_create() else { throw Rasterizer.exhausted }
        defer { splat_frame_free(frame) }
        var kernelRules = rules.kernelRules(camera, degree: scene.splats.degree),
            kernelCamera = camera.kernelCamera(rules)
        return try scene.splats.withKernelPlanes { planes in
            var planes = planes
            return try median {
                guard splat_project(frame, &planes, &kernelCamera, &kernelRules, nil, Int32(threads)) == 0 else {
                    throw Rasterizer.exhausted
                }
            }
        }
    }

    /// The median time of some work, in milliseconds.
    private func median(warmUps: Int = 2, _ work: () throws -> Void) rethrows -> Double {
        for _ in 0..<warmUps { try work() }
        let times = try (0..<repeats).map { _ in
            let began = DispatchTime.now().uptimeNanoseconds
            try work()
            return Double(DispatchTime.now().uptimeNanoseconds - began) * 1e-6
        }.sorted()
        return (times[(times.count - 1) / 2] + times[times.count / 2]) / 2
    }

    /// The most memory, in bytes, that this program has had; nil where the system does not tell.
    static var peakMemory: Int? {
        guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8) else { return nil }
        guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") }) else { return nil }
        return line.split(whereSeparator: { !$0.isNumber }).first.flatMap { Int($0) }.map { $0 * 1024 }
    }
}
