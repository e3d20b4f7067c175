import Foundation
import PackagePlugin

/// Takes a digest of all sources of the core while the core is built, and compiles it in: of the floors, of Genera itself, and
/// of the packages whose types are part of what it shows.
///
/// A plugin that is loaded at run time must have been built against the very core that loads it: Swift on Linux has no stable
/// binary interface, and one more stored property in a public structure moves all that comes after it. The digest goes into
/// every library that calls `PluginEntry.register`, where it is read before the library is opened.
@main
struct CoreDigest: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
        let modules = (target.recursiveTargetDependencies + [target]).compactMap(\.sourceModule)
        let files = modules.sorted { $0.moduleName < $1.moduleName }.flatMap(Self.sources)
        let output = context.pluginWorkDirectoryURL.appending(path: "PluginEntry+Digest.swift")
        return [
            .buildCommand(
                displayName: "Taking the digest of the core", executable: URL(filePath: "/bin/sh"),
                arguments: ["-c", Self.script, "core-digest", output.path] + files.map(\.path),
                inputFiles: files, outputFiles: [output])
        ]
    }

    /// The sources and headers of a module, in an order that is the same wherever the packages lie.
    private static func sources(of module: any SourceModuleTarget) -> [URL] {
        // Catalogues of documentation count as sources, too.
        let sources = module.sourceFiles.map(\.url.standardizedFileURL).filter { $0.pathExtension != "docc" }
        var files = Set(sources)
        if let headers = (module as? ClangSourceModuleTarget)?.publicHeadersDirectoryURL,
            let walker = FileManager.default.enumerator(at: headers, includingPropertiesForKeys: nil)
        {
            for case let file as URL in walker where file.pathExtension == "h" {
                files.insert(file.standardizedFileURL)
            }
        }
        // All lie in the module's folder, so that their order does not depend on where that is.
        return files.sorted { $0.path < $1.path }
    }

    /// The digest stands in the *signature* of `register`. In its body a plugin that was built before would not notice a new
    /// one: the compiler looks at signatures to find out which files of other modules have to be compiled anew.
    private static let script = #"""
        set -e
        output="$1"; shift
        cat "$@" > "$output.new"
        digest=$({ sha256sum 2>/dev/null || shasum -a 256; } < "$output.new" | cut -c1-16)
        if [ "${#digest}" != 16 ]; then echo "Neither sha256sum nor shasum gives a digest of the core." >&2; exit 1; fi
        cat > "$output.new" <<END
        // Written by the build plugin CoreDigest.

        extension PluginEntry {
            /// The digest of all sources that this core was built from, behind the words by which it is found.
            static let core: StaticString = "@(#)genera-plugin core=$digest"

            /// Hands a plugin's families to the program that opened it.
            ///
            /// - Parameters:
            ///   - host: what the program gave.
            ///   - core: the core that the plugin was built against. Leave it as it is.
            ///   - families: makes the list; what it throws is reported with the plugin's path.
            /// - Returns: the status for the program.
            @_alwaysEmitIntoClient
            public static func register(
                _ host: UnsafeMutableRawPointer, core: StaticString = "@(#)genera-plugin core=$digest",
                _ families: () throws -> [any ModelFamily.Type]
            ) -> Int32 { handOver(host, core: core, families) }
        }
        END
        # What is the same keeps its date, and nothing is compiled for it.
        if cmp -s "$output.new" "$output"; then rm "$output.new"; else mv "$output.new" "$output"; fi
        """#
}
