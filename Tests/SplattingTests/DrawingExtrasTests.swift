import Foundation
import Genera
import GeneraTesting
import Testing

@testable import Splatting

/// Bands, supersampling, lenses with an aperture, ways through cameras, and panoramas.
@Suite struct DrawingExtrasTests {
    let scene = Scenes.random(400, degree: 2, seed: 11)
    let camera: Camera

    init() throws {
        camera = try .looking(from: [9, -2, 4], at: [0, 0, 0], up: [0, -1, 0], width: 83, height: 61)
    }

    private func drawing(_ words: String = "") throws -> SceneDrawing {
        SceneDrawing(scene, try DrawingOptions.parse(words.split(separator: " ").map(String.init)))
    }

    @Test("bands have the bits of the whole picture", arguments: [1, 7, 16, 24, 60])
    func bands(_ height: Int) throws {
        for convention in RenderRules.Convention.allCases {
            let (rules, rasterizer) = (RenderRules(convention), try Rasterizer(threads: 2))
            let details: Rasterizer.Details = [.last, .top, .medianDepth]
            let whole = try rasterizer.render(scene.splats, camera, rules, background: [0.1, 0.5, 1], details: details)
            for first in stride(from: 0, to: 61, by: height) {
                let rows = first..<min(first + height, 61)
                let band = try rasterizer.render(
                    scene.splats, camera, rules, background: [0.1, 0.5, 1], details: details, rows: rows)
                let pixels = first * 83..<rows.upperBound * 83
                #expect(band.transmittance == Array(whole.transmittance[pixels]))
                #expect(band.last == Array(whole.last[pixels]) && band.top == Array(whole.top[pixels]))
                #expect(band.medianDepth == Array(whole.medianDepth[pixels]))
                for plane in 0..<3 {
                    let area = 83 * 61
                    let part = whole.planes[plane * area + pixels.lowerBound..<plane * area + pixels.upperBound]
                    #expect(Array(band.planes[plane * 83 * rows.count..<(plane + 1) * 83 * rows.count]) == Array(part))
                }
            }
        }
    }

    @Test("a picture in bands is the picture, whatever it shows", arguments: DrawingOptions.Channel.allCases)
    func banded(_ channel: DrawingOptions.Channel) throws {
        let rasterizer = try Rasterizer(threads: 1)
        let whole = try drawing("--channel \(channel.rawValue)").picture(camera, rasterizer)
        #expect(try drawing("--channel \(channel.rawValue) --tile-rows 10").picture(camera, rasterizer) == whole)
        let clear = try drawing("--background none").picture(camera, rasterizer)
        #expect(clear.channels == 4)
        #expect(try drawing("--background none --tile-rows 13").picture(camera, rasterizer) == clear)
    }

    @Test("supersampling averages the squares of a larger picture")
    func supersampled() throws {
        let rasterizer = try Rasterizer(threads: 1)
        let large = try rasterizer.render(scene.splats, camera.resized(width: 249, height: 183), background: [1, 1, 1])
        let picture = try drawing("--supersample 3 --tile-rows 20").picture(camera, rasterizer)
        for (x, y) in [(0, 0), (40, 30), (82, 60), (17, 51)] {
            for channel in 0..<3 {
                var sum = 0.0
                for dy in 0..<3 {
                    for dx in 0..<3 { sum += Double(large.planes[(channel * 183 + 3 * y + dy) * 249 + 3 * x + dx]) }
                }
                #expect(abs(Double(picture[x, y, channel]) - min(max(sum / 9, 0), 1) * 255) < 0.51)
            }
        }
    }

    @Test("a lens is sharp where it is focused, and blurs a point elsewhere over the disc that geometry says")
    func lens() throws {
        func point(at depth: Float) -> SplatScene {
            var splats = Splats(count: 1, degree: 0)
            splats[2, 0] = depth
            for axis in 0..<3 { splats[Splats.Plane.logScale + axis, 0] = -7 }
            splats[Splats.Plane.rotation, 0] = 1
            splats[Splats.Plane.opacity, 0] = 8
            return SplatScene(splats)
        }
        let camera = Camera(
            rotation: [1, 0, 0, 0, 1, 0, 0, 0, 1], translation: [0, 0, 0], width: 101, height: 101, fx: 200, fy: 200)
        let rasterizer = try Rasterizer(threads: 1)
        func spread(_ depth: Float, _ words: String) throws -> Double {
            var drawing = SceneDrawing(
                point(at: depth), try DrawingOptions.parse(words.split(separator: " ").map(String.init)))
            drawing.bandRows = 40
            let picture = try drawing.picture(camera, rasterizer)
            var (mass, moment) = (0.0, 0.0)
            for y in 0..<101 {
                for x in 0..<101 {
                    let value = Double(picture[x, y, 0])
                    mass += value
                    moment += value * (pow(Double(x) - 50, 2) + pow(Double(y) - 50, 2))
                }
            }
            return (moment / mass).squareRoot()
        }
        let sharp = try spread(4, "--channel alpha")
        #expect(abs(try spread(4, "--channel alpha --aperture 0.2 --focus 4") - sharp) < 0.05)
        // A point at 8 seen through a lens of radius 0.2 focused at 4 is a disc of radius 200 · 0.2 · (1/4 - 1/8) = 5 pixels.
        let blurred = try spread(8, "--channel alpha --aperture 0.2 --focus 4 --lens-samples 400")
        #expect(
            abs((blurred * blurred - sharp * sharp).squareRoot() - 5 / 2.0.squareRoot()) < 0.35, "\(blurred), \(sharp)")
        // The middle of the scene is what it is focused on unless it is said.
        #expect(abs(try spread(8, "--channel alpha --aperture 0.2") - (try spread(8, "--channel alpha"))) < 0.05)
        let twice = try drawing("--aperture 0.3").picture(self.camera, rasterizer)
        #expect(try drawing("--aperture 0.3").picture(self.camera, rasterizer) == twice)
    }

    @Test("what has no aperture, and what cannot be averaged, is refused")
    func refused() throws {
        let rasterizer = try Rasterizer(threads: 1)
        var wide = camera
        wide.projection = .panorama
        #expect(throws: GeneraError.self) { try drawing("--aperture 1").picture(wide, rasterizer) }
        var large = camera
        (large.width, large.height) = (9000, 2)
        #expect(throws: GeneraError.self) { try drawing("--supersample 4").picture(large, rasterizer) }
        var behind = camera
        behind.translation[2] = -50
        #expect(throws: GeneraError.self) { try drawing("--aperture 1").picture(behind, rasterizer) }
        for words in [
            "--supersample 0", "--aperture -1", "--aperture 0", "--focus 2", "--tile-rows 0",
            "--channel top --supersample 2",
            "--channel median-depth --aperture 1", "--aperture 1 --focus nan", "--aperture 1 --lens-samples 0",
        ] { #expect(throws: (any Error).self, "\(words)") { try drawing(words) } }
    }

    @Test(
        "a way through cameras: it goes by all of them, closed or open; without a file, or through one camera, it is refused"
    )
    func path() throws {
        let folder = TemporaryFolder()
        let keys = try CameraPath.orbit(
            .init(centre: [0, 0, 0], radius: 8, elevation: 10, up: [0, -1, 0]), count: 4, lens: .fieldOfView(40),
            width: 30,
            height: 20)
        let names = keys.enumerated().map { NamedCamera("key \($0)", $1) }
        try CameraList(names).write(to: folder.file("keys.json"))
        func cameras(_ words: [String]) throws -> [NamedCamera] {
            try ViewOptions.parse(["--camera", folder.file("keys.json")] + words).cameras(for: scene, RenderRules())
        }
        let open = try cameras(["--path", "7"])
        #expect(open.count == 7 && open.map(\.name).first == "0000")
        for (index, key) in keys.enumerated() {
            #expect(zip(open[2 * index].camera.centre, key.centre).allSatisfy { abs($0 - $1) < 1e-9 })
        }
        let closed = try cameras(["--path", "8", "--closed"])
        #expect(zip(closed[6].camera.centre, keys[3].centre).allSatisfy { abs($0 - $1) < 1e-9 })
        #expect(closed[7].camera.centre != keys[3].centre && closed[7].camera.centre != keys[0].centre)
        #expect(try cameras(["--path", "7", "--size", "60x40"])[0].camera.width == 60)
        try CameraList([names[0]]).write(to: folder.file("keys.json"))
        #expect(throws: (any Error).self) { try cameras(["--path", "7"]) }
        #expect(throws: (any Error).self) { try ViewOptions.parse(["--path", "7"]) }
        #expect(throws: (any Error).self) { try cameras(["--path", "1"]) }
        #expect(throws: (any Error).self) { try cameras(["--closed"]) }
    }

    @Test(
        "a panorama has no seam: a camera turned by half a circle around its upright axis gives the picture rolled by half its width"
    )
    func seam() throws {
        // Splats behind the camera lie over the seam.
        let (width, height) = (128, 64)
        func picture(_ turn: [Double]) throws -> RenderedView {
            let camera = Camera(
                rotation: turn, translation: [0, 0, 0], width: width, height: height, fx: 1, fy: 1,
                projection: .panorama)
            return try Rasterizer(threads: 1).render(scene.splats, camera, RenderRules(.exact))
        }
        let front = try picture([1, 0, 0, 0, 1, 0, 0, 0, 1]), back = try picture([-1, 0, 0, 0, 1, 0, 0, 0, -1])
        var (differences, largest) = ([Float](repeating: 0, count: width), Float(0))
        for channel in 0..<3 {
            for y in 0..<height {
                for x in 0..<width {
                    let row = (channel * height + y) * width
                    let difference = abs(front.planes[row + x] - back.planes[row + (x + width / 2) % width])
                    differences[x] += difference / Float(3 * height)
                    largest = max(largest, difference)
                }
            }
        }
        // A splat may fall below 1/255 in one of them alone, anywhere.
        #expect(largest < 0.02, "\(largest)")
        #expect(differences.allSatisfy { $0 < 2e-4 }, "\(differences)")
    }
}
