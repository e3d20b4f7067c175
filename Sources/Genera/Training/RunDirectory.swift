import Formats
import Platform

/// The folder of one training run.
///
///     config.yaml        all that is needed to repeat the run
///     metrics.jsonl      one line of numbers every few steps
///     loss.png           the losses so far
///     previews/          pictures drawn on the way
///     checkpoints/       states to go on from, the last few
///     model.safetensors  the model, ready for sampling
public struct RunDirectory: Sendable, Hashable {
    /// The folder.
    public let path: String

    /// Names a folder, which need not exist.
    public init(_ path: String) { self.path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path }

    /// How to repeat the run.
    public var configurationFile: String { "\(path)/config.yaml" }
    /// The numbers.
    public var metricsFile: String { "\(path)/metrics.jsonl" }
    /// The losses over the steps.
    public var lossFile: String { "\(path)/loss.png" }
    /// The model.
    public var modelFile: String { "\(path)/model.safetensors" }

    /// The preview picture of a step.
    public func previewFile(step: Int) -> String { "\(path)/previews/step-\(Text.padded(step, 6)).png" }

    /// The checkpoint of a step.
    public func checkpointFile(step: Int) -> String { "\(path)/checkpoints/step-\(Text.padded(step, 8)).safetensors" }

    /// The steps whose checkpoints are there, newest first.
    public var checkpointSteps: [Int] {
        FileSystem.names(in: "\(path)/checkpoints").compactMap { name in
            guard name.hasPrefix("step-"), name.hasSuffix(".safetensors") else { return nil }
            return Int(name.dropFirst(5).dropLast(12))
        }.sorted(by: >)
    }

    /// Whether a run was begun here.
    public var isRun: Bool { FileSystem.exists(configurationFile) }

    /// The options the run was begun with, in the order of `config.yaml`.
    ///
    /// - Throws: `GeneraError.noInput` if no run was begun here, `FormatError` if the file is not what it should be.
    public func configuration() throws -> YAMLOptions {
        guard isRun else {
            throw GeneraError.noInput(
                "\(path) is not a run directory: it has no config.yaml.", searched: [],
                advice: "Name the folder that a training was given with --output.")
        }
        return try YAMLOptions(path: configurationFile)
    }

    /// The step whose model lies here; nil if there is none that can be read.
    var modelStep: Int? {
        guard FileSystem.exists(modelFile), let file = try? Safetensors(path: modelFile) else { return nil }
        return file.metadata["genera.step"].flatMap(Int.init)
    }

    /// Makes the folders and writes the configuration.
    ///
    /// - Throws: `GeneraError.usage` if a run was begun here before, `cannotCreate` with the system's reason.
    func begin(_ configuration: [(key: String, value: YAMLValue)]) throws {
        guard !isRun else {
            throw GeneraError.usage("\(path) already holds a run. Go on with --resume, or choose another folder.")
        }
        for folder in [path, "\(path)/checkpoints", "\(path)/previews"] { try FileSystem.makeFolders(folder) }
        try YAMLOptions.write(configuration, to: configurationFile)
    }

    /// Removes all checkpoints but the newest.
    func prune(keeping count: Int) {
        for step in checkpointSteps.dropFirst(count) { try? FileSystem.remove(checkpointFile(step: step)) }
    }

    /// Removes what processes that were killed while they wrote left beside the files of the run. Only for whoever holds its lock.
    func clear() {
        let own = [".config.yaml.", ".metrics.jsonl.", ".loss.png.", ".model.safetensors."]
        for (folder, beginnings) in [
            (path, own), ("\(path)/checkpoints", [".step-"]), ("\(path)/previews", [".step-"]),
        ] {
            for name in FileSystem.names(in: folder) where name.hasSuffix(".tmp") {
                if beginnings.contains(where: name.hasPrefix) { try? FileSystem.remove("\(folder)/\(name)") }
            }
        }
    }
}
