import Foundation
import Genera
import GeneraTesting
import Testing

@testable import Splatting

@Suite struct PhotographTests {
    let folder = TemporaryFolder()

    private func view(_ image: Image, mask: Image? = nil, width: Int? = nil, height: Int? = nil) throws -> View {
        try PNG.write(image, to: folder.file("p.png"))
        if let mask { try PNG.write(mask, to: folder.file("m.png")) }
        let camera = Camera(
            rotation: [1, 0, 0, 0, 1, 0, 0, 0, 1], translation: [0, 0, 0], width: width ?? image.width,
            height: height ?? image.height, fx: 1, fy: 1)
        return View(
            name: "p", camera: camera, imagePath: folder.file("p.png"),
            maskPath: mask == nil ? nil : folder.file("m.png"))
    }

    @Test("Colours come as planes; grey is all three")
    func planes() throws {
        let bytes = (0..<18).map { UInt8(10 * $0) }
        let photograph = try Photograph.read(view(Image(width: 3, height: 2, channels: 3, bytes: bytes)))
        #expect((photograph.width, photograph.height) == (3, 2) && photograph.alpha == nil && photograph.mask == nil)
        for channel in 0..<3 {
            for pixel in 0..<6 {
                #expect(photograph.planes[6 * channel + pixel] == Float(bytes[3 * pixel + channel]) / 255)
            }
        }
        let grey = try Photograph.read(view(Image(width: 2, height: 1, channels: 1, bytes: [51, 255])))
        #expect(grey.planes == [0.2, 1, 0.2, 1, 0.2, 1])
        let deep = try Photograph.read(view(Image(width: 1, height: 1, channels: 3, words: [0, 65535, 13107])))
        #expect(deep.planes == [0, 1, 0.2])
    }

    @Test("Transparent pixels are laid over the background and cut to 8 bits; exactly if asked")
    func compositing() throws {
        var all: [UInt8] = []
        for alpha in 0..<256 { for red in 0..<16 { all += [UInt8(red * 17), 100, 7, UInt8(alpha)] } }
        let view = try view(Image(width: 16, height: 256, channels: 4, bytes: all))
        for background in [[0.0, 0, 0], [1, 1, 1], [0.25, 0.5, 0.75]] {
            let cut = try Photograph.read(view, .init(background: background))
            let exact = try Photograph.read(view, .init(background: background, isExact: true))
            for pixel in 0..<4096 {
                let alpha = Double(all[4 * pixel + 3]) / 255
                #expect(cut.alpha?[pixel] == Float(all[4 * pixel + 3]) / 255)
                for channel in 0..<3 {
                    let colour = Double(all[4 * pixel + channel]) / 255
                    let value = colour * alpha + background[channel] * (1 - alpha)
                    #expect(exact.planes[4096 * channel + pixel] == Float(value))
                    #expect(cut.planes[4096 * channel + pixel] == Float(Int(value * 255)) / 255)
                }
            }
        }
    }

    @Test("Masks: a file's, transparency, or both")
    func masks() throws {
        let image = Image(width: 2, height: 1, channels: 4, bytes: [9, 9, 9, 255, 9, 9, 9, 51])
        let mask = Image(width: 2, height: 1, channels: 1, bytes: [0, 255])
        #expect(try Photograph.read(view(image)).mask == nil)
        #expect(try Photograph.read(view(image), .init(takesAlphaAsMask: true)).mask == [1, 0.2])
        #expect(try Photograph.read(view(image, mask: mask)).mask == [0, 1])
        #expect(try Photograph.read(view(image, mask: mask), .init(takesAlphaAsMask: true)).mask == [0, 0.2])
        // A mask of another size is brought to the photograph's; one with transparency counts where it is opaque and white.
        let fine = Image(width: 4, height: 2, channels: 1, bytes: [255, 255, 0, 0, 255, 255, 0, 255])
        #expect(try Photograph.read(view(image, mask: fine)).mask == [1, 0.25])
    }

    @Test("Shrinking takes the mean over areas, whole or not; nothing is lost")
    func resizing() throws {
        let ramp = (0..<24).map { Float($0) }
        let half = AreaResampling.resized(ramp, planes: 1, from: (6, 4), to: (3, 2))
        #expect(half == [3.5, 5.5, 7.5, 15.5, 17.5, 19.5])
        let two = AreaResampling.resized(ramp + ramp.map { $0 + 100 }, planes: 2, from: (6, 4), to: (3, 2))
        #expect(two == half + half.map { $0 + 100 })
        for (width, height) in [(5, 3), (4, 4), (1, 1), (7, 9), (6, 4)] {
            let other = AreaResampling.resized(ramp, planes: 1, from: (6, 4), to: (width, height))
            let mean = other.reduce(0, +) / Float(width * height)
            #expect(abs(mean - 11.5) < 1e-4, "\(width)x\(height): \(mean)")
        }
        let third = AreaResampling.resized([0, 3, 6, 9], planes: 1, from: (4, 1), to: (3, 1))
        #expect(zip(third, [0.75, 4.5, 8.25]).allSatisfy { abs($0 - Float($1)) < 1e-5 })
        let white = Image(width: 7, height: 5, channels: 3, fill: [255, 255, 255])
        #expect(try Photograph.read(view(white, width: 3, height: 2)).planes.allSatisfy { abs($0 - 1) < 1e-6 })
    }

    @Test("Photographs are kept while there is room, and are the same when there is none")
    func keeping() throws {
        var views: [View] = []
        for index in 0..<4 {
            try PNG.write(
                Image(width: 8, height: 8, channels: 3, fill: [index, 0, 0]), to: folder.file("\(index).png"))
            let camera = Camera(
                rotation: [1, 0, 0, 0, 1, 0, 0, 0, 1], translation: [0, 0, 0], width: 8, height: 8, fx: 1, fy: 1)
            views.append(View(name: "\(index)", camera: camera, imagePath: folder.file("\(index).png")))
        }
        let two = 2 * 8 * 8 * 3 * 4
        let photographs = Photographs(views, memoryLimit: two)
        try photographs.load(workers: 2)
        for index in 0..<4 { try FileSystem.remove(folder.file("\(index).png")) }
        for index in 0..<2 { #expect(try photographs.photograph(index).planes[0] == Float(index) / 255) }
        #expect(sentence { try photographs.photograph(3) }.contains("3.png"))
        #expect(sentence { try Photographs(views).load(workers: 2) }.contains("0.png"))
    }
}
