/// Which words a run stands for: what a recipe says beside the machine and the files.
public struct RunIdentity: Sendable, Hashable {
    /// The family's name.
    public var family: String
    /// The family's verb; nil for drawing samples.
    public var verb: String?
    /// The options, as they were parsed.
    public var options: OptionRecord
    /// The file of the plugin that brought the family; nil for one that was compiled in or installed.
    public var plugin: String?
    /// SHA-256 of the plugin's file; nil for a family that was compiled in.
    public var pluginSHA256: String?
    /// The program's name if it is not `genera` but one with families of its own.
    public var program: String?

    /// Names a run.
    public init(
        family: String, verb: String? = nil, options: OptionRecord, plugin: String? = nil, pluginSHA256: String? = nil,
        program: String? = nil
    ) {
        (self.family, self.verb, self.options) = (family, verb, options)
        (self.plugin, self.pluginSHA256, self.program) = (plugin, pluginSHA256, program)
    }
}
