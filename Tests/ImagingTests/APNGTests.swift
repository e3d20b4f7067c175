import Testing

@testable import Imaging

@Suite struct APNGTests {
    @Test("Frames, delays, loops and text come back", arguments: 1...4, [8, 16])
    func roundTrip(channels: Int, bitDepth: Int) throws {
        var second = Image.noise(12, 9, channels: channels, bitDepth: bitDepth)
        let first = second
        second[4, 3] = Array(repeating: 9, count: channels)
        second[7, 5] = Array(repeating: 200, count: channels)
        let third = Image.noise(12, 9, channels: channels, bitDepth: bitDepth, seed: 2)
        let animation = Animation(frames: [first, second, second, third], delays: [0, 40, 65535, 1], loops: 3)
        let bytes = try APNG.encode(animation, text: [PNG.Text("Recipe", "größer")])
        #expect(try APNG.decode(bytes) == animation)
        #expect(try PNG.text(in: bytes) == [PNG.Text("Recipe", "größer")])
        #expect(try bytes == APNG.encode(animation, text: [PNG.Text("Recipe", "größer")]))
    }

    @Test("A reader of plain PNG sees the first frame, and a plain PNG is one frame")
    func plain() throws {
        let frames = [Image.noise(8, 8, channels: 3), .noise(8, 8, channels: 3, seed: 2)]
        #expect(try PNG.decode(APNG.encode(Animation(frames: frames))).image == frames[0])
        #expect(try APNG.decode(PNG.encode(frames[0])).frames == [frames[0]])
    }

    @Test("Only the rectangle that changed is stored")
    func region() {
        var changed = Image(width: 20, height: 10, channels: 3)
        let still = changed
        changed[3, 2] = [1, 0, 0]
        changed[8, 6] = [0, 0, 1]
        #expect(APNG.Region.change(from: still, to: changed) == APNG.Region(x: 3, y: 2, width: 6, height: 5))
        #expect(APNG.Region.change(from: still, to: still) == APNG.Region(x: 0, y: 0, width: 1, height: 1))
    }

    @Test("Frames that do not fit together are refused with their number")
    func mismatched() {
        let frames = [Image(width: 2, height: 2, channels: 3), Image(width: 2, height: 3, channels: 3)]
        #expect {
            try APNG.encode(Animation(frames: frames))
        } throws: {
            "\($0)"
                == "frame 1: its shape is 2x3, 3 channels, 8 bits, but the first frame's is 2x2, 3 channels, 8 bits."
        }
        #expect(throws: ImagingError.self) { try APNG.encode(Animation(frames: [])) }
        #expect(throws: ImagingError.self) { try APNG.encode(Animation(frames: [frames[0]], delays: [-1])) }
        #expect(throws: ImagingError.self) { try APNG.encode(Animation(frames: [frames[0]], delays: [1, 2])) }
    }

    @Test("A missing frame and a wrong order are damage")
    func damaged() throws {
        let animation = Animation(frames: [.noise(8, 8, channels: 1), .noise(8, 8, channels: 1, seed: 2)])
        let bytes = try APNG.encode(animation)
        let last = try #require(PNGChunk.scan(bytes, limits: PNG.Limits()).last { $0.type == "fcTL" })
        var missing = Array(bytes[..<(last.data.lowerBound - 8)])
        missing.appendChunk("IEND", [])
        #expect {
            try APNG.decode(missing)
        } throws: {
            "\($0)" == "the animation is damaged: 2 frames are announced and 1 are there."
        }
        var disordered = Array(bytes[..<(last.data.lowerBound - 8)])
        disordered.appendChunk("fcTL", [0, 0, 0, 9] + bytes[last.data].dropFirst(4))
        disordered.append(contentsOf: bytes[(last.data.upperBound + 4)...])
        #expect {
            try APNG.decode(disordered)
        } throws: {
            "\($0)".contains("fcTL is out of sequence at number 1")
        }
    }

    @Test("Colours that are far too long are not copied for every frame")
    func longColours() throws {
        let frames = (0..<2000).map { Image(width: 1, height: 1, channels: 1, bytes: [UInt8($0 % 251)]) }
        var bytes = try APNG.encode(Animation(frames: frames))
        var colours: [UInt8] = []
        colours.appendChunk("tRNS", [UInt8](repeating: 0, count: 8_000_000))
        bytes.insert(contentsOf: colours, at: PNG.headerEnd)
        let start = ContinuousClock().now
        #expect(try APNG.decode(bytes).frames.count == 2000)
        #expect(ContinuousClock().now - start < .seconds(5))
    }
}
