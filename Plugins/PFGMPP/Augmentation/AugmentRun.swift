import Foundation
import Genera

/// One batch on its way through the pipe.
struct AugmentRun {
    let pipe: AugmentPipe
    var images: Tensor
    /// One row a label, one number an image.
    var labels: [[Double]] = []
    private let draw: AugmentPipe.Draw

    init(pipe: AugmentPipe, images: Tensor, draw: @escaping AugmentPipe.Draw) {
        (self.pipe, self.images, self.draw) = (pipe, images, draw)
    }

    private var count: Int { images.shape[0] }
    private var height: Int { images.shape[2] }
    private var width: Int { images.shape[3] }

    /// Draws values and then the gate that decides, for each image, whether they count; else they are 0.
    private func gated(_ kind: AugmentPipe.Kind, rows: Int = 1, factor: Double, _ map: (Double) -> Double = { $0 })
        throws -> [[Double]]
    {
        let values = try draw(kind, rows).map { $0.map(map) }
        return gate(values, below: factor * pipe.p, by: try draw(.uniform, 1)[0])
    }

    private func gate(_ values: [[Double]], below limit: Double, by uniform: [Double]) -> [[Double]] {
        values.map { row in zip(row, uniform).map { $1 < limit ? $0 : 0 } }
    }

    private func replacing(where holds: [Bool], with other: Tensor) -> Tensor {
        images.replaced(where: Tensor(holds, shape: [count, 1, 1, 1], device: images.device), with: other)
    }

    // MARK: whole pixels

    mutating func moveWholePixels() throws {
        if pipe.xflip > 0 { try flip(axis: 3, factor: pipe.xflip) }
        if pipe.yflip > 0 { try flip(axis: 2, factor: pipe.yflip) }
        if pipe.rotateInt > 0 { try rotateQuarters() }
        if pipe.translateInt > 0 { try translateWhole() }
    }

    private mutating func flip(axis: Int, factor: Double) throws {
        let w = try gated(.integers(below: 2), factor: factor)[0]
        images = replacing(where: w.map { $0 == 1 }, with: images.flipped(axes: [axis]))
        labels.append(w)
    }

    private mutating func rotateQuarters() throws {
        let w = try gated(.integers(below: 4), factor: pipe.rotateInt)[0]
        let (x, y) = (w.map { $0 == 1 || $0 == 2 }, w.map { $0 == 2 || $0 == 3 })
        images = replacing(where: x, with: images.flipped(axes: [3]))
        images = replacing(where: y, with: images.flipped(axes: [2]))
        images = replacing(where: w.map { $0 == 1 || $0 == 3 }, with: images.transposed(2, 3))
        labels += [x.map { $0 ? 1 : 0 }, y.map { $0 ? 1 : 0 }]
    }

    private mutating func translateWhole() throws {
        let w = try gated(.uniform, rows: 2, factor: pipe.translateInt) { $0 * 2 - 1 }
        let tx = w[0].map { ($0 * Double(width) * pipe.translateIntMax).rounded(.toNearestOrEven) }
        let ty = w[1].map { ($0 * Double(height) * pipe.translateIntMax).rounded(.toNearestOrEven) }
        let rows = (0..<count).map { image in
            images.narrowed(axis: 0, image..<image + 1)
                .gathered(axis: 2, (0..<height).map { Self.reflected($0 + Int(ty[image]), height) })
                .gathered(axis: 3, (0..<width).map { Self.reflected($0 - Int(tx[image]), width) })
        }
        images = .concatenated(rows)
        labels.append(tx.map { $0 / (Double(width) * pipe.translateIntMax) })
        labels.append(ty.map { $0 / (Double(height) * pipe.translateIntMax) })
    }

    /// The index reflected at both ends, with period 2(size - 1).
    private static func reflected(_ index: Int, _ size: Int) -> Int {
        guard size > 1 else { return 0 }
        let period = 2 * size - 2
        let inside = ((index % period) + period) % period
        return size - 1 - abs(size - 1 - inside)
    }

    // MARK: fractions of pixels

    mutating func moveFractions() throws {
        var inverse = [Matrix](repeating: .identity(3), count: count)
        func apply(_ maps: (Int) -> Matrix) {
            for image in inverse.indices { inverse[image] = inverse[image] * maps(image) }
        }
        var moved = false
        if pipe.scale > 0 {
            let w = try gated(.normal, factor: pipe.scale)[0]
            apply {
                let s = exp2(w[$0] * pipe.scaleStd); return .scaling(1 / s, 1 / s)
            }
            labels.append(w)
            moved = true
        }
        if pipe.rotateFrac > 0 {
            let w = try gated(.uniform, factor: pipe.rotateFrac) { ($0 * 2 - 1) * .pi * pipe.rotateFracMax }[0]
            apply { .rotation(w[$0]) }
            labels += [w.map { cos($0) - 1 }, w.map { sin($0) }]
            moved = true
        }
        if pipe.aniso > 0 {
            let drawn = try draw(.normal, 1)
            let angles = try draw(.uniform, 1).map { $0.map { ($0 * 2 - 1) * .pi } }
            let w = gate(drawn, below: pipe.aniso * pipe.p, by: try draw(.uniform, 1)[0])[0]
            let r = gate(angles, below: pipe.anisoRotateProb, by: try draw(.uniform, 1)[0])[0]
            apply {
                let s = exp2(w[$0] * pipe.anisoStd)
                return .rotation(-r[$0]) * .scaling(1 / s, s) * .rotation(r[$0])
            }
            labels += [zip(w, r).map { $0 * cos($1) }, zip(w, r).map { $0 * sin($1) }]
            moved = true
        }
        if pipe.translateFrac > 0 {
            let w = try gated(.normal, rows: 2, factor: pipe.translateFrac)
            apply {
                .translation(
                    -w[0][$0] * Double(width) * pipe.translateFracStd,
                    -w[1][$0] * Double(height) * pipe.translateFracStd)
            }
            labels += w
            moved = true
        }
        if moved { images = AffineWarp.apply(inverse, to: images) }
    }

    // MARK: colours

    mutating func recolour() throws {
        var colours = [Matrix](repeating: .identity(4), count: count)
        func apply(_ maps: (Int) -> Matrix) {
            for image in colours.indices { colours[image] = maps(image) * colours[image] }
        }
        var changed = false
        if pipe.brightness > 0 {
            let w = try gated(.normal, factor: pipe.brightness)[0]
            apply { ColourMatrix.brightness(w[$0] * pipe.brightnessStd) }
            labels.append(w)
            changed = true
        }
        if pipe.contrast > 0 {
            let w = try gated(.normal, factor: pipe.contrast)[0]
            apply { ColourMatrix.contrast(exp2(w[$0] * pipe.contrastStd)) }
            labels.append(w)
            changed = true
        }
        if pipe.lumaflip > 0 {
            let w = try gated(.integers(below: 2), factor: pipe.lumaflip)[0]
            apply { ColourMatrix.lumaFlip(w[$0]) }
            labels.append(w)
            changed = true
        }
        if pipe.hue > 0 {
            let w = try gated(.uniform, factor: pipe.hue) { ($0 * 2 - 1) * .pi * pipe.hueMax }[0]
            apply { ColourMatrix.hue(w[$0]) }
            labels += [w.map { cos($0) - 1 }, w.map { sin($0) }]
            changed = true
        }
        if pipe.saturation > 0 {
            let w = try gated(.normal, factor: pipe.saturation)[0]
            apply { ColourMatrix.saturation(exp2(w[$0] * pipe.saturationStd)) }
            labels.append(w)
            changed = true
        }
        if changed { applyColours(colours) }
    }

    private mutating func applyColours(_ colours: [Matrix]) {
        let shape = images.shape.sizes
        func tensor(_ channels: Int, _ columns: Int, _ values: (Matrix) -> [Double]) -> Tensor {
            Tensor(
                colours.flatMap { values($0).map(Float.init) }, shape: [count, channels, columns], device: images.device
            )
        }
        let flat = images.reshaped([count, shape[1], -1])
        if shape[1] == 3 {
            let linear = tensor(3, 3) { m in (0..<3).flatMap { row in (0..<3).map { m[row, $0] } } }
            let shift = tensor(3, 1) { m in (0..<3).map { m[$0, 3] } }
            images = (linear.matmul(flat) + shift).reshaped(shape)
        } else {
            // A grey image takes the mean of what the three channels would take.
            let gain = tensor(1, 1) { m in
                [(0..<3).reduce(0) { sum, row in sum + m[row, 0] + m[row, 1] + m[row, 2] } / 3]
            }
            let shift = tensor(1, 1) { m in [(m[0, 3] + m[1, 3] + m[2, 3]) / 3] }
            images = (flat * gain + shift).reshaped(shape)
        }
    }
}
