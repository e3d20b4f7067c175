import Formats
import Genera

/// Zip archives with compressed entries, which the program itself does not write.
enum DeflatedZip {
    /// An archive of compressed contents.
    static func bytes(_ contents: [(name: String, bytes: ByteView)]) throws -> [UInt8] {
        var (entries, directory) = ([UInt8](), [UInt8]())
        for (name, content) in contents {
            // Without the head of ten bytes and the eight at the end, gzip is deflate.
            let packed = try Gzip.compress(content, level: 1).dropFirst(10).dropLast(8)
            let common =
                little(0x800, 2) + little(8, 2) + little(0, 4) + little(Int(Deflate.checksum(content)), 4)
                + little(packed.count, 4) + little(content.count, 4) + little(name.utf8.count, 2) + little(0, 2)
            directory += little(0x0201_4B50, 4) + little(20, 2) + little(20, 2) + common
            directory += [UInt8](repeating: 0, count: 10) + little(entries.count, 4) + Array(name.utf8)
            entries += little(0x0403_4B50, 4) + little(20, 2) + common + Array(name.utf8) + packed
        }
        let numbers = little(contents.count, 2) + little(contents.count, 2) + little(directory.count, 4)
        return entries + directory + little(0x0605_4B50, 4) + little(0, 4) + numbers + little(entries.count, 4)
            + little(0, 2)
    }

    private static func little(_ value: Int, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
}
