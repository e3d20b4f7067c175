import Formats
import Imaging

extension PictureSet {
    /// Finds the pictures in a folder and the folders in it.
    static func folder(_ path: String, limit: Int?) throws -> PictureSet {
        let finding = PictureFinding(files(in: path, at: "", depth: 16)) { try FileHead.bytes("\(path)/\($0)") }
        let labels = "\(path)/\(finding.enclosing)\(PictureFinding.labelFile)"
        return try make(
            path, finding, labels: FileSystem.exists(labels) ? (FileSystem.contents(of: labels), labels) : nil,
            limit: limit
        ) { try Image.read(path: "\(path)/\($0)") }
    }

    /// All files in a folder and the folders in it, by their paths from there.
    private static func files(in root: String, at path: String, depth: Int) -> [String] {
        let folder = path.isEmpty ? root : "\(root)/\(path)"
        return FileSystem.names(in: folder).flatMap { name in
            let inner = path.isEmpty ? name : "\(path)/\(name)"
            // A link may lead back to where it lies.
            guard FileSystem.isFolder("\(root)/\(inner)") else { return [inner] }
            return depth > 0 ? files(in: root, at: inner, depth: depth - 1) : []
        }
    }

    /// Finds the pictures in a zip archive.
    static func zip(_ path: String, limit: Int?) throws -> PictureSet {
        let archive = try ZipArchive(path: path)
        let files = archive.entries.filter { !$0.isFolder }.map(\.name)
        let finding = PictureFinding(files) { try archive.prefix($0, count: 12).array() }
        let labels = finding.enclosing + PictureFinding.labelFile
        return try make(
            path, finding,
            labels: archive.entry(labels) == nil
                ? nil : (archive.data(labels, limit: 256 << 20).array(), "\(path)/\(labels)"),
            limit: limit
        ) { name in
            do {
                return try Image.read(archive.picture(name), file: "")
            } catch let error as ImagingError {
                throw GeneraError.badData(file: path, reason: "\(Printable.name(name)): \(error)")
            }
        }
    }

    private static func make(
        _ path: String, _ finding: PictureFinding, labels: (bytes: [UInt8], file: String)?, limit: Int?,
        read: @escaping @Sendable (String) throws -> Image
    ) throws -> PictureSet {
        guard !finding.pictures.isEmpty else {
            throw GeneraError.badData(
                file: path, reason: "holds no images" + (finding.remark.map { ": \($0)" } ?? ""),
                advice: "give a folder or zip of PNG, JPEG or WebP pictures")
        }
        let names = finding.pictures.map { String($0.dropFirst(finding.enclosing.count)) }
        let found: (labels: PictureLabels?, remark: ReadingRemark?) =
            try labels.map { (try PictureLabels.json($0.bytes, file: $0.file, names: names), nil) }
            ?? PictureLabels.folders(names)
        let count = min(limit ?? .max, names.count)
        return PictureSet(
            name: path, files: Array(finding.pictures.prefix(count)), labels: found.labels?.prefix(count),
            leftOut: finding.skipped.map(\.name), remarks: [finding.remark, found.remark].compactMap { $0 }, read: read)
    }
}

/// The first bytes of files.
enum FileHead {
    /// The first 12 bytes of a file; fewer if it is shorter.
    ///
    /// - Throws: `FileError` if it cannot be read.
    static func bytes(_ path: String) throws -> [UInt8] {
        if FileSystem.isEmptyFile(path) { return [] }
        let view = try MappedFile(path: path).view
        return view.slice(from: 0, count: min(12, view.count))?.array() ?? []
    }
}
