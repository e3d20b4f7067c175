import CPlugin

/// What a plugin was built with. A plugin fits a program whose tag is the same: Swift on Linux has no stable binary interface.
public struct PluginTag: Sendable, Hashable, CustomStringConvertible {
    /// The number of the interface between program and plugin.
    public let abi: Int
    /// The version of Genera.
    public let genera: String
    /// Operating system and processor, for example `linux-x86_64`.
    public let system: String
    /// Swift's version as a number and the toolchain's own words, for example `60301 Clang 21.0.0 (...)`.
    public let compiler: String

    /// The tag of this program.
    public static let current = PluginTag(String(cString: genera_plugin_tag()))!

    /// Reads a tag; nil if the text is none.
    public init?(_ text: String) {
        guard text.hasPrefix(GENERA_PLUGIN_MARK + " ") else { return nil }
        var fields: [String: String] = [:]
        var rest = text.dropFirst(GENERA_PLUGIN_MARK.utf8.count + 1)
        // The compiler's words are the last field and may hold anything.
        while let equals = rest.firstIndex(of: "=") {
            let key = String(rest[..<equals])
            let end = key == "compiler" ? nil : rest.firstRange(of: "; ")
            fields[key] = String(rest[rest.index(after: equals)..<(end?.lowerBound ?? rest.endIndex)])
            rest = end.map { rest[$0.upperBound...] } ?? ""
        }
        guard let abi = fields["abi"].flatMap(Int.init), let genera = fields["genera"], let system = fields["system"],
            let compiler = fields["compiler"], !genera.isEmpty
        else { return nil }
        (self.abi, self.genera, self.system, self.compiler) = (abi, genera, system, compiler)
    }

    /// The tag as it is written into libraries and side files.
    public var description: String {
        "\(GENERA_PLUGIN_MARK) abi=\(abi); genera=\(genera); system=\(system); compiler=\(compiler)"
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
        return nil
    }
}
