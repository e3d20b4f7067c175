import CEngine
import Synchronization

/// The LibTorch engine: one a process, opened at the first operation on tensors. A program that makes no tensor never opens it and
/// needs none; settings and scopes that are asked for before it is there wait for it.
public enum Engine {
    /// What the loaded engine says of itself.
    public struct Information: Sendable {
        /// The path of the library file that was opened.
        public let path: String
        /// LibTorch's version, for example `2.13.0`.
        public let torchVersion: String
        /// The vector instructions LibTorch uses, for example `AVX512`.
        public let capability: String
        /// How many CUDA devices there are.
        public let cudaDeviceCount: Int

        fileprivate init(_ loaded: Loaded) {
            path = loaded.path
            torchVersion = String(cString: loaded.api.torch_version())
            capability = String(cString: loaded.api.cpu_capability())
            cudaDeviceCount = Int(loaded.api.cuda_device_count())
        }
    }

    package struct Loaded: @unchecked Sendable {
        let api: ge_api
        let path: String
    }

    /// Whether the engine has been asked for, and was there.
    enum State: Int, AtomicRepresentable { case untried, loaded, missing }

    private static let tried = Atomic(State.untried)

    static var state: State { tried.load(ordering: .acquiring) }

    private static let result: Result<Loaded, LoadError> = {
        let result = load(from: searchPlaces)
        fastMatmul.withLock { wanted in
            if let wanted, case let .success(loaded) = result { _ = loaded.api.set_matmul_precision(wanted ? 1 : 0) }
            tried.store((try? result.get()) == nil ? .missing : .loaded, ordering: .releasing)
        }
        return result
    }()

    /// Loads the engine if that has not happened yet. Operations on tensors do so by themselves; this is for telling early that there
    /// is none.
    ///
    /// - Throws: `LoadError` if there is none, or it does not fit.
    public static func require() throws { _ = try result.get() }

    /// Facts about the engine; loads it.
    ///
    /// - Throws: `LoadError` if there is none, or it does not fit.
    public static func information() throws -> Information { Information(try result.get()) }

    /// Whether something has needed the engine and it is loaded. Asking does not load it.
    public static var isLoaded: Bool { state == .loaded }

    /// Facts about the engine if something has needed it; nil if nothing has. Asking does not load it.
    public static var loadedInformation: Information? { isLoaded ? loaded.map(Information.init) : nil }

    static var loaded: Loaded? { try? result.get() }

    static var failure: LoadError? {
        if case let .failure(error) = result { return error }
        return nil
    }

    /// Threads that one operation may use on the calling thread. The setting belongs to the thread. Does not load the engine.
    public static func setIntraOpThreads(_ count: Int) {
        switch state {
        case .loaded: api.set_threads(Int32(count))
        case .untried: ThreadSettings.current.wait(intraOpThreads: count)
        case .missing: break
        }
    }

    /// Threads that one operation may use on the calling thread; 1 without an engine. Loads it.
    public static var intraOpThreads: Int { loaded == nil ? 1 : Int(api.get_threads()) }

    /// Seeds LibTorch's own CPU generator. Only for replaying what another implementation drew; sampling uses addressed noise.
    public static func seedGlobalGenerator(_ seed: UInt64) { _ = loaded?.api.manual_seed(seed) }

    private static let fastMatmul = Mutex<Bool?>(nil)

    /// Lets float32 products be computed in bfloat16 inside LibTorch (about three times faster, relative error 2e-3), in the whole
    /// process. Does not load the engine.
    public static func setFastMatmul(_ on: Bool) {
        fastMatmul.withLock { wanted in
            wanted = on
            if isLoaded { _ = api.set_matmul_precision(on ? 1 : 0) }
        }
    }

    /// Waits until the device has done all that was asked of it.
    public static func synchronize(_ device: Device) { if isLoaded { _ = api.synchronize(device.code) } }

    /// Whether results too small for full accuracy (below 1.2e-38 in float32) become 0 on the calling thread, and such operands count
    /// as 0. Some processors take a hundred times as long for such numbers, which sums that fade out are full of. It changes bits, so
    /// nothing switches it on but who wants it. It holds for operations that use one thread, and for code in C. Needs no engine.
    ///
    /// - Returns: what was set before.
    @discardableResult
    public static func setFlushDenormals(_ on: Bool) -> Bool { genera_flush_denormals(on ? 1 : 0) != 0 }
}

/// Runs `body` with numbers too small for full accuracy as 0, or not: see `Engine.setFlushDenormals`. Afterwards it is as before.
public func flushingDenormals<R>(_ on: Bool = true, _ body: () throws -> R) rethrows -> R {
    let before = Engine.setFlushDenormals(on)
    defer { Engine.setFlushDenormals(before) }
    return try body()
}
