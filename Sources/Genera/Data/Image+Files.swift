import Formats
import Imaging

extension Image {
    /// Data sets as `ImageDataset` reads them, and NumPy arrays. Images are written as PNG, by `--out`.
    public static let formats: [SampleFormat<Image>] = [
        SampleFormat(
            ["zip", "bin"], "folder or zip of pictures (PNG, JPEG, WebP), IDX file, or CIFAR-10's batches",
            recognises: isDataset,
            reads: { try ImageDataset.read($0, limit: nil, progress: $1) }),
        SampleFormat(
            "npy",
            "NumPy array [N, H, W], [N, C, H, W] or [N, H, W, C] of bytes or numbers from 0 to 1, -1 to 1 or 0 to 255",
            recognises: { _, content in isArray(content) }, read: { try ImageArray($0) }),
        SampleFormat(
            "npz", "such an array among several, with labels if there are any", recognises: isArchive,
            read: { try ImageArray($0) }),
    ]

    /// Folders (but of graphs), zip archives of pictures, gzip files, and IDX files of bytes.
    private static func isDataset(_ path: String, _ content: ByteView?) -> Bool {
        guard let content, let head = content.slice(from: 0, count: 4)?.array() else {
            return FileSystem.isFolder(path) && TUDataset.name(in: path) == nil
        }
        if ImageFileKind.isZip(head) {
            guard let archive = try? ZipArchive(content, file: path) else { return false }
            let files = archive.entries.filter { !$0.isFolder && !PictureFormat.isLitter($0.name) }
            if files.contains(where: { PictureFormat.isName($0.name) }) { return true }
            // Pictures without endings: archives of arrays and of models are known by the first few of their files.
            return files.prefix(8).contains {
                (try? archive.prefix($0.name, count: 12)).map { PictureFormat($0.array()) != nil } ?? false
            }
        }
        let ending = SamplePath.ending(path)
        let mayBeIDX = ending.isEmpty || ending.contains("idx") || ending.contains("ubyte")
        return head.starts(with: [0, 0, 8]) || head.starts(with: [0x1F, 0x8B]) && mayBeIDX
    }

    /// Arrays with axes for channels or of bytes; others may as well be points.
    private static func isArray(_ content: ByteView?) -> Bool {
        guard let content, let array = try? NPY.read(content, file: "") else { return false }
        return ImageLayout.isCertain(array.shape, array.dtype)
    }

    private static func isArchive(_ path: String, _ content: ByteView?) -> Bool {
        guard let content, let archive = try? NPZ(content, file: path) else { return false }
        return ImageArrayChoice.isCertain(archive)
    }
}

extension ImageDataset: SampleSource {
    /// The largest entry of each label; nil without labels.
    public var classes: [Int]? { labelRows.isEmpty ? nil : labelRows.map(ImageClassifier.largest) }

    /// Some images as pictures.
    public func samples(_ indices: [Int]) throws -> [Image] {
        try require(indices)
        return indices.map(picture)
    }
}
