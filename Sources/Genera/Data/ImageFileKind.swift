import Formats
import Imaging

/// What images can be read from, told by content, else by name.
enum ImageFileKind {
    /// A folder of pictures.
    case folder
    /// A zip archive of pictures.
    case pictures
    /// A NumPy array.
    case array
    /// Several NumPy arrays.
    case arrays
    /// CIFAR-10's binary batches: a file, or a folder of them.
    case cifar
    /// An IDX file, compressed or not.
    case idx

    /// The kind of what lies at a path.
    ///
    /// - Throws: `GeneraError.noInput` if nothing is there, `badData` for a single picture, `FileError` for a file that cannot be read.
    init(_ path: String) throws {
        guard FileSystem.exists(path) else {
            throw GeneraError.noInput("\(path): there is no such file or folder of images.")
        }
        guard !FileSystem.isFolder(path) else {
            self = Self.batches(in: path).isEmpty ? .folder : .cifar
            return
        }
        let head = try FileHead.bytes(path)
        if let format = PictureFormat(head) {
            throw GeneraError.badData(
                file: path, reason: "is one \(format.rawValue) picture",
                advice: "give a folder or zip archive of pictures")
        }
        let ending = SamplePath.ending(path)
        if head.starts(with: [0x93] + Array("NUMPY".utf8)) || ending == "npy" {
            self = .array
        } else if Self.isZip(head) || ["zip", "npz"].contains(ending) {
            self = try Self.zip(path, ending)
        } else {
            self = ending == "bin" ? .cifar : .idx
        }
    }

    /// Whether a file begins as a zip archive does, empty ones included.
    static func isZip(_ head: [UInt8]) -> Bool {
        head.starts(with: [0x50, 0x4B, 0x03, 0x04]) || head.starts(with: [0x50, 0x4B, 0x05, 0x06])
    }

    private static func zip(_ path: String, _ ending: String) throws -> ImageFileKind {
        let names = try ZipArchive(path: path).entries.map(\.name)
        guard !names.contains(where: { PictureFormat.isName($0) }) else { return .pictures }
        return ending == "npz" || names.contains { $0.hasSuffix(".npy") } ? .arrays : .pictures
    }

    /// CIFAR-10's binary batches in a folder, by their paths.
    static func batches(in folder: String) -> [String] {
        FileSystem.names(in: folder).filter { $0.hasPrefix("data_batch_") && $0.hasSuffix(".bin") }
            .map { "\(folder)/\($0)" }
    }
}
