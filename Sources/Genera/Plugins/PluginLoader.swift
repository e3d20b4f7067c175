import CPlugin
import Platform

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Opens plugins and adds their families to a registry.
///
/// A library that was opened stays open to the end of the program: Swift keeps records of its types, so that closing it
/// would leave them dangling.
public struct PluginLoader: Sendable {
    /// Whether files that others could have changed are loaded all the same.
    public var trustsAll: Bool

    /// Makes a loader.
    public init(trustsAll: Bool = false) { self.trustsAll = trustsAll }

    /// Loads a plugin and registers all its families, or none.
    ///
    /// - Throws: `PluginError`; the registry is then as it was.
    public func load(_ path: String, into registry: inout Registry) throws {
        let file = try PluginFile(path: path)
        if registry.plugins.contains(file.path) { return }
        if !trustsAll { try file.requireTrusted() }
        if let obstacle = file.obstacle() { throw obstacle }
        try Self.requireDynamicRuntime(path)
        try Self.refuseTaken(file.sideFile?.families.map(\.name) ?? [], of: file.path, in: registry)
        let families = try Self.families(of: Self.open(file.path), path: file.path)
        var extended = registry
        for family in families {
            try Self.refuseTaken([family.name], of: file.path, in: extended)
            do { try extended.register(family, plugin: file.path) } catch {
                throw PluginError(file.path, Failure(error).message, advice: "The plugin has to be changed.")
            }
        }
        guard !families.isEmpty else {
            throw PluginError(file.path, "brings no family", advice: "Hand them over in genera_plugin_register.")
        }
        registry = extended
    }

    private static func refuseTaken(_ names: [String], of path: String, in registry: Registry) throws {
        guard let name = names.first(where: { registry.has($0) }) else { return }
        let owner = registry.plugin(of: name).map { "the plugin \($0)" } ?? "this program"
        throw PluginError(
            path, "brings a model family '\(name)', but \(owner) has one of that name",
            advice: "Give one of them another name, or load only one.")
    }

    /// A second Swift runtime in one process makes every cast and every generic type ambiguous.
    private static func requireDynamicRuntime(_ path: String) throws {
        guard genera_runtime_is_shared() != 0 else {
            throw PluginError(
                path, "cannot be loaded by a program whose Swift runtime is linked statically",
                advice: "Build the program without -static-stdlib.", kind: .unavailable)
        }
    }

    private static func open(_ path: String) throws -> UnsafeMutableRawPointer {
        if let library = dlopen(path, RTLD_NOW | RTLD_LOCAL) { return library }
        let reason = dlerror().map { String(cString: $0) } ?? "no reason given"
        if reason.contains("undefined symbol") {
            throw PluginError(
                path, "was built against another state of Genera (\(reason))", advice: PluginFile.rebuild)
        }
        throw PluginError(
            path, "cannot be opened: \(reason)", advice: "Install what it needs, or build it anew on this machine.")
    }

    private static func families(of library: UnsafeMutableRawPointer, path: String) throws -> [any ModelFamily.Type] {
        func entry<Function>(_ name: String, as type: Function.Type) throws -> Function {
            guard let symbol = dlsym(library, name) else {
                throw PluginError(
                    path, "has no entry point \(name)", advice: "Export it as docs/Writing-a-plugin.md shows.")
            }
            return unsafeBitCast(symbol, to: type)
        }
        let core = try entry("genera_core_identity", as: (@convention(c) () -> UnsafeRawPointer?).self)
        guard core() == genera_core_identity() else { throw otherCore(path) }
        let info = try entry("genera_plugin_info", as: (@convention(c) () -> UnsafePointer<CChar>?).self)
        let register = try entry(
            "genera_plugin_register", as: (@convention(c) (UnsafeMutableRawPointer) -> Int32).self)
        let own = PluginEntry.core.description
        guard let tag = info().flatMap({ PluginTag(String(cString: $0), core: own) }) else {
            throw PluginError(
                path, "answers genera_plugin_info with something else than its tag",
                advice: "Return genera_plugin_tag() there.")
        }
        if let reason = tag.mismatch(with: .current) { throw PluginError(path, reason, advice: PluginFile.rebuild) }
        return try answer(of: register, path: path)
    }

    private static func answer(of register: (UnsafeMutableRawPointer) -> Int32, path: String) throws
        -> [any ModelFamily.Type]
    {
        let answer = PluginEntry.Answer()
        var host = genera_plugin_host(
            size: UInt32(MemoryLayout<genera_plugin_host>.size), abi: UInt32(GENERA_PLUGIN_ABI),
            core: genera_core_identity(), context: Unmanaged.passUnretained(answer).toOpaque())
        let status = withUnsafeMutablePointer(to: &host) { register(UnsafeMutableRawPointer($0)) }
        return try withExtendedLifetime(answer) {
            switch status {
            case Int32(GENERA_PLUGIN_REGISTERED): return answer.families
            case Int32(GENERA_PLUGIN_OTHER_CORE): throw otherCore(path)
            case Int32(GENERA_PLUGIN_OTHER_BUILD):
                throw PluginError(
                    path, "was built against another build of Genera \(Version.current)", advice: PluginFile.rebuild)
            case Int32(GENERA_PLUGIN_FAILED):
                throw PluginError(
                    path, "failed as it was loaded: \(answer.failure ?? "it gave no reason")",
                    advice: "Ask its author.", kind: .software)
            default:
                throw PluginError(
                    path, "failed as it was loaded, with status \(status)", advice: "Ask its author.", kind: .software)
            }
        }
    }

    private static func otherCore(_ path: String) -> PluginError {
        PluginError(
            path, "carries its own copy of Genera's core",
            advice: "Let it depend on the product 'Genera' alone, which is a dynamic library, and build it anew.")
    }
}
