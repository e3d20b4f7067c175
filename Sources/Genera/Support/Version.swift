/// Facts about this build of Genera.
public enum Version {
    /// The version of Genera, as in its tags.
    public static let current = "0.1.0"
    /// The name and version that are written into files, for example `Genera 0.1.0`.
    public static let software = "Genera \(current)"
}
