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

/// What the program is called, in help and messages: `genera`, or the name of a program that brings families of its own.
enum ProgramName {
    private static let state = Mutex("genera")

    /// The name.
    static var current: String { state.withLock { $0 } }

    /// Sets the name.
    static func set(_ name: String) { state.withLock { $0 = name } }
}
