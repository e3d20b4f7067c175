import CCrypto

/// SHA-256 of files and bytes, as 64 hexadecimal digits.
public enum FileDigest {
    /// The digest of a file.
    ///
    /// - Throws: ``FileError`` when it cannot be read.
    public static func sha256(file path: String) throws -> String { sha256(try MappedFile(path: path).view) }

    /// The digest of bytes.
    public static func sha256(_ view: ByteView) -> String {
        var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var length: UInt32 = 0
        let done = view.withUnsafeBytes { EVP_Digest($0.baseAddress, $0.count, &digest, &length, EVP_sha256(), nil) }
        precondition(done == 1 && length == 32, "libcrypto has no SHA-256.")
        return digest.prefix(32).reduce(into: "") { text, byte in
            text += (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }
    }
}
