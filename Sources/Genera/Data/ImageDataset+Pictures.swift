import Formats
import Imaging

extension ImageDataset {
    /// Reads the pictures in a folder and the folders in it.
    static func folder(_ path: String, limit: Int?) throws -> ImageDataset {
        guard FileSystem.isFolder(path) else {
            throw GeneraError.inputOutput(file: path, reason: "the folder cannot be read")
        }
        let files = files(in: path, at: "", depth: 16)
        let labels = files.contains("dataset.json") ? try FileSystem.contents(of: "\(path)/dataset.json") : nil
        let finding = PictureFinding(files) { name in
            let file = "\(path)/\(name)"
            return FileSystem.isEmptyFile(file)
                ? [] : try MappedFile(path: file).view.slice(from: 0, count: 12)?.array() ?? []
        }
        return try pictures(path, finding, labels: labels, limit: limit) { try Image.read(path: "\(path)/\($0)") }
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

    /// Reads the pictures in a zip archive.
    static func zip(_ path: String, limit: Int?) throws -> ImageDataset {
        let archive = try ZipArchive(path: path)
        let labels = archive.entry("dataset.json") == nil ? nil : try archive.data("dataset.json").array()
        let files = archive.entries.filter { !$0.isFolder }.map(\.name)
        let finding = PictureFinding(files) { try archive.prefix($0, count: 12).array() }
        return try pictures(path, finding, labels: labels, limit: limit) { name in
            do {
                return try Image.read(archive.data(name).array(), file: "")
            } catch let error as ImagingError {
                throw GeneraError.badData(file: path, reason: "\(name): \(error)", advice: "")
            }
        }
    }

    /// Decodes pictures in the order of their names and joins them with their labels.
    private static func pictures(
        _ path: String, _ finding: PictureFinding, labels: [UInt8]?, limit: Int?,
        read: @escaping @Sendable (String) throws -> Image
    ) throws -> ImageDataset {
        let chosen = Array(finding.pictures.prefix(limit ?? .max))
        guard let first = chosen.first else {
            throw GeneraError.badData(
                file: path, reason: "holds no images" + (finding.remark.map { ": \($0)" } ?? ""),
                advice: "give a folder or zip of PNG, JPEG or WebP pictures of one size")
        }
        var pixels: [UInt8] = []
        var shape: [Int] = []
        // Some at a time: decoded pictures are kept once, not twice.
        for start in stride(from: 0, to: chosen.count, by: 256) {
            let names = chosen[start..<min(start + 256, chosen.count)]
            let images = try Parallel.map(names.count, workers: ThisProcess.processorCount) {
                let image = try read(chosen[start + $0]).converted(toBitDepth: 8)
                return image.hasAlpha ? image.converted(toChannels: image.channels - 1) : image
            }
            for (name, image) in Swift.zip(names, images) {
                let size = [image.channels, image.height, image.width]
                if shape.isEmpty { shape = size }
                guard size == shape else {
                    throw GeneraError.badData(
                        file: path, reason: "\(name) is \(describe(size)), but \(first) is \(describe(shape))",
                        advice: "all images must agree")
                }
                pixels += planes(image)
            }
        }
        guard shape[1] == shape[2] else {
            throw GeneraError.badData(
                file: path, reason: "images are \(describe(shape)); they must be square", advice: "")
        }
        var rows: [[Float]] = []
        if let labels {
            rows = try labelRows(labels, file: "\(path)/dataset.json", names: finding.pictures) ?? []
            rows = Array(rows.prefix(chosen.count))
        }
        var dataset = try ImageDataset(name: path, pixels: pixels, shape: shape, labelRows: rows)
        dataset.remark = finding.remark
        return dataset
    }

    private static func describe(_ shape: [Int]) -> String { "\(shape[2])x\(shape[1]) with \(shape[0]) channels" }

    private static func planes(_ image: Image) -> [UInt8] {
        guard case let .bytes(bytes) = image.samples else { return [] }
        return (0..<image.channels).flatMap { c in
            stride(from: c, to: bytes.count, by: image.channels).map { bytes[$0] }
        }
    }
}

/// Which of many files are pictures, told by their first bytes.
private struct PictureFinding {
    /// Names of pictures, sorted.
    private(set) var pictures: [String] = []
    private var skipped: [String] = []

    /// Looks at the first 12 bytes of each file. A file that is named like a picture is taken for one, so that what is wrong with it is
    /// said when it is read.
    init(_ files: [String], head: (String) throws -> [UInt8]) {
        for name in files.sorted() where !PictureFormat.isLitter(name) && name != "dataset.json" {
            if PictureFormat.isName(name) || (try? head(name)).flatMap({ PictureFormat($0) }) != nil {
                pictures.append(name)
            } else {
                skipped.append(name)
            }
        }
    }

    /// What was left aside, for people; nil if nothing was.
    var remark: String? {
        guard let first = skipped.first else { return nil }
        return skipped.count == 1
            ? "\(first) is no picture and was left aside"
            : "\(skipped.count) files are no pictures and were left aside, the first \(first)"
    }
}
