import Foundation
import Genera
import PFGMPP

/// The network of the comparison: CIFAR-10's DDPM++ with random weights, 55.7 million of them.
enum Workload {
    static let threads = 2
    static let batch = 16
    static let description = "DDPM++ for 32x32 images, 55.7 M weights, \(batch) images, \(threads) threads"

    static func configuration() -> NetworkConfiguration {
        var c = NetworkConfiguration()
        (c.augmentDim, c.channelMult, c.dropout) = (9, [2, 2, 2], 0.13)
        return c
    }

    /// Writes a checkpoint with weights of about unit gain everywhere and calls `body` with its path.
    static func withCheckpoint(_ configuration: NetworkConfiguration = configuration(), _ body: (String) throws -> Void)
        throws
    {
        let folder = FileManager.default.temporaryDirectory.appending(path: "genera-bench-\(getpid())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "ddpmpp.safetensors").path
        try save(configuration, to: path)
        try body(path)
    }

    private static func save(_ c: NetworkConfiguration, to path: String) throws {
        let entries = try NetworkDenoiser(c, in: .listing()).entries
        let weights = try entries.enumerated().map { index, entry in
            (name: entry.name, tensor: try weight(entry, index))
        }
        let json = String(decoding: try JSONEncoder().encode(c), as: UTF8.self)
        try ModelCheckpoint(family: PFGMPP.name, configuration: json, tensors: weights).save(to: path)
    }

    private static func weight(_ entry: ParameterScope.Entry, _ index: Int) throws -> Tensor {
        let shape = entry.tensor.shape.sizes
        guard entry.isTrainable else { return Tensor.ones(shape) / Double(shape.reduce(1, *)) }
        let normal = try Noise(seed: 1, samples: [index]).normal(shape, at: .start).reshaped(shape)
        if shape.count > 1 { return normal / Double(shape.dropFirst().reduce(1, *)).squareRoot() }
        return normal * 0.1 + (entry.name.contains("norm") && entry.name.hasSuffix("weight") ? 1 : 0)
    }

    /// PyTorch where there is one, ours in each precision.
    static func contenders(
        _ path: String, precisions: [String] = ["exact", "bf16"], sampling: [String] = []
    ) throws -> [Contender] {
        let common = [path, "\(threads)", "\(batch)"]
        func ours(_ precision: String) throws -> Contender {
            try Contender(
                "Genera, `\(precision)`", CommandLine.arguments[0], ["worker"] + common + [precision] + sampling)
        }
        return try [Python.contender(common)].compactMap { $0 } + precisions.map(ours)
    }
}

/// Medians of `count` turns each, taken one after the other so that all see the same machine.
func turns(_ contenders: [Contender], _ command: String, count: Int, warm: Bool = true) throws -> [Double] {
    var times = [[Double]](repeating: [], count: contenders.count)
    if warm { for contender in contenders { _ = try contender(command) } }
    for _ in 0..<count {
        for (i, contender) in contenders.enumerated() { times[i].append(try contender(command)) }
    }
    return times.map { $0.sorted()[count / 2] }
}

func printComparison(
    _ title: String, _ unit: String, _ rows: [(name: String, seconds: Double, more: [String])], _ more: [String],
    _ format: (Double) -> String
) {
    let base = rows[0].seconds
    printTable(
        title, ["", unit, "speed"] + more,
        rows.map { [$0.name, format($0.seconds), ratio(base / $0.seconds)] + $0.more })
}

/// One evaluation of the denoiser, and how far its answers are from each other.
func evaluation() throws {
    try Workload.withCheckpoint { path in
        let experiment = PackedConvolution.isAvailable(.int8) ? ["int8"] : []
        let contenders = try Workload.contenders(path, precisions: ["exact", "bf16"] + experiment)
        defer { contenders.forEach { $0.end() } }
        let outputs = try contenders.enumerated().map { i, contender in try output(contender, "\(path).\(i)") }
        let medians = try turns(contenders, "evaluate", count: 5)
        let rows = try contenders.indices.map { i in
            let memory = String(format: "%.0f", try contenders[i]("memory"))
            return (contenders[i].name, medians[i], [String(format: "%.1e", distance(outputs[i], outputs[0])), memory])
        }
        printComparison(
            "One evaluation: \(Workload.description)", "ms", rows,
            ["relative error against the first row", "peak memory, MiB"], milliseconds)
    }
}

/// The numbers that a contender writes.
private func output(_ contender: Contender, _ file: String) throws -> [Float] {
    _ = try contender("output \(file)")
    return try Data(contentsOf: URL(fileURLWithPath: file)).withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
}

/// Euclidean distance over the second's norm.
private func distance(_ a: [Float], _ b: [Float]) -> Double {
    let squares = zip(a, b).reduce(0.0) { $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1) }
    return (squares / b.reduce(0.0) { $0 + Double($1) * Double($1) }).squareRoot()
}

/// From noise to pictures: the reference's loop of 35 evaluations beside a solver of order 2 with 10.
func images() throws {
    try Workload.withCheckpoint { path in
        let contenders = try Workload.contenders(path, sampling: ["--solver", "unipc-2", "--steps", "10"])
        defer { contenders.forEach { $0.end() } }
        let times = try turns(contenders, "images", count: 1, warm: false)
        let ours = contenders.indices.filter { contenders[$0].name.hasPrefix("Genera") }
        let exact = try output(contenders[ours[0]], "\(path).exact")
        let rows = try contenders.indices.map { i in
            let memory = String(format: "%.0f", try contenders[i]("memory"))
            guard ours.contains(i) else {
                return (contenders[i].name, times[i] / Double(Workload.batch), ["Heun, 35", "", memory])
            }
            let error = distance(try output(contenders[i], "\(path).\(i)"), exact)
            return (
                contenders[i].name, times[i] / Double(Workload.batch),
                ["UniPC of order 2, 10", String(format: "%.1e", error), memory]
            )
        }
        printComparison(
            "Pictures from noise: \(Workload.description)", "ms a picture", rows,
            ["solver, evaluations", "relative error against exact", "peak memory, MiB"], milliseconds)
    }
}
