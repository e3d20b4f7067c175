import Crypto
import Formats

/// SHA-256 of files and texts, as 64 hexadecimal digits.
public enum FileDigest {
    /// The digest of a file.
    ///
    /// - Throws: `FormatError` when it cannot be read.
    public static func sha256(file path: String) throws -> String { sha256(try MappedFile(path: path).view) }

    /// The digest of bytes.
    public static func sha256(_ view: ByteView) -> String {
        view.withUnsafeBytes { bytes in
            var hash = SHA256()
            for start in stride(from: 0, to: bytes.count, by: 1 << 22) {
                hash.update(
                    bufferPointer: UnsafeRawBufferPointer(rebasing: bytes[start..<min(start + (1 << 22), bytes.count)]))
            }
            return hash.finalize().reduce(into: "") { text, byte in
                text += (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }
        }
    }
}
