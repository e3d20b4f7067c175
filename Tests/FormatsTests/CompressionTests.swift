import Foundation
import Testing

@testable import Formats

/// Zstandard, and gzip written.
@Suite struct CompressionTests {
    private let content = Array((0..<5000).flatMap { "line \($0 % 77) of many\n".utf8 })

    @Test("Zstandard gives back what it was given, by size and by limit")
    func zstandard() throws {
        let packed = ByteView(try Zstandard.compress(ByteView(content)))
        #expect(Zstandard.isCompressed(packed) && packed.count < content.count / 10)
        #expect(try Zstandard.expand(packed, count: content.count, file: "f").array() == content)
        #expect(try Zstandard.expand(packed, limit: content.count, file: "f").array() == content)
        let two = ByteView(packed.array() + packed.array())
        #expect(try Zstandard.expand(two, file: "f").array() == content + content)
        let none = ByteView(try Zstandard.compress(ByteView([])))
        #expect(try Zstandard.expand(none, count: 0, file: "f").count == 0)
    }

    @Test("Zstandard refuses damage, and more than is allowed")
    func damaged() throws {
        let packed = try Zstandard.compress(ByteView(content))
        let view = ByteView(packed)
        Support.expectMessage("were announced") { try Zstandard.expand(view, count: content.count + 1, file: "f") }
        Support.expectMessage("damaged") { try Zstandard.expand(view, count: content.count - 1, file: "f") }
        Support.expectMessage("cannot hold") { try Zstandard.expand(view, count: 1 << 40, file: "f") }
        Support.expectMessage("more than 1000 bytes") { try Zstandard.expand(view, limit: 1000, file: "f") }
        Support.expectCutsRefused(Array(packed.prefix(200))) { try Zstandard.expand($0, file: "f") }
        // A gigabyte of zeros takes some thirty kilobytes.
        let bomb = ByteView(try Zstandard.compress(ByteView([UInt8](repeating: 0, count: 1 << 26))))
        #expect(bomb.count < 1 << 16)
        Support.expectMessage("more than 4096 bytes") { try Zstandard.expand(bomb, limit: 4096, file: "f") }
    }

    @Test("Gzip gives back what it was given, and its first bytes alone", arguments: [1, 6, 9])
    func gzip(level: Int) throws {
        let packed = ByteView(try Gzip.compress(ByteView(content), level: level))
        #expect(Gzip.isCompressed(packed) && packed.count < content.count / 5)
        #expect(try Gzip.expand(packed, file: "f").array() == content)
        #expect(try Gzip.prefix(packed, count: 100, file: "f").array() == Array(content.prefix(100)))
        #expect(try Gzip.prefix(packed, count: 1 << 30, file: "f").count == content.count)
        #expect(try Gzip.expand(ByteView(Gzip.compress(ByteView([]), level: level)), file: "f").count == 0)
        // Nothing in it tells when it was written.
        #expect(try Gzip.compress(ByteView(content), level: level) == packed.array())
    }
}
