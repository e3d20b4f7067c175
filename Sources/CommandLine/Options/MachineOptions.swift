import ArgumentParser
import Genera

/// How the machine is used. None of it but precision and device changes a sample.
struct MachineOptions: ParsableArguments {
    @Option(help: "Where tensors live: cpu, cuda or cuda:N.")
    var device = "cpu"

    @Option(help: "How products are computed.")
    var precision = Precision.exact

    @Option(help: ArgumentHelp("Samples in flight on each worker; a matter of memory alone.", valueName: "n"))
    var batch = 64

    @Option(help: ArgumentHelp("Threads that work on samples. (default: one a processor)", valueName: "n"))
    var workers: Int?

    @Option(help: ArgumentHelp("Threads that one operation may use, on each worker.", valueName: "n"))
    var threads = 1

    func validate() throws {
        func need(_ value: Int, _ name: String, _ limit: Int) throws {
            guard (1...limit).contains(value) else {
                throw ValidationError("--\(name) must be from 1 to \(limit.grouped), got \(value).")
            }
        }
        try need(batch, "batch", 1_000_000)
        try need(workers ?? 1, "workers", 1024)
        try need(threads, "threads", 1024)
    }

    /// Threads that work on samples: as asked, one on a GPU, else as many as there are processors for.
    var workerCount: Int {
        workers ?? (device == "cpu" ? max(ThisProcess.processorCount / threads, 1) : 1)
    }

    /// Loads the engine and finds the device on it.
    ///
    /// - Throws: `Engine.LoadError` if there is none, `GeneraError.unavailable` for a device that is not there.
    func prepared() throws -> Device {
        let device = try DeviceChoice.device(device)
        precision.prepare()
        return device
    }
}

/// Devices by name.
enum DeviceChoice {
    /// The device of a name.
    ///
    /// - Throws: `GeneraError.unavailable` if there is none; `Engine.LoadError` without an engine.
    static func device(_ name: String) throws -> Device {
        guard let device = Device(name) else {
            throw GeneraError.unavailable("There is no device '\(name)'. Devices are cpu, cuda and cuda:N.")
        }
        try require(device)
        return device
    }

    /// Refuses a device that is not there.
    static func require(_ device: Device) throws {
        let count = try Engine.information().cudaDeviceCount
        if device.isCPU { return }
        let number = Int("\(device)".dropFirst("cuda:".count)) ?? 0
        guard count > 0 else {
            throw GeneraError.unavailable(
                "There is no \(device): this LibTorch sees no CUDA device. Use --device cpu, or see `genera doctor`.")
        }
        guard number < count else {
            throw GeneraError.unavailable("There is no \(device): the last CUDA device is cuda:\(count - 1).")
        }
    }
}
