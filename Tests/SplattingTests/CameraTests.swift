import Foundation
import Genera
import GeneraTesting
import Testing

@testable import Splatting

/// Where a camera sees a point: column and row in pixels, and the depth.
func projected(_ point: [Double], _ camera: Camera) -> (u: Double, v: Double, depth: Double) {
    let seen = (0..<3).map { row in
        camera.translation[row] + Vector.dot(Array(camera.rotation[3 * row..<3 * row + 3]), point)
    }
    return (camera.fx * seen[0] / seen[2] + camera.cx, camera.fy * seen[1] / seen[2] + camera.cy, seen[2])
}

/// The sentence of an error, or "nothing was thrown".
func sentence<Result>(_ body: () throws -> Result) -> String {
    do {
        _ = try body()
        return "nothing was thrown"
    } catch {
        return "\(error)"
    }
}

func isClose(_ a: [Double], _ b: [Double], _ tolerance: Double = 1e-9) -> Bool {
    a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) <= tolerance }
}

@Suite struct CameraTests {
    @Test("A camera by hand sees its target in the centre, what is up above it, and what is right of it on the right")
    func looking() throws {
        let camera = try Camera.looking(
            from: [3, -4, 2], at: [0, 0, 0], up: [0, 0, 1], lens: .fieldOfView(40), width: 640, height: 480)
        let target = projected([0, 0, 0], camera)
        #expect(isClose([target.u, target.v, target.depth], [320, 240, 29.0.squareRoot()]))
        #expect(projected([0, 0, 0.5], camera).v < 240)
        // Right of somebody who looks from (3, -4) to the origin is (4, 3).
        #expect(projected([0.4, 0.3, 0], camera).u > 320)
        #expect(isClose(camera.centre, [3, -4, 2]))
        #expect(abs(camera.fieldOfView.down * 180 / .pi - 40) < 1e-9)
        #expect(Camera.Pose.isRotation(camera.rotation))
    }

    @Test("Lenses: angles, focal lengths, parallel rays, fisheye")
    func lenses() throws {
        func camera(_ lens: Camera.Lens) throws -> Camera {
            try .looking(from: [0, 0, -1], at: [0, 0, 0], up: [0, -1, 0], lens: lens, width: 200, height: 100)
        }
        #expect(abs(try camera(.horizontalFieldOfView(90)).fx - 100) < 1e-9)
        #expect(abs(try camera(.fieldOfView(90)).fy - 50) < 1e-9)
        #expect(try camera(.focalLength(70, 80)).fy == 80)
        let flat = try camera(.orthographic(height: 4))
        #expect(flat.projection == .orthographic && flat.fx == 25)
        let wide = try camera(.fisheye(200))
        #expect(wide.projection == .fisheye && abs(wide.fx * 100 * .pi / 180 - 50) < 1e-9)
        #expect(try camera(.panorama).projection == .panorama)
        // Axes of the world are those of this camera.
        #expect(isClose(flat.rotation, [1, 0, 0, 0, 1, 0, 0, 0, 1]))
    }

    @Test("What no camera can be is said in a sentence")
    func faults() {
        func fault(
            eye: [Double] = [0, 0, 1], target: [Double] = [0, 0, 0], up: [Double] = [0, 1, 0],
            _ lens: Camera.Lens = .fieldOfView(50), width: Int = 4, height: Int = 4
        ) -> String {
            sentence { try Camera.looking(from: eye, at: target, up: up, lens: lens, width: width, height: height) }
        }
        #expect(fault() == "nothing was thrown")
        #expect(fault(.fieldOfView(180)).contains("less than 180 degrees, got 180"))
        #expect(fault(.horizontalFieldOfView(-1)).contains("more than 0"))
        #expect(fault(.fieldOfView(.nan)).contains("more than 0"))
        #expect(fault(.focalLength(0, 1)).contains("Focal lengths must be positive"))
        #expect(fault(.orthographic(height: 0)).contains("must be positive"))
        #expect(fault(width: 0).contains("at least one pixel each way, got 0x4"))
        #expect(fault(height: -3).contains("got 4x-3"))
        #expect(fault(eye: [0, 0, 0]).contains("looks at the same point"))
        #expect(fault(up: [0, 0, 2]).contains("does not say which way is up"))
        #expect(fault(up: [0, 0, 0]).contains("does not say which way is up"))
        #expect(fault(eye: [.infinity, 0, 0]).contains("finite"))
    }

    @Test("An orbit: cameras at one distance that look at the centre, evenly round it, z up from x")
    func orbit() throws {
        let orbit = CameraPath.Orbit(centre: [1, 2, 3], radius: 5, elevation: 30)
        let cameras = try CameraPath.orbit(orbit, count: 8, width: 64, height: 64)
        #expect(cameras.count == 8)
        for camera in cameras {
            let seen = projected([1, 2, 3], camera)
            #expect(isClose([seen.u, seen.v, seen.depth], [32, 32, 5]))
            #expect(abs(camera.centre[2] - 3 - 2.5) < 1e-9)
        }
        let reach = 5 * cos(Double.pi / 6)
        #expect(isClose(cameras[0].centre, [1 + reach, 2, 5.5]))
        #expect(isClose(cameras[2].centre, [1, 2 + reach, 5.5]))
        var spiral = orbit
        spiral.elevation = -10...40
        let turned = try CameraPath.orbit(spiral, count: 3, width: 4, height: 4)
        #expect(abs(turned[2].centre[2] - 3 - 5 * sin(40 * Double.pi / 180)) < 1e-9)
        for up in [[0.0, -1, 0], [1, 0, 0], [1, 1, 1]] {
            let other = CameraPath.Orbit(radius: 2, elevation: 10, up: up)
            let heights = try CameraPath.orbit(other, count: 5, width: 4, height: 4).map {
                Vector.dot($0.centre, Vector.normalised(up) ?? up)
            }
            #expect(heights.allSatisfy { abs($0 - 2 * sin(10 * Double.pi / 180)) < 1e-9 })
        }
    }

    @Test("What no orbit and no way can be")
    func pathFaults() throws {
        func fault(_ orbit: CameraPath.Orbit, _ count: Int = 3) -> String {
            sentence { try CameraPath.orbit(orbit, count: count, width: 4, height: 4) }
        }
        #expect(fault(.init(radius: 1), 0).contains("at least one camera"))
        #expect(fault(.init(radius: 0)).contains("radius of an orbit must be positive"))
        #expect(fault(.init(radius: 1, elevation: 90)).contains("between -90 and 90"))
        #expect(fault(.init(radius: 1, up: [0, 0, 0])).contains("upward direction"))
        let camera = try Camera.looking(from: [1, 0, 0], at: [0, 0, 0], up: [0, 0, 1], width: 4, height: 4)
        #expect(sentence { try CameraPath.through([camera], count: 3) }.contains("at least two"))
        let other = camera.resized(width: 8, height: 8)
        #expect(sentence { try CameraPath.through([camera, other], count: 3) }.contains("pictures of one size"))
    }

    @Test("A way goes through the cameras it is given, smoothly, and round when it is closed")
    func way() throws {
        let keys = try CameraPath.orbit(.init(radius: 3), count: 4, width: 64, height: 48)
        let open = try CameraPath.through(keys, count: 31)
        for (index, key) in keys.enumerated() {
            let met = open[10 * index]
            #expect(isClose(met.centre, key.centre, 1e-9) && isClose(met.rotation, key.rotation, 1e-9))
        }
        let steps = zip(open, open.dropFirst()).map { Vector.length(Vector.difference($0.centre, $1.centre)) }
        #expect((steps.max() ?? 1) < 0.7 && (steps.min() ?? 0) > 0.2)
        #expect(open.allSatisfy { Camera.Pose.isRotation($0.rotation) })
        let closed = try CameraPath.through(keys, count: 40, isClosed: true)
        #expect(isClose(closed[30].centre, keys[3].centre, 1e-9))
        let last = Vector.length(Vector.difference(closed[39].centre, closed[0].centre))
        #expect(last < 0.7)
    }

    @Test("Quaternions give back their rotations, whichever of the four is greatest")
    func quaternions() throws {
        for q in [[0.9, 0.1, -0.2, 0.3], [0.1, 0.9, 0.3, -0.2], [0.1, -0.3, 0.9, 0.2], [-0.1, 0.3, 0.2, 0.9]] {
            let pose = try #require(Camera.Pose(quaternion: q, translation: [0, 0, 0]))
            #expect(Camera.Pose.isRotation(pose.rotation))
            let back = try #require(Camera.Pose(quaternion: pose.quaternion, translation: [0, 0, 0]))
            #expect(isClose(back.rotation, pose.rotation, 1e-12))
        }
        #expect(Camera.Pose(quaternion: [0, 0, 0, 0], translation: [0, 0, 0]) == nil)
        #expect(Camera.Pose(quaternion: [1, 0, 0, .nan], translation: [0, 0, 0]) == nil)
    }

    @Test("A matrix that scales evenly is a pose without it; one that mirrors, skews or flattens is none")
    func matrices() throws {
        let turn = try #require(Camera.Pose(quaternion: [0.7, 0.1, 0.5, -0.4], translation: [0, 0, 0])).rotation
        let pose = try #require(Camera.Pose(cameraToWorld: turn.map { 3 * $0 }, centre: [1, 2, 3], axes: .openCV))
        #expect(isClose(pose.rotation, Vector.transposed(turn)))
        let camera = Camera(
            rotation: pose.rotation, translation: pose.translation, width: 2, height: 2, fx: 1, fy: 1)
        #expect(isClose(camera.centre, [1, 2, 3]))
        let bad: [[Double]] = [
            [-1, 0, 0, 0, 1, 0, 0, 0, 1], [1, 0.1, 0, 0, 1, 0, 0, 0, 1], [1, 0, 0, 0, 1, 0, 0, 0, 0],
            [1, 0, 0, 0, 2, 0, 0, 0, 1], [.nan, 0, 0, 0, 1, 0, 0, 0, 1],
        ]
        for matrix in bad { #expect(Camera.Pose(cameraToWorld: matrix, centre: [0, 0, 0], axes: .openGL) == nil) }
    }
}
