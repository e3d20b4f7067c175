import Foundation
import Genera
import Testing

@testable import Splatting

/// Scenes turned: what is seen from a direction that turns with them stays.
struct TurningTests {
    static let rotations: [[Double]] = [
        rotation([0, 0, 1], 0.7), rotation([1, 2, -1], 2.1), rotation([0.3, -1, 0.2], 3.1), rotation([1, 0, 0], .pi),
        SplatAxes.rdf.rotation(to: .rfu), SplatAxes.rdf.rotation(to: .rub),
    ]

    @Test("Colours of turned directions and covariances are what they were", arguments: rotations)
    func turn(rotation: [Double]) {
        let before = Scenes.random(8, degree: 4)
        var after = before
        after.turn(rotation)
        for i in 0..<8 {
            let p = Splats.turned((0..<3).map { Double(before.splats[$0, i]) }, by: rotation)
            #expect((0..<3).allSatisfy { abs(p[$0] - Double(after.splats[$0, i])) < 1e-5 })
            for direction in HarmonicTurning.directions(17) {
                let old = colour(before.splats, i, direction)
                let new = colour(after.splats, i, Splats.turned(direction, by: rotation))
                #expect(zip(old, new).allSatisfy { abs($0 - $1) < 2e-5 })
            }
            let (old, new) = (covariance(before.splats, i), covariance(after.splats, i))
            let turned = Splats.product(Splats.product(rotation, old), Splats.transposed(rotation))
            #expect(zip(turned, new).allSatisfy { abs($0 - $1) < 1e-5 })
        }
    }

    @Test("Half turns by signs are what any rotation gives")
    func signs() {
        for signs in [[1, -1, -1], [-1, 1, -1], [-1, -1, 1.0]] {
            let rotation = [signs[0], 0, 0, 0, signs[1], 0, 0, 0, signs[2]]
            var (exact, general) = (Scenes.random(5, degree: 4), Scenes.random(5, degree: 4))
            exact.turn(rotation)
            // A rotation that misses the half turn by less than what is seen.
            general.turn(Splats.product(rotation, Self.rotation([1, 1, 1], 1e-9)))
            let first = Splats.Plane.harmonics
            #expect(Scenes.difference(exact.splats, general.splats, 0..<6) < 1e-5)
            #expect(Scenes.difference(exact.splats, general.splats, first..<exact.splats.planeCount) < 1e-5)
            for i in 0..<5 {
                #expect(
                    zip(covariance(exact.splats, i), covariance(general.splats, i)).allSatisfy { abs($0 - $1) < 1e-6 })
            }
            exact.turn(rotation)
            #expect(exact.splats == Scenes.random(5, degree: 4).splats)
        }
    }

    @Test("SPZ's signs are those of its turn")
    func spzSigns() {
        var splats = Splats(count: 1, degree: 4)
        for plane in Splats.Plane.harmonics..<splats.planeCount { splats[plane, 0] = 1 }
        splats.turn(SplatAxes.rub.rotation(to: .rdf))
        let signs = (0..<25).map { splats[Splats.Plane.harmonics + 3 * $0, 0] }
        #expect(signs == SPZ.signs)
    }

    @Test("Axes have names, three letters, and a right hand")
    func axes() throws {
        #expect(try SplatAxes("z-up") == .rfu && SplatAxes("OpenGL") == .rub && SplatAxes("rdf") == .rdf)
        #expect(SplatAxes.rdf.rotation(to: .rub) == [1, 0, 0, 0, -1, 0, 0, 0, -1])
        // What is up is -y in the one and z in the other.
        #expect(Splats.turned([0, -1, 0], by: SplatAxes.rdf.rotation(to: .rfu)) == [0, 0, 1])
        #expect(Splats.turned([0, 0, 1], by: SplatAxes.rdf.rotation(to: .rfu)) == [0, 1, 0])
        #expect(Scenes.message { try SplatAxes("ruf") }.contains("left hand"))
        #expect(Scenes.message { try SplatAxes("rrr") }.contains("three letters"))
    }

    static func rotation(_ axis: [Double], _ angle: Double) -> [Double] {
        let length = (axis[0] * axis[0] + axis[1] * axis[1] + axis[2] * axis[2]).squareRoot()
        let (x, y, z) = (axis[0] / length, axis[1] / length, axis[2] / length)
        let (c, s) = (cos(angle), sin(angle))
        let d = 1 - c
        let first: [Double] = [c + x * x * d, x * y * d - z * s, x * z * d + y * s]
        let second: [Double] = [y * x * d + z * s, c + y * y * d, y * z * d - x * s]
        let third: [Double] = [z * x * d - y * s, z * y * d + x * s, c + z * z * d]
        return first + second + third
    }

    private func colour(_ splats: Splats, _ i: Int, _ direction: [Double]) -> [Double] {
        let harmonics = HarmonicTurning.harmonics(of: direction)
        return (0..<3).map { channel in
            (0..<25).reduce(0.0) { $0 + harmonics[$1] * Double(splats[Splats.Plane.harmonics + 3 * $1 + channel, i]) }
        }
    }

    private func covariance(_ splats: Splats, _ i: Int) -> [Double] {
        let q = (0..<4).map { Double(splats[Splats.Plane.rotation + $0, i]) }
        let length = q.reduce(0) { $0 + $1 * $1 }.squareRoot()
        let (w, x, y, z) = (q[0] / length, q[1] / length, q[2] / length, q[3] / length)
        let m: [Double] = [
            1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y), 2 * (x * y + w * z),
            1 - 2 * (x * x + z * z), 2 * (y * z - w * x), 2 * (x * z - w * y), 2 * (y * z + w * x),
            1 - 2 * (x * x + y * y),
        ]
        let s = (0..<3).map { exp(Double(splats[Splats.Plane.logScale + $0, i])) }
        let scaled = (0..<9).map { m[$0] * s[$0 % 3] }
        return Splats.product(scaled, Splats.transposed(scaled))
    }
}
