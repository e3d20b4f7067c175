#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension Image {
    /// How a picture is resampled.
    public enum Resampling: String, CaseIterable, Sendable {
        /// The nearest pixel: hard edges.
        case nearest
        /// The mean over the area that a new pixel covers: exact for whole factors.
        case box
        /// Lanczos' windowed sinc with three lobes, widened when shrinking: sharp.
        case lanczos
    }

    /// The picture at another size.
    ///
    /// Colours are weighted by alpha, so that transparent pixels do not bleed.
    ///
    /// - Complexity: O(`width * height * channels`) memory, times the filter's width in time.
    public func resized(width newWidth: Int, height newHeight: Int, by method: Resampling = .lanczos) -> Image {
        precondition(newWidth > 0 && newHeight > 0, "An image needs a positive size, not \(newWidth)x\(newHeight).")
        if newWidth == width && newHeight == height { return self }
        if method == .nearest {
            return gathered(
                columns: (0..<newWidth).map { (2 * $0 + 1) * width / (2 * newWidth) },
                rows: (0..<newHeight).map { (2 * $0 + 1) * height / (2 * newHeight) })
        }
        let columns = ResamplingKernel(from: width, to: newWidth, method: method)
        let rows = ResamplingKernel(from: height, to: newHeight, method: method)
        var plane = premultipliedValues()
        plane = columns.applied(to: plane, outer: height, inner: channels)
        plane = rows.applied(to: plane, outer: 1, inner: newWidth * channels)
        return Image(premultiplied: plane, width: newWidth, height: newHeight, channels: channels, bitDepth: bitDepth)
    }

    private func premultipliedValues() -> [Float] {
        var values = self.values
        guard hasAlpha else { return values }
        for start in stride(from: 0, to: values.count, by: channels) {
            for channel in 0..<channels - 1 { values[start + channel] *= values[start + channels - 1] }
        }
        return values
    }

    private init(premultiplied: [Float], width: Int, height: Int, channels: Int, bitDepth: Int) {
        var values = premultiplied
        if channels == 2 || channels == 4 {
            for start in stride(from: 0, to: values.count, by: channels) {
                let alpha = values[start + channels - 1]
                for channel in 0..<channels - 1 where alpha > 0 { values[start + channel] /= alpha }
            }
        }
        self.init(width: width, height: height, channels: channels, values: values, bitDepth: bitDepth)
    }
}

/// The weights that make each new sample of one axis from a run of old ones.
struct ResamplingKernel {
    /// For each new sample: the first old sample and the weights from there on, which sum to 1.
    let taps: [(start: Int, weights: [Float])]
    let inputCount: Int

    init(from inputCount: Int, to outputCount: Int, method: Image.Resampling) {
        self.inputCount = inputCount
        let ratio = Double(inputCount) / Double(outputCount)
        taps = (0..<outputCount).map { index in
            method == .box
                ? Self.box(index, ratio: ratio, inputCount: inputCount)
                : Self.lanczos(index, ratio: ratio, inputCount: inputCount)
        }
    }

    private static func box(_ index: Int, ratio: Double, inputCount: Int) -> (Int, [Float]) {
        let (low, high) = (Double(index) * ratio, Double(index + 1) * ratio)
        let first = min(Int(low), inputCount - 1)
        let last = min(max(Int(high.rounded(.up)) - 1, first), inputCount - 1)
        return normalized(first, (first...last).map { min(high, Double($0 + 1)) - max(low, Double($0)) })
    }

    private static func lanczos(_ index: Int, ratio: Double, inputCount: Int) -> (Int, [Float]) {
        let scale = max(ratio, 1)
        let centre = (Double(index) + 0.5) * ratio
        let first = max(Int((centre - 3 * scale).rounded(.down)), 0)
        let last = min(Int((centre + 3 * scale).rounded(.up)), inputCount - 1)
        return normalized(first, (first...last).map { sinc3((Double($0) + 0.5 - centre) / scale) })
    }

    private static func sinc3(_ x: Double) -> Double {
        if abs(x) < 1e-9 { return 1 }
        if abs(x) >= 3 { return 0 }
        let angle = Double.pi * x
        return 3 * sin(angle) * sin(angle / 3) / (angle * angle)
    }

    private static func normalized(_ start: Int, _ weights: [Double]) -> (Int, [Float]) {
        let sum = weights.reduce(0, +)
        return (start, weights.map { Float($0 / sum) })
    }

    /// Resamples the middle axis of `[outer, inputCount, inner]`.
    func applied(to values: [Float], outer: Int, inner: Int) -> [Float] {
        var result = [Float](repeating: 0, count: outer * taps.count * inner)
        values.withUnsafeBufferPointer { values in
            result.withUnsafeMutableBufferPointer { result in
                for block in 0..<outer {
                    for (index, tap) in taps.enumerated() {
                        let to = (block * taps.count + index) * inner
                        for (step, weight) in tap.weights.enumerated() {
                            let from = (block * inputCount + tap.start + step) * inner
                            var lane = 0
                            while lane < inner {
                                result[to + lane] += weight * values[from + lane]
                                lane += 1
                            }
                        }
                    }
                }
            }
        }
        return result
    }
}
