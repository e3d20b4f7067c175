import Formats
import Foundation

extension ImageDataset {
    /// Reads a data set, whichever of the known kinds it is.
    ///
    /// - Parameter limit: read only so many images, the first.
    /// - Throws: `GeneraError` or `FormatError` naming the file that is wrong, and what was expected.
    public static func load(_ path: String, limit: Int? = nil) throws -> ImageDataset {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw GeneraError.noInput("\(path): there is no such file or folder of images.", searched: [], advice: "")
        }
        if isFolder.boolValue {
            let binaries = try FileManager.default.contentsOfDirectory(atPath: path).filter {
                $0.hasPrefix("data_batch_") && $0.hasSuffix(".bin")
            }
            return binaries.isEmpty
                ? try folder(path, limit: limit)
                : try cifar(binaries.sorted().map { "\(path)/\($0)" }, path, limit: limit)
        }
        if path.hasSuffix(".zip") { return try zip(path, limit: limit) }
        if path.hasSuffix(".bin") { return try cifar([path], path, limit: limit) }
        return try idx(path, limit: limit)
    }

    private static func cifar(_ paths: [String], _ name: String, limit: Int?) throws -> ImageDataset {
        let batch = try CIFAR10Binary(paths: paths)
        let count = min(limit ?? .max, batch.labels.count)
        let bytes = batch.images.bytes.withUnsafeBytes { Array($0.prefix(count * 3072)) }
        return try ImageDataset(
            name: name, pixels: bytes, shape: [3, 32, 32],
            labelRows: batch.labels.prefix(count).map { label in (0..<10).map { $0 == label ? 1 : 0 } })
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
        let labelPath = path.replacingOccurrences(of: "images-idx\(images.shape.count)", with: "labels-idx1")
        guard labelPath != path, FileManager.default.fileExists(atPath: labelPath) else {
            return try ImageDataset(name: path, pixels: bytes, shape: shape)
        }
        let labels = try IDX.read(path: labelPath).int64s().map(Int.init)
        guard labels.count == images.shape[0] else {
            throw GeneraError.badData(
                file: labelPath, reason: "has \(labels.count) labels for \(images.shape[0]) images", advice: "")
        }
        let rows = oneHotRows(labels).prefix(count)
        return try ImageDataset(name: path, pixels: bytes, shape: shape, labelRows: Array(rows))
    }

    /// The labels of `dataset.json`, `{"labels": [[file, label], ...]}` with whole numbers or vectors; nil for `null`.
    static func labelRows(_ bytes: [UInt8], file: String, names: [String]) throws -> [[Float]]? {
        guard let object = try? JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any] else {
            throw GeneraError.badData(file: file, reason: "is not a JSON object", advice: "")
        }
        guard let list = object["labels"] as? [Any] else { return nil }
        var table: [String: [Double]] = [:]
        for case let pair as [Any] in list {
            guard pair.count == 2, let name = pair[0] as? String else {
                throw GeneraError.badData(file: file, reason: "each label must be [file name, label]", advice: "")
            }
            let value = (pair[1] as? [NSNumber])?.map(\.doubleValue) ?? (pair[1] as? NSNumber).map { [$0.doubleValue] }
            guard let value else {
                throw GeneraError.badData(
                    file: file, reason: "the label of '\(name)' is no number and no list of numbers", advice: "")
            }
            table[name.replacingOccurrences(of: "\\", with: "/")] = value
        }
        let values = try names.map { name in
            guard let value = table[name] else {
                throw GeneraError.badData(file: file, reason: "has no label for '\(name)'", advice: "")
            }
            return value
        }
        guard values.allSatisfy({ $0.count == 1 }) else { return values.map { $0.map(Float.init) } }
        let numbers = values.map { $0[0] }
        guard numbers.allSatisfy({ $0 >= 0 && $0 == $0.rounded() && $0 < 1e6 }) else {
            throw GeneraError.badData(file: file, reason: "labels must be whole numbers from 0, or vectors", advice: "")
        }
        return oneHotRows(numbers.map { Int($0) })
    }
}
