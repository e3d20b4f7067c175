import CPlugin
import Platform

/// The two calls of a plugin's C entry points.
///
///     @_cdecl("genera_plugin_info")
///     public func pluginInfo() -> UnsafePointer<CChar> { genera_plugin_tag() }
///
///     @_cdecl("genera_plugin_register")
///     public func pluginRegister(_ host: UnsafeMutableRawPointer) -> Int32 {
///         PluginEntry.register(host) { [Moons.self] }
///     }
public enum PluginEntry {
    // `register` is written by the build plugin CoreDigest (Plugins/CoreDigest), which knows the digest of the core.

    /// What `register` comes to in the program.
    @usableFromInline
    static func handOver(
        _ host: UnsafeMutableRawPointer, core: StaticString, _ families: () throws -> [any ModelFamily.Type]
    ) -> Int32 {
        let call = host.assumingMemoryBound(to: genera_plugin_host.self).pointee
        guard call.core == genera_core_identity(), let context = call.context else {
            return Int32(GENERA_PLUGIN_OTHER_CORE)
        }
        guard core.description == Self.core.description else { return Int32(GENERA_PLUGIN_OTHER_BUILD) }
        let answer = Unmanaged<Answer>.fromOpaque(context).takeUnretainedValue()
        do {
            answer.families = try families()
            return Int32(GENERA_PLUGIN_REGISTERED)
        } catch {
            answer.failure = Failure(error).message
            return Int32(GENERA_PLUGIN_FAILED)
        }
    }

    /// What a plugin answers.
    final class Answer {
        var families: [any ModelFamily.Type] = []
        var failure: String?
    }
}
