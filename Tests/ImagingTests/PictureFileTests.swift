import Testing

@testable import Imaging

@Suite struct PictureFileTests {
    private typealias Fixtures = PictureFixtures

    private func expected(_ x: Int, _ y: Int) -> [Int] { [16 * x, 32 * y, 128] }

    /// The greatest difference of any sample from `colour`.
    private func deviation(_ image: Image, _ colour: (Int, Int) -> [Int]) -> Int {
        var worst = image.width == 16 && image.height == 8 && image.channels == colour(0, 0).count ? 0 : 999
        for y in 0..<image.height {
            for x in 0..<image.width {
                for (mine, other) in zip(image[x, y], colour(x, y)) { worst = max(worst, abs(mine - other)) }
            }
        }
        return worst
    }

    private func refusal(_ body: () throws -> Image) -> String {
        do {
            _ = try body()
            return "it was read"
        } catch {
            return "\(error)"
        }
    }

    @Test("JPEG: baseline and progressive in colour, and grey", arguments: [Fixtures.baseline, Fixtures.progressive])
    func jpeg(bytes: [UInt8]) throws {
        #expect(deviation(try JPEG.read(bytes), expected) <= 8)
        #expect(deviation(try JPEG.read(Fixtures.grey)) { [8 * $0 + 16 * $1] } <= 4)
    }

    @Test("JPEG: inks become colours", arguments: [Fixtures.cmyk, Fixtures.ycck])
    func inks(bytes: [UInt8]) throws {
        func light(_ ink: Int) -> Int { (255 - ink) * 191 / 255 }
        #expect(deviation(try JPEG.read(bytes)) { [light(16 * $0), light(32 * $1), light(128)] } <= 8)
        // The same without Adobe's mark: what was light is ink.
        let mark = try #require(bytes.indices.first { bytes[$0...].starts(with: [0xFF, 0xEE]) })
        if bytes == Fixtures.cmyk {
            var plain = bytes
            plain.removeSubrange(mark..<mark + 16)
            let corner = try JPEG.read(plain)[0, 0]
            #expect(zip(corner, [0, 0, 128 * 64 / 255]).allSatisfy { abs($0 - $1) <= 4 })
        }
    }

    @Test("WebP: lossless exactly, with losses nearly, transparency kept")
    func webP() throws {
        #expect(deviation(try WebP.read(Fixtures.lossless), expected) == 0)
        #expect(deviation(try WebP.read(Fixtures.lossy), expected) <= 40)
        #expect(deviation(try WebP.read(Fixtures.alpha)) { expected($0, $1) + [$0 < 8 ? 255 : 16 * $1] } == 0)
        #expect(
            refusal { try WebP.read(Fixtures.animation, file: "a.webp") }.hasPrefix("a.webp: this WebP file is an anim")
        )
    }

    /// The baseline picture with an Exif segment that notes an orientation.
    private func held(_ orientation: UInt8, isLittle: Bool) -> [UInt8] {
        let tiff: [UInt8] =
            isLittle
            ? [0x49, 0x49, 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, orientation, 0, 0, 0, 0, 0, 0, 0]
            : [0x4D, 0x4D, 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0]
        let body = Array("Exif\0\0".utf8) + tiff
        var bytes = Fixtures.baseline
        bytes.insert(contentsOf: [0xFF, 0xE1, 0, UInt8(body.count + 2)] + body, at: 2)
        return bytes
    }

    @Test("A photograph is turned as its camera was held, unless the stored pixels are wanted", arguments: 1...8)
    func orientation(value: Int) throws {
        let stored = try JPEG.read(Fixtures.baseline)
        for isLittle in [true, false] {
            let bytes = held(UInt8(value), isLittle: isLittle)
            let image = try Image.read(bytes, file: "")
            let corner = [(0, 0), (15, 0), (15, 7), (0, 7), (0, 0), (0, 7), (15, 7), (15, 0)][value - 1]
            #expect(image[0, 0] == stored[corner.0, corner.1])
            #expect((image.width, image.height) == (value < 5 ? (16, 8) : (8, 16)))
            // The next pixel to the right says which way the rows run.
            let next = [(1, 0), (14, 0), (14, 7), (1, 7), (0, 1), (0, 6), (15, 6), (15, 1)][value - 1]
            #expect(image[1, 0] == stored[next.0, next.1])
            #expect(try Image.read(bytes, file: "", applyOrientation: false) == stored)
        }
    }

    @Test("A file that is cut short is an error, wherever it is cut")
    func cut() {
        for count in stride(from: 3, to: Fixtures.baseline.count - 2, by: 7) {
            let text = refusal { try Image.read(Array(Fixtures.baseline.prefix(count)), file: "a.jpg") }
            #expect(text.hasPrefix("a.jpg: the JPEG data is damaged"), "\(count) bytes: \(text)")
        }
        for bytes in [Fixtures.lossless, Fixtures.lossy, Fixtures.alpha] {
            for count in 12..<bytes.count - 1 {
                #expect(refusal { try Image.read(Array(bytes.prefix(count)), file: "a.webp") }.hasPrefix("a.webp: "))
            }
        }
    }

    @Test("Sizes are looked at before anything is allocated")
    func sizes() throws {
        #expect(refusal { try JPEG.read(Fixtures.baseline, pixelLimit: 100) }.contains("more than the limit of 100"))
        #expect(refusal { try WebP.read(Fixtures.lossless, pixelLimit: 100) }.contains("more than the limit of 100"))
        var bytes = Fixtures.baseline
        let frame = try #require(bytes.indices.first { bytes[$0...].starts(with: [0xFF, 0xC0]) })
        bytes.replaceSubrange(frame + 5..<frame + 9, with: [0x20, 0, 0x20, 0])
        #expect(refusal { try JPEG.read(bytes) }.contains("336 bytes cannot hold 8192x8192 pixels"))
    }

    @Test("The size of a file is read from its beginning")
    func headers() throws {
        let png = try PNG.encode(Image.noise(16, 8, channels: 2))
        for bytes in [
            png, Fixtures.baseline, Fixtures.progressive, Fixtures.grey, Fixtures.cmyk, Fixtures.ycck, Fixtures.lossy,
            Fixtures.lossless, Fixtures.alpha, held(6, isLittle: true),
        ] {
            let size = try bytes.withUnsafeBytes { try Image.size(of: $0) }
            #expect(size == (16, 8))
            for count in 0..<20 {
                #expect(throws: ImagingError.self) {
                    try bytes.prefix(count).withUnsafeBytes { try Image.size(of: $0) }
                }
            }
        }
        // Sides of 32 bits, whose product is no number.
        let vast = PNGChunk.signature + [0, 0, 0, 13] + Array("IHDR".utf8) + [UInt8](repeating: 255, count: 8)
        #expect(throws: ImagingError.self) { try vast.withUnsafeBytes { try Image.size(of: $0) } }
        #expect(throws: ImagingError.self) { try Array("GIF89a".utf8).withUnsafeBytes { try Image.size(of: $0) } }
    }

    @Test("Pictures are known by their content, and other files by name")
    func kinds() throws {
        let png = try PNG.encode(Image.noise(4, 4, channels: 3))
        #expect(PictureFormat(png) == .png && PictureFormat(Fixtures.grey) == .jpeg)
        #expect(PictureFormat(Fixtures.alpha) == .webP && PictureFormat([UInt8]()) == nil)
        #expect(try Image.read(png, file: "") == Image.noise(4, 4, channels: 3))
        let others: [([UInt8], String)] = [
            (Array("GIF89a".utf8), "a GIF picture"),
            (Array("BM".utf8) + [UInt8](repeating: 0, count: 12) + [40, 0, 0, 0], "a BMP picture"),
            (Array("II*\0abc".utf8), "a TIFF picture"), (Array("\0\0\0\u{18}ftypheic".utf8), "a HEIC picture"),
            (Array("hello".utf8), "text"), (Array("<html>".utf8), "a web page"), ([0, 1, 2, 3], "an unknown kind"),
            (Array("version https://git-lfs.github.com/spec/v1".utf8), "Git LFS"), ([], "an empty file"),
        ]
        for (bytes, words) in others {
            let text = refusal { try Image.read(bytes, file: "x") }
            #expect(text.hasPrefix("x: ") && text.contains(words), "\(text)")
        }
    }

    @Test("What systems leave among people's files is known")
    func litter() {
        for path in ["__MACOSX/a/._x.png", "._x.png", "a/.DS_Store", "Thumbs.db"] {
            #expect(PictureFormat.isLitter(path))
        }
        for path in ["x.png", "a/b.jpg", "MACOSX/x.png"] { #expect(!PictureFormat.isLitter(path)) }
    }

    @Test("A picture turned twice is itself")
    func transposed() {
        for depth in [8, 16] {
            let image = Image.noise(5, 3, channels: 2, bitDepth: depth)
            #expect(image.transposed()[2, 4] == image[4, 2] && image.transposed().transposed() == image)
        }
    }
}
