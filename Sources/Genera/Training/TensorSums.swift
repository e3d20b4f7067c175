import Formats
import Platform

/// Checksums of what a file of tensors holds, kept in its metadata: a bit that flipped on a disk is found when the file is read.
///
/// A sum is the first 16 digits of SHA-256: of a tensor's bytes under its name, of all other metadata under the empty name.
struct TensorSums {
    /// The key in the metadata.
    static let key = "genera.sums"

    /// Metadata with the sums of it and of the tensors.
    static func adding(
        to metadata: [String: String], of tensors: [(name: String, tensor: RawTensor)]
    ) -> [String: String] {
        let sums = tensors.map { ($0.name, sum($0.tensor.bytes)) } + [("", sum(of: metadata))]
        let members = sums.sorted { $0.0 < $1.0 }.map { "\(JSONText.quote($0.0)):\"\($0.1)\"" }
        return metadata.merging([key: "{\(members.joined(separator: ","))}"]) { $1 }
    }

    /// Compares what a file holds with its sums, where it has any.
    ///
    /// - Throws: `FormatError` that names the first tensor whose sum is another.
    static func check(_ file: Safetensors, path: String) throws {
        guard let text = file.metadata[key] else { return }
        let json = try JSONText.parse(ByteView(text.utf8), file: path)
        func refuse(_ what: String) -> FormatError {
            FormatError(
                file: path, place: what, reason: "it is not what was written: its checksum is another",
                advice: "the file was damaged on its way or on its disk")
        }
        let others = file.metadata.filter { $0.key != key }
        guard json[""]?.text == sum(of: others) else { throw refuse("metadata") }
        for (name, tensor) in try file.tensors where json[name]?.text != sum(tensor.bytes) {
            throw refuse("'\(name)'")
        }
    }

    private static func sum(_ bytes: ByteView) -> String { String(FileDigest.sha256(bytes).prefix(16)) }

    private static func sum(of metadata: [String: String]) -> String {
        let lines = metadata.sorted { $0.key < $1.key }.map { "\(JSONText.quote($0.key)):\(JSONText.quote($0.value))" }
        return sum(ByteView(lines.joined(separator: "\n").utf8))
    }
}
