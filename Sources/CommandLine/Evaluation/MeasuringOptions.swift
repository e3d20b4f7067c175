import ArgumentParser
import Genera

extension FeatureExtractor.Input: ExpressibleByArgument {}

/// What is measured, beside what, and how surely.
struct MeasuringOptions: ParsableArguments {
    @Option(
        name: [.customShort("n"), .long],
        help: ArgumentHelp("How many samples are drawn: those with the indices from 0 on.", valueName: "n"))
    var count = 1000

    @Option(
        help: ArgumentHelp(
            "Real samples: a folder, zip or array of images, or a file that `genera sample` could have written. (default: the model's own law, if it has one)",
            valueName: "path"))
    var reference: String?

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
        try need(count, "count", EvaluationSettings.leastCount...200_000)
        try need(realCount ?? count, "real-count", EvaluationSettings.leastCount...200_000)
        try need(components, "components", 1...4096)
        if saveStatistics != nil, reference == nil {
            throw ValidationError("--save-statistics needs real samples: name some with --reference.")
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

    /// The measures that there are: those of the samples' type and the family's, and with an extractor those of its features.
    func known(_ own: [Measure], _ settings: EvaluationSettings) throws -> [Measure] {
        var first: [Measure] = extractor == nil && statistics == nil ? [] : [.frechet]
        if settings.extractor.labels != nil { first.insert(.labelAgreement, at: 0) }
        guard reference == nil, statistics != nil else {
            return first + own.filter { one in !first.contains { $0.name == one.name } }
        }
        return first
    }

    /// The measures that are asked for, of those there are.
    ///
    /// - Throws: `GeneraError.usage` for a name that is none of them, with the nearest.
    func chosen(of all: [Measure]) throws -> [Measure] {
        guard let measures else { return all }
        var chosen: [Measure] = []
        for name in measures.split(separator: ",").map({ $0.filter { $0 != " " } }) where !name.isEmpty {
            guard let measure = all.first(where: { $0.name == name }) else {
                let nearest = nearestName(to: name, in: all.map(\.name)).map { " Did you mean '\($0)'?" } ?? ""
                throw GeneraError.usage(
                    "There is no measure '\(name)'.\(nearest) Known: \(all.map(\.name).joined(separator: ", ")).")
            }
            if !chosen.contains(where: { $0.name == name }) { chosen.append(measure) }
        }
        guard !chosen.isEmpty else { throw GeneraError.usage("--measures names no measure, got '\(measures)'.") }
        return chosen
    }

    /// The share of the intervals as people say it: `95 %`.
    var percent: String { "\(Text.significant(confidence * 100, 3).trimmingZeros) %" }
}

extension String {
    /// Without zeros at the end of a fraction.
    var trimmingZeros: String {
        guard contains(".") else { return self }
        let kept = reversed().drop { $0 == "0" }
        return String((kept.first == "." ? kept.dropFirst() : kept).reversed())
    }
}
