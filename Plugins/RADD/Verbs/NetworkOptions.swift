import ArgumentParser
import Genera

/// How a verb runs a network on the processor.
struct NetworkOptions: ParsableArguments, Sendable {
    @Option(help: ArgumentHelp("Products of the network: exact (float32) or bf16.", valueName: "name"))
    var precision = Precision.exact

    @Option(help: ArgumentHelp("Threads. (default: one a processor)", valueName: "n"))
    var workers: Int?

    func validate() throws {
        guard (1...256).contains(workers ?? 1) else {
            throw ValidationError("--workers must be from 1 to 256, got \(workers ?? 1).")
        }
    }

    /// Threads of the network.
    func workers(_ run: RunContext) -> Int { min(workers ?? run.workers, 256) }

    /// The model of a name, or that of `--checkpoint`.
    ///
    /// - Throws: errors of finding and reading it.
    func model(named name: String? = nil, vocabulary: String? = nil, _ run: RunContext) throws -> RADD.Model {
        try RADD.Model(
            run.model(of: RADD.self, named: name), vocabulary: vocabulary, precision: precision, workers: workers(run))
    }
}

extension RADD.Model {
    /// - Throws: `GeneraError.usage` for an autoregressive model, which fills no masks.
    func requireMasks(_ verb: String) throws {
        guard configuration.model.isCausal != true else {
            throw GeneraError.usage("\(file) is an autoregressive model: it fills no masks, which '\(verb)' needs.")
        }
    }

    /// Tokens in pieces of at most the model's length, one behind the other.
    func pieces(_ tokens: [Int32]) -> [[Int32]] {
        let length = configuration.model.length
        return stride(from: 0, to: tokens.count, by: length).map {
            Array(tokens[$0..<min($0 + length, tokens.count)])
        }
    }

    /// What the network runs on: processor, instructions, threads.
    var hardware: String {
        guard let packed = conditional as? PackedTransformer else { return Hardware.processor }
        return "\(Hardware.processor), \(packed.target), \(packed.workers) thread\(packed.workers == 1 ? "" : "s")"
    }
}

/// Where the files of GPT-2's tokenizer are, for models that need it.
struct VocabularyOption: ParsableArguments, Sendable {
    @Option(
        help: ArgumentHelp("Folder with the files of GPT-2's tokenizer.", valueName: "folder"),
        completion: .directory)
    var vocabulary: String?
}

/// What the machine is.
enum Hardware {
    /// The processor's name, as the system tells it.
    static var processor: String {
        let text = (try? FileSystem.contents(of: "/proc/cpuinfo")).map { String(decoding: $0, as: UTF8.self) } ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix("model name") || $0.hasPrefix("Model") }
        let name = line.flatMap { line in line.split(separator: ":", maxSplits: 1).last }
        return name.map { $0.split(separator: " ").joined(separator: " ") } ?? "unknown processor"
    }
}
