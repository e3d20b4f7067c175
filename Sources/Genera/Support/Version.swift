import CPlugin

/// Facts about this build of Genera.
public enum Version {
    /// The version of Genera, as in its tags.
    public static let current = String(cString: genera_version())
    /// The name and version that are written into files, for example `Genera 0.2.0`.
    public static let software = "Genera \(current)"
}
