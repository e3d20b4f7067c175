import Foundation
import Genera
import PFGMPP

/// Our side of a comparison, in a process of its own: the commands are those of `reference/ddpmpp.py`.
struct Worker {
    private let file: String
    private let threads: Int
    private let batch: Int
    private let precision: Precision
    private let inWholeNumbers: Bool
    private let sampling: [String]

    /// - Parameter arguments: the checkpoint, threads, images at once, precision or `int8`, and options of sampling.
    init(_ arguments: [String]) throws {
        file = arguments[0]
        (threads, batch) = (Int(arguments[1])!, Int(arguments[2])!)
        inWholeNumbers = arguments[3] == "int8"
        precision = inWholeNumbers ? .bf16 : Precision(rawValue: arguments[3])!
        sampling = Array(arguments.dropFirst(4))
    }

    func serve() throws {
        let context = RunContext(precision: precision, seed: 1, checkpoint: file)
        let options = try PFGMPPSamplingOptions.parse(sampling)
        let checkpoint = try ModelCheckpoint.load(file, family: PFGMPP.name)
        let c = try JSONDecoder().decode(NetworkConfiguration.self, from: Data(checkpoint.configuration.utf8))
        let isSampling = !sampling.isEmpty
        let sampler = isSampling ? try PFGMPP.sampler(options, context) : nil
        let network =
            isSampling
            ? nil
            : try NetworkDenoiser(
                c, weights: checkpoint.tensors(), precision: precision, inWholeNumbers: inWholeNumbers)
        let shape = [c.imgChannels, c.imgResolution, c.imgResolution]
        let size = shape.reduce(1, *)
        let x = (0..<batch * size).map { Float(sin(Double($0) * 12.9898) * 1.5) }
        let share = batch / threads
        // As the sampling driver does: a part of the batch for each thread.
        func evaluated() throws -> [Float] {
            guard let network else { return [] }
            return try Parallel.map(threads, workers: threads) { part in
                Engine.setIntraOpThreads(1)
                let own = Tensor(Array(x[part * share * size..<(part + 1) * share * size]), shape: [share] + shape)
                return try inferenceMode { try network(own, sigma: 0.7).array(of: Float.self) }
            }.flatMap { $0 }
        }
        var pictures: [Float] = []
        Self.answer("ready")
        while let line = readLine() {
            let words = line.split(separator: " ").map(String.init)
            let began = DispatchTime.now().uptimeNanoseconds
            switch words[0] {
            case "evaluate": _ = try evaluated()
            case "images": if let sampler { pictures = try drawn(sampler) }
            case "output": try write(isSampling ? pictures : try evaluated(), to: words[1])
            case "memory":
                Self.answer("\(Self.peakMemory())")
                continue
            default: Self.answer("no such command")
            }
            Self.answer("\(Double(DispatchTime.now().uptimeNanoseconds - began) * 1e-9)")
        }
    }

    private func write(_ numbers: [Float], to file: String) throws {
        try numbers.withUnsafeBytes { try Data($0).write(to: URL(fileURLWithPath: file)) }
    }

    /// The values of all pictures, one picture after the other.
    private func drawn(_ sampler: some Sampler) throws -> [Float] {
        let request = SamplingRequest(indices: Array(0..<batch), seed: 1, batch: batch / threads, workers: threads)
        let samples = try SamplingDriver().run(sampler, request).samples
        let pictures = try samples.map { try $0.drawn() }
        guard pictures.count == batch else { throw Failed(what: "\(pictures.count) pictures") }
        return pictures.flatMap(\.values)
    }

    static func answer(_ text: String) {
        FileHandle.standardOutput.write(Data((text + "\n").utf8))
    }

    /// The most memory that the process ever had, in MiB.
    static func peakMemory() -> Double {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM") } ?? ""
        return Double(line.split(separator: " ").dropFirst().first ?? "0")! / 1024
    }
}

struct Failed: Error { let what: String }
