import Testing

@testable import Imaging

@Suite struct ImageTests {
    @Test("Cropping what was pasted gives it back", arguments: [8, 16])
    func pasteAndCrop(bitDepth: Int) throws {
        var sheet = Image(width: 20, height: 15, channels: 3, bitDepth: bitDepth)
        let stamp = Image.noise(6, 4, channels: 3, bitDepth: bitDepth)
        try sheet.paste(stamp, x: 11, y: 9)
        #expect(try sheet.cropped(x: 11, y: 9, width: 6, height: 4) == stamp)
        try sheet.paste(stamp, x: -3, y: 13)
        #expect(try sheet.cropped(x: 0, y: 13, width: 3, height: 2) == stamp.cropped(x: 3, y: 0, width: 3, height: 2))
        try sheet.paste(stamp, x: 100, y: 100)
    }

    @Test("Crops outside and pastes of another kind are errors")
    func badGeometry() {
        var image = Image(width: 4, height: 4, channels: 3)
        #expect {
            try image.cropped(x: 2, y: 0, width: 3, height: 1)
        } throws: {
            "\($0)" == "the part 3x1 at (2, 0) is not inside 4x4."
        }
        #expect(throws: ImagingError.self) { try image.paste(Image(width: 1, height: 1, channels: 1), x: 0, y: 0) }
    }

    @Test("Two flips are none", arguments: 1...4)
    func flips(channels: Int) {
        let image = Image.noise(7, 5, channels: channels)
        #expect(image.flippedHorizontally().flippedHorizontally() == image)
        #expect(image.flippedVertically().flippedVertically() == image)
        #expect(image.flippedHorizontally()[0, 2] == image[6, 2] && image.flippedVertically()[1, 0] == image[1, 4])
    }

    @Test("Differences count pixels, not samples")
    func differences() throws {
        let image = Image.noise(7, 5, channels: 3)
        var other = image
        #expect(try image.differenceCount(from: other) == 0)
        other[2, 2] = other[2, 2].map { 255 - $0 }
        other[3, 4, 1] ^= 1
        #expect(try image.differenceCount(from: other) == 2)
        #expect(throws: ImagingError.self) { try image.differenceCount(from: Image(width: 7, height: 5, channels: 4)) }
    }

    @Test("Grey survives a journey through every other kind", arguments: 1...4)
    func channels(count: Int) {
        let image = Image.noise(9, 9, channels: 1)
        #expect(image.converted(toChannels: count).converted(toChannels: 1) == image)
        #expect(image.converted(toBitDepth: 16).converted(toBitDepth: 8) == image)
        #expect(Image(width: 9, height: 9, channels: 1, values: image.values) == image)
    }

    @Test("Dropped alpha lays the colour over the background")
    func alpha() {
        let image = Image(width: 1, height: 1, channels: 4, bytes: [200, 100, 0, 51])
        #expect(image.converted(toChannels: 3)[0, 0] == [244, 224, 204])
        #expect(image.converted(toChannels: 3, background: 0)[0, 0] == [40, 20, 0])
        #expect(
            Image(width: 1, height: 1, channels: 3, bytes: [255, 0, 0]).converted(toChannels: 2)[0, 0] == [76, 255])
    }

    @Test("A flat picture stays flat at every size", arguments: Image.Resampling.allCases)
    func flat(method: Image.Resampling) {
        let image = Image(width: 13, height: 11, channels: 3, fill: [10, 200, 77])
        for (width, height) in [(5, 4), (26, 22), (1, 1), (40, 3)] {
            #expect(
                image.resized(width: width, height: height, by: method)
                    == Image(width: width, height: height, channels: 3, fill: [10, 200, 77]))
        }
    }

    @Test("A box halves a picture to the means of its blocks, and nearest doubles it to blocks")
    func halves() {
        let image = Image(width: 4, height: 2, channels: 1, bytes: [0, 10, 100, 100, 20, 30, 200, 100])
        #expect(
            image.resized(width: 2, height: 1, by: .box) == Image(width: 2, height: 1, channels: 1, bytes: [15, 125]))
        #expect(image.resized(width: 8, height: 4, by: .nearest) == image.enlarged(by: 2))
    }

    @Test("Resizing keeps the mean", arguments: [Image.Resampling.box, .lanczos])
    func mean(method: Image.Resampling) {
        let image = Image.noise(64, 64, channels: 1, bitDepth: 16)
        func mean(_ image: Image) -> Float { image.values.reduce(0, +) / Float(image.values.count) }
        #expect(abs(mean(image) - mean(image.resized(width: 16, height: 16, by: method))) < 0.01)
    }

    @Test("Transparent pixels do not bleed their colour")
    func noBleeding() {
        let image = Image(width: 2, height: 1, channels: 4, bytes: [255, 0, 0, 255, 0, 255, 0, 0])
        #expect(image.resized(width: 1, height: 1, by: .box)[0, 0] == [255, 0, 0, 128])
    }

    @Test("Values outside 0...1 are clamped, and NaN is black")
    func clamped() {
        let image = Image(width: 4, height: 1, channels: 1, values: [-1, 2, .nan, 0.5])
        #expect(image.samples == .bytes([0, 255, 0, 128]))
    }
}

@Suite struct ImageGridTests {
    @Test("A grid is about square", arguments: [(1, 1, 1), (2, 2, 1), (4, 2, 2), (5, 3, 2), (64, 8, 8), (65, 9, 8)])
    func squarish(count: Int, columns: Int, rows: Int) throws {
        let tile = Image(width: 10, height: 6, channels: 1)
        let sheet = try ImageGrid.arrange(Array(repeating: tile, count: count), padding: 3, scale: 1)
        #expect(sheet.width == columns * 13 + 3 && sheet.height == rows * 9 + 3)
    }

    @Test("Every picture is found again at its place")
    func places() throws {
        let tiles = (0..<7).map { Image.noise(8, 8, channels: 3, seed: UInt64($0)) }
        let sheet = try ImageGrid.arrange(tiles, columns: 3, padding: 2, scale: 2)
        for (index, tile) in tiles.enumerated() {
            let part = try sheet.cropped(x: 2 + index % 3 * 18, y: 2 + index / 3 * 18, width: 16, height: 16)
            #expect(part == tile.enlarged(by: 2))
        }
        #expect(sheet[0, 0] == [255, 255, 255])
    }

    @Test("Small pictures are enlarged, large ones are not", arguments: [(28, 4), (64, 2), (128, 1), (500, 1)])
    func scale(side: Int, factor: Int) throws {
        #expect(
            try ImageGrid.arrange([Image(width: side, height: side, channels: 1)], padding: 0).width == side * factor)
    }

    @Test("Grey and colour, 8 and 16 bits meet in the richer kind; nothing is an error")
    func mixed() throws {
        let sheet = try ImageGrid.arrange([
            Image(width: 2, height: 2, channels: 1, bitDepth: 16), Image(width: 1, height: 1, channels: 3),
        ])
        #expect(sheet.channels == 3 && sheet.bitDepth == 16)
        #expect(throws: ImagingError(reason: "a grid needs at least one image")) { try ImageGrid.arrange([]) }
    }
}
