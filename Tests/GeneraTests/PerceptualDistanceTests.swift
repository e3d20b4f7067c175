import Foundation
import Genera
import GeneraTesting
import Testing

/// LPIPS of a small network of random weights beside the formula written out in double precision.
@Suite struct PerceptualDistanceTests {
    /// Convolutions 0 and 2 make the first stage, 5 the second.
    private static let channels = [
        (number: 0, from: 3, to: 4), (number: 2, from: 4, to: 5), (number: 5, from: 5, to: 6),
    ]

    private static func numbers(_ count: Int, seed: UInt64, scale: Double = 1, shift: Double = 0) -> [Float] {
        var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
        return (0..<count).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Float((Double(state >> 40) / Double(1 << 24) - 0.5) * 2 * scale + shift)
        }
    }

    private static let weights: [(name: String, tensor: RawTensor)] = {
        var all: [(name: String, tensor: RawTensor)] = []
        for (number, from, to) in channels {
            let seed = UInt64(number) * 3 + 1
            all.append(
                (
                    "features.\(number).weight",
                    RawTensor(numbers(to * from * 9, seed: seed, scale: 0.4), shape: [to, from, 3, 3])
                ))
            all.append(("features.\(number).bias", RawTensor(numbers(to, seed: seed + 1, scale: 0.3), shape: [to])))
        }
        all.append(("lin0", RawTensor(numbers(5, seed: 50, scale: 0.5, shift: 0.5), shape: [1, 5, 1, 1])))
        all.append(
            ("lin1.model.1.weight", RawTensor(numbers(6, seed: 51, scale: 0.5, shift: 0.5), shape: [1, 6, 1, 1])))
        return all
    }()

    private static func image(_ seed: UInt64, width: Int = 9, height: Int = 7) -> PixelPlanes {
        PixelPlanes(
            numbers(3 * width * height, seed: seed, scale: 0.5, shift: 0.5), channels: 3, height: height, width: width)
    }

    /// Planes of numbers in double precision.
    private struct Planes {
        var values: [[[Double]]]

        func convolved(_ weight: [Double], _ bias: [Double]) -> Planes {
            let (from, height, width) = (values.count, values[0].count, values[0][0].count)
            func value(_ out: Int, _ y: Int, _ x: Int) -> Double {
                var sum = bias[out]
                for channel in 0..<from {
                    for place in 0..<9 {
                        let (row, column) = (y + place / 3 - 1, x + place % 3 - 1)
                        guard row >= 0, row < height, column >= 0, column < width else { continue }
                        sum += values[channel][row][column] * weight[(out * from + channel) * 9 + place]
                    }
                }
                return max(sum, 0)
            }
            return Planes(
                values: bias.indices.map { out in
                    (0..<height).map { y in (0..<width).map { x in value(out, y, x) } }
                })
        }

        var pooled: Planes {
            var result = Planes(values: [])
            for plane in values {
                var rows: [[Double]] = []
                for y in 0..<plane.count / 2 {
                    var row: [Double] = []
                    for x in 0..<plane[0].count / 2 {
                        let (upper, lower) = (plane[2 * y][2 * x...2 * x + 1], plane[2 * y + 1][2 * x...2 * x + 1])
                        row.append((upper + lower).max() ?? 0)
                    }
                    rows.append(row)
                }
                result.values.append(rows)
            }
            return result
        }
    }

    /// The formula as it stands in the paper.
    private static func direct(_ a: PixelPlanes, _ b: PixelPlanes, isSigned: Bool) -> Double {
        func tensor(_ name: String) -> [Double] { weights.first { $0.name == name }!.tensor.doubles() }
        func prepared(_ image: PixelPlanes) -> Planes {
            let (mean, deviation) = ([-0.030, -0.088, -0.188], [0.458, 0.448, 0.450])
            func scaled(_ channel: Int, _ y: Int, _ x: Int) -> Double {
                let value = Double(image.values[(channel * image.height + y) * image.width + x])
                return ((isSigned ? 2 * value - 1 : value) - mean[channel]) / deviation[channel]
            }
            return Planes(
                values: (0..<3).map { channel in
                    (0..<image.height).map { y in (0..<image.width).map { x in scaled(channel, y, x) } }
                })
        }
        func stages(_ image: PixelPlanes) -> [Planes] {
            let first = prepared(image).convolved(tensor("features.0.weight"), tensor("features.0.bias"))
                .convolved(tensor("features.2.weight"), tensor("features.2.bias"))
            return [first, first.pooled.convolved(tensor("features.5.weight"), tensor("features.5.bias"))]
        }
        var sum = 0.0
        for (stage, (x, y)) in zip(stages(a), stages(b)).enumerated() {
            let counts = tensor(stage == 0 ? "lin0" : "lin1.model.1.weight")
            let (height, width) = (x.values[0].count, x.values[0][0].count)
            for row in 0..<height {
                for column in 0..<width {
                    func unit(_ planes: Planes) -> [Double] {
                        let all = planes.values.map { $0[row][column] }
                        let length = all.reduce(0) { $0 + $1 * $1 }.squareRoot()
                        return all.map { $0 / (length + 1e-10) }
                    }
                    let (u, v) = (unit(x), unit(y))
                    for channel in counts.indices {
                        sum +=
                            counts[channel] * (u[channel] - v[channel]) * (u[channel] - v[channel])
                            / Double(height * width)
                    }
                }
            }
        }
        return sum
    }

    @Test("the distance is the formula's, in both forms of colours, and 0 for equal images")
    func formula() throws {
        let distance = try PerceptualDistance(Self.weights, name: "tiny")
        #expect(distance.leastSide == 2)
        for seed in [1, 2, 3] as [UInt64] {
            let (a, b) = (Self.image(seed), Self.image(seed + 100))
            let (signed, unit) = (try distance(a, b), try distance(a, b, colours: .unit))
            #expect(abs(signed - Self.direct(a, b, isSigned: true)) < 1e-5 * signed)
            #expect(abs(unit - Self.direct(a, b, isSigned: false)) < 1e-5 * unit)
            #expect(signed > 0.01 && abs(signed - unit) > 1e-3 * signed)
            #expect(try distance(a, a) == 0)
        }
        let grey = PixelPlanes(Array(Self.image(4).values.prefix(63)), channels: 1, height: 7, width: 9)
        let three = PixelPlanes(grey.values + grey.values + grey.values, channels: 3, height: 7, width: 9)
        #expect(try distance(grey, PixelPlanes(grey.values.map { 1 - $0 }, channels: 1, height: 7, width: 9)) > 0)
        #expect(try distance(three, Self.image(5)) > 0)
        #expect(throws: (any Error).self) { try distance(grey, three) }
        let dot = PixelPlanes([0, 0, 0], channels: 3, height: 1, width: 1)
        #expect(!distance.fits(dot))
        #expect(throws: GeneraError.self) { try distance(dot, dot) }
    }

    @Test("weights that are missing or do not fit are named; a file is read as it is")
    func weights() throws {
        func sentence(_ tensors: [(name: String, tensor: RawTensor)]) -> String {
            do {
                _ = try PerceptualDistance(tensors, name: "some.pth")
                return ""
            } catch { return "\(error)" }
        }
        func without(_ name: String) -> [(name: String, tensor: RawTensor)] { Self.weights.filter { $0.name != name } }
        #expect(sentence(without("features.0.weight")).contains("'features.0.weight'"))
        #expect(sentence(without("features.2.bias")).contains("'features.2.bias'"))
        #expect(sentence(without("lin0")).contains("'lin0'"))
        let narrow =
            without("features.2.weight") + [
                ("features.2.weight", RawTensor([Float](repeating: 0, count: 45), shape: [5, 1, 3, 3]))
            ]
        #expect(sentence(narrow).contains("[5, 1, 3, 3]"))
        #expect(
            sentence(without("lin0") + [("lin0", RawTensor([1, 2] as [Float], shape: [2]))]).contains("5 channels"))
        #expect(
            sentence(without("lin0") + [("lin0", RawTensor([Float](repeating: .nan, count: 5), shape: [5]))]).contains(
                "finite"))
        let folder = TemporaryFolder(), path = folder.file("tiny.safetensors")
        try Safetensors.write(Self.weights, to: path)
        let (a, b) = (Self.image(1), Self.image(2))
        #expect(try PerceptualDistance(paths: [path])(a, b) == PerceptualDistance(Self.weights, name: "")(a, b))
        #expect(throws: GeneraError.self) { try PerceptualDistance(paths: [folder.file("none.pth")]) }
    }
}
