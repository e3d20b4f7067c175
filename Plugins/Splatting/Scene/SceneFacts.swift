import Foundation
import Genera

/// What there is to say of a scene in a few lines.
///
/// Quantiles and kinds of shape are of at most `sampleLimit` splats, taken at even steps; everything else is of all.
struct SceneFacts: Sendable {
    private let scene: SplatScene
    private var splats: Splats { scene.splats }

    /// Splats that quantiles are taken of.
    static let sampleLimit = 1 << 17
    /// A splat of less opacity is nearly transparent.
    static let faint = 0.05
    /// How much longer than the next axis the longest is in a needle, and than the shortest the middle one in a disc.
    static let slimness: Float = 10

    init(_ scene: SplatScene) { self.scene = scene }

    /// The facts, in order.
    var facts: [Fact] {
        let bytes = splats.storage.count * MemoryLayout<Float>.stride
        var facts = [
            Fact("splats", splats.count), Fact("SH degree", splats.degree),
            Fact("memory", "\(Self.short(Double(bytes) / 1e6)) MB, \(4 * splats.planeCount) bytes a splat"),
        ]
        if scene.isAntialiased {
            facts.append(Fact("antialiased", "yes, drawn with the screen filter of Mip-Splatting"))
        }
        if let up = scene.up { facts.append(Fact("up", up.map(Self.short).joined(separator: ", "))) }
        if !scene.remarks.isEmpty { facts.append(Fact("remarks", scene.remarks.joined(separator: "\n"))) }
        guard splats.count > 0 else { return facts }
        if let fault = splats.firstFault {
            return facts + [Fact("problem", "splat \(fault.splat): \(fault.reason)")]
        }
        return facts + [bounds] + opacities + sizes + shapes + places
    }

    // MARK: Groups

    private var bounds: Fact {
        let lines = (0..<3).map { axis -> String in
            var (low, high) = (Float.infinity, -Float.infinity)
            for value in splats.plane(axis) { (low, high) = (min(low, value), max(high, value)) }
            return "\(["x", "y", "z"][axis]) \(Self.short(Double(low))) to \(Self.short(Double(high)))"
        }
        return Fact("bounds", lines.joined(separator: ", "))
    }

    private var opacities: [Fact] {
        let sample = sample(Splats.Plane.opacity).map { SplatCoding.opacity($0) }
        let limit = SplatCoding.logit(Self.faint)
        let faint = splats.plane(Splats.Plane.opacity).count { $0 < limit }
        return [
            Fact("opacity", Self.quantiles(sample)),
            Fact("nearly transparent", "\(share(faint)) with an opacity under \(Self.faint)"),
        ]
    }

    private var sizes: [Fact] {
        let axes = (0..<3).map { sample(Splats.Plane.logScale + $0) }
        let slim = log(Self.slimness)
        var (longest, needles, discs) = ([Double](), 0, 0)
        for k in axes[0].indices {
            let (a, b, c) = (axes[0][k], axes[1][k], axes[2][k])
            let (low, high) = (min(a, b, c), max(a, b, c))
            let middle = max(min(a, b), min(max(a, b), c))
            longest.append(Double(exp(high)))
            if high - middle > slim { needles += 1 } else if middle - low > slim { discs += 1 }
        }
        func part(_ count: Int) -> String { Self.percent(count, axes[0].count) }
        return [
            Fact("size", "\(Self.quantiles(longest)), the longest deviation of each"),
            Fact("needles", "\(part(needles)), the longest axis over 10 times the next"),
            Fact("discs", "\(part(discs)), the shortest axis under a tenth of the next, and no needles"),
        ]
    }

    private var shapes: [Fact] {
        guard splats.hasShapes else { return [] }
        let sample = sample(Splats.Plane.shape).map { Double($0) + 2 }
        return [Fact("exponents", "\(Self.quantiles(sample)), a Gaussian has 2")]
    }

    private var places: [Fact] {
        let crowd = SplatCrowd(splats)
        var facts: [Fact] = []
        if let floaters = crowd.floaters {
            facts.append(
                Fact(
                    "floaters",
                    "\(share(floaters.count)) farther than \(Self.short(floaters.reach)) from all others, "
                        + "\(Int(SplatCrowd.loneliness)) times the median spacing, of an opacity of at least 0.1"))
        }
        if let ratio = crowd.fillRatio {
            let side = SplatCrowd.fillSide
            facts.append(
                Fact(
                    "fill ratio",
                    "\(Self.short(100 * ratio)) % of \(side)x\(side)x\(side) cells of the box with the middle 98 % hold the centre "
                        + "of a splat of an opacity of at least 0.1"))
        }
        return facts
    }

    // MARK: Words

    private func sample(_ plane: Int) -> [Float] {
        let step = max(1, (splats.count + Self.sampleLimit - 1) / Self.sampleLimit)
        let numbers = splats.plane(plane)
        return stride(from: numbers.startIndex, to: numbers.endIndex, by: step).map { numbers[$0] }
    }

    private func share(_ count: Int) -> String { "\(count) (\(Self.percent(count, splats.count)))" }

    private static func percent(_ count: Int, _ all: Int) -> String {
        "\(short(100 * Double(count) / Double(max(all, 1)))) %"
    }

    /// The numbers below which 5, 50 and 95 of a hundred lie.
    private static func quantiles(_ values: [Double]) -> String {
        let sorted = values.sorted()
        let three = [0.05, 0.5, 0.95].map { short(sorted[Int($0 * Double(sorted.count - 1))]) }
        return "\(three[0]) / \(three[1]) / \(three[2]) at 5 / 50 / 95 %"
    }

    /// A number in three digits.
    private static func short(_ value: Double) -> String { String(format: "%.3g", value) }
}
