import Formats
import Imaging

extension ZipArchive {
    /// The bytes of an entry that is a picture. Its first bytes say how many there can be, and no more are expanded. Of an entry that is
    /// no picture they are all that is given, so that `Image.read` tells what it is instead.
    ///
    /// - Throws: `FormatError`, as `data(_:limit:)`.
    public func picture(_ name: String) throws -> [UInt8] {
        let head = try prefix(name, count: 512).array()
        guard let limit = PictureFormat.sizeLimit(head: head) else { return head }
        return try data(name, limit: limit).array()
    }
}
