import Genera

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Where flat splats begin.
enum FlatPlacement {
    /// Standard deviations in spacings of splats: with it their sum is even to a few per cent.
    private static let width: Float = 0.6
    /// What splats of that width sum up to, 2 pi width^2.
    private static let overlap: Float = 2 * .pi * width * width

    /// The beginning of the paper: places uniform, numbers of the form and colours uniform in 0...1.
    static func random(_ splats: inout FlatSplats, seed: UInt64) {
        for index in 0..<splats.count {
            let draw = uniform(seed, index)
            for axis in 0..<2 { splats[FlatSplats.Plane.position + axis, index] = before(draw[axis]) }
            for plane in 0..<6 { splats[FlatSplats.Plane.form + plane, index] = draw[2 + plane] }
        }
    }

    /// Splats where the target has detail: as dense as its gradient plus some of the mean, each as wide as its share of
    /// the picture, in the colour that it has there.
    static func guided(_ splats: inout FlatSplats, target: [Float], count: Int, seed: UInt64) {
        let (w, h) = (splats.width, splats.height)
        let density = smooth(detail(of: target, w, h), w, h)
        let total = density.reduce(0, +)
        splats.count = count
        for (index, pixel) in chosen(density, count: count, w, h, seed).enumerated() {
            let draw = uniform(seed, index)
            let spacing = (total / (Float(count) * density[pixel])).squareRoot()
            let deviation = min(max(width * spacing, 0.5), Float(max(w, h)) / 4)
            let colour = (0..<3).map { target[$0 * w * h + pixel] / overlap }
            place(&splats, index, pixel, offset: (draw[0], draw[1]), deviation: deviation, colour: colour)
        }
    }

    /// More splats where the picture is furthest from its target, in the colour that lacks there.
    static func add(_ splats: inout FlatSplats, target: [Float], picture: [Float], count: Int, seed: UInt64) {
        let (w, h) = (splats.width, splats.height)
        let plane = w * h
        let errors = smooth(
            (0..<plane).map { pixel in
                (0..<3).reduce(Float(1e-9)) { sum, channel in
                    let lack = target[channel * plane + pixel] - picture[channel * plane + pixel]
                    return sum + lack * lack
                }
            }, w, h)
        let first = splats.count
        splats.count += count
        let deviation = min(max(0.5 * width * (Float(plane) / Float(splats.count)).squareRoot(), 0.7), 8)
        for (number, pixel) in chosen(errors, count: count, w, h, seed &+ UInt64(first)).enumerated() {
            let draw = uniform(seed, first + number)
            let lack = (0..<3).map { (target[$0 * plane + pixel] - picture[$0 * plane + pixel]) / 2 }
            place(&splats, first + number, pixel, offset: (draw[0], draw[1]), deviation: deviation, colour: lack)
        }
    }

    private static func place(
        _ splats: inout FlatSplats, _ index: Int, _ pixel: Int, offset: (Float, Float), deviation: Float,
        colour: [Float]
    ) {
        let (x, y) = (Float(pixel % splats.width) + offset.0, Float(pixel / splats.width) + offset.1)
        splats[FlatSplats.Plane.position, index] = before(x / Float(splats.width))
        splats[FlatSplats.Plane.position + 1, index] = before(y / Float(splats.height))
        let form: [Float] =
            splats.form == .cholesky
            ? [deviation - 0.5, 0, deviation - 0.5] : [deviation - 0.5, deviation - 0.5, offset.0 - 0.5]
        for number in 0..<3 {
            splats[FlatSplats.Plane.form + number, index] = form[number]
            splats[FlatSplats.Plane.colour + number, index] = colour[number]
        }
    }

    /// What tanh turns into 2 share - 1.
    private static func before(_ share: Float) -> Float { atanh(min(max(2 * share - 1, -0.9999), 0.9999)) }

    /// Eight numbers uniform in [0, 1) of a splat.
    private static func uniform(_ seed: UInt64, _ index: Int) -> [Float] {
        let philox = Philox(seed: seed)
        return (0..<2).flatMap { half -> [Float] in
            let words = philox.words(at: (UInt32(half), 0x666c_6174, 0, UInt32(truncatingIfNeeded: index)))
            return [words.0, words.1, words.2, words.3].map { Float($0 >> 8) * 0x1p-24 }
        }
    }

    /// The size of the gradient of each pixel's grey, plus some of its mean.
    private static func detail(of target: [Float], _ w: Int, _ h: Int) -> [Float] {
        let plane = w * h
        let grey = (0..<plane).map { target[$0] + target[plane + $0] + target[2 * plane + $0] }
        let sizes = (0..<plane).map { pixel -> Float in
            let (x, y) = (pixel % w, pixel / w)
            let across = grey[y * w + min(x + 1, w - 1)] - grey[y * w + max(x - 1, 0)]
            let down = grey[min(y + 1, h - 1) * w + x] - grey[max(y - 1, 0) * w + x]
            return (across * across + down * down).squareRoot()
        }
        let mean = sizes.reduce(0, +) / Float(plane)
        return sizes.map { $0 + 0.3 * mean + 1e-6 }
    }

    /// The mean over 5x5 pixels.
    private static func smooth(_ field: [Float], _ w: Int, _ h: Int) -> [Float] {
        func along(_ field: [Float], _ count: Int, _ lines: Int, _ step: Int, _ lineStep: Int) -> [Float] {
            var result = field
            for line in 0..<lines {
                for place in 0..<count {
                    let near = max(place - 2, 0)...min(place + 2, count - 1)
                    let sum = near.reduce(Float(0)) { $0 + field[line * lineStep + $1 * step] }
                    result[line * lineStep + place * step] = sum / Float(near.count)
                }
            }
            return result
        }
        return along(along(field, w, h, 1, w), h, w, w, 1)
    }

    /// Pixels drawn by their weights, evenly over the picture: one from each of `count` equal parts of the sum along a
    /// path of small blocks.
    private static func chosen(_ weights: [Float], count: Int, _ w: Int, _ h: Int, _ seed: UInt64) -> [Int] {
        let side = 8
        var path: [Int] = []
        path.reserveCapacity(w * h)
        for top in stride(from: 0, to: h, by: side) {
            let lefts = Array(stride(from: 0, to: w, by: side))
            for left in top / side % 2 == 0 ? lefts : lefts.reversed() {
                for y in top..<min(top + side, h) { for x in left..<min(left + side, w) { path.append(y * w + x) } }
            }
        }
        let total = path.reduce(0.0) { $0 + Double(weights[$1]) }
        let philox = Philox(seed: seed)
        var (sum, place) = (Double(weights[path[0]]), 0)
        return (0..<count).map { index in
            let draw = Double(philox.words(at: (UInt32(index), 0x7061_7468, 0, 0)).0) * 0x1p-32
            let goal = (Double(index) + draw) / Double(count) * total
            while sum < goal, place < path.count - 1 {
                place += 1
                sum += Double(weights[path[place]])
            }
            return path[place]
        }
    }
}
