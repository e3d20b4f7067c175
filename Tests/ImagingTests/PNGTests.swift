import Testing

@testable import Imaging

@Suite struct PNGTests {
    @Test("A picture comes back as it was written", arguments: 1...4, [8, 16])
    func roundTrip(channels: Int, bitDepth: Int) throws {
        for (width, height) in [(1, 1), (7, 5), (64, 33)] {
            let image = Image.noise(width, height, channels: channels, bitDepth: bitDepth)
            #expect(try PNG.decode(PNG.encode(image)).image == image)
        }
    }

    @Test("The same picture and text give the same bytes")
    func deterministic() throws {
        let image = Image.noise(40, 30, channels: 3)
        let text = [PNG.Text("Software", "Genera")]
        #expect(try PNG.encode(image, text: text) == PNG.encode(image, text: text))
    }

    @Test("Palettes of every bit depth are expanded to RGB")
    func palettes() throws {
        let files = [
            (PNGFixtures.palette1, 2), (PNGFixtures.palette2, 4), (PNGFixtures.palette4, 16),
            (PNGFixtures.palette8, 16),
        ]
        for (file, entries) in files {
            let image = try PNG.decode(file).image
            #expect(image.channels == 3 && image.width == 9 && image.height == 7)
            for y in 0..<7 {
                for x in 0..<9 {
                    let entry = (x + 3 * y) % entries
                    #expect(image[x, y] == [16 * entry, 255 - 16 * entry, entry])
                }
            }
        }
    }

    @Test("Interlaced grey of every bit depth is expanded to 8 bits")
    func interlacedGrey() throws {
        let files = [(PNGFixtures.grey1, 1), (PNGFixtures.grey2, 2), (PNGFixtures.grey4, 4), (PNGFixtures.grey8, 8)]
        for (file, bits) in files {
            let image = try PNG.decode(file).image
            let levels = 1 << bits
            for y in 0..<7 {
                for x in 0..<9 { #expect(image[x, y] == [(17 * x + 5 * y) % levels * 255 / (levels - 1)]) }
            }
        }
    }

    @Test("Transparency of palettes and of key colours becomes alpha")
    func transparency() throws {
        let palette = try PNG.decode(PNGFixtures.paletteAlpha).image
        #expect(palette[2, 0] == [32, 223, 2, 34] && palette[8, 0] == [128, 127, 8, 255])
        let key = try PNG.decode(PNGFixtures.greyKey).image
        #expect(key[1, 1] == [11, 0] && key[1, 0] == [10, 255])
    }

    @Test("Interlaced 16-bit RGB keeps its 16 bits")
    func interlacedDeep() throws {
        let image = try PNG.decode(PNGFixtures.rgb16).image
        #expect(image.bitDepth == 16 && image[8, 6] == [56000, 54000, 48000] && image[3, 5] == [21000, 45000, 15000])
    }

    @Test(
        "Text comes back in order, in ASCII and in UTF-8",
        arguments: ["", "plain", "two\nlines", "Grüße, 世界 🙂", "{\"seed\": 7}"])
    func textRoundTrip(value: String) throws {
        let text = [PNG.Text("Software", "Genera"), PNG.Text("Recipe", value), PNG.Text("Recipe", "again")]
        let bytes = try PNG.encode(Image(width: 2, height: 2, channels: 1), text: text)
        #expect(try PNG.text(in: bytes) == text)
        #expect(try PNG.decode(bytes).text == text)
    }

    @Test("Compressed text and Latin-1 are read")
    func compressedText() throws {
        let expected = [
            PNG.Text("Comment", String(repeating: "café ", count: 30)),
            PNG.Text("Recipe", String(repeating: "compressed: Grüße ", count: 20)),
        ]
        #expect(try PNG.text(in: PNGFixtures.compressedText) == expected)
    }

    @Test("Text is read without looking at the pixels")
    func textWithoutPixels() throws {
        var bytes = Array(try PNG.encode(Image(width: 3, height: 3, channels: 1), text: [PNG.Text("Key", "value")]))
        let chunks = try PNGChunk.scan(bytes, limits: PNG.Limits())
        let data = try #require(chunks.first { $0.type == "IDAT" }).data
        var damaged = Array(bytes[..<(data.lowerBound - 8)])
        damaged.appendChunk("IDAT", [1, 2, 3, 4])
        damaged.append(contentsOf: bytes[(data.upperBound + 4)...])
        bytes = damaged
        #expect(try PNG.text(in: bytes) == [PNG.Text("Key", "value")])
        #expect(throws: ImagingError.self) { try PNG.decode(bytes) }
    }

    @Test(
        "Text that PNG cannot hold is refused",
        arguments: ["", " lead", "trail ", "two  spaces", "ümlaut", String(repeating: "k", count: 80)])
    func badKeyword(keyword: String) {
        let image = Image(width: 1, height: 1, channels: 1)
        #expect(throws: ImagingError.self) { try PNG.encode(image, text: [PNG.Text(keyword, "x")]) }
        #expect(throws: ImagingError.self) { try PNG.encode(image, text: [PNG.Text("key", "nul\0")]) }
    }
}
