import Formats

extension ImageDataset {
    /// Reads a data set, whichever of the known kinds it is, and says what was left out.
    ///
    /// - Parameters:
    ///   - limit: read only so many images, the first.
    ///   - progress: who hears how far it is, and what a person should know of the reading.
    /// - Throws: `GeneraError` or `FormatError` naming the file that is wrong, and what was expected.
    public static func load(
        _ path: String, limit: Int? = nil, progress: any ProgressSink = SilentProgress()
    ) throws -> ImageDataset {
        let dataset = try read(path, limit: limit, progress: progress)
        progress.report(dataset.remarks, of: path)
        return dataset
    }

    /// Reads a data set; its remarks are left to the caller.
    static func read(_ path: String, limit: Int?, progress: any ProgressSink) throws -> ImageDataset {
        switch try ImageFileKind(path) {
        case .folder, .pictures: return try pictures(PictureSet.open(path, limit: limit), progress: progress)
        case .array, .arrays: return try array(ImageArray(path), limit: limit)
        case .cifar:
            let batches = ImageFileKind.batches(in: path)
            return try cifar(batches.isEmpty ? [path] : batches, path, limit: limit)
        case .idx: return try idx(path, limit: limit)
        }
    }

    private static let cifarNames = [
        "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
    ]

    private static func cifar(_ paths: [String], _ name: String, limit: Int?) throws -> ImageDataset {
        let batch = try CIFAR10Binary(paths: paths)
        let count = min(limit ?? .max, batch.labels.count)
        let bytes = batch.images.bytes.withUnsafeBytes { Array($0.prefix(count * 3072)) }
        // A few pictures have fewer classes; the rows are as wide as the data set's.
        let rows = batch.labels.prefix(count).map { label in (0..<10).map { $0 == label ? Float(1) : 0 } }
        let labels = try PictureLabels(vectors: rows, names: cifarNames, file: name)
        return try ImageDataset(name: name, pixels: bytes, shape: [3, 32, 32], labels: labels)
    }

    private static func idx(_ path: String, limit: Int?) throws -> ImageDataset {
        let images = try IDX.read(path: path)
        guard images.dtype == .uint8, images.shape.count == 3 || images.shape.count == 4 else {
            throw GeneraError.badData(
                file: path, reason: "holds \(images.dtype) \(images.shape), not images of bytes", advice: "")
        }
        let shape = images.shape.count == 3 ? [1] + images.shape.dropFirst() : Array(images.shape.dropFirst())
        let count = min(limit ?? .max, images.shape[0])
        let size = shape.reduce(1, *)
        let bytes = images.bytes.withUnsafeBytes { Array($0.prefix(count * size)) }
        guard let labels = try idxLabels(beside: path, rank: images.shape.count, count: images.shape[0]) else {
            return try ImageDataset(name: path, pixels: bytes, shape: shape)
        }
        return try ImageDataset(name: path, pixels: bytes, shape: shape, labels: labels.prefix(count))
    }

    /// The labels beside `train-images-idx3-ubyte`; nil if there are none.
    private static func idxLabels(beside path: String, rank: Int, count: Int) throws -> PictureLabels? {
        let name = FileSystem.name(of: path)
        guard let place = name.ranges(of: "images-idx\(rank)").first else { return nil }
        let file = String(
            path.dropLast(name.count) + name[..<place.lowerBound] + "labels-idx1" + name[place.upperBound...])
        guard FileSystem.exists(file) else { return nil }
        let labels = try IDX.read(path: file).int64s().map(Int.init)
        guard labels.count == count else {
            throw GeneraError.badData(
                file: file, reason: "has \(labels.count) labels for \(count) images", advice: "")
        }
        guard labels.allSatisfy({ $0 >= 0 }) else {
            throw GeneraError.badData(
                file: file, reason: "holds a negative label", advice: "classes are counted from 0")
        }
        return try PictureLabels(classes: labels, file: file)
    }
}
