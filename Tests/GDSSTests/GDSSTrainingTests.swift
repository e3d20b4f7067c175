import Foundation
import GDSS
import Genera
import GeneraTesting
import Testing

/// Trainings of small networks on small graphs.
@Suite struct GDSSTrainingTests {
    private let folder = TemporaryFolder()

    private func options(_ more: String = "") throws -> GDSSTrainingOptions {
        let words =
            "--data community_small --graphs 10 --batch-size 4 --part 2 --depth 2 --num-layers 2 --nhid 8 --adim 8 "
            + "--num-scales 20 --epochs 15 " + more
        return try GDSSTrainingOptions.parse(words.split(separator: " ").map(String.init))
    }

    private func train(
        _ name: String, _ more: String = "", steps: Int = 6, workers: Int = 1, resuming: Bool = false
    ) throws -> (report: TrainingReport, weights: [String: [Float]]) {
        let settings = try TrainingSettings.with {
            ($0.steps, $0.workers, $0.previewEvery, $0.checkpointEvery, $0.logEvery) = (steps, workers, 0, 1000, 1)
        }
        let trainer = try GDSS.trainer(options(more), RunContext(seed: 3))
        let driver = TrainingDriver(trainer, settings: settings, family: "gdss", directory: folder.file(name))
        let report = try resuming ? driver.resume() : driver.start()
        let file = try Safetensors(path: report.modelFile)
        return try (
            report, Dictionary(uniqueKeysWithValues: file.tensors.map { ($0.name, $0.tensor.floats()) })
        )
    }

    private func losses(_ name: String) throws -> [(x: Double, adj: Double)] {
        let text = try String(contentsOfFile: folder.file("\(name)/metrics.jsonl"), encoding: .utf8)
        return try text.split(separator: "\n").compactMap { line in
            let json = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            guard let x = json?["loss_x"] as? Double, let adj = json?["loss_adj"] as? Double else { return nil }
            return (x, adj)
        }
    }

    @Test("Losses of nodes and edges fall")
    func learns() throws {
        _ = try train("falls", steps: 45)
        let list = try losses("falls")
        func mean(_ part: ArraySlice<(x: Double, adj: Double)>) -> (x: Double, adj: Double) {
            let count = Double(part.count)
            return (part.reduce(0) { $0 + $1.x } / count, part.reduce(0) { $0 + $1.adj } / count)
        }
        let (first, last) = (mean(list.prefix(6)), mean(list.suffix(6)))
        #expect(last.x < 0.8 * first.x, "\(first) became \(last)")
        #expect(last.adj < 0.8 * first.adj, "\(first) became \(last)")
    }

    @Test(
        "A run that was stopped goes on to the same bits, on any number of threads",
        arguments: [
            "", "--network-x ScoreNetworkX_GMH", "--network-x GraphTransformerX --network-adj GraphTransformerA",
        ])
    func resumes(networks: String) throws {
        let whole = try train("whole", networks, steps: 7).weights
        #expect(try train("parallel", networks, steps: 7, workers: 3).weights == whole)
        _ = try train("parts", networks, steps: 4, workers: 2)
        #expect(try train("parts", networks, steps: 7, workers: 1, resuming: true).weights == whole)
        #expect(try train("other", networks + " --lr 0.02", steps: 7).weights != whole)
    }

    @Test(
        "Parameters that no loss depends on keep their values, and all others move",
        arguments: ["ScoreNetworkX", "ScoreNetworkX_GMH"])
    func unused(kind: String) throws {
        let kinds = "--network-x \(kind)"
        let (first, last) = try (train("first", kinds, steps: 1).weights, train("last", kinds, steps: 5).weights)
        var x = ScoreNetworkConfiguration(
            kind == "ScoreNetworkX" ? .nodes : .attentiveNodes, features: 11, layers: 2, hidden: 8)
        x.attention = 8
        let adj = ScoreNetworkConfiguration(.edges, features: 11, layers: 2, hidden: 8)
        var count = 0
        for (name, values) in first {
            let parts = name.split(separator: ".", maxSplits: 1).map(String.init)
            guard parts[0] != "ema" else { continue }
            let isUnused = (parts[0] == "x" ? x : adj).isUnused(parts[1])
            #expect((last[name] == values) == isUnused, "\(name)")
            count += isUnused ? 1 : 0
        }
        #expect(count > 0)
    }

    @Test("The file holds the last weights, their average, or both")
    func kept() throws {
        let both = try train("both").weights
        let last = try train("last", "--save last").weights
        let average = try train("average", "--save average").weights
        let averaged = both.filter { $0.key.hasPrefix("ema.") }
        #expect(!averaged.isEmpty && both.count == 2 * averaged.count)
        #expect(last == both.filter { !$0.key.hasPrefix("ema.") })
        #expect(average.count == averaged.count)
        for (name, values) in average { #expect(averaged["ema." + name] == values, "\(name)") }
        #expect(average != last)
    }

    @Test("A trained model draws, in its own way and with its average")
    func draws() throws {
        let report = try train("run", "--use-ema").report
        let model = try GDSS.load(report.modelFile)
        #expect(model.configuration.sampling.usesAverage && model.configuration.sde.adj.steps == 20)
        let graphs = try model.graphs(3, seed: 1)
        #expect(graphs.count == 3 && graphs.allSatisfy { (1...20).contains($0.nodes.count) })
        #expect(try model.graphs(2, seed: 1) == Array(graphs.prefix(2)))
        #expect(throws: GeneraError.self) { try model.molecules(1) }
        #expect(throws: GeneraError.self) { try model.graphs(1, steps: 1) }
    }

    /// The family's options beside those that all trainings share.
    private struct AllOptions: ParsableArguments {
        @OptionGroup var own: GDSSTrainingOptions
        @OptionGroup var shared: TrainingSettings
    }

    @Test("Presets are options that parse")
    func presets() throws {
        #expect(!GDSS.presets.isEmpty)
        for preset in GDSS.presets {
            #expect(throws: Never.self, "\(preset.name)") {
                try AllOptions.parse(["--data", "x"] + preset.words)
            }
        }
    }

    @Test(
        "Numbers out of range are refused with the option's name",
        arguments: [
            "--epochs 0", "--batch-size 0", "--lr 0", "--lr nan", "--lr-decay 1.5", "--weight-decay -1",
            "--grad-norm -1", "--ema-decay 1", "--edge-weight 0", "--edge-weight 1e30", "--train-eps 0", "--part 0",
            "--graphs 0", "--test-split 1", "--snr -1", "--scale-eps inf", "--max-feat-num 0", "--max-node-num -1",
        ])
    func ranges(words: String) throws {
        let name = String(words.prefix { $0 != " " })
        let error = #expect(throws: (any Error).self) { try options(words) }
        #expect(error.map { GDSSTrainingOptions.message(for: $0) }?.contains(name) == true)
    }

    @Test(
        "What cannot be trained is told before anything is written",
        arguments: [
            ("--num-layers 1", "num_layers"), ("--adim 9", "num_heads"), ("--sde-x XX:0.1:1", "'XX'"),
            ("--sde-x VP:0.1", "--sde-x"), ("--sde-adj VP:1:0.1", "beta_min"), ("--num-scales 1", "steps"),
            ("--max-node-num 5", "--max-node-num"), ("--max-feat-num 3", "--max-feat-num"),
            ("--sde-adj subVP:0.1:1 --predictor S4", "S4"), ("--network-x ScoreNetworkA", "ScoreNetworkX"),
            ("--train-eps 1e-30", "--train-eps"), ("--network-x GraphTransformerX --num-heads 3", "num_heads"),
            ("--depth 0", "depth"),
        ])
    func refusals(words: String, fragment: String) throws {
        let error = #expect(throws: (any Error).self) { try GDSS.trainer(options(words), RunContext()) }
        #expect("\(error.map { "\($0)" } ?? "")".contains(fragment))
    }
}
