import CSplats

/// What drawing and fitting flat splats works in: the memory, and the calls of the kernels. For one thread at a time.
final class FlatWork {
    private(set) var splats: FlatSplats
    let width: Int
    let height: Int
    var threads = 1
    var rates = [Float](repeating: 0, count: FlatSplats.Plane.count)
    var optimiser = FlatFit.Optimiser.adam
    var sparedLevels = 0
    /// Steps of the optimiser.
    private(set) var steps = 0
    /// What the kernel keeps of the splats is theirs.
    private var isReady = false

    private let target: UnsafeMutableBufferPointer<Float>
    private let drawn: UnsafeMutableBufferPointer<Float>
    private let slopes: UnsafeMutableBufferPointer<Float>
    private let ready: UnsafeMutableBufferPointer<Float>
    private let sums: UnsafeMutableBufferPointer<Double>
    private let moments: UnsafeMutableBufferPointer<Float>
    private let row: Int

    /// - Parameter target: `[3, height, width]`, for fitting.
    init(_ splats: FlatSplats, width: Int, height: Int, target: [Float]? = nil) {
        (self.splats, self.width, self.height) = (splats, width, height)
        row = Int(splat_picture_row(Int32(width)))
        func room(_ count: Int) -> UnsafeMutableBufferPointer<Float> {
            let buffer = UnsafeMutableBufferPointer<Float>.allocate(capacity: count)
            buffer.initialize(repeating: 0)
            return buffer
        }
        drawn = room(3 * height * row)
        ready = room(16 * max(splats.stride, 16))
        sums = .allocate(capacity: height)
        sums.initialize(repeating: 0)
        self.target = room(target?.count ?? 0)
        if let target { _ = self.target.update(from: target) }
        slopes = room(target == nil ? 0 : 3 * height * row)
        moments = room(target == nil ? 0 : 4 * FlatSplats.Plane.count * splats.stride)
    }

    deinit {
        for buffer in [target, drawn, slopes, ready, moments] { buffer.deallocate() }
        sums.deallocate()
    }

    /// Draws, and gives the mean square error where there is a target.
    func render() -> Double {
        withJob { job in
            let error = splat_picture_render(&job, Int32(threads))
            job.is_ready = 1
            return error
        }
    }

    /// dL / d parameters of what was drawn last, `[9, stride]`.
    func gradient() -> [Float] {
        var gradient = [Float](repeating: 0, count: FlatSplats.Plane.count * splats.stride)
        withJob { splat_picture_gradient(&$0, &gradient, Int32(threads)) }
        return gradient
    }

    /// A step of the optimiser with the gradient of what was drawn last.
    func update() { withJob { splat_picture_update(&$0, Int32(threads)) } }

    /// Changes the splats; what the optimiser keeps stays.
    func change(_ body: (inout FlatSplats) -> Void) {
        body(&splats)
        isReady = false
    }

    /// What was drawn last, `[3, height, width]` in 0...1.
    var picture: [Float] {
        Array(unsafeUninitializedCapacity: 3 * height * width) { picture, count in
            for line in 0..<3 * height {
                for column in 0..<width {
                    picture[line * width + column] = min(max(drawn[line * row + column], 0), 1)
                }
            }
            count = 3 * height * width
        }
    }

    /// Sets the slopes dL / d picture from planes `[3, height, width]`.
    func setSlopes(_ planes: [Float]) {
        for line in 0..<3 * height {
            _ = UnsafeMutableBufferPointer(rebasing: slopes[line * row..<line * row + width])
                .update(from: planes[line * width..<(line + 1) * width])
        }
    }

    private func withJob<Result>(_ body: (inout splat_picture_job) -> Result) -> Result {
        let isGeneral = splats.kernel == .general
        let form = splats.form == .cholesky ? SPLAT_PICTURE_CHOLESKY : SPLAT_PICTURE_ROTATION
        let adam = optimiser == .adam ? SPLAT_PICTURE_ADAM : SPLAT_PICTURE_ADAN
        let (count, stride) = (Int32(splats.count), Int32(splats.stride))
        let scale = (Float(width) / Float(splats.width), Float(height) / Float(splats.height))
        let r = rates
        return splats.parameters.withUnsafeMutableBufferPointer { parameters in
            var job = splat_picture_job(
                width: Int32(width), height: Int32(height), count: count, stride: stride, form: Int32(form.rawValue),
                is_general: isGeneral ? 1 : 0, parameters: parameters.baseAddress ?? ready.baseAddress!,
                scale_x: scale.0, scale_y: scale.1, target: target.isEmpty ? nil : UnsafePointer(target.baseAddress!),
                render: drawn.baseAddress!, slopes: slopes.isEmpty ? nil : slopes.baseAddress!,
                ready: ready.baseAddress!, is_ready: isReady ? 1 : 0, sums: sums.baseAddress!,
                optimiser: Int32(adam.rawValue), moments: moments.isEmpty ? nil : moments.baseAddress!,
                rates: (r[0], r[1], r[2], r[3], r[4], r[5], r[6], r[7], r[8]), step: Int32(steps),
                spared_levels: Int32(sparedLevels))
            defer { (steps, isReady) = (Int(job.step), job.is_ready != 0) }
            return body(&job)
        }
    }
}
