import CEngine

/// What a thread has asked of the engine before there was one: a number of threads, and scopes that are open. It is done at the
/// thread's first call into the engine, so that a body whose first operation loads the engine runs in its scopes all the same.
final class ThreadSettings {
    private var intraOpThreads: Int?
    private var scopes: [Scope] = []
    private var waits = false

    private struct Scope {
        let kind: Int32
        let device: Device
        let dtype: DType
        var begun: ge_guard?
    }

    /// The calling thread's. It goes with the thread.
    static var current: ThreadSettings {
        if let existing { return existing }
        let settings = ThreadSettings()
        genera_set_thread_object(Unmanaged.passRetained(settings).toOpaque()) {
            Unmanaged<ThreadSettings>.fromOpaque($0!).release()
        }
        return settings
    }

    private static var existing: ThreadSettings? {
        genera_thread_object().map { Unmanaged<ThreadSettings>.fromOpaque($0).takeUnretainedValue() }
    }

    deinit { setWaiting(false) }

    /// Keeps a number of threads until there is an engine.
    func wait(intraOpThreads count: Int) {
        intraOpThreads = count
        setWaiting(true)
    }

    /// Opens a scope that begins when there is an engine.
    func open(_ kind: Int, _ device: Device, _ dtype: DType) {
        scopes.append(Scope(kind: Int32(kind), device: device, dtype: dtype))
        setWaiting(true)
    }

    /// Closes the innermost scope.
    func close() {
        if let begun = scopes.removeLast().begun { api.guard_end(begun) }
        setWaiting(intraOpThreads != nil || scopes.contains { $0.begun == nil })
    }

    /// Does what the calling thread waits for, now that the engine is needed.
    static func settle() {
        guard let settings = existing, settings.waits, Engine.loaded != nil else { return }
        settings.setWaiting(false)
        if let count = settings.intraOpThreads { api.set_threads(Int32(count)) }
        settings.intraOpThreads = nil
        for (number, scope) in settings.scopes.enumerated() where scope.begun == nil {
            settings.scopes[number].begun = api.guard_begin(scope.kind, scope.device.code, scope.dtype.rawValue)
        }
    }

    private func setWaiting(_ on: Bool) {
        guard on != waits else { return }
        waits = on
        genera_count_waiting(on ? 1 : -1)
    }
}
