import Testing

@testable import Imaging

private let hasEmoji = !FontLibrary.list(family: "Noto Color Emoji", scalable: nil).isEmpty
private let hasFonts = (try? GlyphRenderer()) != nil

@Suite struct EmojiRendererTests {
    @Test(
        "Emoji are many, named, in order, and drawn on white",
        .enabled(if: hasEmoji, "Install fonts-noto-color-emoji to run this test."))
    func emoji() throws {
        let renderer = try EmojiRenderer()
        #expect(renderer.characters.count > 1000)
        #expect(renderer.characters == renderer.characters.sorted())
        let images = try renderer.render(size: 32, characters: ["\u{1F600}", "\u{1F34B}"])
        #expect(images.map(\.name) == ["grinning-face", "lemon"])
        for one in images {
            #expect(one.image.width == 32 && one.image.height == 32 && one.image.channels == 3)
            #expect(one.image[0, 0] == [255, 255, 255] && one.image[16, 16] != [255, 255, 255])
        }
        #expect(try renderer.render(size: 32, characters: ["\u{1F600}"])[0] == images[0])
    }

    @Test(
        "Without a background the picture has alpha",
        .enabled(if: hasEmoji, "Install fonts-noto-color-emoji to run this test."))
    func transparent() throws {
        let image = try EmojiRenderer().render(size: 16, characters: ["\u{1F600}"], background: nil)[0].image
        #expect(image.channels == 4 && image[0, 0][3] == 0 && image[8, 8][3] == 255)
    }

    @Test(
        "A character without a picture is an error",
        .enabled(if: hasEmoji, "Install fonts-noto-color-emoji to run this test."))
    func missing() throws {
        let renderer = try EmojiRenderer()
        #expect {
            try renderer.render(size: 16, characters: ["\u{4E16}"])
        } throws: {
            "\($0)".hasSuffix("the emoji font has no picture for it.")
        }
    }
}

@Suite struct GlyphRendererTests {
    @Test(
        "Letters fill their square, white on black, in a fixed order",
        .enabled(if: hasFonts, "Install a scalable font to run this test."))
    func letters() throws {
        let renderer = try GlyphRenderer()
        let letters: [Unicode.Scalar] = ["A", "g", "7"]
        let images = try renderer.render(size: 28, letters: letters)
        #expect(images.count % 3 == 0 && images.prefix(3).map(\.character) == letters)
        #expect(try renderer.render(size: 28, letters: letters) == images)
        for one in images {
            #expect(one.image.channels == 1 && one.image[0, 0] == [0])
            #expect((0..<28).contains { x in (0..<28).contains { one.image[x, $0][0] > 200 } }, "\(one.name) is blank")
        }
    }

    @Test("An unknown family is an error that names it")
    func unknown() {
        #expect {
            try GlyphRenderer(families: ["No Such Font"])
        } throws: {
            "\($0)".hasPrefix("no scalable font is installed of No Such Font.")
        }
    }
}
