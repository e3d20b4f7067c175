import ArgumentParser
import Genera

extension FeatureExtractor.Input: ExpressibleByArgument {}

/// What is measured, beside what, and how surely.
struct MeasuringOptions: ParsableArguments {
    @Option(
        name: [.customShort("n"), .long],
        help: ArgumentHelp(
            "How many samples are drawn: those with the indices from 0 on. (default: 1000, or all where there are fewer)",
            valueName: "n"))
    var count: Int?

    @Option(
        help: ArgumentHelp(
            "Real samples: a folder, zip or array of images, or a file that `genera sample` could have written; `training` for the data that the model was trained on. (default: the model's own law, if it has one)",
            valueName: "path|training"))
    var reference: String?

    @Flag(
        help:
            "Real sample i of --reference is what drawn sample i is to equal, such as a photograph of the same view: compare pairs."
    )
    var paired = false

    @Option(
        help: ArgumentHelp(
            "Columns of a table of points whose values say which rows of --reference are one sample. (default: each row is one)",
            valueName: "columns"))
    var groupBy: String?

    @Option(
        help: ArgumentHelp(
            "Use only the real samples with these indices, for example those a model was not trained on: 9000-9999.",
            valueName: "list"))
    var referenceIndices: String?

    @Option(
        help: ArgumentHelp(
            "A network whose features distances are taken in, in place of the samples' own numbers: a classifier of `genera train classifier`, by name or path, or a TorchScript module (.pt, .pth, .ts, .jit), which is a program: its author's code runs.",
            valueName: "name|path"))
    var extractor: String?

    @Option(
        help: ArgumentHelp(
            "How a TorchScript module takes images: signed, numbers in [-1, 1], or bytes, 0 to 255 in three channels.",
            valueName: "form"))
    var extractorInput = FeatureExtractor.Input.signed

    @Option(
        help: ArgumentHelp(
            "Mean and covariance of real features that the measure frechet compares with: arrays mu and sigma.",
            valueName: "file.npz"))
    var statistics: String?

    @Option(
        help: ArgumentHelp(
            "Write mean and covariance of the features of all real samples, arrays mu and sigma.",
            valueName: "file.npz"))
    var saveStatistics: String?

    @Option(help: ArgumentHelp("Real samples to measure by. (default: as many as are drawn)", valueName: "n"))
    var realCount: Int?

    @Option(
        help: ArgumentHelp(
            "Names of measures, for example energy,precision. (default: all there are)", valueName: "list")
    )
    var measures: String?

    @Option(
        help: ArgumentHelp(
            "Weights for the measures lpips and lpips-unit: features.N.weight and features.N.bias of torchvision's VGG16 and lin0 to lin4, .safetensors or .pth. Give it twice for two files.",
            valueName: "file"), completion: .file())
    var lpips: [String] = []

    @Option(help: ArgumentHelp("Random halves that the intervals are made from; 0 for no intervals.", valueName: "n"))
    var bootstrap = 200

    @Option(help: ArgumentHelp("How surely an interval holds what it is around.", valueName: "share"))
    var confidence = 0.95

    @Option(help: ArgumentHelp("Principal components of the measure frechet-pca.", valueName: "k"))
    var components = 64

    func validate() throws {
        func need(_ value: Int, _ name: String, _ range: ClosedRange<Int>) throws {
            guard range.contains(value) else {
                throw ValidationError(
                    "--\(name) must be from \(range.lowerBound.grouped) to \(range.upperBound.grouped), got \(value).")
            }
        }
        try need(count ?? 1, "count", 1...200_000)
        try need(realCount ?? EvaluationSettings.leastCount, "real-count", EvaluationSettings.leastCount...200_000)
        try need(components, "components", 1...4096)
        if saveStatistics != nil, reference == nil {
            throw ValidationError("--save-statistics needs real samples: name some with --reference.")
        }
        for (isGiven, option) in [(paired, "paired"), (groupBy != nil, "group-by")] where isGiven && reference == nil {
            throw ValidationError("--\(option) needs real samples: name some with --reference.")
        }
        guard bootstrap == 0 || (20...10_000).contains(bootstrap) else {
            throw ValidationError("--bootstrap must be 0, or from 20 to 10,000, got \(bootstrap).")
        }
        guard confidence > 0, confidence < 1 else {
            throw ValidationError("--confidence lies between 0 and 1, for example 0.95, got \(confidence).")
        }
    }

    /// How samples are measured.
    ///
    /// - Throws: errors of the files named.
    func settings(seed: UInt64, workers: Int) throws -> EvaluationSettings {
        var settings = EvaluationSettings(
            realCount: realCount, seed: seed, halves: bootstrap, confidence: confidence, components: components,
            workers: workers)
        settings.realIndices = try referenceIndices.map(IndexList.parse)
        if let extractor { settings.extractor = try network(extractor) }
        settings.statistics = try statistics.map { try FeatureStatistics(path: $0) }
        return settings
    }

    private func network(_ name: String) throws -> FeatureExtractor {
        if ["pt", "pth", "ts", "jit"].contains(FileSystem.fileExtension(of: name)) {
            guard FileSystem.exists(name) else { throw GeneraError.noInput("\(name): there is no such file.") }
            return try FeatureExtractor.script(runningCodeOf: name, input: extractorInput)
        }
        return try ImageClassifier(CheckpointStore.standard.load(name)).extractor(name: name)
    }

    /// How many samples of a sampler are drawn.
    ///
    /// - Throws: `GeneraError.usage` for fewer than a comparison of sets needs.
    func count<S: Sampler>(of sampler: S, isPaired: Bool) throws -> Int {
        let count = count ?? min(sampler.sampleCount ?? 1000, 1000)
        guard isPaired || count >= EvaluationSettings.leastCount else {
            throw GeneraError.usage("--count must be from \(EvaluationSettings.leastCount) to 200,000, got \(count).")
        }
        return count
    }

    /// The measures that are asked for. Without a word those of pairs where real samples are counterparts, else those of sets,
    /// with an extractor those of its features first; `more` are the family's own, for those who name them.
    ///
    /// - Throws: `GeneraError.usage` for a name that is none of them, with the nearest, for a measure of pairs where there are
    ///   none, and for an extractor where samples are no vectors.
    func chosen<Sample: Measurable>(
        _ settings: EvaluationSettings, isPaired: Bool, more: [Measure<Sample>] = []
    ) throws -> [Measure<Sample>] {
        let own = Sample.measures + (try perceptualMeasures())
        var first: [Measure<Sample>] = []
        if extractor != nil || statistics != nil {
            guard let known: [Measure<Sample>] = featureMeasures(settings) else {
                throw GeneraError.usage("--extractor and --statistics are for samples that are vectors, as images are.")
            }
            first = known
        }
        let all = first + own.filter { one in !first.contains { $0.name == one.name } }
        let hasSets = reference != nil || isPaired || statistics == nil
        let usable = hasSets ? all.filter { isPaired || !$0.criterion.isPaired } : first
        guard let measures else {
            let standard = isPaired ? usable.filter(\.criterion.isPaired) : usable
            guard standard.isEmpty else { return standard }
            throw GeneraError.unavailable(
                "Samples of type \(Sample.self) have no measures\(isPaired ? " of pairs" : "").")
        }
        return try named(measures, among: usable + more.filter { isPaired || !$0.criterion.isPaired }, of: all + more)
    }

    private func named<Sample>(_ list: String, among usable: [Measure<Sample>], of all: [Measure<Sample>]) throws
        -> [Measure<Sample>]
    {
        var chosen: [Measure<Sample>] = []
        for name in list.split(separator: ",").map({ $0.filter { $0 != " " } }) where !name.isEmpty {
            guard let measure = usable.first(where: { $0.name == name }) else {
                if ["lpips", "lpips-unit"].contains(name), lpips.isEmpty {
                    throw GeneraError.usage(
                        "The measure '\(name)' needs the weights of a network: name them with --lpips FILE.")
                }
                if all.contains(where: { $0.name == name && $0.criterion.isPaired }) {
                    throw GeneraError.usage(
                        "The measure '\(name)' compares each sample with its own real one. Name such with --reference PATH --paired."
                    )
                }
                let nearest = nearestName(to: name, in: usable.map(\.name)).map { " Did you mean '\($0)'?" } ?? ""
                throw GeneraError.usage(
                    "There is no measure '\(name)'.\(nearest) Known: \(usable.map(\.name).joined(separator: ", ")).")
            }
            if !chosen.contains(where: { $0.name == name }) { chosen.append(measure) }
        }
        guard !chosen.isEmpty else { throw GeneraError.usage("--measures names no measure, got '\(list)'.") }
        return chosen
    }

    /// What is measured of an extractor's features; nil for samples that are no vectors.
    private func featureMeasures<Sample: Measurable>(_ settings: EvaluationSettings) -> [Measure<Sample>]? {
        func measures<F: Featured>(_ type: F.Type) -> Any {
            settings.extractor.labels == nil ? [Measure<F>.frechet] : [.labelAgreement, .frechet]
        }
        return (Sample.self as? any Featured.Type).flatMap { measures($0) as? [Measure<Sample>] }
    }

    /// What is measured by the network that was named.
    private func perceptualMeasures<Sample: Measurable>() throws -> [Measure<Sample>] {
        guard !lpips.isEmpty else { return [] }
        guard Sample.self == Image.self else { throw GeneraError.usage("--lpips is for samples that are images.") }
        let distance = try PerceptualDistance(paths: lpips)
        let measures: [Measure<Image>] = [.lpips(distance), .lpips(distance, colours: .unit)]
        return measures as? [Measure<Sample>] ?? []
    }

    /// The real samples that were named; nil for none. `progress` hears how far the reading is.
    ///
    /// - Parameter model: the file of the model that is measured, if there is one.
    /// - Throws: errors of reading them; `GeneraError.usage` for groups of samples that are no points.
    func source<Sample: Drawable>(
        model: String?, progress: any ProgressSink
    ) throws -> (any SampleSource<Sample>)? {
        guard let reference else { return nil }
        let isTraining = reference == TrainingData.word && !FileSystem.exists(reference)
        let path = isTraining ? try TrainingData.path(ofModel: model) : reference
        guard let groupBy else { return try Sample.source(at: path, progress: progress) }
        guard let source = try PointGroups(PointTable(path: path, groupedBy: groupBy)) as? any SampleSource<Sample>
        else { throw GeneraError.usage("--group-by is for samples that are points.") }
        return source
    }

    /// Mean and covariance of the features of all real samples.
    ///
    /// - Throws: `GeneraError.usage` for samples that are no vectors, and as `EvaluationDriver.statistics`.
    func statistics<Sample: Measurable>(
        by driver: EvaluationDriver<Sample>, in source: any SampleSource<Sample>
    ) throws -> FeatureStatistics {
        func statistics<F: Featured>(_ type: F.Type) throws -> FeatureStatistics? {
            guard let source = source as? any SampleSource<F> else { return nil }
            return try EvaluationDriver<F>(measures: [], settings: driver.settings).statistics(in: source)
        }
        guard let type = Sample.self as? any Featured.Type, let statistics = try statistics(type) else {
            throw GeneraError.usage("--save-statistics is for samples that are vectors, as images are.")
        }
        return statistics
    }

    /// The share of the intervals as people say it: `95 %`.
    var percent: String { "\(Text.significant(confidence * 100, 3).trimmingZeros) %" }
}

extension PointTable {
    /// A table whose rows are grouped by columns in a list, `patient,day`.
    ///
    /// - Throws: `FormatError` for a file that is no table, or a column that is not there, with the nearest name.
    init(path: String, groupedBy list: String) throws {
        let columns = list.split(separator: ",").map { String($0.drop { $0 == " " }).trimmingSpaces }
        guard columns.contains(where: { !$0.isEmpty }) else {
            throw GeneraError.usage("--group-by names no column, got '\(list)'.")
        }
        try self.init(path: path, .init(groupBy: columns.filter { !$0.isEmpty }))
    }
}

extension String {
    /// Without zeros at the end of a fraction.
    var trimmingZeros: String {
        guard contains(".") else { return self }
        let kept = reversed().drop { $0 == "0" }
        return String((kept.first == "." ? kept.dropFirst() : kept).reversed())
    }
}
