import Genera

/// Which posed photographs views are drawn beside, in words.
public struct ComparisonOptions: ParsableArguments, Sendable {
    /// A part of a data set.
    public enum Split: String, ExpressibleByArgument, CaseIterable, Sendable {
        /// Photographs that training did not see.
        case test
        /// Photographs that training saw.
        case train
        /// Photographs that training was watched by.
        case val
        /// All of them.
        case all
    }

    /// Draw the views of these posed photographs: a COLMAP project, NeRF's transforms_train.json, or nerfstudio's transforms.json.
    @Option(
        help: ArgumentHelp(
            "Draw the views of these posed photographs: a COLMAP project, NeRF's transforms_train.json, or nerfstudio's transforms.json.",
            valueName: "folder"), completion: .directory)
    public var data: String?

    /// Which of the photographs: test, train, val or all.
    @Option(help: "Which of the photographs: test, train, val or all. (default: test, or val where there is no test)")
    public var split: Split?

    /// Every so many photographs one is for tests, where the data set does not say which are.
    @Option(
        help: ArgumentHelp(
            "Every so many photographs one is for tests, where the data set does not say which are.", valueName: "n"))
    public var testEvery = 8

    /// The folder of photographs of a COLMAP project.
    @Option(
        name: [.customShort("i"), .customLong("images")],
        help: ArgumentHelp("The folder of photographs of a COLMAP project. (default: images)", valueName: "folder"))
    public var images: String?

    /// Divide photographs by 1, 2, 4 or 8, or give a width.
    @Option(
        name: [.customShort("r"), .customLong("resolution")],
        help: ArgumentHelp(
            "Divide photographs by 1, 2, 4 or 8, or give a width. (default: at most 1,600 wide)", valueName: "n"))
    public var resolution = -1

    /// White behind photographs and scene instead of black, as in training.
    @Flag(
        name: [.customShort("w"), .customLong("white-background"), .customLong("white_background")],
        help: "White behind photographs and scene instead of black, as in training.")
    public var whiteBackground = false

    /// For ArgumentParser.
    public init() {}

    /// Refuses values that make no sense, naming the option.
    public func validate() throws {
        guard (2...1_000_000).contains(testEvery) else {
            throw ValidationError("--test-every must be from 2 to 1,000,000, got \(testEvery).")
        }
        _ = try ViewReading.Resolution(number: resolution)
        if data == nil, split != nil || whiteBackground || images != nil || resolution != -1 {
            throw ValidationError(
                "--split, --images, --resolution and --white-background are for photographs: name some with --data.")
        }
    }

    /// What is behind a scene beside photographs, unless it is said.
    var background: Background { .color(whiteBackground ? [1, 1, 1] : [0, 0, 0]) }
}

/// Photographs that views are drawn beside.
struct ComparedViews: Sendable {
    let photographs: Photographs
    /// What was chosen in reading, for people.
    let remarks: [String]

    var cameras: [NamedCamera] { photographs.views.map { NamedCamera($0.name, $0.camera) } }

    /// The photographs that the words ask for; nil if they ask for none.
    ///
    /// - Throws: what is wrong with words or data set, in a sentence.
    init?(
        _ options: ComparisonOptions, _ viewpoint: ViewOptions, _ drawing: SceneDrawing, _ run: RunContext
    ) throws {
        guard let data = options.data else { return nil }
        guard viewpoint.camera == nil, viewpoint.eye == nil, viewpoint.turntable == nil, viewpoint.size == nil else {
            throw GeneraError.usage(
                "--data brings cameras and their sizes: leave out --camera, --eye, --turntable and --size. --resolution makes pictures smaller."
            )
        }
        guard case let .color(paper) = drawing.background else {
            throw GeneraError.usage("Photographs lie over a colour: --background none does not go with --data.")
        }
        var reading = ViewReading()
        reading.resolution = try .init(number: options.resolution)
        reading.images = options.images
        reading.isEvaluated = options.split != .all
        reading.testEvery = options.testEvery
        reading.cameras = CameraReading(
            isCentred: drawing.rules.convention == .inria, distortion: viewpoint.distortion)
        reading.readsPoints = false
        reading.workers = max(run.workers, 1)
        let views = try PosedViews.read(path: run.input(data), reading)
        let (chosen, remark) = try Self.chosen(views, options)
        remarks = views.remarks + remark
        photographs = Photographs(chosen, .init(background: paper.map(Double.init)), memoryLimit: 1 << 30)
    }

    private static func chosen(_ views: PosedViews, _ options: ComparisonOptions) throws -> (
        views: [View], remark: [String]
    ) {
        let counts =
            "\(views.train.count) for training, \(views.test.count) for tests and \(views.val.count) to watch training by"
        let wanted: [View]
        var remark: [String] = []
        switch options.split {
        case nil where views.test.isEmpty:
            wanted = views.val
            if !wanted.isEmpty { remark = ["there are no photographs for tests; those of val are taken"] }
        case nil, .test: wanted = views.test
        case .train: wanted = views.train
        case .val: wanted = views.val
        case .all: wanted = views.train + views.test + views.val
        }
        guard !wanted.isEmpty else {
            throw GeneraError.badData(
                file: views.path,
                reason: "has no photographs of the part '\(options.split?.rawValue ?? "test")': \(counts)",
                advice: "choose another with --split")
        }
        return (wanted, remark)
    }

    /// The photograph of a view in 8 bits. What its mask leaves out is as in the picture of the scene, so that it counts as met.
    ///
    /// - Throws: `ImagingError` or `FileError` that names the file.
    func image(_ index: Int, beside picture: () throws -> Image) throws -> Image {
        let photograph = try photographs.photograph(index)
        let plain = photograph.image
        guard let mask = photograph.mask, case var .bytes(bytes) = plain.samples,
            case let .bytes(drawn) = try picture().samples
        else { return plain }
        for pixel in 0..<mask.count {
            for channel in 3 * pixel..<3 * pixel + 3 {
                let (own, other) = (Float(bytes[channel]), Float(drawn[channel]))
                bytes[channel] = UInt8((other + min(max(mask[pixel], 0), 1) * (own - other)).rounded())
            }
        }
        return Image(width: plain.width, height: plain.height, channels: 3, bytes: bytes)
    }
}

extension Photograph {
    /// The photograph in 8 bits, RGB.
    var image: Image {
        let area = width * height
        var bytes = [UInt8](repeating: 0, count: 3 * area)
        for channel in 0..<3 {
            for pixel in 0..<area { bytes[3 * pixel + channel] = RenderedView.byte(planes[channel * area + pixel]) }
        }
        return Image(width: width, height: height, channels: 3, bytes: bytes)
    }
}
