import Foundation
import Genera

/// Warps images by affine maps without aliasing: reflect, double the resolution with the sym6 wavelet's low-pass filter, sample
/// bilinearly, and halve it again.
enum AffineWarp {
    private static let taps: [Float] = [
        0.015404109327027373, 0.0034907120842174702, -0.11799011114819057, -0.048311742585633, 0.4910559419267466,
        0.787641141030194, 0.3379294217276218, -0.07263748782646252, -0.021060292512300564, 0.04472490177066578,
        0.0017677118642428036, -0.007800708325034148,
    ]
    /// A quarter of the filter's length: how far the filter reaches in pixels of the original resolution.
    private static let reach = taps.count / 4

    /// `[N, C, H, W] -> [N, C, H, W]`; `inverse` maps target coordinates, measured in pixels from the centre, to source ones.
    static func apply(_ inverse: [Matrix], to input: Tensor) -> Tensor {
        let shape = input.shape
        let (height, width) = (shape[2], shape[3])
        let margin = margins(inverse, height: height, width: width)
        var images = Operator.reflectionPad2d([
            .tensor(input), .ints([margin.left, margin.right, margin.top, margin.bottom]),
        ])
        images = upsampled(images)
        let target = [shape[0], shape[1], (height + reach * 2) * 2, (width + reach * 2) * 2]
        let shift = Matrix.translation(
            Double(margin.left - margin.right) / 2, Double(margin.top - margin.bottom) / 2)
        let half = Matrix.translation(-0.5, -0.5)
        let toSource = Matrix.scaling(2 / Double(images.shape[3]), 2 / Double(images.shape[2]))
        let fromTarget = Matrix.scaling(Double(target[3]) / 2, Double(target[2]) / 2)
        let maps = inverse.map { map in
            toSource * half * .scaling(2, 2) * shift * map * .scaling(0.5, 0.5) * .translation(0.5, 0.5) * fromTarget
        }
        let theta = Tensor(
            maps.flatMap { $0.values.prefix(6).map(Float.init) }, shape: [shape[0], 2, 3], device: input.device)
        let grid = Operator.affineGrid([.tensor(theta), .ints(target), .bool(false)])
        images = Operator.gridSample2d([.tensor(images), .tensor(grid), .int(0), .int(0), .bool(false)])
        return downsampled(images)
    }

    /// How far each side must be reflected so that every source pixel of every image is there.
    private static func margins(
        _ inverse: [Matrix], height: Int, width: Int
    ) -> (left: Int, top: Int, right: Int, bottom: Int) {
        let (cx, cy) = (Double(width - 1) / 2, Double(height - 1) / 2)
        let corners = [(-cx, -cy), (cx, -cy), (cx, cy), (-cx, cy)]
        var (left, top, right, bottom) = (-Double.infinity, -Double.infinity, -Double.infinity, -Double.infinity)
        for map in inverse {
            for (x, y) in corners {
                let (u, v) = (map[0, 0] * x + map[0, 1] * y + map[0, 2], map[1, 0] * x + map[1, 1] * y + map[1, 2])
                (left, top, right, bottom) = (max(left, -u), max(top, -v), max(right, u), max(bottom, v))
            }
        }
        func whole(_ value: Double, _ centre: Double, _ size: Int) -> Int {
            let wanted = value + Double(reach * 2) - centre
            return Int(min(max(wanted, 0), Double(size - 1)).rounded(.up))
        }
        return (whole(left, cx, width), whole(top, cy, height), whole(right, cx, width), whole(bottom, cy, height))
    }

    private static func filter(_ taps: [Float], channels: Int, device: Device) -> Tensor {
        Tensor(taps, shape: [1, 1, 1, taps.count], device: device).expanded([channels, 1, 1, taps.count]).contiguous()
    }

    private static func upsampled(_ images: Tensor) -> Tensor {
        let shape = images.shape
        let (n, c, h, w) = (shape[0], shape[1], shape[2], shape[3])
        let weight = filter(taps.reversed(), channels: c, device: images.device)
        let padding = (taps.count + 1) / 2
        let zeros = images * 0
        var x = Tensor.stacked([images, zeros], axis: 4).reshaped([n, c, h, w * 2]).narrowed(axis: 3, 0..<w * 2 - 1)
        x = convolved(x, weight, padding: [0, padding], stride: [1, 1])
        let wide = x.shape[3]
        x = Tensor.stacked([x, x * 0], axis: 3).reshaped([n, c, h * 2, wide]).narrowed(axis: 2, 0..<h * 2 - 1)
        return convolved(x, weight.transposed(2, 3), padding: [padding, 0], stride: [1, 1])
    }

    private static func downsampled(_ images: Tensor) -> Tensor {
        let weight = filter(taps, channels: images.shape[1], device: images.device)
        let padding = (taps.count - 1) / 2
        var x = convolved(images, weight, padding: [0, padding], stride: [1, 2])
        x = x.narrowed(axis: 3, reach..<max(reach, x.shape[3] - reach))
        x = convolved(x, weight.transposed(2, 3), padding: [padding, 0], stride: [2, 1])
        return x.narrowed(axis: 2, reach..<max(reach, x.shape[2] - reach))
    }

    private static func convolved(_ x: Tensor, _ weight: Tensor, padding: [Int], stride: [Int]) -> Tensor {
        Operator.conv2d([
            .tensor(x), .tensor(weight), .none, .ints(stride), .ints(padding), .ints([1, 1]), .int(x.shape[1]),
        ])
    }
}

extension Operator {
    static let reflectionPad2d = Operator("reflection_pad2d")
    static let affineGrid = Operator("affine_grid_generator")
    static let gridSample2d = Operator("grid_sampler")
    static let conv2d = Operator("conv2d")
}
