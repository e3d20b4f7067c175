/// Why a plugin was not loaded.
public struct PluginError: ReportedError, Equatable {
    /// The plugin's file or folder.
    public let path: String
    /// What is wrong with it.
    public let reason: String
    /// What to do.
    public let advice: String
    /// 65 for a library that does not fit, 66 for one that is not there, 69 for a program that cannot load any, 70 for one
    /// that failed by itself, 77 for one that others could have changed.
    public let exitCode: Int32

    init(_ path: String, _ reason: String, advice: String, exitCode: Int32 = 65) {
        self.path = path
        self.reason = reason
        self.advice = advice
        self.exitCode = exitCode
    }

    /// One or two sentences.
    public var description: String { "\(path): \(reason). \(advice)" }
}
