import Platform

/// Why a plugin was not loaded.
public struct PluginError: KindedError, Equatable {
    /// The plugin's file or folder.
    public let path: String
    /// What is wrong with it.
    public let reason: String
    /// What to do.
    public let advice: String
    /// `data` for a library that does not fit, `noInput` for one that is not there, `unavailable` for a program that cannot
    /// load any, `software` for one that failed by itself, `notPermitted` for one that others could have changed.
    public let kind: FailureKind

    init(_ path: String, _ reason: String, advice: String, kind: FailureKind = .data) {
        self.path = path
        self.reason = reason
        self.advice = advice
        self.kind = kind
    }

    /// One or two sentences.
    public var description: String { "\(path): \(reason). \(advice)" }
}
