import Imaging

/// The pictures of a folder, an archive or an array as they lie there: of any sizes, each decoded when it is asked for.
package struct PictureSet: SampleSource {
    /// The path.
    package let name: String
    /// What each picture is called: its path in the set; empty for arrays.
    package let files: [String]
    /// How many there are.
    package let count: Int
    /// The pictures' labels; nil if there are none.
    package let labels: PictureLabels?
    /// Files that are no pictures that are read.
    package let leftOut: [String]
    /// What was left out or decided.
    package let remarks: [ReadingRemark]
    /// The number of channels, where it is known without a look at each picture.
    package let channels: Int?
    private let read: @Sendable (Int) throws -> Image

    /// The class of each picture; nil if there are none.
    package var classes: [Int]? { labels?.classes }
    /// What the classes are called.
    package var classNames: [String]? { labels.flatMap { $0.names.isEmpty ? nil : $0.names } }

    init(
        name: String, files: [String], labels: PictureLabels?, leftOut: [String], remarks: [ReadingRemark],
        read: @escaping @Sendable (String) throws -> Image
    ) {
        (self.name, self.files, self.labels, self.leftOut, self.remarks) = (name, files, labels, leftOut, remarks)
        (count, channels) = (files.count, nil)
        self.read = { try read(files[$0]) }
    }

    /// The images of a source.
    init(_ source: any SampleSource<Image>, channels: Int, labels: PictureLabels?, limit: Int?) {
        (name, files, leftOut, remarks) = (source.name, [], [], source.remarks)
        count = min(limit ?? .max, source.count)
        (self.channels, self.labels) = (channels, labels?.prefix(min(limit ?? .max, source.count)))
        read = { try source.samples([$0])[0] }
    }

    /// Opens whatever pictures are read from; nothing is decoded.
    ///
    /// - Parameter limit: only so many pictures, the first.
    /// - Throws: `GeneraError` or `FormatError` naming the file that is wrong, and what was expected.
    package static func open(_ path: String, limit: Int? = nil) throws -> PictureSet {
        switch try ImageFileKind(path) {
        case .folder: return try folder(path, limit: limit)
        case .pictures: return try zip(path, limit: limit)
        case .array, .arrays:
            let array = try ImageArray(path)
            return PictureSet(array, channels: array.layout.channels, labels: array.labels, limit: limit)
        case .cifar, .idx:
            let dataset = try ImageDataset.read(path, limit: limit, progress: SilentProgress())
            return PictureSet(dataset, channels: dataset.channels, labels: dataset.labels, limit: limit)
        }
    }

    /// Some of the pictures.
    package func samples(_ indices: [Int]) throws -> [Image] {
        try require(indices)
        return try indices.map(read)
    }

    /// Does `work` for every picture, decoded, on all processors, and hands the results to `deliver` in order. Few pictures are in memory
    /// at a time.
    ///
    /// - Throws: what reading a picture, `work` and `deliver` throw; of several errors that of the first picture.
    package func forEach<Result: Sendable>(
        progress: any ProgressSink, work: @escaping @Sendable (Int, Image) throws -> Result,
        deliver: (Result) throws -> Void
    ) throws {
        progress.report(.began(total: count, unit: "pictures"))
        let meter = Meter(total: count, progress: progress)
        let workers = ThisProcess.processorCount
        try OrderedWork.run(count, workers: workers, ahead: 8 * workers) {
            try work($0, read($0))
        } deliver: {
            try deliver($0)
            meter.advance("")
        }
    }

    /// What a picture is called in messages.
    func title(_ index: Int) -> String {
        files.isEmpty ? "picture \(index) (counted from 0)" : Printable.name(files[index])
    }
}
