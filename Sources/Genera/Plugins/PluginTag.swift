import CPlugin

/// What a plugin was built with. A plugin fits a program whose tag is the same: Swift on Linux has no stable binary interface,
/// and neither has the core from one build to the next.
public struct PluginTag: Sendable, Hashable, CustomStringConvertible {
    /// The number of the interface between program and plugin.
    public let abi: Int
    /// The version of Genera.
    public let genera: String
    /// The first 16 digits of the digest of the core's sources; empty if it is not known.
    public let core: String
    /// Operating system and processor, for example `linux-x86_64`.
    public let system: String
    /// Swift's version as a number and the toolchain's own words, for example `60301 Clang 21.0.0 (...)`.
    public let compiler: String

    /// The tag of this program.
    public static let current = PluginTag(
        String(cString: genera_plugin_tag()), core: PluginEntry.core.description)!

    /// The words in front of the digest of the core, by which it is found in a file.
    static let coreMark = GENERA_PLUGIN_MARK + " core="

    /// Reads a tag; nil if the text is none.
    ///
    /// - Parameter core: the digest of the core with the words in front of it. A library holds it in another place than its
    ///   tag; the tag of a side file holds it too.
    public init?(_ text: String, core: String? = nil) {
        guard text.hasPrefix(GENERA_PLUGIN_MARK + " ") else { return nil }
        var fields: [String: String] = [:]
        var rest = text.dropFirst(GENERA_PLUGIN_MARK.utf8.count + 1)
        // The compiler's words are the last field and may hold anything.
        while let equals = rest.firstIndex(of: "=") {
            let (key, value) = (String(rest[..<equals]), rest[rest.index(after: equals)...])
            let end = key == "compiler" ? nil : value.firstRange(of: "; ")
            fields[key] = String(value[..<(end?.lowerBound ?? value.endIndex)])
            rest = end.map { value[$0.upperBound...] } ?? ""
        }
        guard let abi = fields["abi"].flatMap(Int.init), let genera = fields["genera"], let system = fields["system"],
            let compiler = fields["compiler"], !genera.isEmpty
        else { return nil }
        (self.abi, self.genera, self.system, self.compiler) = (abi, genera, system, compiler)
        self.core = core.flatMap(Self.digest) ?? fields["core"] ?? ""
    }

    /// The digits behind the mark.
    private static func digest(in text: String) -> String? {
        guard text.hasPrefix(coreMark) else { return nil }
        let digits = text.dropFirst(coreMark.count).prefix(16)
        return digits.count == 16 && digits.allSatisfy(\.isHexDigit) ? String(digits) : nil
    }

    /// The tag as it is written into libraries and side files.
    public var description: String {
        "\(GENERA_PLUGIN_MARK) abi=\(abi); genera=\(genera); core=\(core); system=\(system); compiler=\(compiler)"
    }

    /// Swift's version, for example `6.3.1`.
    public var swiftVersion: String {
        guard let number = Int(compiler.prefix { $0 != " " }), number > 0 else { return compiler }
        return "\(number / 10_000).\(number / 100 % 100).\(number % 100)"
    }

    /// Why a plugin with this tag does not fit a program with another; nil if it does.
    public func mismatch(with program: PluginTag) -> String? {
        if genera != program.genera {
            return "was built for Genera \(genera), but this program is Genera \(program.genera)"
        }
        if abi != program.abi {
            return "speaks plugin interface \(abi), but this program speaks \(program.abi)"
        }
        if system != program.system { return "was built for \(system), but this program for \(program.system)" }
        if compiler != program.compiler {
            return swiftVersion == program.swiftVersion
                ? "was built by another compiler (\(compiler)) than this program (\(program.compiler))"
                : "was built by Swift \(swiftVersion), but this program by Swift \(program.swiftVersion)"
        }
        if core != program.core {
            let built =
                core.isEmpty
                ? "does not call PluginEntry.register, and so does not say against which build of Genera \(genera) it was built"
                : "was built against another build of Genera \(genera) (core \(core.prefix(8)))"
            return "\(built), but this program's core is \(program.core.prefix(8))"
        }
        return nil
    }
}
