import Genera
import Synchronization

/// The registry of the command that is running.
///
/// Everything else is handed its registry. Only the command tree cannot be: the argument parser asks the *types* of
/// commands for their subcommands, and types have no place for a value. `GeneraMain` sets it once, before parsing.
enum CurrentRegistry {
    private static let state = Mutex(Registry())

    /// The registry.
    static var value: Registry { state.withLock { $0 } }

    /// Sets the registry.
    static func set(_ registry: Registry) { state.withLock { $0 = registry } }
}
