import Foundation
import Genera

extension SceneDrawing {
    /// Draws a picture band by band from top to bottom.
    ///
    /// - Throws: errors of the body; `GeneraError.unavailable` if memory runs out; `usage` for what cannot be drawn of this camera.
    func forEachBand(
        _ camera: Camera, _ rules: RenderRules, details: Rasterizer.Details, _ rasterizer: Rasterizer,
        _ body: (RenderedView) throws -> Void
    ) throws {
        guard max(camera.width, camera.height) * supersample <= Camera.mostPixels else {
            throw GeneraError.usage(
                "A picture of \(camera.width)x\(camera.height) pixels, drawn \(supersample) times as wide and high, is larger than 32,000 on a side. Give a smaller --size or --supersample."
            )
        }
        if lens != nil, camera.projection != .pinhole {
            throw GeneraError.usage(
                "An --aperture is for the projection pinhole; the projection \(camera.projection.rawValue) is sharp everywhere."
            )
        }
        let height = min(bandRows ?? fittingRows(camera), camera.height)
        for first in stride(from: 0, to: camera.height, by: height) {
            let rows = first..<min(first + height, camera.height)
            try body(band(camera, rules, details, rasterizer, rows))
        }
    }

    /// As many rows as `bandBytes` hold, in whole tiles.
    private func fittingRows(_ camera: Camera) -> Int {
        let row = camera.width * supersample * supersample * 4 * MemoryLayout<Float>.size
        return max(Self.bandBytes / row / 16, 1) * 16
    }

    private func view(
        _ camera: Camera, _ rules: RenderRules, _ paper: [Float], _ details: Rasterizer.Details,
        _ rasterizer: Rasterizer,
        _ rows: Range<Int>
    ) throws -> RenderedView {
        guard let detail else {
            return try rasterizer.render(scene.splats, camera, rules, background: paper, details: details, rows: rows)
        }
        return try detail.tree.render(
            camera, rules, pixels: detail.pixels * Double(supersample), by: rasterizer, background: paper,
            details: details,
            rows: rows)
    }

    private func band(
        _ camera: Camera, _ rules: RenderRules, _ details: Rasterizer.Details, _ rasterizer: Rasterizer,
        _ rows: Range<Int>
    ) throws -> RenderedView {
        let paper: [Float] = if case let .color(color) = background, channel == .rgb { color } else { [0, 0, 0] }
        func drawn(_ camera: Camera, _ rules: RenderRules) throws -> RenderedView {
            guard supersample > 1 else {
                return try view(camera, rules, paper, details, rasterizer, rows)
            }
            let large = camera.resized(width: camera.width * supersample, height: camera.height * supersample)
            let band = rows.lowerBound * supersample..<rows.upperBound * supersample
            return try view(large, rules, paper, [], rasterizer, band).averaged(supersample)
        }
        guard let lens else { return try drawn(camera, rules) }
        var shifted = rules
        shifted.isCentred = false
        let cameras = try lens.cameras(rules.isCentred ?? (rules.convention == .inria) ? camera.centred : camera)
        var sum = try drawn(cameras[0], shifted)
        for camera in cameras.dropFirst() { sum.add(try drawn(camera, shifted)) }
        sum.multiply(by: 1 / Float(cameras.count))
        return sum
    }
}

/// A lens that is sharp on a plane across its line of sight.
struct ThinLens: Sendable {
    /// Where it is sharp.
    enum Focus: Sendable {
        /// So far before it.
        case distance(Double)
        /// As far before it as a point of the world.
        case point([Double])
    }

    /// Its radius in units of the world.
    let radius: Double
    /// Where it is sharp.
    let focus: Focus
    /// How many of its points are looked through.
    let count: Int

    /// Pinholes on a spiral over the lens, each part of which has as many; what lies on the plane is at the same place for all.
    ///
    /// - Throws: `GeneraError.usage` for a point behind the lens.
    func cameras(_ camera: Camera) throws -> [Camera] {
        let distance: Double
        switch focus {
        case .distance(let value): distance = value
        case .point(let point): distance = Vector.turned(camera.rotation, point)[2] + camera.translation[2]
        }
        guard distance > 1e-9 else {
            throw GeneraError.usage("The middle of the scene is behind the camera: say with --focus where it is sharp.")
        }
        let turn = Double.pi * (3 - 5.0.squareRoot())
        return (0..<count).map { index in
            let away = radius * ((Double(index) + 0.5) / Double(count)).squareRoot(), angle = Double(index) * turn
            let (x, y) = (away * cos(angle), away * sin(angle))
            var moved = camera
            moved.translation[0] -= x
            moved.translation[1] -= y
            moved.cx += camera.fx * x / distance
            moved.cy += camera.fy * y / distance
            return moved
        }
    }
}

extension RenderedView {
    /// The means of squares of pixels.
    func averaged(_ factor: Int) -> RenderedView {
        let rows = firstRow / factor..<(firstRow + height) / factor
        var view = RenderedView(width: width / factor, rows: rows, background: background, details: [])
        Self.average(planes, into: &view.planes, count: 3, width, height, factor)
        Self.average(transmittance, into: &view.transmittance, count: 1, width, height, factor)
        return view
    }

    private static func average(
        _ values: [Float], into means: inout [Float], count: Int, _ width: Int, _ height: Int, _ factor: Int
    ) {
        let (columns, share) = (width / factor, 1 / Float(factor * factor))
        values.withUnsafeBufferPointer { values in
            means.withUnsafeMutableBufferPointer { means in
                // Planes lie one below the other, and all have a whole number of squares.
                for row in 0..<count * height / factor {
                    for column in 0..<columns {
                        var sum: Float = 0
                        for y in 0..<factor {
                            let start = (row * factor + y) * width + column * factor
                            for x in 0..<factor { sum += values[start + x] }
                        }
                        means[row * columns + column] = sum * share
                    }
                }
            }
        }
    }

    /// Adds what is known of the pixels of another view of the same size.
    mutating func add(_ other: RenderedView) {
        for index in planes.indices { planes[index] += other.planes[index] }
        for index in transmittance.indices { transmittance[index] += other.transmittance[index] }
    }

    /// Multiplies what is known of the pixels.
    mutating func multiply(by factor: Float) {
        for index in planes.indices { planes[index] *= factor }
        for index in transmittance.indices { transmittance[index] *= factor }
    }
}
