import ArgumentParser
import Platform
import Tensors

/// How the machine is used. None of it but precision and device changes a result.
public struct MachineOptions: ParsableArguments, Sendable {
    /// Where tensors live, as it was written.
    @Option(help: "Where tensors live: cpu, cuda or cuda:N.")
    public var device = "cpu"

    /// How products are computed.
    @Option(help: "How products are computed.")
    public var precision = Precision.exact

    /// Samples that a worker takes at a time; nil for 64, or as many as go together.
    @Option(
        help: ArgumentHelp(
            "Samples that a worker takes at a time; a matter of memory alone. (default: 64, or as many as belong together)",
            valueName: "n"))
    public var batch: Int?

    /// Threads that work on samples; nil for one a processor.
    @Option(help: ArgumentHelp("Threads that work on samples. (default: one a processor)", valueName: "n"))
    public var workers: Int?

    /// Threads that one operation may use, on each worker.
    @Option(help: ArgumentHelp("Threads that one operation may use, on each worker.", valueName: "n"))
    public var threads = 1

    /// For ArgumentParser.
    public init() {}

    /// Refuses values that make no sense, naming the option.
    public func validate() throws {
        func need(_ value: Int, _ name: String, _ limit: Int) throws {
            guard (1...limit).contains(value) else {
                throw ValidationError("--\(name) must be from 1 to \(Text.grouped(limit)), got \(value).")
            }
        }
        try need(batch ?? 1, "batch", 1_000_000)
        try need(workers ?? 1, "workers", 1024)
        try need(threads, "threads", 1024)
    }

    /// Threads that work on samples: as asked, one on a GPU, else as many as there are processors for.
    public var workerCount: Int {
        workers ?? (device == "cpu" ? max(ThisProcess.processorCount / threads, 1) : 1)
    }

    /// The device, found on the machine. The processor needs no engine: what computes with tensors finds out then.
    ///
    /// - Throws: `GeneraError.unavailable` for a device that is not there, `Engine.LoadError` where there is no engine to ask.
    public func prepared() throws -> Device {
        let device = try Device(asked: device)
        if precision != .exact { precision.prepare() }
        return device
    }
}

extension Device {
    /// The device of a name that a person wrote.
    ///
    /// - Throws: `GeneraError.unavailable` if there is none; `Engine.LoadError` where there is no engine to ask.
    public init(asked name: String) throws {
        guard let device = Device(name) else {
            throw GeneraError.unavailable("There is no device '\(name)'. Devices are cpu, cuda and cuda:N.")
        }
        try device.require()
        self = device
    }

    /// Refuses a device that is not there. The processor always is.
    ///
    /// - Throws: `GeneraError.unavailable`; `Engine.LoadError` where there is no engine to ask.
    public func require() throws {
        if isCPU { return }
        let count = try Engine.information().cudaDeviceCount
        let number = Int("\(self)".dropFirst("cuda:".count)) ?? 0
        guard count > 0 else {
            throw GeneraError.unavailable(
                "There is no \(self): this LibTorch sees no CUDA device. Use --device cpu, or see `genera doctor`.")
        }
        guard number < count else {
            throw GeneraError.unavailable("There is no \(self): the last CUDA device is cuda:\(count - 1).")
        }
    }
}
