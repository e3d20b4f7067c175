import Genera

/// A picture that splats are fitted to.
struct FlatTarget: Sendable {
    static let mostPixels = 100_000_000

    let width: Int
    let height: Int
    /// `[3, height, width]` in 0...1.
    let planes: [Float]

    /// Reads a PNG; what is transparent is laid over white.
    init(_ path: String) throws {
        let image = try Image.read(path: path).converted(toChannels: 3)
        let (plane, values) = (image.width * image.height, image.values)
        (width, height) = (image.width, image.height)
        planes = (0..<3 * plane).map { values[$0 % plane * 3 + $0 / plane] }
    }

    func quality(of splats: FlatSplats, threads: Int) -> ImageLoss.Terms {
        var loss = ImageLoss(.gaussians, threads: threads)
        let render = splats.render(threads: threads)
        return loss(render: render, target: planes, width: width, height: height)
    }
}

/// How good a picture becomes with so many splats, of either kernel.
struct FlatStudy: Sendable {
    struct Row: Sendable {
        let count: Int
        let kernel: FlatSplats.Kernel
        let quality: ImageLoss.Terms
        let bits: Double
    }

    /// Everything but the number of splats and the kernel.
    let fit: FlatFit
    let counts: [Int]

    func rows(_ target: FlatTarget, stop: StopToken, progress: any ProgressSink) throws -> [Row] {
        let kernels = FlatSplats.Kernel.allCases
        let total = counts.count * kernels.count * fit.steps
        progress.report(.began(total: total, unit: "steps"))
        let clock = ContinuousClock()
        let began = clock.now
        var done = 0
        return try counts.flatMap { count in
            try kernels.map { kernel in
                var own = fit
                (own.count, own.kernel) = (count, kernel)
                let splats = try own.splats(target.planes, width: target.width, height: target.height, stop: stop) {
                    step, _ in
                    let rate = Double(done + step) / max(Double((clock.now - began) / .seconds(1)), 1e-9)
                    progress.report(
                        .advanced(done: done + step, total: total, rate: rate, detail: "\(count) \(kernel.rawValue)"))
                }
                done += fit.steps
                // Of float32: eight numbers a splat, and one more for a shape.
                let numbers = count * (kernel == .general ? 9 : 8)
                return Row(
                    count: count, kernel: kernel, quality: target.quality(of: splats, threads: fit.threads),
                    bits: Double(32 * numbers) / Double(target.width * target.height))
            }
        }
    }

    static func table(_ rows: [Row]) -> Table {
        Table(
            columns: [
                "splats", "kernel", .init("PSNR", unit: "dB", digits: .places(2)), .init("SSIM", digits: .places(4)),
                .init("bits a pixel", digits: .places(2)),
            ],
            rows: rows.map { row in
                [
                    .integer(row.count), .text(row.kernel.rawValue), .number(row.quality.psnr),
                    .number(row.quality.ssim),
                    .number(row.bits),
                ]
            })
    }

    static func plot(_ rows: [Row]) throws -> Image {
        let series = FlatSplats.Kernel.allCases.map { kernel in
            let mine = rows.filter { $0.kernel == kernel }.sorted { $0.count < $1.count }
            return LinePlot.Series(
                kernel == .general ? "generalised exponentials" : "Gaussians", x: mine.map { Double($0.count) },
                y: mine.map(\.quality.psnr))
        }
        return try LinePlot(series, x: Axis("splats", scale: .logarithmic), y: Axis("PSNR in dB")).render()
    }
}
